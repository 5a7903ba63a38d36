"""The C-MAPSS turbofan data set FD001, read from its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from twin.forecast import Floats
from twin.lab.replay.fleet import Unit
from twin.lab.replay.numeric_table import DataError, read_table


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
