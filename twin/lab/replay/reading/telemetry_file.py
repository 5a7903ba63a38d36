"""Any table of telemetry as a recording: a time column, signal columns, optionally an asset and a failure column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import contract
from sim.contract import Asset, Event, Objective, PlantSpec, Signal
from twin.lab.replay.csv_table import numbers, numeric_columns, read_csv, require_columns
from twin.lab.replay.fleet import AFTER, MODE
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.telemetry import Telemetry
from twin.lab.replay.timestamps import seconds, stamp_column

Floats = NDArray[np.float64]
MISSING = ("refuse", "allow")
# A recording with many more empty ticks than rows has a tick that does not fit it.
MOST_TICKS_PER_ROW = 50


def read_telemetry(
    path: str | Path,
    *,
    time: str | None = None,
    signals: Sequence[str] | None = None,
    asset: str | None = None,
    failure: str | None = None,
    tick: float | None = None,
    missing: str = "refuse",
    type: str = "asset",
) -> Telemetry:
    """Read a delimited text file with a header.

    time: its column; by default the first that holds times. Dates may be ISO or day-first; plain numbers are seconds.
    signals: the columns to take; by default all numeric ones. asset: names the asset of a row. failure: not 0 from the
    reading at which the asset failed until it works again. tick: s, by default the median step between readings.
    missing: `refuse` an empty signal cell, or `allow` it. type: of all assets.
    Raises DataError naming the file, the row (line of the file) and the column.
    """
    path = Path(path)
    if missing not in MISSING:
        raise DataError(f"missing = {missing!r}: must be one of {', '.join(MISSING)}")
    if tick is not None and not tick > 0:
        raise DataError(f"tick = {tick}: must be > 0 s")
    table, notes = read_csv(path), list[str]()
    time = time or stamp_column(table, path.name)
    require_columns(table, path.name, [c for c in (time, asset, failure, *(signals or ())) if c is not None])
    special = [c for c in (time, asset, failure) if c is not None]
    chosen = list(signals) if signals else numeric_columns(table, special, notes)
    if not chosen:
        raise DataError(f"{path.name}: has no numeric column beside {', '.join(special)}")
    stamps = seconds(table[time], path.name)
    values = numbers(table[chosen], path.name, missing)
    names = table[asset].str.strip() if asset else pd.Series(type, index=table.index)
    failed = numbers(table[[failure]], path.name, "refuse")[failure] != 0 if failure else None
    return _build(path.name, stamps, values, names, failed, type, tick, notes)


def _build(
    name: str,
    stamps: Floats,
    values: pd.DataFrame,
    names: pd.Series,
    failed: pd.Series | None,
    type_: str,
    tick: float | None,
    notes: list[str],
) -> Telemetry:
    """Sort, find the tick, and lay the rows out as readings of signals."""
    order = np.argsort(stamps, kind="stable")
    if (order != np.arange(len(order))).any():
        notes.append("rows put in order of time")
    codes, assets = pd.factorize(names.to_numpy(), sort=True)
    stamps, codes = stamps[order], codes[order]
    twice = int(pd.DataFrame({"asset": codes, "time": stamps}).duplicated().sum())
    if twice:
        notes.append(f"{twice} rows repeat a time: readings of the same tick are averaged")
    step = tick or _median_step(stamps, codes, name)
    time = stamps - stamps[0] + step
    if time[-1] / step > MOST_TICKS_PER_ROW * len(time):
        raise DataError(
            f"{name}: {time[-1] / step:,.0f} ticks of {step:g} s for {len(time):,} rows: give a longer tick"
        )
    if missing_cells := int(values.isna().to_numpy().sum()):
        notes.append(f"{missing_cells} empty cells taken as not measured")
    count = values.shape[1]
    spec = PlantSpec(
        assets=tuple(Asset(str(a), type_) for a in assets),
        links=(),
        signals=tuple(
            Signal(str(a), str(column), str(column), "", step, forecast=True)
            for a in assets
            for column in values.columns
        ),
        actuators=(),
        objective=Objective("", ""),
        tick=step,
        modes=() if failed is None else (MODE,),
    )
    flat = values.to_numpy()[order].ravel()
    read = np.isfinite(flat)
    return Telemetry(
        spec=spec,
        time=np.repeat(time, count)[read],
        signal=(codes[:, None] * count + np.arange(count)).ravel().astype(np.int32)[read],
        value=flat[read],
        events=() if failed is None else _events(time, codes, failed.to_numpy()[order], [str(a) for a in assets], step),
        notes=tuple(notes),
        understood=(
            ("assets", str(len(assets))),
            ("signals", ", ".join(map(str, values.columns))),
            ("ticks", f"{int(np.ceil(time[-1] / step - 1e-9)):,} of {step:g} s"),
            *(("note", note) for note in notes),
        ),
    )


def _median_step(stamps: Floats, codes: NDArray[np.intp], name: str) -> float:
    """Median step between readings of the same asset, s."""
    steps = np.concatenate([np.diff(stamps[codes == code]) for code in np.unique(codes)])
    steps = steps[steps > 0]
    if not len(steps):
        raise DataError(f"{name}: needs at least two different times")
    return float(np.median(steps))


def _events(
    time: Floats, codes: NDArray[np.intp], failed: NDArray[np.bool_], assets: Sequence[str], tick: float
) -> list[Event]:
    """`failed` just after the first row of a spell, `repaired` just before the first row after it."""
    events: list[Event] = []
    for code, name in enumerate(assets):
        rows = np.flatnonzero(codes == code)
        was = np.r_[False, failed[rows][:-1]]
        for row in rows[failed[rows] & ~was]:
            events.append(Event(float(time[row]), name, contract.FAILED, MODE))
        for row in rows[~failed[rows] & was]:
            events.append(Event(float(time[row]) - tick * (1 - AFTER), name, contract.REPAIRED))
    return sorted(events, key=lambda event: event.time)
