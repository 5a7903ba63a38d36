"""Recording: every table of a run is a directory of Parquet parts, cut at fixed simulated times."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Part = tuple[int, int]  # size in bytes and checksum (CRC-32) of a part's file

WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = {
    "readings": {"time": pa.float64(), "arrived": pa.float64(), "signal": WORDS, "value": pa.float64()},
    "events": {
        "time": pa.float64(),
        "asset": WORDS,
        "kind": WORDS,
        "detail": pa.string(),
        "value": pa.float64(),
        "arrived": pa.float64(),
        "source": WORDS,
    },
    "forecasts": {
        "issued": pa.float64(),
        "asset": WORDS,
        "target": WORDS,
        "horizon": pa.int32(),
        "q05": pa.float64(),
        "q25": pa.float64(),
        "q50": pa.float64(),
        "q75": pa.float64(),
        "q95": pa.float64(),
        "truth": pa.float64(),
        "persistence": pa.float64(),
        "ewma": pa.float64(),
    },
    "hazards": {
        "issued": pa.float64(),
        "asset": WORDS,
        "lead": pa.int32(),
        "probability": pa.float64(),
        "constant": pa.float64(),
        "outcome": pa.float64(),
        "remaining": pa.float64(),
        "time_to_event": pa.float64(),
        "exposure": pa.float64(),
    },
    "decisions": {
        "time": pa.float64(),
        "actuator": WORDS,
        "value": pa.float64(),
        "reason": pa.string(),
        "propensity": pa.float64(),
    },
    "kpis": {"time": pa.float64(), "asset": WORDS, "name": WORDS, "value": pa.float64()},
    "losses": {"time": pa.float64(), "name": WORDS, "value": pa.float64()},
}


class Recorder:
    """Collects columns and writes a part of every table whenever simulated time crosses a multiple of `part` (s).

    directory: the run's; parts go to its tables/TABLE/part-NUMBER.parquet. A part is written aside and renamed, so that
    it is whole or absent. The same rows give the same bytes. Raises ValueError for part <= 0.
    """

    def __init__(self, *, directory: Path, part: float = 86_400.0) -> None:
        if not part > 0:
            raise ValueError(f"part = {part}: must be > 0 s")
        self._directory, self._part = directory / "tables", part
        self._chunks: dict[str, list[dict[str, Any]]] = {table: [] for table in SCHEMA}
        self._number = 0
        self.parts: dict[str, Part] = {}  # written so far, by TABLE/part-NUMBER.parquet
        for table in SCHEMA:
            (self._directory / table).mkdir(parents=True, exist_ok=True)

    def append(self, table: str, columns: dict[str, Any]) -> None:
        """Rows of a table, as columns (arrays, lists or Words) of equal length; they must not change afterwards.

        Raises ValueError where the table is unknown, or its columns are not those of SCHEMA or of unequal length.
        """
        schema = SCHEMA.get(table)
        if schema is None:
            raise ValueError(f"table = {table}: must be one of {', '.join(SCHEMA)}")
        if columns.keys() != schema.keys():
            raise ValueError(f"table {table}: has columns {', '.join(columns)}; must have {', '.join(schema)}")
        if len({len(column) for column in columns.values()}) != 1:
            sizes = ", ".join(f"{name} {len(column)}" for name, column in columns.items())
            raise ValueError(f"table {table}: columns must be of one length; they hold {sizes} rows")
        self._chunks[table].append(columns)

    def cut(self, now: float) -> None:
        """Called at every tick, `now` in s: writes the rows of a part that is over."""
        number = self._due(now)
        if number > self._number:
            self._write(self._number)
            self._number = number

    def keeps(self, table: str) -> bool:
        """All tables."""
        return True

    def close(self) -> None:
        """Write the rows that wait."""
        self._write(self._number)

    def unwritten(self) -> dict[str, bytes]:
        """The rows that wait for their part to be over, as Parquet, by table."""
        waiting = {}
        for table, chunks in self._chunks.items():
            if chunks:
                waiting[table] = _parquet(table, chunks)
        return waiting

    def take_up(self, *, now: float, parts: Mapping[str, Part], unwritten: Mapping[str, bytes]) -> None:
        """Go on from a checkpoint at `now` (s) that listed `parts`; every other file of the tables is deleted.

        Raises ValueError for rows of an unknown table.
        """
        unknown = unwritten.keys() - SCHEMA.keys()
        if unknown:
            raise ValueError(f"table = {min(unknown)}: must be one of {', '.join(SCHEMA)}")
        for file in self._directory.glob("*/*"):
            if file.is_file() and file.relative_to(self._directory).as_posix() not in parts:
                file.unlink()
        self.parts, self._number = dict(parts), self._due(now)
        for table, data in unwritten.items():
            rows = pq.read_table(io.BytesIO(data), schema=pa.schema(SCHEMA[table]))
            self._chunks[table] = [{name: _values(rows[name].combine_chunks()) for name in SCHEMA[table]}]

    def _due(self, now: float) -> int:
        return int((now + 1e-6) // self._part)

    def _write(self, number: int) -> None:
        for table, chunks in self._chunks.items():
            if not chunks:
                continue
            path = self._directory / table / f"part-{number:05d}.parquet"
            data = _parquet(table, chunks)
            _write_aside(path, data)
            chunks.clear()
            self.parts[f"{table}/{path.name}"] = len(data), zlib.crc32(data)


def _parquet(table: str, chunks: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(_table(table, chunks), buffer, **_encoding(table))
    return buffer.getvalue()


def _write_aside(path: Path, data: bytes) -> None:
    """Write a part under another name, then rename it. Where that fails nothing of it stays on the disk."""
    aside = path.with_suffix(".tmp")
    try:
        aside.write_bytes(data)
        os.replace(aside, path)
    except OSError:
        aside.unlink(missing_ok=True)
        raise


def _encoding(table: str) -> dict[str, Any]:
    """Options of Parquet: words and times repeat and get a dictionary; for measured values trying one takes time."""
    repeated = [name for name, kind in SCHEMA[table].items() if kind == WORDS or name in ("time", "arrived", "issued")]
    return {"compression": "zstd", "use_dictionary": repeated, "write_statistics": False}


def _table(table: str, chunks: list[dict[str, Any]]) -> pa.Table:
    schema = SCHEMA[table]
    return pa.table({name: _column([chunk[name] for chunk in chunks], kind) for name, kind in schema.items()})


def _values(column: pa.Array) -> Any:
    """A column as `append` takes it."""
    return column.to_pylist() if column.type in (WORDS, pa.string()) else column.to_numpy()


def _column(chunks: list[Any], kind: pa.DataType) -> pa.Array:
    if kind == WORDS:
        return _words(chunks)
    if kind == pa.string():
        return pa.array([str(value) for chunk in chunks for value in chunk], pa.string())
    return pa.array(np.concatenate([np.asarray(chunk, dtype=kind.to_pandas_dtype()) for chunk in chunks]), kind)


class Words:
    """A column of many strings out of few.

    codes: [rows] positions in `names`. names: the strings; one array for all chunks of a table.
    """

    def __init__(self, codes: NDArray[np.int32], names: NDArray[np.object_]) -> None:
        self.codes, self.names = codes, names

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names[self.codes])


def _words(chunks: list[Any]) -> pa.Array:
    """A dictionary column whose codes are in the order of first appearance."""
    names = chunks[0].names if isinstance(chunks[0], Words) else None
    if names is not None and all(isinstance(chunk, Words) and chunk.names is names for chunk in chunks):
        codes = np.concatenate([chunk.codes for chunk in chunks])
        first = np.full(len(names), len(codes))
        np.minimum.at(first, codes, np.arange(len(codes)))
        used = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(codes))]
        rank = np.empty(len(names), dtype=np.int32)
        rank[used] = np.arange(len(used))
        return pa.DictionaryArray.from_arrays(pa.array(rank[codes]), pa.array(names[used], pa.string()))
    return pa.array([word for chunk in chunks for word in chunk], pa.string()).dictionary_encode()
