"""Lines whose times are all whole multiples of one unit, so that much happens at the same instant."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from sim.plants.production_line import ProductionLine

Fields = dict[str, Any]
SKILLS = [None, None, "mechanical", "electrical"]


class Span(float):
    """A duration, s: what `timed` multiplies."""


def timed(fields: Any, unit: float) -> Any:
    """The same fields with every duration multiplied by `unit`."""
    if isinstance(fields, Span):
        return float(fields) * unit
    if isinstance(fields, dict):
        return {key: timed(value, unit) for key, value in fields.items()}
    return [timed(value, unit) for value in fields] if isinstance(fields, list) else fields


def spans(*choices: int) -> st.SearchStrategy[Any]:
    return st.sampled_from([Span(choice) for choice in choices])


@st.composite
def stations_of(draw: st.DrawFn) -> dict[str, Fields]:
    """Layers of one to three stations; each feeds some of the next layer, and every station is fed."""
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    layers = [[f"s{i}_{j}" for j in range(width)] for i, width in enumerate(widths)]
    stations: dict[str, Fields] = {}
    for i, layer in enumerate(layers):
        below = layers[i + 1] if i + 1 < len(layers) else []
        for j, name in enumerate(layer):
            own: Fields = {"cycle": draw(spans(1, 2, 3, 4, 6)), "buffer": draw(st.integers(0, 3))}
            if below:
                chosen = {below[k] for k in range(len(below)) if k % len(layer) == j or draw(st.booleans())}
                own["to"] = sorted(chosen) or [below[j % len(below)]]
                own["routing"] = draw(st.sampled_from(["first", "shortest", "share", "setpoint"]))
                own["shares"] = [draw(st.integers(1, 3)) for _ in own["to"]] if own["routing"] == "share" else []
            stations[name] = own
    for i, layer in enumerate(layers):
        if i == 0 and draw(st.booleans()):
            for name in layer:
                stations[name]["queue"] = "entry"
        for name in layer:
            fed = sum(name in other.get("to", []) for other in stations.values())
            if i == 0 and draw(st.booleans()):
                stations[name]["arrivals"] = draw(spans(1, 2, 3, 6))
            stations[name]["assemble"] = i > 0 and fed > 1 and draw(st.booleans())
    for name, own in stations.items():
        fed = any(name in other.get("to", []) for other in stations.values())
        if fed and draw(st.booleans()):
            back = None if own["assemble"] else name
            own |= {"quality": {"base": 0.2}, "rework": back, "inspects": draw(st.booleans())}
        if own["buffer"] and fed and draw(st.booleans()):
            own["transit"] = draw(spans(1, 2, 6))
        own |= draw(care())
        own["operators"] = draw(st.sampled_from([None, None, "hands", "eyes"]))
        own["priority"] = float(draw(st.integers(0, 2)))
    return stations


@st.composite
def care(draw: st.DrawFn) -> Fields:
    """How a station fails and is maintained."""
    plan = draw(
        st.sampled_from(
            [
                None,
                {"age": Span(6)},
                {"every": Span(12)},
                {"age": Span(12), "opportunistic": 0.5},
                {"age": Span(6), "every": Span(6)},
            ]
        )
    )
    wear = draw(
        st.sampled_from(
            [
                None,
                None,
                {"states": 3, "step": 0.2},
                {"states": 2, "step": 1.0},
                {"life": Span(30), "shock_life": Span(60)},
                {"life": Span(40), "imperfect": 0.5},
            ]
        )
    )
    if wear is not None and draw(st.booleans()):
        plan = {"wear": 0.5} | draw(st.sampled_from([{}, {"opportunistic": 0.5}, {"every": Span(12)}]))
    return {
        "failures": {f"m{i}": draw(modes()) for i in range(draw(st.integers(0, 2)))},
        "wear": wear,
        "maintenance": {
            "preventive": draw(spans(0, 1, 3, 6)),
            "corrective": draw(spans(0, 1, 2, 6)),
            "plan": plan,
            "interrupts": draw(st.booleans()),
            "skill": draw(st.sampled_from(SKILLS)),
            "spare": draw(st.sampled_from([None, "part"])),
        },
    }


@st.composite
def modes(draw: st.DrawFn) -> Fields:
    clock = draw(st.sampled_from(["operation", "time", "cycles"]))
    return {
        "time": draw(st.sampled_from([2, 5, 12])) if clock == "cycles" else draw(spans(3, 6, 12, 30)),
        "clock": clock,
        "repair": draw(st.sampled_from([None, Span(0), Span(1), Span(3)])),
        "minor": draw(st.booleans()),
        "skill": draw(st.sampled_from(SKILLS)),
    }


@st.composite
def tied_lines(draw: st.DrawFn) -> Fields:
    """The arguments of a line, its durations as `Span`s."""
    shifts = {"times": [Span(0), Span(6), Span(12)], "values": draw(st.sampled_from([[1, 0, 2], [2, 1, 1], [0, 1, 0]]))}
    crews: Fields = {
        "mechanics": {
            "technicians": draw(st.integers(1, 2)),
            "skills": ["mechanical"],
            "travel": draw(st.sampled_from([None, Span(1), Span(3)])),
            "corrective_first": draw(st.booleans()),
        },
        "all": {"technicians": 1} if draw(st.booleans()) else {"shifts": shifts | {"repeat": Span(18)}},
    }
    return {
        "stations": draw(stations_of()),
        "operators": {"hands": 1, "eyes": 2},
        "spares": {"part": {"stock": draw(st.integers(0, 2)), "lead_time": draw(spans(1, 3, 12))}},
        "conwip": draw(st.sampled_from([None, None, 2, 7])),
        "crews": crews,
        "tick": Span(6),
        "sample": Span(3),
    }


def built(fields: Fields, *, unit: float = 1.0, seed: int = 1) -> ProductionLine:
    """The line, unless it is one that is refused."""
    try:
        return ProductionLine(seed=seed, **timed(fields, unit))
    except ValueError as error:
        assume("no part can reach the end" not in str(error))
        raise


def commands(fields: Fields, step: int) -> list[tuple[str, float]]:
    """What is ordered at the end of a step: a station's maintenance, and some routing."""
    names = sorted(fields["stations"])
    name = names[step % len(names)]
    given = [(f"{name}.maintain", 1.0)] if step % 3 == 0 else []
    own = fields["stations"][name]
    if own.get("routing") == "setpoint" and len(own["to"]) > 1:
        given.append((f"{name}.to_{own['to'][step % len(own['to'])]}", float(step % 2)))
    return given
