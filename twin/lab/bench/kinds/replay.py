"""tandem bench replay [share=1] [files=DIR] [surrogate=mlp] [json=FILE]

CPU seconds of a replay of two made-up tables, from reading the file to the report: a pump for two years by the hour,
60 sensors for a week by the minute; milliseconds per tick; and the CRPS over that of persistence. share= takes the
first part of each table; files= keeps the tables, to replay them under another version.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from twin.lab.bench.options import show
from twin.lab.bench.recorded_tables import write_tables
from twin.lab.errors import UserError

OPTIONS = ("share", "files", "surrogate", "json")


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each table."""
    share = _share(options.get("share", "1"))
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(options.get("files", spare))
        folder.mkdir(parents=True, exist_ok=True)
        surrogate = options.get("surrogate", "mlp")
        rows = [
            _measured(name, path, Path(spare) / name, surrogate) for name, path in write_tables(folder, share).items()
        ]
    table = Table("recording", "ticks", "CPU s", "ms per tick", "CRPS / persistence", box=None)
    for row in rows:
        each = 1000 * row["value"] / row["ticks"]
        table.add_row(
            row["name"], f"{row['ticks']:,.0f}", f"{row['value']:.1f}", f"{each:.2f}", f"{row['crps_ratio']:.3f}"
        )
    show(table)
    return rows


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0.01 <= share <= 1:
        raise UserError(f"share = {text}: must be a number from 0.01 to 1")
    return share


def _measured(name: str, path: Path, out: Path, surrogate: str) -> dict[str, Any]:
    from omegaconf import OmegaConf

    from twin.lab.configure.compose import compose
    from twin.lab.replay.over_seeds import replayed_table

    failure = ["table.failure=failure"] if name.startswith("pump") else []
    typed = ["dataset=csv", f"data='{path}'", f"out='{out}'", f"surrogate={surrogate}", "processes=1", *failure]
    config: Any = OmegaConf.to_container(compose("replay", typed), resolve=True)
    start = time.process_time()
    (figures,), _ = replayed_table(config)
    spent = time.process_time() - start
    return {"name": name, "value": spent, "ticks": figures["ticks"], "crps_ratio": figures["crps_ratio"]}
