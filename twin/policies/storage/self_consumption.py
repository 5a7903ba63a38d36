"""Greedy self-consumption: store any surplus, use it as soon as there is a deficit."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.maintenance.default import MaintenanceFactory, build_maintenance
from twin.policies.prospect import Prospect, prospects_of
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import SavedFields


class SelfConsumption(SavedFields):
    """The battery follows the net load, as hybrid inverters do by default.

    upkeep: factory of the policy for work orders, None for no work orders. Raises ValueError where the plant has no
    battery.
    """

    STATE_FIELDS = ("_site", "_maintenance")

    def __init__(self, *, spec: PlantSpec, upkeep: MaintenanceFactory = None) -> None:
        self._site, self._maintenance = StorageSite(spec=spec), build_maintenance(upkeep, spec)

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Commands that make the battery follow, where it does not yet, and work orders."""
        floor = self._site.storage.floor
        follow = self._site.commands(window, "self-consumption", follow=1.0, power=0.0, reserve=floor)
        return follow + self._maintenance.act(window, predict)

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: what the upkeep tells."""
        return prospects_of(self._maintenance, window, predict)
