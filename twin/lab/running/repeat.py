"""`from=RUNDIR`: a finished run once more, and whether it came out the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.lab.errors import UserError
from twin.lab.record.identity import fingerprint
from twin.lab.record.run_directory import KPIS, SCORES, VERDICT, versions
from twin.lab.record.saved_run import SavedRun

FIGURES = (KPIS, SCORES, VERDICT)


def finished(path: Path) -> SavedRun:
    """The finished run in a directory, its configuration read. Raises UserError where there is none."""
    try:
        run = SavedRun.read(path)
        if run.status != "finished":
            raise ValueError(f"this run is {run.status}; only a finished one can be repeated (resume= goes on)")
        run.run_config  # noqa: B018 (raises where it is damaged)
    except FileNotFoundError:
        raise UserError(f"from = {path}: is not a run directory (it has no run.json)") from None
    except ValueError as error:
        raise UserError(f"from = {path}: {error}") from None
    return run


def differences(facts: Mapping[str, Any], *, device: str, threads: int) -> list[str]:
    """A line for each of code, device, threads and versions that has changed since a run. facts: its run.json."""
    then = {**{name: facts.get(name) for name in ("code", "device", "threads")}, **(facts.get("versions") or {})}
    now = {"code": fingerprint(), "device": device, "threads": threads, **versions()}
    return [f"{name}: {then.get(name)} then, {now[name]} now" for name in now if then.get(name) != now[name]]


def compared(before: Path, after: Path) -> tuple[list[str], list[str]]:
    """(equal files, different files): figures and parts of tables of two runs, compared byte by byte.

    A file that one of the runs lacks is different.
    """
    names = {name: None for path in (before, after) for name in FIGURES if (path / name).is_file()}
    for path in (before, after):
        names |= {part.relative_to(path).as_posix(): None for part in sorted(path.glob("tables/*/*.parquet"))}
    same: list[str] = []
    other: list[str] = []
    for name in names:
        one, two = before / name, after / name
        alike = one.is_file() and two.is_file() and one.read_bytes() == two.read_bytes()
        (same if alike else other).append(name)
    return same, other


def sameness(before: Path, after: Path) -> str:
    """A sentence that says whether a repeated run left the same bytes as the run before."""
    same, other = compared(before, after)
    if not other:
        tables = sum(name.startswith("tables/") for name in same)
        figures = ", ".join(name for name in same if name in FIGURES)
        return f"the same bytes as {before}: {figures}, {tables} parts of tables"
    shown = ", ".join(other[:4]) + (" …" if len(other) > 4 else "")
    return f"not the same bytes as {before}: {len(other)} of {len(same) + len(other)} files differ: {shown}"
