"""Recorded telemetry as a plant that can only be watched: a spec, and messages tick by tick."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import contract
from sim.contract import Asset, Event, Message, Objective, PlantSpec, Signal

Floats = NDArray[np.float64]
MODE = "failure"
# A failure is noted just after the last reading, the renewal just after the failure, both before the next tick.
AFTER = 1e-3


class DataError(ValueError):
    """A file that cannot be used; the message names the file and, where it can, the row and the column."""


@dataclass(frozen=True)
class Unit:
    """One life: values [ticks, signals] from its first reading on; failed: whether it ends in a failure."""

    name: str
    values: Floats
    failed: bool


@dataclass
class Fleet:
    """Lives played one after the other on each of `slots` assets, several assets at once.

    signals: names of the value columns. A slot rests for a tick after a life, then takes the next unit, renewed; a
    slot for which none is left stays down. channel: of the messages. now: ticks that have passed before.
    """

    signals: Sequence[str]
    units: Sequence[Unit]
    slots: int
    type: str = "unit"
    targets: Sequence[str] = ()
    channel: str = "telemetry"
    now: int = 0
    finished: list[tuple[int, Unit]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.slots < 1:
            raise ValueError(f"Fleet: slots = {self.slots}: must be >= 1")
        self.slots = min(self.slots, len(self.units))
        names = [f"{self.type}_{i + 1}" for i in range(self.slots)]
        wanted = set(self.targets or self.signals)
        self.spec = PlantSpec(
            assets=tuple(Asset(name, self.type) for name in names),
            links=(),
            signals=tuple(Signal(a, s, s, "", 1.0, forecast=s in wanted) for a in names for s in self.signals),
            actuators=(),
            objective=Objective("", ""),
            tick=1.0,
            modes=(MODE,),
        )

    def play(self) -> Iterator[list[Message]]:
        """Messages of each tick; after a tick, `finished` lists (slot, unit) of those whose last reading it held.

        The last message holds no readings: it tells how the last lives ended.
        """
        waiting, running, number = deque(self.units), dict[int, tuple[Unit, int]](), 0
        news: list[Event] = []
        while waiting or running or news:
            resting = {slot for slot, _ in self.finished}
            for slot in range(self.slots):
                if slot not in running and slot not in resting and waiting:
                    running[slot] = (waiting.popleft(), 0)
                    news += self._renew(slot)
            self.now += 1
            self.finished = [(slot, unit) for slot, (unit, at) in running.items() if at + 1 == len(unit.values)]
            yield [self._message(number, running, tuple(news))]
            running = {slot: (unit, at + 1) for slot, (unit, at) in running.items() if at + 1 < len(unit.values)}
            news = [event for slot, unit in self.finished for event in self._end(slot, unit)]
            number += 1

    def _message(self, number: int, running: Mapping[int, tuple[Unit, int]], news: tuple[Event, ...]) -> Message:
        """All readings of a tick."""
        count, time = len(self.signals), float(self.now)
        values = [unit.values[at] for unit, at in running.values()]
        signals = [np.arange(slot * count, (slot + 1) * count, dtype=np.int32) for slot in running]
        flat = np.concatenate(values) if values else np.zeros(0)
        index = np.concatenate(signals) if signals else np.zeros(0, np.int32)
        return Message(self.channel, number, time - 1.0, time, index, np.full(len(flat), time), flat, news)

    def _renew(self, slot: int) -> list[Event]:
        """A plant that starts has new assets; later ones are renewed."""
        return [Event(self.now + 2 * AFTER, self.spec.assets[slot].name, contract.REPAIRED)] if self.now else []

    def _end(self, slot: int, unit: Unit) -> list[Event]:
        name, time = self.spec.assets[slot].name, float(self.now)
        kind = contract.FAILED if unit.failed else contract.MAINTENANCE_STARTED
        return [Event(time + AFTER, name, kind, MODE if unit.failed else "")]


@dataclass(frozen=True)
class Cmapss:
    """FD001: training units run to failure, test units cut short, the true remaining life of each test unit [units]."""

    signals: tuple[str, ...]
    train: tuple[Unit, ...]
    test: tuple[Unit, ...]
    truth: Floats


def read_cmapss(folder: str | Path) -> Cmapss:
    """PM_train.csv, PM_test.csv, PM_truth.csv, or NASA's own train_FD001.txt and so on (Saxena et al. 2008).

    Signals that never vary in training are left out. Raises DataError naming file, row and column.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"data = {folder}: there is no such folder")
    columns = ["id", "cycle", *(f"setting{i}" for i in (1, 2, 3)), *(f"s{i}" for i in range(1, 22))]
    train = _read_units(_choose(folder, "PM_train.csv", "train_FD001.txt"), columns)
    test = _read_units(_choose(folder, "PM_test.csv", "test_FD001.txt"), columns)
    truth = read_table(_choose(folder, "PM_truth.csv", "RUL_FD001.txt"), ["RUL"])["RUL"].to_numpy(dtype=float)
    if len(truth) != test["id"].nunique():
        raise DataError(f"{folder}: {len(truth)} true lives for {test['id'].nunique()} test units")
    varying = tuple(
        c for c in columns[5:] if train[c].std() > 1e-6 * max(abs(train[c].mean()), 1e-9) and train[c].nunique() > 2
    )
    return Cmapss(varying, _units(train, varying, failed=True), _units(test, varying, failed=False), truth)


def _choose(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"data = {folder}: holds neither {' nor '.join(names)}")


def _read_units(path: Path, columns: list[str]) -> pd.DataFrame:
    table = read_table(path, columns)
    gaps = table.groupby("id")["cycle"].diff().fillna(1.0) != 1.0
    if gaps.any():
        row = int(np.flatnonzero(gaps.to_numpy())[0])
        raise DataError(f"{path.name}, row {row + 2}, column cycle: cycles of a unit must follow one another")
    return table


def _units(table: pd.DataFrame, signals: Sequence[str], *, failed: bool) -> tuple[Unit, ...]:
    return tuple(
        Unit(str(name), rows[list(signals)].to_numpy(dtype=float), failed)
        for name, rows in table.groupby("id", sort=True)
    )


def read_table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Numeric columns of a csv with a header, or of a text file separated by blanks without one.

    Raises DataError for a missing column and, with the row's line number, for a cell that is not a number.
    """
    try:
        if path.suffix == ".txt":
            table = pd.read_csv(path, sep=r"\s+", header=None, names=list(columns), dtype=str)
        else:
            table = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    missing = [c for c in columns if c not in table.columns]
    if missing:
        raise DataError(f"{path.name}: has no column {missing[0]!r}; it has {', '.join(map(str, table.columns[:8]))}")
    return numeric(table[list(columns)], path.name, missing="refuse")


def numeric(table: pd.DataFrame, name: str, missing: str) -> pd.DataFrame:
    """All columns as floats. Raises DataError naming row (line of the file) and column of the first bad cell."""
    result: pd.DataFrame = table.apply(pd.to_numeric, errors="coerce")
    bad = result.isna() if missing == "refuse" else result.isna() & table.notna()
    if bad.to_numpy().any():
        row, column = np.argwhere(bad.to_numpy())[0]
        cell = str(table.iat[row, column])
        what = "is empty" if cell in ("nan", "<NA>", "None") else f"holds {cell!r}, which is not a number"
        raise DataError(f"{name}, row {row + 2}, column {table.columns[column]}: {what}")
    numbers: pd.DataFrame = result.astype(float)
    return numbers
