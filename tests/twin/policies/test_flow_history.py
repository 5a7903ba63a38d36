"""Flows and queues at failed detectors: what the past and the neighbours let one expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from sim.contract import FAILED, Event, Message, PlantSpec
from tests.sim.road.networks import load
from twin.policies.crossings.flow_history import ASSUMED, FlowHistory
from twin.policies.crossings.layout import crossings
from twin.policies.crossings.queue_estimate import QueueEstimate
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

LINKS = ("west1_A1", "A1_B1", "B1_A1", "C1_B1", "north1_A1", "south1_A1")


@pytest.fixture(scope="module")
def spec() -> PlantSpec:
    return load("corridor", 1, wear=False).spec


class Road:
    """A window on a corridor whose flows (veh/h by link) and failures the test makes up; all other flows are 100."""

    def __init__(self, spec: PlantSpec) -> None:
        self.window, self._number = Window(spec=spec, cleaner=Cleaner(spec=spec)), 0
        self._counted = {s.asset: 0.0 for s in spec.signals if s.kind == "count"}

    def fail(self, *links: str) -> None:
        """The twin is told that these links' detectors have failed."""
        events = tuple(Event(self.window.now, f"{link}_loop", FAILED, "dead", 0.0) for link in links)
        self._send((), events)

    def run(self, minutes: float, flows: Mapping[str, float], green: str = "") -> Iterator[Window]:
        """Ticks with these flows, while a stage is green."""
        spec = self.window.spec
        for _ in range(round(minutes * 60 / spec.tick)):
            now = self.window.now + spec.tick
            for name in self._counted:
                self._counted[name] += flows.get(name.removesuffix("_loop"), 100.0) * spec.tick / 3600
            values = {f"{name}.count": count for name, count in self._counted.items()}
            values |= {s.key: float(s.asset == green) for s in spec.signals if s.kind == "state" and green}
            self._send(tuple(values.items()), (), now)
            self.window.close(now)
            self.window.final()
            self.window.delivered_events.clear()
            yield self.window

    def _send(self, values: tuple[tuple[str, float], ...], events: tuple[Event, ...], now: float = 0.0) -> None:
        self._number += 1
        index = self.window.spec.signal_index
        signals = np.array([index[key] for key, _ in values], dtype=np.int32)
        times, read = np.full(len(values), now), np.array([value for _, value in values])
        self.window.add(Message("test", self._number, now, now, signals, times, read, events))


def flow(spec: PlantSpec, history: FlowHistory, link: str) -> float:
    return float(history.value[spec.asset_index[f"{link}_loop"]])


def test_a_failed_detector_keeps_its_share_of_what_the_others_count(spec: PlantSpec) -> None:
    road, history = Road(spec), FlowHistory(spec=spec, crossings=crossings(spec), span=60.0)
    for window in road.run(30, {"west1_A1": 300.0}):
        history.update(window)
    road.fail("west1_A1")
    rush = {asset.name: 200.0 for asset in spec.assets if asset.type == "link"}
    for window in road.run(30, rush):
        history.update(window)
    assert flow(spec, history, "A1_B1") == pytest.approx(200.0, rel=0.01)
    assert flow(spec, history, "west1_A1") == pytest.approx(600.0, rel=0.02)


def test_one_that_never_worked_goes_by_the_opposite_approach(spec: PlantSpec) -> None:
    road, history = Road(spec), FlowHistory(spec=spec, crossings=crossings(spec), span=60.0)
    road.fail("north1_A1")
    for window in road.run(5, {"south1_A1": 250.0}):
        history.update(window)
    assert flow(spec, history, "north1_A1") == pytest.approx(250.0, rel=0.02)


def test_without_any_detector_a_load_is_assumed_from_the_first_tick(spec: PlantSpec) -> None:
    road, history = Road(spec), FlowHistory(spec=spec, crossings=crossings(spec))
    road.fail(*(asset.name for asset in spec.assets if asset.type == "link"))
    for window in road.run(1 / 6, {}):
        history.update(window)
    assert flow(spec, history, "west1_A1") == pytest.approx(3800.0 * ASSUMED / 2)


def test_an_expected_queue_grows_in_red_and_discharges_in_green(spec: PlantSpec) -> None:
    road, queues = Road(spec), QueueEstimate(spec=spec, crossings=crossings(spec), cover=1.0)
    at = spec.asset_index["north1_A1_loop"]
    road.fail("north1_A1")
    for window in road.run(1, {"south1_A1": 360.0}, green="A1_ns"):
        queues.update(window)
    assert queues.value[at] == 0.0
    for window in road.run(3, {"south1_A1": 360.0}, green="A1_ew"):
        queues.update(window)
    assert queues.value[at] == pytest.approx(18.0, rel=0.02)  # 3 min of 360 veh/h
    assert queues.value[spec.asset_index["south1_A1_loop"]] == 0.0  # that camera works, and sees nobody
    for window in road.run(1, {"south1_A1": 360.0}, green="A1_ns"):
        queues.update(window)
    assert queues.value[at] == 0.0
