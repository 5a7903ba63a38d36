"""The connection to the public grid."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.laws import LONGEST, law_of
from twin.lab.configure.schema.plants.power_asset import MOST_KW
from twin.lab.configure.schema.quantities import Number
from twin.units import DAY, HOUR, MINUTE

Limit = Annotated[float, Number("kW", low=0, high=MOST_KW)]
BetweenOutages: Any = law_of(Number("s", low=MINUTE, high=LONGEST, usual=(HOUR, LONGEST)))
OutageTime: Any = law_of(Number("s", low=1, high=LONGEST, usual=(1, 30 * DAY)))


class OutageFields(Fields):
    """When the grid fails and for how long."""

    what = "outages"
    every: BetweenOutages = Field(description="from the end of one to the next, s")
    lasts: OutageTime = Field(description="one, s")


class GridFields(Fields):
    """What it costs, what it limits, when it fails; see sim.power.grid.UtilityGrid."""

    what = "the grid"
    import_limit: Limit | None = Field(None, description="most that is taken from it; null for no limit")
    export_limit: Limit | None = Field(None, description="most that is fed into it; null for no limit")
    outages: OutageFields | None = Field(None, description="null: it never fails")
    peak_charge: Annotated[float, Number("EUR/kW", low=0, high=1e6, usual=(0, 1000))] = Field(
        0.0, description="of the highest import in each peak_period"
    )
    peak_period: Annotated[float, Number("d", low=0.01, high=1e6)] = Field(30.0, description="that a peak counts for")
