"""Random lines: whatever the routing, parts and time are conserved, nothing stalls, and a fork goes the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim import contract
from sim.contract import Action, Event
from sim.line.bottleneck import FlowStage, best_rate
from sim.line.buffer import Buffer
from sim.line.conveyor import Conveyor
from sim.line.operators import Operators
from sim.maintenance.crew import Crew
from sim.plants.production_line import ProductionLine
from tests.sim.line.lines import record
from tests.sim.plants.test_production_line import accounted

Stations = dict[str, dict[str, Any]]


@st.composite
def lines(draw: st.DrawFn, *, assembly: bool = True) -> Stations:
    """Layers of one to three stations; each feeds some of the next layer, and every station is fed."""
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    layers = [[f"s{i}_{j}" for j in range(width)] for i, width in enumerate(widths)]
    stations: Stations = {}
    for i, layer in enumerate(layers):
        below = layers[i + 1] if i + 1 < len(layers) else []
        for j, name in enumerate(layer):
            own: dict[str, Any] = {"cycle": draw(st.sampled_from([2.0, 5.0, {"law": "exponential", "mean": 4.0}]))}
            own["buffer"] = draw(st.integers(0 if i else 1, 4))
            if below:
                chosen = {below[k] for k in range(len(below)) if k % len(layer) == j or draw(st.booleans())}
                own["to"] = sorted(chosen) or [below[j % len(below)]]
                own["routing"] = draw(st.sampled_from(["first", "shortest", "share"]))
                own["shares"] = [draw(st.integers(1, 3)) for _ in own["to"]]
            stations[name] = own
    for i, layer in enumerate(layers):
        for name in layer:
            fed = sum(name in other.get("to", []) for other in stations.values())
            stations[name]["assemble"] = assembly and i > 0 and fed > 1 and draw(st.booleans())
            if i > 0 and draw(st.booleans()):
                stations[name] |= {"quality": {"base": 0.1}, "rework": name if not stations[name]["assemble"] else None}
    return stations


def _mode(draw: st.DrawFn) -> dict[str, Any]:
    clock = draw(st.sampled_from(["operation", "time", "cycles"]))
    law = "geometric" if clock == "cycles" else "exponential"
    return {
        "time": {"law": law, "mean": draw(st.sampled_from([40.0, 150.0]))},
        "clock": clock,
        "repair": draw(st.sampled_from([0.0, 8.0, {"law": "exponential", "mean": 15.0}])),
        "minor": draw(st.booleans()),
        "skill": draw(st.sampled_from(["mechanical", "electrical", None])),
    }


@st.composite
def furnished(draw: st.DrawFn) -> dict[str, Any]:
    """A random line with whatever a line may have: modes, plans, operators, conveyors, cards, queues, crews."""
    stations: Stations = draw(lines())
    for own in stations.values():
        if own["buffer"] and draw(st.booleans()) and own.get("to"):
            own["operators"] = draw(st.sampled_from(["hands", "eyes"]))
        if "to" in own and len(own["to"]) > 1 and draw(st.booleans()):
            own["routing"] = "setpoint"
        own["failures"] = {f"m{i}": _mode(draw) for i in range(draw(st.integers(0, 2)))}
        plan = draw(st.sampled_from([None, {"age": 60.0}, {"every": 90.0}, {"age": 100.0, "opportunistic": 0.4}]))
        own["maintenance"] = {
            "preventive": draw(st.sampled_from([0.0, 5.0])),
            "corrective": 12.0,
            "plan": plan,
            "interrupts": draw(st.booleans()),
            "skill": draw(st.sampled_from(["mechanical", None])),
            "spare": draw(st.sampled_from(["part", None])),
        }
        wear = draw(st.sampled_from([None, {"states": 4, "step": 0.1}, {"life": 200.0, "shock_life": 300.0}]))
        own["wear"] = wear
    fed = {name for own in stations.values() for name in own.get("to", [])}
    for name in fed:
        if stations[name]["buffer"] and draw(st.booleans()):
            stations[name]["transit"] = {"law": "exponential", "mean": 3.0}
    return {
        "stations": stations,
        "operators": {"hands": 1, "eyes": 2},
        "spares": {"part": {"stock": draw(st.integers(0, 2)), "lead_time": {"law": "exponential", "mean": 25.0}}},
        "conwip": draw(st.sampled_from([None, 5, 30])),
        "crews": {
            "mechanics": {"technicians": draw(st.integers(1, 2)), "skills": ["mechanical"], "travel": 3.0},
            "all": {"technicians": 1},
        },
    }


def built(**fields: Any) -> ProductionLine:
    """The line, unless its fixed shares cannot feed an assembly evenly, which is refused."""
    try:
        return ProductionLine(**fields)
    except ValueError as error:
        assume("no part can reach the end" not in str(error))
        raise


COMMON = {
    "wear": {"life": 400.0, "rate_cv": 0.5, "shock_life": 900.0, "imperfect": 0.2},
    "maintenance": {"preventive": 20.0, "corrective": {"law": "gamma", "mean": 60.0, "cv": 0.5}},
}
few = settings(max_examples=25, deadline=None)


@few
@given(lines(assembly=False))
def test_a_line_that_nothing_disturbs_never_stalls(stations: Stations) -> None:
    stages = {
        name: FlowStage(
            own["cycle"] if isinstance(own["cycle"], float) else own["cycle"]["mean"],
            tuple(own.get("to", ())),
            tuple(own.get("shares", ())) if own.get("routing") == "share" else (),
        )
        for name, own in stations.items()
    }
    plant = ProductionLine(seed=1, stations=stations, tick=1e9, sample=1e9)
    plant.advance(1000.0)
    half = plant.kpis()["good_parts"]
    plant.advance(2000.0)
    assert plant.kpis()["good_parts"] - half > 0.3 * 1000.0 * best_rate(stages)
    accounted(plant)


@few
@given(lines(), st.integers(0, 99), st.integers(1, 3), st.integers(0, 1500))
def test_disturbed_lines_conserve_everything_and_fork_alike(
    stations: Stations, seed: int, technicians: int, at: int
) -> None:
    plant = built(seed=seed, stations=stations, common=COMMON, technicians=technicians, tick=100.0, sample=50.0)
    names = list(stations)
    while plant.now < at:
        plant.advance(plant.now + 100.0)
        plant.apply(Action(plant.now, f"{names[int(plant.now / 100.0) % len(names)]}.maintain"))
        for buffer in plant.kernel.components.values():
            if type(buffer).__name__ == "Buffer":
                assert 0 <= len(buffer.parts) <= buffer.capacity + 1  # type: ignore[attr-defined]
    fork = plant.fork()
    assert record(fork, plant.now + 500.0, 100.0) == record(plant, plant.now + 500.0, 100.0)
    accounted(plant)


def _in_order(events: Sequence[Event]) -> None:
    """Nothing happens without its cause: a job ends only where it began, and nothing fails while it stands."""
    state: dict[str, str] = {}
    for event in events:
        was = state.get(event.asset, "up")
        match event.kind:
            case contract.FAILED:
                assert was == "up", event
                state[event.asset] = "failed"
            case contract.REPAIR_STARTED:
                assert was == "failed", event
                state[event.asset] = "in repair"
            case contract.MAINTENANCE_STARTED:
                assert was == "up", event
                state[event.asset] = "in maintenance"
            case contract.REPAIRED:
                assert was == "in repair", event
                state[event.asset] = "up"
            case contract.MAINTAINED:
                assert was == "in maintenance", event
                state[event.asset] = "up"


@few
@given(furnished(), st.integers(0, 99), st.integers(1, 900))
def test_whatever_a_line_has_it_keeps_its_laws(plant_fields: dict[str, Any], seed: int, at: int) -> None:
    plant = built(seed=seed, tick=100.0, sample=50.0, **plant_fields)
    names, events = list(plant_fields["stations"]), []
    limit = plant_fields["conwip"] or 10**9
    while plant.now < at:
        plant.advance(min(plant.now + 30.0, at))
        plant.apply(Action(plant.now, f"{names[int(plant.now / 30.0) % len(names)]}.maintain"))
        events += plant.journal()
        assert plant.kpis()["wip"] <= limit
        for component in plant.kernel.components.values():
            if type(component) in (Buffer, Conveyor):
                assert 0 <= component.level <= component.capacity + 1
            if isinstance(component, Operators):
                assert 0 <= component.free <= component.count
            if isinstance(component, Crew):
                assert 0 <= component.busy <= component.technicians
    _in_order(events)
    accounted(plant)
    fork, other = plant.fork(), plant.fork(reseed=5)
    assert record(fork, plant.now + 300.0, 100.0) == record(plant, plant.now + 300.0, 100.0)
    other.advance(other.now + 300.0)
    accounted(other)
    _in_order([e for e in events if e.kind in JOBS] + [e for e in other.journal() if e.kind in JOBS])


JOBS = (contract.FAILED, contract.REPAIR_STARTED, contract.REPAIRED, contract.MAINTENANCE_STARTED, contract.MAINTAINED)
