"""What the directory of a requested run holds: nothing, the run itself, the remains of one, or something else."""

from __future__ import annotations

from enum import Enum
from typing import Any

from twin.lab.errors import UserError
from twin.lab.record.identity import ASIDE, fingerprint, identity
from twin.lab.record.run_directory import busy, foreign, refuse_links
from twin.lab.record.saved_run import SavedRun, flat
from twin.lab.sweep.run_request import RunRequest


class DirectoryState(Enum):
    """What a directory holds for a request."""

    NOTHING = "nothing"
    FINISHED = "the run, finished under this code"
    STALE = "the run, finished under another code"
    CUT = "the run, cut short or failed"
    REST = "what is left of a run of another configuration that did not finish"
    BUSY = "a run that another process is at work on"


def directory_state(request: RunRequest) -> DirectoryState:
    """What the directory of a request holds.

    Raises UserError where it is not a run's, or where it holds a finished run of another configuration.
    """
    path = request.place
    if path.exists() or path.is_symlink():
        _refuse_links(request)
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return DirectoryState.NOTHING
    strange = foreign(path)
    if strange:
        raise UserError(f"{request.path}: holds {strange}, which no run has left there; give another directory")
    if busy(path):
        return DirectoryState.BUSY
    run = SavedRun(path)
    facts, config = run.facts_if_readable, _config(run)
    same = config is not None and identity(config) == request.hash
    if facts.get("status") != "finished":
        return DirectoryState.CUT if same else DirectoryState.REST
    if not same:
        change = _change(request, config or {})
        raise UserError(
            f"{request.path}: holds a finished run of another configuration{change}; give another directory"
        )
    return DirectoryState.FINISHED if facts.get("code") == fingerprint() else DirectoryState.STALE


def _refuse_links(request: RunRequest) -> None:
    try:
        refuse_links(request.place)
    except ValueError as error:
        raise UserError(f"{error}; give another directory") from None


def _config(run: SavedRun) -> dict[str, Any] | None:
    try:
        return run.config
    except ValueError:
        return None


def _change(request: RunRequest, config: dict[str, Any]) -> str:
    """The first setting that differs, in words."""
    then, now = flat(config), flat(request.config)
    for key in [*now, *then]:
        if key.split(".")[0] not in ASIDE and then.get(key) != now.get(key):
            return f" ({key} = {then.get(key)}, now {now.get(key)})"
    return ""
