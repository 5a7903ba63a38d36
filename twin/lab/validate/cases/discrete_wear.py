"""Machines that wear in states: renewal by condition, alone and in a line with technicians."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import LineRun, exponential, horizon, serial
from twin.lab.validate.cases.maintenance import LIVES, SHARP, SHARPER, positive
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter, WholeParameter
from twin.lab.validate.theory import maintained_line
from twin.lab.validate.theory.maintained_line import MaintainedLine


def markov_wear(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """One machine with cycles of 1 and fixed times of work on it, maintained at failure, and at a threshold."""
    checks = []
    for title, threshold in _thresholds(values):
        reference = maintained_line.availability(
            states=values["states"],
            step=values["step"],
            threshold=threshold,
            repair=values["repair"],
            preventive=values["preventive"],
        )
        station = {"cycle": 1.0} | _worn(values, threshold, values["repair"], values["preventive"])
        life = values["states"] / values["step"] + values["repair"] + values["preventive"]
        run = LineRun(
            plant={"stations": {"machine": station}, "technicians": 1},
            horizon=horizon(spread=life * (1.0 - reference) ** 2, precision=precision, least=LIVES * life),
            measures={"availability": attrgetter("availability")},
        )
        checks.append(Check("markov_wear", values, title, (Target("availability", reference),), run, precision))
    return checks


def markov_wear_line(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Two machines with a buffer and a crew, exponential cycles and work on them, by their exact Markov chain."""
    checks = []
    for title, threshold in _thresholds(values):
        shape = {name: values[name] for name in ("states", "step", "repair", "preventive", "technicians")}
        exact = MaintainedLine(mu=(values["mu1"], values["mu2"]), places=values["K"], threshold=threshold, **shape)
        figures = dict(zip(("throughput", "availability"), exact.solve(), strict=True))
        stations = serial([exponential(values["mu1"]), exponential(values["mu2"])], values["K"])
        work = [exponential(1.0 / values[name]) for name in ("repair", "preventive")]
        for station in stations.values():
            station |= _worn(values, threshold, *work)
        slowest = min(values["mu1"], values["mu2"])
        life = values["states"] / values["step"] / slowest + values["repair"] + values["preventive"]
        run = LineRun(
            plant={"stations": stations, "technicians": values["technicians"]},
            horizon=horizon(
                spread=life * (1.0 - figures["availability"]) / 3.0 + 1.0 / slowest,
                precision=precision,
                least=LIVES * (life + values["K"] / slowest),
            ),
            measures={figure: attrgetter(figure) for figure in figures},
        )
        targets = tuple(Target(figure, reference) for figure, reference in figures.items())
        checks.append(Check("markov_wear_line", values, title, targets, run, precision))
    return checks


def _thresholds(values: Mapping[str, Any]) -> list[tuple[str, int | None]]:
    """Of the two policies."""
    if values["threshold"] > values["states"] - 2:
        raise ValueError(
            f"threshold = {values['threshold']}: must be at most states - 2 = {values['states'] - 2}: "
            "in the last state it has failed"
        )
    return [("corrective only", None), ("condition-based", values["threshold"])]


def _worn(values: Mapping[str, Any], threshold: int | None, repair: Any, preventive: Any) -> dict[str, Any]:
    """A station's wear and maintenance."""
    plan = None if threshold is None else {"wear": threshold / (values["states"] - 1)}
    return {
        "wear": {"states": values["states"], "step": values["step"]},
        "maintenance": {"corrective": repair, "preventive": preventive, "plan": plan},
    }


WEAR = (
    WholeParameter("states", 3, 1_000),
    NumberParameter("step", above=0.0, high=1.0),
    *positive("repair", "preventive"),
)


CASES = (
    Case(
        "markov_wear",
        "one machine, wear in states, renewal at failure or at a threshold",
        (*WEAR, WholeParameter("threshold", 1, 998)),
        ({"states": 5, "step": 0.1, "repair": 10.0, "preventive": 4.0, "threshold": 3},),
        markov_wear,
        SHARP,
    ),
    Case(
        "markov_wear_line",
        "two such machines with a buffer and a crew, by the exact chain",
        (
            *positive("mu1", "mu2"),
            WholeParameter("K", 0, 1_000),
            *WEAR,
            WholeParameter("threshold", 1, 998),
            WholeParameter("technicians", 1, 2),
        ),
        tuple(
            {
                "mu1": 1.0,
                "mu2": 1.0,
                "K": 2,
                "states": 5,
                "step": 0.1,
                "repair": 10.0,
                "preventive": 4.0,
                "threshold": 3,
                "technicians": technicians,
            }
            for technicians in (1, 2)
        ),
        markov_wear_line,
        SHARPER,
    ),
)
