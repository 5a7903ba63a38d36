"""Signals that know who comes: coordinated look-ahead on true queues and arrivals. Privileged, and says so."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.lab.core.privileged.green_plans import GreenPlans, lengths, make_plans
from twin.lab.core.privileged.releases import Arrivals
from twin.lab.core.privileged.roles import SeesTruth, TruthReader
from twin.policies.crossings.layout import Crossing, crossings
from twin.policies.crossings.stage_requests import StageRequests
from twin.policies.maintenance.default import MaintenanceFactory, build_maintenance
from twin.sensing.window import Window
from twin.state import SavedFields

LATENCY = 0.5  # s that a command takes, about
MARGIN = 2.0  # s before an event by which a command for it has arrived, nearly always


class PrivilegedSignals(SavedFields):
    """Rolling-horizon control of each crossing on vehicles that it knows, coordinated by planned releases.

    At every tick a crossing weighs when to end its running green, which stage is next and for how long, and how long
    the one after. Each plan is played with every vehicle on the approaches, at its true time of arrival, and with those
    that the neighbours plan to release; the plan of least delay and stops is begun (compare OPAC, Gartner 1983, and
    COP, Sen & Head 1997). A green is fixed before it begins, by its minimum, so that it ends between two ticks. It sees
    no vehicle that has not entered yet, nor any future draw.

    longest: longest green that is planned, s. waits: ticks by which the end of a green may be put off. stop: s of delay
    that a stop is worth. upkeep: factory of the policy for work orders, None for no work orders. Raises ValueError
    where the plant has no signals.
    """

    privileged = True
    STATE_FIELDS = ("_requests", "_releases", "_upkeep")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        longest: float = 40.0,
        waits: int = 4,
        stop: float = 2.9,
        upkeep: MaintenanceFactory = None,
    ) -> None:
        if waits < 1:
            raise ValueError(f"PrivilegedSignals: waits = {waits}: must be >= 1 tick")
        self._crossings, self._tick, self._waits, self._stop = crossings(spec), spec.tick, waits, stop
        self._requests, self._upkeep = StageRequests(self._crossings), build_maintenance(upkeep, spec)
        self._travel = {a.name: a.nameplate["free_time"] for a in spec.assets if a.type == "link"}
        bounds = {actuator.key: actuator for actuator in spec.actuators}
        self._shortest = {s.name: bounds[f"{s.name}.min_green"].low for c in self._crossings for s in c.stages}
        self._longest = {
            s.name: min(longest, bounds[f"{s.name}.max_green"].default) for c in self._crossings for s in c.stages
        }
        self._releases: list[list[tuple[float, str]]] = [[] for _ in self._crossings]  # when, onto which link
        self._truth: TruthReader | None = None

    def connect(self, truth: TruthReader) -> None:
        """Take the plant's hidden state; only the lab can give it."""
        self._truth = truth
        if isinstance(self._upkeep, SeesTruth):
            self._upkeep.connect(truth)

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """Stage requests and minimum greens, where they change, and work orders."""
        if self._truth is None:
            raise ValueError("PrivilegedSignals: does not see who comes; only the lab can show it")
        truth: Any = self._truth()
        self._releases = [[one for one in planned if one[0] > window.now] for planned in self._releases]
        actions = self._upkeep.act(window, predict)
        for index, crossing in enumerate(self._crossings):
            if truth["signals"][crossing.name]["works"]:
                actions += self._control(window, index, crossing, truth)
        return actions

    def _control(self, window: Window, index: int, crossing: Crossing, truth: Any) -> list[Action]:
        """The commands for one crossing; its planned releases are remembered."""
        plans, settled = self._plans(window.now, crossing, truth)
        came = [self._arrivals(crossing.stages[s].name, truth) for s in range(plans.stages)]
        passing = [[one.passing(plans.greens(s), window.now) for one in came[s]] for s in range(plans.stages)]
        pairs = [pair for stage in zip(came, passing, strict=True) for pair in zip(*stage, strict=True)]
        loss = np.sum([one.loss(times, self._stop) for one, times in pairs], axis=0)
        best = int(np.argmin(loss))
        self._releases[index] = [
            (time, link)
            for one, times in pairs
            for time, link in zip(times[:, best].tolist(), one.to, strict=False)
            if link
        ]
        following, reason = int(plans.stage[best]), f"least loss of {len(loss)} plans: {loss[best]:.0f} s"
        if not (settled or self._is_due(plans, best, window.now)):
            return self._requests.ask(window, index, plans.running, reason)
        actions, name = [], crossing.stages[following].name
        if abs(truth["stages"][name]["min_green"] - plans.green[best]) > 1e-6:
            actions.append(Action(window.now, f"{name}.min_green", float(plans.green[best]), reason))
        return actions + self._requests.ask(window, index, following, reason)

    def _is_due(self, plans: GreenPlans, best: int, now: float) -> bool:
        """Whether the change that a plan begins with cannot wait for the next tick."""
        first = float(plans.end.min())
        return bool(plans.end[best] == first and first < now + self._tick + MARGIN)

    def _plans(self, now: float, crossing: Crossing, truth: Any) -> tuple[GreenPlans, bool]:
        """(candidates, whether the next change is under way)."""
        signal, between = truth["signals"][crossing.name], crossing.stages[0].intergreen
        settled = signal["following"] >= 0
        if not settled:
            first = max(signal["since"] + signal["least"], now + LATENCY)
            later = [now + LATENCY + self._tick * wait for wait in range(self._waits, 0, -1)]
            ends = [end for end in later if end > first] + [first]  # of equal plans, the one that changes last
            nexts = [stage for stage in range(len(crossing.stages)) if stage != signal["stage"]]
        else:
            ends = [max(signal["since"] + signal["least"], now) if signal["green"] else signal["onset"] - between]
            nexts = [signal["following"]]
        fixed = settled and ends[0] + between <= now + MARGIN
        greens = [(stage, self._greens(crossing.stages[stage].name, truth, fixed)) for stage in nexts or [0]]
        plans = make_plans(
            ends=ends,
            greens=greens,
            running=signal["stage"],
            since=signal["since"],
            intergreen=between,
            stages=len(crossing.stages),
        )
        return plans, settled

    def _greens(self, stage: str, truth: Any, fixed: bool) -> list[float]:
        """Greens that a stage may get next, s. fixed: it is too late to change its minimum."""
        one = truth["stages"][stage]
        if fixed:
            return [max(one["min_green"], one["walk"])]
        return lengths(max(self._shortest[stage], one["walk"]), self._longest[stage])

    def _arrivals(self, stage: str, truth: Any) -> list[Arrivals]:
        """Who comes to the lanes that a stage serves: those who are on their way, then planned releases."""
        result = []
        for lanes in (truth["lanes"][key] for key in truth["stages"][stage]["serves"]):
            travel = self._travel[lanes["link"]]
            coming = sorted(time + travel for planned in self._releases for time, to in planned if to == lanes["link"])
            ready = np.maximum.accumulate(np.array([*lanes["ready"], *coming], dtype=float))
            half = lanes["yellow_used"] - lanes["headway"] / 2
            result.append(Arrivals(ready, lanes["to"], lanes["headway"], lanes["last"], lanes["startup"], half))
        return result
