"""Machines that fail or wear: age replacement, shared repairmen, renewal by condition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import FOREVER, LineRun, LineWindow, exponential, horizon, serial
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import Number, Parameter, Whole
from twin.lab.validate.theory import maintained_line, repairman
from twin.lab.validate.theory.age_replacement import AgeReplacement
from twin.lab.validate.theory.maintained_line import MaintainedLine

SHARP, SHARPER = 0.005, 0.0025  # availabilities are close to 1; small changes of a rule move a line's output little
LIVES = 100.0  # a run at the least


def age_replacement(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Renewals that take no time and cost cp, or cf at failure; at age T, by default the best, and at failure only."""
    rule = AgeReplacement(values["beta"], values["eta"], values["cp"], values["cf"])
    figure = "cost per unit of time"
    measure = partial(cost_rate, planned=rule.planned, failed=rule.failed)
    return [
        _renewals("age_replacement", parameters, title, precision, rule, age, Target(figure, rule.rate(age)), measure)
        for parameters, title, age in _ages(values, rule)
    ]


def age_replacement_availability(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Renewals that take tp, or tf at failure."""
    rule = AgeReplacement(values["beta"], values["eta"], values["tp"], values["tf"])
    figure = "unavailability"
    return [
        _renewals(
            "age_replacement_availability",
            parameters,
            title,
            precision,
            rule,
            age,
            Target(figure, rule.unavailability(age)),
            attrgetter(figure),
            takes=True,
        )
        for parameters, title, age in _ages(values, rule)
    ]


def cost_rate(window: LineWindow, *, planned: float, failed: float) -> float:
    """Cost of renewals per second."""
    return (planned * window.maintained + failed * window.failed) / window.seconds


def _ages(values: Mapping[str, Any], rule: AgeReplacement) -> list[tuple[dict[str, Any], str, float]]:
    """(parameters, title, age) of the ages to look at."""
    if "T" in values:
        return [(dict(values), "", values["T"])]
    best = rule.best_age()
    wanted = [("run to failure", math.inf)] if best == math.inf else [("best age", best), ("run to failure", math.inf)]
    return [(dict(values) | {"T": age}, title, age) for title, age in wanted]


def _renewals(
    case: str,
    values: Mapping[str, Any],
    title: str,
    precision: float,
    rule: AgeReplacement,
    age: float,
    target: Target,
    measure: Any,
    takes: bool = False,
) -> Check:
    """One machine in a cycle without end. takes: whether rule.planned and rule.failed are seconds."""
    station: dict[str, Any] = {
        "cycle": FOREVER,
        "failures": {"wear-out": {"time": {"scipy": "weibull_min", "c": rule.shape, "scale": rule.scale}}},
        "maintenance": {
            "preventive": rule.planned if takes else 0,
            "corrective": rule.failed if takes else 0,
            "interrupts": True,
            "plan": None if age == math.inf else {"age": age},
        },
    }
    survives = rule.survival(age)
    length = rule.work(age) + (takes * (rule.planned * survives + rule.failed * (1.0 - survives)))
    mean = rule.planned * survives + rule.failed * (1.0 - survives)
    square = rule.planned**2 * survives + rule.failed**2 * (1.0 - survives)
    run = LineRun(
        plant={"stations": {"machine": station}, "technicians": 1},
        horizon=horizon(spread=length * square / mean**2, precision=precision, least=LIVES * length),
        measures={target.figure: measure},
    )
    return Check(case, values, title, (target,), run, precision)


def shared_repairmen(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """M machines, c repairmen."""
    machines, repairmen, fails, repairs = (values[name] for name in ("M", "c", "lambda", "mu"))
    station = {
        "cycle": FOREVER,
        "failures": {"breakdown": {"time": exponential(fails), "repair": exponential(repairs)}},
        "maintenance": {"preventive": 0, "corrective": exponential(repairs)},
    }
    reference = repairman.availability(machines=machines, repairmen=repairmen, fails=fails, repairs=repairs)
    forgets = 1.0 / min(fails, repairs)
    run = LineRun(
        plant={"stations": {f"m{i}": station for i in range(1, machines + 1)}, "technicians": repairmen},
        horizon=horizon(
            spread=2.0 / repairs * (1.0 - reference) / reference, precision=precision, least=LIVES * forgets
        ),
        measures={"availability": attrgetter("availability")},
    )
    return [Check("repairman", values, "", (Target("availability", reference),), run, precision)]


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


def _positive(*names: str) -> tuple[Parameter, ...]:
    return tuple(Number(name, above=0.0) for name in names)


AGE = Number("T", above=0.0, unlimited=True)
WEAR = (Whole("states", 3, 1_000), Number("step", above=0.0, high=1.0), *_positive("repair", "preventive"))
CASES = (
    Case(
        "age_replacement",
        "Weibull lives, renewal at age T (Barlow and Proschan 1965)",
        (*_positive("beta", "eta", "cp", "cf"), AGE),
        tuple(
            dict(zip(("beta", "eta", "cp", "cf"), parameters, strict=True))
            for parameters in ((2.0, 1000.0, 1.0, 5.0), (2.5, 500.0, 100.0, 1000.0), (3.0, 200.0, 1.0, 10.0))
        ),
        age_replacement,
    ),
    Case(
        "age_replacement_availability",
        "the same, with renewals that take time",
        (*_positive("beta", "eta", "tp", "tf"), AGE),
        ({"beta": 2.5, "eta": 500.0, "tp": 4.0, "tf": 20.0},),
        age_replacement_availability,
    ),
    Case(
        "repairman",
        "M machines share c repairmen (Palm 1947)",
        (Whole("M", 1, 1_000), Whole("c", 1, 1_000), *_positive("lambda", "mu")),
        (
            {"M": 5, "c": 1, "lambda": 0.002, "mu": 0.02},
            {"M": 10, "c": 1, "lambda": 0.01, "mu": 0.1},
        ),
        shared_repairmen,
        SHARP,
    ),
    Case(
        "markov_wear",
        "one machine, wear in states, renewal at failure or at a threshold",
        (*WEAR, Whole("threshold", 1, 998)),
        ({"states": 5, "step": 0.1, "repair": 10.0, "preventive": 4.0, "threshold": 3},),
        markov_wear,
        SHARP,
    ),
    Case(
        "markov_wear_line",
        "two such machines with a buffer and a crew, by the exact chain",
        (*_positive("mu1", "mu2"), Whole("K", 0, 1_000), *WEAR, Whole("threshold", 1, 998), Whole("technicians", 1, 2)),
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
