"""Columns that say how good the readings beside them are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twin.lab.replay.reading.cell_table import CellTable
from twin.lab.replay.reading.number_columns import Mask
from twin.lab.replay.reading.words import EMPTY, QUALITIES, SURE_QUALITIES, plain

ENDS = ("_quality", ".quality", "_qc", "_quality_code", ".q", "_opcquality", "_qualitycode")
GOOD_CODES = ("192", "128")  # OPC DA; PROFIBUS PA
WORDS = frozenset(
    word.strip()
    for word in """good|bad|uncertain|good_data|good (192)|bad_stale|stale|ok|raw|valid|invalid|false|true|questionable|
    substituted|annotated|bad_not_connected|not connected|suspect|estimated|measured|error_nodata|comm fail|no data
    """.split("|")  # noqa: SIM905 - words of several parts
)
BAD_WORDS = ("bad", "invalid", "stale", "error", "comm", "not connected", "no data")


def quality_columns(table: CellTable) -> dict[int, int | None]:
    """Number of each column of qualities: number of the column it speaks of, None for the whole row."""
    by_name = {plain(name): number for number, name in enumerate(table.names)}
    found: dict[int, int | None] = {}
    for name, number in by_name.items():
        ending = next((end for end in ENDS if name.endswith(end) and name != end), None)
        if ending is not None and name.removesuffix(ending) in by_name:
            found[number] = by_name[name.removesuffix(ending)]
        elif name in SURE_QUALITIES or (name in QUALITIES and _fits(table.column(number))):
            found[number] = None
    return found


def _fits(column: pd.Series) -> bool:
    """Whether the cells are qualities and no measured state."""
    seen = set(column.unique()) - EMPTY
    return bool(seen & set(GOOD_CODES)) or all(cell.casefold() in WORDS for cell in seen)


def bad_readings(column: pd.Series) -> Mask:
    """[rows] whether a quality says that the reading is bad: a word, or the two highest bits of a code of OPC
    or PA are 0.

    Other codes have no meaning that all share: they say nothing.
    """
    small = column.str.casefold()
    bad = small.str.startswith(BAD_WORDS).to_numpy(bool)
    codes = pd.to_numeric(column, errors="coerce").to_numpy(float)
    if column.isin(GOOD_CODES).mean() > 0.5:
        whole = np.nan_to_num(codes, nan=192).astype(np.int64)
        bad = bad | ((whole & 0xC0) == 0) | (whole > 255)
    return bad
