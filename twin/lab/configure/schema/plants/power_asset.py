"""What the machines of a site have in common: ageing, upkeep, quantities."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.laws import LONGEST, law_of
from twin.lab.configure.schema.quantities import Number
from twin.units import DAY, MINUTE

MOST_KW = 1e7  # ten gigawatts
Kilowatts = Annotated[float, Number("kW", low=0.001, high=MOST_KW)]
Share = Annotated[float, Number(low=0, high=1)]
Cost = Annotated[float, Number("EUR", low=0, high=1e9)]
Work: Any = law_of(Number("s", low=1, high=LONGEST, usual=(MINUTE, 90 * DAY)))
RunningHours = Annotated[float, Number("h", low=0.01, high=LONGEST, endless=True, usual=(24.0, math.inf))]
FullCycles = Annotated[float, Number(low=0.01, high=LONGEST, endless=True, usual=(10.0, math.inf))]
RateSpread = Annotated[float, Number(low=0, high=3, usual=(0, 1))]
LevelSpread = Annotated[float, Number(low=0, high=0.5)]


class AgeingFields(Fields):
    """Damage that grows with running hours, see sim.power.ageing.Ageing."""

    what = "ageing"
    life: RunningHours = Field(math.inf, description="mean running hours until damage reaches 1, .inf for none")
    rate_cv: RateSpread = Field(0.3, description="of the rate of wear, drawn per life")
    noise_cv: Annotated[float, Number(above=0, high=3, usual=(0, 1))] = Field(
        0.15, description="of the damage after one mean life, given the rate"
    )
    level_sd: LevelSpread = Field(0.1, description="of the failure level, normal around 1")
    shock_life: RunningHours = Field(math.inf, description="mean running hours until a shock, .inf for none")


class CellAgeing(AgeingFields):
    """Damage that grows with equivalent full cycles, see sim.power.ageing.Ageing."""

    what = "ageing of cells"
    life: FullCycles = Field(math.inf, description="mean equivalent full cycles until damage reaches 1, .inf for none")
    shock_life: FullCycles = Field(math.inf, description="mean equivalent full cycles until a shock, .inf for none")


class UpkeepFields(Fields):
    """Times and costs of work, see sim.power.machine.PowerAsset."""

    what = "upkeep"
    preventive: Work = Field(3600.0, description="planned work, s")
    corrective: Work = Field(3600.0, description="repair, s")
    response: Work = Field(3600.0, description="from a failure until work begins, s")
    preventive_cost: Cost = Field(0.0, description="of planned work")
    corrective_cost: Cost = Field(0.0, description="of a repair")
