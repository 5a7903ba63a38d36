"""A rule by the clock: charge in some hours, discharge in others."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.maintenance.default import MaintenanceFactory, build_maintenance
from twin.policies.prospect import Prospect, prospects_of
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import DAY, HOUR


class TimeOfUse(SavedFields):
    """Discharges from hour `begin` to hour `end` of the day and charges in the others.

    begin, end: hours of the day, both included. charge, discharge: shares of the capacity per hour. The defaults are
    CityLearn's stock rule (Vazquez-Canteli et al. 2019, BasicRBC). upkeep: factory of the policy for work orders, None
    for no work orders. Raises ValueError for values out of range and where the plant has no battery.
    """

    STATE_FIELDS = ("_site", "_maintenance")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        begin: int = 9,
        end: int = 21,
        charge: float = 0.091,
        discharge: float = 0.08,
        upkeep: MaintenanceFactory = None,
    ) -> None:
        if not 0 <= begin <= end <= 23:
            raise ValueError(f"TimeOfUse: begin = {begin}, end = {end}: must be hours of the day, in order")
        for name, value in (("charge", charge), ("discharge", discharge)):
            if not 0 <= value <= 1:
                raise ValueError(f"TimeOfUse: {name} = {value}: must be in [0, 1]")
        self._begin, self._end, self._charge, self._discharge = begin, end, charge, discharge
        self._site, self._maintenance = StorageSite(spec=spec), build_maintenance(upkeep, spec)

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The battery's power for the hour that begins."""
        by_day = self._begin <= int(window.now % DAY // HOUR) <= self._end
        share = self._discharge if by_day else -self._charge
        reason = f"{'discharge' if by_day else 'charge'} by the clock"
        storage = self._site.storage
        orders = self._site.commands(window, reason, follow=0.0, power=share * storage.capacity, reserve=storage.floor)
        return orders + self._maintenance.act(window, predict)

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: what the upkeep tells."""
        return prospects_of(self._maintenance, window, predict)
