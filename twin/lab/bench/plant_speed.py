"""How fast the plant is: lines of several lengths with more and more of a plant's features, beside plain SimPy."""

from __future__ import annotations

import gc
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.contract import Event, Message
from sim.plants.production_line import ProductionLine
from twin.lab.record.recorder import Recorder, Words

TICK = 600.0
CYCLE, SPREAD, PLACES = 6.0, 0.2, 3  # s, share, parts
MTTF, MTTR = 500.0, 50.0  # s
SHORTEST, LONGEST = 4.8, 7.2  # s, of a cycle
FEATURES = ("off", "failures", "everything")
TARGETS = {"off": 3.0, "failures": 2.5, "everything": 1.5}


@dataclass(frozen=True, slots=True)
class Speed:
    """Station-cycles per CPU-second of one line, ours and plain SimPy's."""

    stations: int
    features: str
    ours: float
    plain: float

    @property
    def ratio(self) -> float:
        return self.ours / self.plain


def line(stations: int, features: str, seed: int = 1) -> ProductionLine:
    """A serial line: cycles uniform in 4.8 .. 7.2 s, buffers of 3.

    features: `off`; `failures` after 500 s of work on average, repairs of 50 s; `everything`: gamma wear with the same
    mean life, shocks, a crew that is shared, quality, energy at a tariff, sensors sampled every 60 s.
    """
    fields: dict[str, Any] = {"cycle": {"law": "uniform", "mean": CYCLE, "cv": SPREAD / 3**0.5}, "buffer": PLACES}
    if features != "off":
        fields["maintenance"] = {"preventive": MTTR, "corrective": {"law": "exponential", "mean": MTTR}}
    plant: dict[str, Any] = {"tick": 1e9, "sample": 1e9, "technicians": stations}
    if features == "failures":
        fields["failures"] = {"breakdown": {"time": {"law": "exponential", "mean": MTTF}}}
    if features == "everything":
        fields |= {
            "wear": {"life": MTTF, "rate_cv": 0.4, "shock_life": 20 * MTTF},
            "quality": {"base": 0.003, "wear_effect": 0.015},
            "power": {"idle": 2200.0, "busy": 9500.0, "blocked": 2600.0, "down": 300.0, "maintenance": 500.0},
            "vibration": {},
            "temperature": {},
        }
        tariff = {"times": [0.0, 21600.0], "values": [0.11, 0.19], "repeat": 86400.0}
        plant = {"tick": TICK, "sample": 60.0, "technicians": max(stations // 4, 1), "tariff": tariff}
    chain = {f"s{i}": {"to": f"s{i + 1}"} if i < stations - 1 else {} for i in range(stations)}
    return ProductionLine(seed=seed, stations=chain, common=fields, **plant)


def cycles(plant: ProductionLine) -> int:
    """Parts finished at all stations."""
    return sum(plant.cycles().values())


def simulate(plant: ProductionLine, horizon: float, directory: Path | None = None) -> float:
    """CPU-seconds to advance by ticks to `horizon` (s); with a directory, messages are recorded to Parquet there."""
    start = time.process_time()
    recorder = Recorder(directory=directory) if directory is not None else None
    keys = np.array([signal.key for signal in plant.spec.signals], dtype=object)
    for number in range(round(plant.now / TICK) + 1, round(horizon / TICK) + 1):
        messages = plant.advance(number * TICK)
        plant.journal()
        if recorder is not None:
            _record(recorder, keys, messages)
            recorder.cut(plant.now)
    if recorder is not None:
        recorder.close()
    return time.process_time() - start


def _record(recorder: Recorder, keys: NDArray[np.object_], messages: list[Message]) -> None:
    """Readings and events, as a run records them. keys: of the signals."""
    full = [m for m in messages if len(m.values)]
    if full:
        sizes = [len(m.values) for m in full]
        recorder.append(
            "readings",
            {
                "time": np.concatenate([m.times for m in full]),
                "arrived": np.repeat([m.arrived for m in full], sizes),
                "signal": Words(np.concatenate([m.signals for m in full]), keys),
                "value": np.concatenate([m.values for m in full]),
            },
        )
    events = [(event, m.arrived) for m in messages for event in m.events]
    if events:
        told, arrived = zip(*events, strict=True)
        columns: dict[str, Any] = dict(zip(Event._fields, zip(*told, strict=True), strict=True))
        recorder.append("events", columns | {"arrived": arrived, "source": ("plant",) * len(events)})


def plain_line(stations: int, horizon: float, *, fail: bool) -> float:
    """Station-cycles per CPU-second of the same line in plain SimPy: a generator a station, a Store a buffer."""
    env, rng = simpy.Environment(), random.Random(1)
    buffers = [simpy.Store(env, PLACES) for _ in range(stations - 1)]
    done = [0] * stations

    def station(i: int) -> Any:
        upstream = buffers[i - 1] if i else None
        downstream = buffers[i] if i < stations - 1 else None
        lasts = rng.expovariate(1 / MTTF)
        while True:
            part = (yield upstream.get()) if upstream is not None else env.now
            work = rng.uniform(SHORTEST, LONGEST)
            if fail:
                while lasts < work:
                    yield env.timeout(lasts)
                    work -= lasts
                    yield env.timeout(rng.expovariate(1 / MTTR))
                    lasts = rng.expovariate(1 / MTTF)
                lasts -= work
            yield env.timeout(work)
            done[i] += 1
            if downstream is not None:
                yield downstream.put(part)

    for i in range(stations):
        env.process(station(i))
    start = time.process_time()
    env.run(until=horizon)
    return sum(done) / (time.process_time() - start)


def speed(stations: int, features: str, *, work: float, repeats: int) -> Speed:
    """Best of `repeats`, ours and plain alternately. work: station-seconds to simulate."""
    horizon = max(round(work / stations / TICK), 1) * TICK
    ours = plain = 0.0
    for _ in range(repeats):
        plain = max(plain, plain_line(stations, horizon, fail=features != "off"))
        ours = max(ours, _rate(stations, features, horizon))
    return Speed(stations, features, ours, plain)


def _rate(stations: int, features: str, horizon: float) -> float:
    plant = line(stations, features)
    gc.collect()
    with tempfile.TemporaryDirectory() as scratch:
        spent = simulate(plant, horizon, Path(scratch) if features == "everything" else None)
    return cycles(plant) / spent


def warm_up() -> None:
    """Load what is loaded once, so that no measurement pays for it."""
    with tempfile.TemporaryDirectory() as scratch:
        simulate(line(2, "everything"), 2 * TICK, Path(scratch))


def best_of(repeats: int, action: Callable[[], object]) -> float:
    """Least CPU-seconds of an action."""
    least = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        action()
        least = min(least, time.process_time() - start)
    return least


def copying(stations: int, features: str, *, repeats: int = 20) -> dict[str, float]:
    """CPU-seconds to fork, to fork reseeded, to save a snapshot, to restore it; and its bytes; after an hour."""
    plant = line(stations, features)
    simulate(plant, 3600.0)
    data = plant.snapshot()
    return {
        "fork": best_of(repeats, plant.fork),
        "fork, reseeded": best_of(repeats, lambda: plant.fork(reseed=7)),
        "snapshot": best_of(repeats, plant.snapshot),
        "restore": best_of(repeats, lambda: ProductionLine.restore(data)),
        "bytes": float(len(data)),
    }


def growth(stations: int, features: str, horizon: float) -> dict[str, float]:
    """Over ten times the horizon (s): cost of a cycle in its last tenth over that in its first, bytes that memory grew
    from three times the horizon to thirty times.

    Two lines that are the same, since watching memory is not free.
    """
    horizon = max(round(horizon / TICK), 1) * TICK
    early, late = (_cost(stations, features, *span) for span in ((horizon, 2 * horizon), (10 * horizon, 11 * horizon)))
    plant = line(stations, features)
    tracemalloc.start()
    simulate(plant, 3 * horizon)  # what fills up once (the cache of draws) has filled up
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    simulate(plant, 30 * horizon)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"cost": late / early, "memory": float(after - before)}


def _cost(stations: int, features: str, begin: float, end: float) -> float:
    """CPU-seconds per cycle between two times."""
    least = float("inf")
    for _ in range(3):
        plant = line(stations, features)
        simulate(plant, begin)
        done = cycles(plant)
        spent = simulate(plant, end)
        least = min(least, spent / (cycles(plant) - done))
    return least
