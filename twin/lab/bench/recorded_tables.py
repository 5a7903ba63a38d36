"""Two tables as historians export them, made up: a pump for two years by the hour, 60 sensors for a week by the minute.

The same bytes every time. They show what a replay of a long and of a wide recording costs.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOURS, MINUTES, SENSORS = 17_520, 10_080, 60
REPAIR = 6  # rows
LIFE = 800.0  # hours, about


def pump(rows: int = HOURS) -> pd.DataFrame:
    """Five signals and a failure column; a gamma process of wear, of which vibration and temperature tell."""
    random, hour = np.random.default_rng(1), np.arange(rows)
    wear, failed = _lives(random, rows)
    day, year = np.sin(2 * np.pi * hour / 24), np.sin(2 * np.pi * hour / 8760)
    week = 8 * np.where((hour // 24) % 7 < 5, 1, -1)
    load = np.clip(60 + 25 * day + week + random.normal(0, 4, rows), 5, None) * ~failed
    drift = _memory(random.normal(0, 0.4, (rows, 1)), 0.9)[:, 0]
    signals = {
        "vibration": 1.2 + 0.8 * wear**2 + 0.004 * load + random.normal(0, 0.08, rows),
        "temperature": 35 + 10 * year + 0.2 * load + 6 * wear + drift + random.normal(0, 0.3, rows),
        "power": 3 + 0.11 * load + random.normal(0, 0.3, rows),
        "pressure": 4.2 + 0.3 * day + 0.05 * drift + random.normal(0, 0.03, rows),
        "load": load,
    }
    times = pd.date_range("2022-01-01", periods=rows, freq="h")
    rounded = {name: values.round(3) for name, values in signals.items()}
    return pd.DataFrame({"time": times, **rounded, "failure": failed.astype(int)})


def sensors(rows: int = MINUTES, count: int = SENSORS) -> pd.DataFrame:
    """`count` signals that follow six slow movements and the time of day, each in its own way."""
    random, minute = np.random.default_rng(2), np.arange(rows)
    movements = _memory(random.normal(0, 0.2, (rows, 6)), 0.98)
    day = np.sin(2 * np.pi * minute / 1440)
    common = movements @ random.normal(0, 1, (6, count))
    values = 50 + 5 * common + 3 * random.normal(0, 1, count) * day[:, None] + random.normal(0, 1, (rows, count))
    names = [f"s{number:02d}" for number in range(count)]
    times = pd.date_range("2024-03-04", periods=rows, freq="min")
    return pd.DataFrame(values.round(3), columns=names).assign(time=times)[["time", *names]]


def write_tables(folder: Path, share: float) -> dict[str, Path]:
    """Write both, of each the first `share` of its rows; returns their paths by name."""
    tables = {"pump_hourly": pump(round(share * HOURS)), "sensors_minute": sensors(round(share * MINUTES))}
    paths = {name: folder / f"{name}.csv" for name in tables}
    for name, table in tables.items():
        table.to_csv(paths[name], index=False)
    return paths


def _lives(random: np.random.Generator, rows: int) -> tuple[Floats, NDArray[np.bool_]]:
    """([rows] wear since the last repair, [rows] whether it stands failed)."""
    wear, failed, row = np.zeros(rows), np.zeros(rows, dtype=bool), 0
    while row < rows:
        pace, level = random.gamma(8, 1 / 8) / LIFE, random.normal(1, 0.08)
        path = np.cumsum(random.gamma(0.5, 2, rows - row) * pace)
        lasts = int(np.searchsorted(path, level))
        wear[row : row + lasts] = path[:lasts]
        wear[row + lasts : row + lasts + REPAIR] = level
        failed[row + lasts : row + lasts + REPAIR] = True
        row += lasts + REPAIR
    return wear, failed


def _memory(shocks: Floats, share: float) -> Floats:
    """Autoregression of order one, [rows, columns]."""
    result = np.zeros_like(shocks)
    for row in range(1, len(shocks)):
        result[row] = share * result[row - 1] + shocks[row]
    return result
