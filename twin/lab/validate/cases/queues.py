"""Arrivals in time at one queue."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import LineRun, exponential, horizon
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter, WholeParameter
from twin.lab.validate.theory import queues

NO_LIMIT = 1_000_000_000  # places: as good as an endless queue
RAREST = 1e-3  # share of the arrivals; a smaller blocking would take too long to be seen
RUNS = 100.0  # times as long as a queue remembers
WAIT = {"wait in queue": attrgetter("wait")}


def mm1k(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """One server; arrivals that find K in system are turned away."""
    arrivals, service, places = values["lambda"], values["mu"], values["K"]
    exact = queues.mm1k(arrivals=arrivals, service=service, places=places)
    figures = {"blocking": exact.blocking, "throughput": exact.throughput, "number in system": exact.number}
    note, share = "", exact.blocking
    if share < RAREST:
        share = min(arrivals / service, 1.0)  # then the number in system is the noisiest figure
        note = f"blocking, {figures.pop('blocking'):.2g}, is too rare to be simulated"
    measures = {name: attrgetter(name.partition(" ")[0]) for name in figures}
    forgets = 1.0 / (arrivals + service - 2.0 * math.sqrt(arrivals * service) * math.cos(math.pi / (places + 1)))
    run = LineRun(
        plant={"stations": {"server": _server(service, arrivals=arrivals, places=places - 1)}},
        horizon=horizon(spread=forgets / share, precision=precision, least=RUNS * (forgets + 1.0 / arrivals)),
        measures=measures,
    )
    targets = tuple(Target(name, reference) for name, reference in figures.items())
    return [Check("mm1k", values, "", targets, run, precision, note=note)]


def mmc(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """c servers at one queue without limit."""
    arrivals, service, servers = values["lambda"], values["mu"], values["c"]
    _stable("lambda", arrivals, servers * service, "c mu")
    stations = {
        f"s{i}": {"queue": "servers", "cycle": exponential(service)}
        | ({"arrivals": exponential(arrivals), "buffer": NO_LIMIT} if i == 1 else {})
        for i in range(1, servers + 1)
    }
    reference = queues.mmc_wait(arrivals=arrivals, service=service, servers=servers)
    waits = reference * (servers * service - arrivals)
    return [
        _waiting(
            "mmc",
            values,
            precision,
            stations,
            reference,
            busy=arrivals / servers / service,
            pace=servers * service,
            share=waits,
        )
    ]


def mg1(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """One server, gamma times of service."""
    arrivals, mean, cv2 = values["lambda"], values["mean"], values["cv2"]
    _stable("lambda", arrivals, 1.0 / mean, "1/mean")
    service = {"law": "gamma", "mean": mean, "cv": math.sqrt(cv2)}
    stations = {"s1": {"cycle": service, "arrivals": exponential(arrivals), "buffer": NO_LIMIT}}
    reference = queues.mg1_wait(arrivals=arrivals, mean=mean, cv2=cv2)
    return [
        _waiting(
            "mg1",
            values,
            precision,
            stations,
            reference,
            busy=arrivals * mean,
            pace=2.0 / mean / (1.0 + cv2),
            share=arrivals * mean,
        )
    ]


def _waiting(
    case: str,
    values: Mapping[str, Any],
    precision: float,
    stations: Mapping[str, Any],
    reference: float,
    *,
    busy: float,
    pace: float,
    share: float,
) -> Check:
    """The wait of a queue that is `busy` so much, as of M/M/1 at `pace` with `share` of the arrivals waiting."""
    forgets = 1.0 / (pace * (1.0 - math.sqrt(busy)) ** 2)
    run = LineRun(
        plant={"stations": stations},
        horizon=horizon(
            spread=2.0 * (1.0 + busy) / (pace * share * (1.0 - busy) ** 2),
            precision=precision,
            least=RUNS * (forgets + 1.0 / values["lambda"]),
        ),
        measures=WAIT,
    )
    return Check(case, values, "", (Target("wait in queue", reference),), run, precision)


def _server(service: float, *, arrivals: float, places: int) -> dict[str, Any]:
    return {"cycle": exponential(service), "arrivals": exponential(arrivals), "buffer": places}


def _stable(name: str, value: float, limit: float, what: str) -> None:
    if value >= limit:
        raise ValueError(f"{name} = {value:g}: must be < {what} = {limit:g}, or the queue grows without end")


CASES = (
    Case(
        "mm1k",
        "one exponential server, K in system at most",
        (NumberParameter("lambda", above=0.0), NumberParameter("mu", above=0.0), WholeParameter("K", 1, 10_000)),
        ({"lambda": 0.8, "mu": 1.0, "K": 5}, {"lambda": 1.0, "mu": 1.0, "K": 10}),
        mm1k,
    ),
    Case(
        "mmc",
        "c exponential servers at one queue (Erlang)",
        (NumberParameter("lambda", above=0.0), NumberParameter("mu", above=0.0), WholeParameter("c", 1, 1_000)),
        ({"lambda": 4.0, "mu": 1.0, "c": 5}, {"lambda": 1.8, "mu": 1.0, "c": 2}),
        mmc,
    ),
    Case(
        "mg1",
        "one server with gamma times (Pollaczek and Khinchine)",
        (
            NumberParameter("lambda", above=0.0),
            NumberParameter("mean", above=0.0),
            NumberParameter("cv2", low=0.0, high=100.0),
        ),
        tuple({"lambda": 0.8, "mean": 1.0, "cv2": cv2} for cv2 in (0.0, 0.5, 1.0)),
        mg1,
    ),
)
