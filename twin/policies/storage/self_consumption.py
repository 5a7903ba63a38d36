"""Greedy self-consumption: store what is left over, use it as soon as something is missing."""

from __future__ import annotations

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.policies.maintenance.default import Upkeep, upkeep_of
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import Kept


class SelfConsumption(Kept):
    """The battery follows the net load, as hybrid inverters do by default. upkeep: a policy for work orders, or None.

    Raises ValueError where the plant has no battery.
    """

    KEPT = ("_site", "_upkeep")

    def __init__(self, *, spec: PlantSpec, upkeep: Upkeep = None) -> None:
        self._site, self._upkeep = StorageSite(spec=spec), upkeep_of(upkeep, spec)

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Have the battery follow, where it does not yet."""
        floor = self._site.storage.floor
        follow = self._site.commands(window, "self-consumption", follow=1.0, power=0.0, reserve=floor)
        return follow + self._upkeep.act(window, predict)
