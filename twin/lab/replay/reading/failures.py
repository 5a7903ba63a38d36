"""Columns that say when an asset has failed, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import contract
from sim.contract import Event
from twin.lab.replay.fleet import AFTER, MODE
from twin.lab.replay.reading.cell_table import CellTable
from twin.lab.replay.reading.words import FAILURE, NO_FAILURE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FailureRows:
    """mode: [rows] number of the mode of failure, -1 while the asset works. modes: their names."""

    mode: Ints
    modes: tuple[str, ...]


def read_failures(table: CellTable, columns: Sequence[int]) -> FailureRows:
    """Blank, 0 and words such as `no` mean no failure; 1 and words such as `yes` mean one; other words are its mode.

    Of several columns each names a mode of its own, and the first that tells of a failure counts.
    """
    mode = pd.Series("", index=table.cells.index, dtype=object)
    for number in columns:
        cells = table.column(number)
        small = cells.str.casefold().str.replace(r"[\s_]+", "_", regex=True)
        value = pd.to_numeric(cells.str.replace(",", "."), errors="coerce")
        failed = ~(small.isin(NO_FAILURE) | (value == 0))
        plain_failure = small.isin(FAILURE) | value.notna()
        name = MODE if len(columns) == 1 else table.names[number]
        told = cells.astype(object).where(~plain_failure, name)
        mode = mode.where((mode != "") | ~failed, told)
    modes = sorted(set(mode.unique()) - {""})
    codes = {"": -1} | {name: i for i, name in enumerate(modes)}
    told_rows = int((mode != "").sum())
    table.understood.append(("failures", f"{told_rows} rows: {', '.join(modes) or 'none'}"))
    return FailureRows(mode.map(codes).to_numpy(np.int64), tuple(modes) or (MODE,))


def failure_events(time: Floats, codes: Ints, rows: FailureRows, assets: Sequence[str], tick: float) -> list[Event]:
    """`failed` just after the first row of a spell, `repaired` just before the first row after it. time: in order."""
    events: list[Event] = []
    for code, name in enumerate(assets):
        of_asset = np.flatnonzero(codes == code)
        mode = rows.mode[of_asset]
        was = np.r_[-1, mode[:-1]]
        for row in np.flatnonzero(mode != was):
            at = float(time[of_asset[row]])
            if was[row] >= 0:
                events.append(Event(at - tick * (1 - AFTER), name, contract.REPAIRED))
            if mode[row] >= 0:
                events.append(Event(at, name, contract.FAILED, rows.modes[mode[row]]))
    return sorted(events, key=lambda event: event.time)
