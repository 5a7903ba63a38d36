"""Lines of machines and buffers: what unreliable or random machines in a row put out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import LineRun, exponential, horizon, serial
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter, Numbers, WholeParameter
from twin.lab.validate.theory import exponential_line, two_machines
from twin.lab.validate.theory.markov import LARGEST

SHARP = 0.0025  # a place more or less in a buffer changes the throughput by less than a hundredth
THROUGHPUT = {"throughput": attrgetter("throughput")}
RUNS = 50.0  # times as long as a line remembers


def two_machine_deterministic(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Cycles of 1, geometric times to failure, in cycles, and to repair."""
    machines = [(values["r1"], values["p1"]), (values["r2"], values["p2"])]
    modes = [
        {
            "time": {"law": "geometric", "mean": 1.0 / p},
            "clock": "cycles",
            "repair": {"law": "geometric", "mean": 1.0 / r},
        }
        for r, p in machines
    ]
    reference = two_machines.deterministic(
        r1=values["r1"], p1=values["p1"], r2=values["r2"], p2=values["p2"], places=values["N"]
    )
    spread = max(_spread(r, p) for r, p in machines)
    return _two_machines("two_machine_deterministic", values, precision, reference, [1.0, 1.0], modes, spread)


def two_machine_exponential(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Exponential cycles, times to failure, in time at work, and to repair."""
    machines = [(values["r1"], values["p1"]), (values["r2"], values["p2"])]
    modes = [{"time": exponential(p), "clock": "operation", "repair": exponential(r)} for r, p in machines]
    reference = two_machines.exponential(
        **{name: values[name] for name in ("mu1", "r1", "p1", "mu2", "r2", "p2")}, places=values["N"]
    )
    rates = [values["mu1"], values["mu2"]]
    cycles = [exponential(rate) for rate in rates]
    spread = max(_spread(r, p) for r, p in machines) + 1.0 / min(rates)
    return _two_machines("two_machine_exponential", values, precision, reference, cycles, modes, spread)


def _spread(r: float, p: float) -> float:
    """Of the output of a machine alone."""
    return p / r * 2.0 / (r + p)


def _two_machines(
    case: str,
    values: Mapping[str, Any],
    precision: float,
    reference: float,
    cycles: list[Any],
    modes: list[dict[str, Any]],
    spread: float,
) -> Sequence[Check]:
    stations = serial(cycles, values["N"] - 2)
    for station, mode in zip(stations.values(), modes, strict=True):
        # The mode has a repair of its own; planned work there is none.
        station |= {"failures": {"breakdown": mode}, "maintenance": {"preventive": 0, "corrective": mode["repair"]}}
    forgets = max(1.0 / values[f"p{i}"] + 1.0 / values[f"r{i}"] for i in (1, 2)) + _drift(values["N"], spread)
    run = LineRun(
        plant={"stations": stations, "technicians": 2},
        horizon=horizon(spread=spread, precision=precision, least=RUNS * forgets),
        measures=THROUGHPUT,
    )
    return [Check(case, values, "", (Target("throughput", reference),), run, precision)]


def _drift(places: float, spread: float) -> float:
    """Seconds over which a buffer between equal machines forgets its level: the slowest mode of a diffusion."""
    return places**2 / (math.pi**2 * max(spread, 1.0))


def line_of_exponential_stations(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Reliable stations that never want for parts."""
    rates, places = values["mu"], values["K"]
    states = (places + 3) ** (len(rates) - 1)
    if states > LARGEST:
        raise ValueError(
            f"K = {places}: with {len(rates)} stations the Markov chain has up to {states:,} states; "
            f"must be at most {LARGEST:,}"
        )
    forgets = ((places + 2) * (len(rates) - 1)) ** 2 / min(rates)
    run = LineRun(
        plant={"stations": serial([exponential(rate) for rate in rates], places)},
        horizon=horizon(spread=1.0 / min(rates), precision=precision, least=RUNS * forgets),
        measures=THROUGHPUT,
    )
    target = Target("throughput", exponential_line.throughput(rates, places))
    return [Check("exponential_line", values, "", (target,), run, precision)]


def _chance(name: str) -> NumberParameter:
    return NumberParameter(name, above=0.0, high=1.0)


def _rate(name: str) -> NumberParameter:
    return NumberParameter(name, above=0.0)


LIKE = {"r1": 0.1, "p1": 0.01, "r2": 0.1, "p2": 0.01}
CASES = (
    Case(
        "two_machine_deterministic",
        "equal cycles, geometric failures and repairs (Gershwin 1994)",
        (_chance("r1"), _chance("p1"), _chance("r2"), _chance("p2"), WholeParameter("N", 2, 10_000)),
        tuple(LIKE | {"N": places} for places in (4, 10, 30)),
        two_machine_deterministic,
        SHARP,
    ),
    Case(
        "two_machine_exponential",
        "exponential cycles, failures and repairs (Gershwin and Berman 1981)",
        (*(_rate(name) for name in ("mu1", "r1", "p1", "mu2", "r2", "p2")), WholeParameter("N", 2, 10_000)),
        tuple({"mu1": 1.0, "r1": 0.1, "p1": 0.01, "mu2": 1.0, "r2": 0.1, "p2": 0.01, "N": n} for n in (4, 10)),
        two_machine_exponential,
        SHARP,
    ),
    Case(
        "exponential_line",
        "reliable, saturated, blocking after service (Hillier and Boling 1967)",
        (Numbers("mu", 1), WholeParameter("K", 0, LARGEST)),
        (
            *({"mu": (1.0, 1.0), "K": places} for places in (0, 1, 4)),
            *({"mu": (1.0, 1.0, 1.0), "K": places} for places in (0, 1, 3)),
            {"mu": (1.0, 0.9, 1.1), "K": 2},
        ),
        line_of_exponential_stations,
        SHARP,
    ),
)
