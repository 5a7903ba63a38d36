"""Truths of what-ifs, stored in a folder under a hash of their inputs, so that none is computed twice."""

from __future__ import annotations

import hashlib
import io
import time
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Plant
from twin.lab.bench.fidelity.ranking import judged, outcome, silenced
from twin.lab.core.privileged.futures import reseeds
from twin.lab.record.durable import write_whole
from twin.lab.record.identity import ROOT

Floats = NDArray[np.float64]
REFERENCES = (1, 2, 4, 8)  # forks of the rows that say what so many are worth
CODE = (
    "sim/**/*.py",
    "twin/lab/bench/fidelity/ranking.py",
    "twin/lab/bench/fidelity/truths.py",
    "twin/lab/core/privileged/forks.py",
)


@dataclass(frozen=True)
class Point:
    """One moment's truth.

    values: [forks, plans] the objective's figure, the larger the better, NaN where no fork was needed. few: [forks,
    plans] of other forks. seconds: CPU time that `values` took, 0 where they were read from a folder.
    """

    values: Floats
    few: Floats
    seconds: float


@dataclass(frozen=True)
class ForkQuestion:
    """What a plant would come to under each of several plans.

    kind, snapshot: the plant. orders: each plan's actions. until: s. forks: of each plan, at most. seed, tick: of the
    forks' luck, which all plans share.
    """

    kind: type[Plant]
    snapshot: bytes
    orders: Sequence[Sequence[Action]]
    until: float
    forks: int
    seed: int
    tick: int

    def name(self) -> str:
        """Hash of every input of the answer, the code of plants included."""
        digest = hashlib.sha256(self.snapshot)
        digest.update(
            repr((self.kind.__module__, self.kind.__qualname__, self.until, self.forks, self.seed, self.tick)).encode()
        )
        digest.update(repr([[asdict(action) for action in plan] for plan in self.orders]).encode())
        for file in sorted(file for pattern in CODE for file in ROOT.glob(pattern)):
            digest.update(file.read_bytes())
        return digest.hexdigest()[:20]


def truth(question: ForkQuestion, folder: Path | None = None) -> Point:
    """Forks of the plant: as many as it takes, and a few others.

    folder: truths that it holds are read, others are written to it. Raises ValueError for a file in it that is no
    truth.
    """
    if folder is None:
        return _computed(question)
    file = folder / f"{question.name()}.npz"
    if file.exists():
        return _read(file)
    point = _computed(question)
    whole = io.BytesIO()
    np.savez_compressed(whole, values=point.values, few=point.few)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, whole.getvalue())
    return point


def _read(file: Path) -> Point:
    try:
        with np.load(io.BytesIO(file.read_bytes())) as held:
            return Point(held["values"], held["few"], 0.0)
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile, zlib.error) as error:
        raise ValueError(f"truths = {file.parent}: {file.name} is no truth of a what-if: {error}") from None


def _computed(question: ForkQuestion) -> Point:
    start = time.process_time()
    plant = silenced(question.kind.restore(question.snapshot))
    most, forks = max(REFERENCES), question.forks
    seeds = reseeds(question.seed, question.tick, forks + most)  # the few come last

    def run(fork: int, plan: int) -> float:
        return outcome(plant.fork(seeds[fork]), question.orders[plan], question.until)

    plans = len(question.orders)
    values = judged(run, plans=plans, forks=forks)
    seconds = time.process_time() - start
    few = np.array([[run(forks + fork, plan) for plan in range(plans)] for fork in range(most)])
    return Point(values, few, seconds)
