"""Machines that fail or wear: age replacement, shared repairmen, renewal by condition."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import FOREVER, LineRun, LineWindow, exponential, horizon
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter, Parameter, WholeParameter
from twin.lab.validate.theory import repairman
from twin.lab.validate.theory.age_replacement import AgeReplacement

SHARP = 0.005  # share of an availability, which is close to 1
SHARPER = 0.0025  # where small changes of a rule move a line's output little
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


def positive(*names: str) -> tuple[Parameter, ...]:
    return tuple(NumberParameter(name, above=0.0) for name in names)


AGE = NumberParameter("T", above=0.0, unlimited=True)
CASES = (
    Case(
        "age_replacement",
        "Weibull lives, renewal at age T (Barlow and Proschan 1965)",
        (*positive("beta", "eta", "cp", "cf"), AGE),
        tuple(
            dict(zip(("beta", "eta", "cp", "cf"), parameters, strict=True))
            for parameters in ((2.0, 1000.0, 1.0, 5.0), (2.5, 500.0, 100.0, 1000.0), (3.0, 200.0, 1.0, 10.0))
        ),
        age_replacement,
    ),
    Case(
        "age_replacement_availability",
        "the same, with renewals that take time",
        (*positive("beta", "eta", "tp", "tf"), AGE),
        ({"beta": 2.5, "eta": 500.0, "tp": 4.0, "tf": 20.0},),
        age_replacement_availability,
    ),
    Case(
        "repairman",
        "M machines share c repairmen (Palm 1947)",
        (WholeParameter("M", 1, 1_000), WholeParameter("c", 1, 1_000), *positive("lambda", "mu")),
        (
            {"M": 5, "c": 1, "lambda": 0.002, "mu": 0.02},
            {"M": 10, "c": 1, "lambda": 0.01, "mu": 0.1},
        ),
        shared_repairmen,
        SHARP,
    ),
)
