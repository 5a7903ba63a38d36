"""Carrying out a requested run on a worker: from its configuration to the finished directory."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from twin.lab.errors import StorageError, UserError
from twin.lab.record.run_directory import CONFIG, RunDirectory, clear
from twin.lab.record.saved_run import SavedRun
from twin.lab.sweep.directory_state import DirectoryState, directory_state
from twin.lab.sweep.run_request import RunRequest

if TYPE_CHECKING:
    from twin.lab.running.resume import CutShort
    from twin.lab.running.session import Session


def make(request: RunRequest) -> None:
    """Make a requested run, on a worker. An error goes to the run's run.json.

    A run that was cut short goes on from its checkpoint, if it can. Other remains of a run are replaced. Raises
    StorageError where not even run.json can be written.
    """
    os.chdir(request.folder)
    try:
        state = directory_state(request)
        if state in (DirectoryState.FINISHED, DirectoryState.BUSY):
            return
        session = _session(request, _to_resume(request, state))
    except Exception as error:
        note_failure(request, error if isinstance(error, UserError) else f"{type(error).__name__}: {error}")
        return
    try:
        session.carry_out()
    except StorageError:
        if SavedRun(request.place).facts_if_readable.get("status") != "failed":
            raise  # run.json could not be written either: the sweep has it from the launcher
    except Exception:
        return  # the session has noted it in run.json


def _session(request: RunRequest, resumed: CutShort | None) -> Session:
    """The requested run, new or resumed, ready to be carried out."""
    from twin.lab.running.building import built
    from twin.lab.running.session import Session

    config = resumed.config if resumed else request.config
    config |= {"report": request.config["report"], "out": str(request.place), "json": None}
    plant, twin, on = built(config, resumed)
    return Session(
        path=request.place,
        text=request.text,
        config=config,
        on=on,
        plant=plant,
        twin=twin,
        resumed=resumed,
        about=request.about,
        swept=True,
    )


def _to_resume(request: RunRequest, state: DirectoryState) -> CutShort | None:
    """The run to go on with; None where a new one begins, in a directory that is then empty."""
    from twin.lab.running.resume import cut_short

    if state is DirectoryState.CUT:
        with suppress(UserError):
            return cut_short(request.place, trust=request.trust)
    if state is not DirectoryState.NOTHING:
        clear(request.place)
    return None


def note_failure(request: RunRequest, error: object) -> None:
    """Write to run.json that a run failed, and why. A run that another process is at work on is left alone."""
    from twin.lab.running.facts import known

    before = SavedRun(request.place).facts_if_readable
    facts = {**before, **known(request.config, request.about)}
    anew = not (request.place / CONFIG).is_file()
    with suppress(OSError):
        run = RunDirectory(path=request.place, config=request.text, facts=facts, before=None if anew else before)
        run.close(status="failed", kpis=None, error=str(error))
        run.release()
