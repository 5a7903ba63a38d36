"""verdict.json of a run: its objective beside that of the standard practice, in figures and in words."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from twin.lab.record.run_directory import VERDICT, read_json

# Without the run's name, so that a run that is repeated elsewhere leaves the same bytes.
COMMAND = "tandem compare from=. seeds=30"
NUMBERS = ("twin", "practice", "difference", "half_width", "total", "reference", "ideal", "share")


def read_verdict(path: Path) -> dict[str, Any] | None:
    """The verdict of the run in a directory, None where it has none; its command names the directory.

    Raises ValueError in one line where the file is damaged.
    """
    if not (path / VERDICT).is_file():
        return None
    verdict = read_json(path / VERDICT)
    return verdict | {"command": COMMAND.replace("from=.", f"from={shlex.quote(str(path))}")}


def verdict_figures(verdict: dict[str, Any] | None) -> dict[str, float]:
    """The numbers of a verdict by name, as json= writes them: verdict.twin, verdict.practice ..."""
    if verdict is None:
        return {}
    plain = {name: verdict.get(name) for name in NUMBERS}
    values = {name: value["value"] if isinstance(value, dict) else value for name, value in plain.items()}
    return {f"verdict.{name}": value for name, value in values.items() if value is not None}
