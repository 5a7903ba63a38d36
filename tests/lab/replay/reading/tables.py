"""Small tables as files, and what was read from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twin.lab.replay.reading.telemetry_file import read_telemetry
from twin.lab.replay.telemetry import Telemetry


def read(folder: Path, text: str | bytes, **options: Any) -> Telemetry:
    """What is read from a file with this text."""
    path = folder / "table.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_telemetry(path, **options)


def rows(header: str, lines: Iterable[str]) -> str:
    """A table."""
    return "\n".join([header, *lines]) + "\n"


def values(recording: Telemetry) -> dict[str, list[float]]:
    """Values of each signal in order of time; the asset stands before the name where there are several."""
    signals, several = recording.spec.signals, len(recording.spec.assets) > 1
    return {
        (signal.key if several else signal.name): recording.value[recording.signal == number].tolist()
        for number, signal in enumerate(signals)
    }


def told(recording: Telemetry, what: str) -> str:
    """What is printed of one aspect, joined where it has several rows."""
    return "; ".join(how for kind, how in recording.understood if kind == what)
