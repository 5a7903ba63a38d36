"""What wears on the road (surfaces, detectors, signal cabinets), and who keeps it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim import contract
from sim.engine.checks import number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Kernel
from sim.engine.streams import Stream
from sim.maintenance.dispatcher import Dispatcher
from sim.road import cabinet, detector
from sim.road.cabinet import Cabinet
from sim.road.decay import Decay
from sim.road.pavement import Pavement
from sim.road.roads import Roads
from sim.road.upkeep import RoadUpkeep, Subject
from sim.telemetry.journal import Journal

Fields = Mapping[str, Any]
POTHOLES = {"potholes": 1.0}  # shares of the failure modes of a surface
LAWS = ("preventive", "corrective", "notice")  # s
COSTS = ("preventive_cost", "corrective_cost", "downtime_cost")  # EUR, EUR, EUR/s


class WearingAssets:
    """Surfaces and cabinets of a network, and the upkeep of these and of its detectors.

    fields: of `detectors`, `controllers`, `pavement`, see sim.road.upkeep_fields. wear: False switches wear and
    failures off; the share `detectors.failed` is out of order from the start all the same, for good, and known to be.
    Raises ValueError naming the field, its value and what is allowed.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        seed: int,
        roads: Roads,
        fields: Mapping[str, Fields],
        dispatcher: Dispatcher,
        journal: Journal,
        wear: bool,
    ) -> None:
        self._kernel, self._seed, self._dispatcher, self._journal = kernel, seed, dispatcher, journal
        surface, box = fields["pavement"], fields["controllers"]
        self.pavements = {
            name: Pavement(link=link, effect=surface["effect"], broken=surface["broken"])
            for name, link in roads.links.items()
        }
        self.cabinets = {name: Cabinet(signal=signal, drift=box["drift"]) for name, signal in roads.signals.items()}
        failed = self._fail_some(roads, fields["detectors"]["failed"])
        self.upkeeps: dict[str, RoadUpkeep] = {}
        if wear:
            for name, pavement in self.pavements.items():
                self._keep_up(name, "resurface", pavement, POTHOLES, surface)
            for name, loop in roads.detectors.items():
                if name not in failed:
                    self._keep_up(loop.name, "service", loop, detector.MODES, fields["detectors"])
            for name, one in self.cabinets.items():
                self._keep_up(name, "service", one, cabinet.MODES, box)

    def _keep_up(self, asset: str, order: str, subject: Subject, modes: Mapping[str, float], options: Fields) -> None:
        """order: name of the work order's actuator. modes: shares of the failure modes. options: see upkeep_fields."""
        name, seed = f"{asset}.upkeep", self._seed
        laws: dict[str, Any] = {key: Distribution(options[key], seed=seed, field=f"{name}.{key}") for key in LAWS}
        costs: dict[str, Any] = {key: number(f"{name}.{key}", options[key], low=0) for key in COSTS}
        spread = {"rate_cv": options["rate_cv"], "level_sd": options["level_sd"]}
        decay = Decay(seed=seed, name=name, life=options["life"], modes=modes, **spread)
        self.upkeeps[asset] = RoadUpkeep(
            kernel=self._kernel,
            name=name,
            asset=asset,
            order=order,
            subject=subject,
            decay=decay,
            dispatcher=self._dispatcher,
            journal=self._journal,
            **laws,
            **costs,
        )

    def _fail_some(self, roads: Roads, share: float) -> list[str]:
        """Put a share of the detectors out of order for good, by lot."""
        number("detectors.failed", share, low=0, high=1)
        names = list(roads.detectors)
        lots = {name: Stream(self._seed, f"{name}_loop.lot").at(0) for name in names}
        failed = sorted(names, key=lots.__getitem__)[: round(share * len(names))]
        for name in failed:
            loop = roads.detectors[name]
            loop.fail("dead")
            self._journal.note(loop.name, contract.FAILED, "dead")
        return failed
