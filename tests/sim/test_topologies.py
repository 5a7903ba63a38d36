"""Random lines: whatever the routing, parts and time are conserved, nothing stalls, and a fork goes the same way."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.bottleneck import Stage, best_rate
from sim.contract import Action
from sim.plants.production_line import ProductionLine
from tests.sim.lines import record
from tests.sim.test_production_line import accounted

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


COMMON = {
    "wear": {"life": 400.0, "rate_cv": 0.5, "shock_life": 900.0, "imperfect": 0.2},
    "maintenance": {"preventive": 20.0, "corrective": {"law": "gamma", "mean": 60.0, "cv": 0.5}},
}
few = settings(max_examples=25, deadline=None)


@few
@given(lines(assembly=False))
def test_a_line_that_nothing_disturbs_never_stalls(stations: Stations) -> None:
    stages = {
        name: Stage(
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
    plant = ProductionLine(
        seed=seed, stations=stations, common=COMMON, technicians=technicians, tick=100.0, sample=50.0
    )  # fmt: skip
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
