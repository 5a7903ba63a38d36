"""The order in which the combinations of a sweep were typed. A comparison takes the first of them for its baseline."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from twin.lab.record.run_directory import dump, read_json, write_atomically

ORDER = "combinations.json"


def note_order(base: Path, paths: Sequence[Path]) -> None:
    """Leave in `base` the names of the runs of a sweep, as typed, after those of sweeps that were made there before."""
    names = [path.name for path in paths]
    base.mkdir(parents=True, exist_ok=True)
    write_atomically(base / ORDER, dump({"runs": list(dict.fromkeys([*_noted(base), *names]))}))


def as_typed(paths: Sequence[Path]) -> list[Path]:
    """Runs of one directory in the order in which its sweeps were typed, those of no sweep after them as they are.

    Runs of several directories, or that stand in another order than that of their names (so that somebody chose it),
    stay as they are: a shell hands a pattern on in the order of names.
    """
    folders = {path.parent for path in paths}
    if len(folders) != 1 or list(paths) != sorted(paths):
        return list(paths)
    place = {name: number for number, name in enumerate(_noted(folders.pop()))}
    return sorted(paths, key=lambda path: place.get(path.name, len(place)))


def _noted(base: Path) -> list[str]:
    """Names of runs, none where the file is missing or damaged: their order is a convenience."""
    with suppress(ValueError):
        runs = read_json(base / ORDER).get("runs")
        return [str(name) for name in runs] if isinstance(runs, list) else []
    return []
