"""outlook.json of a run: what limits its plant, what relieving it is worth, what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twin.lab.record.run_directory import OUTLOOK, read_json


def read_outlook(path: Path) -> dict[str, Any]:
    """The outlook of the run in a directory, empty where it has none or it is damaged."""
    try:
        return read_json(path / OUTLOOK)
    except (OSError, ValueError):
        return {}
