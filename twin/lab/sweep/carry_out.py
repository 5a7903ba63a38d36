"""Carrying out a run: from its configuration to what stands in its directory."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from twin.lab.errors import UserError
from twin.lab.record.run_directory import CONFIG, RunDirectory, clear
from twin.lab.record.saved_run import SavedRun
from twin.lab.sweep.directory_state import DirectoryState, directory_state
from twin.lab.sweep.run_request import RunRequest

if TYPE_CHECKING:
    from twin.lab.running.resume import CutShort


def make(order: RunRequest) -> None:
    """Carry out an order where it was given: on a worker. What goes wrong is told in the run's run.json.

    A run that was cut short goes on from its checkpoint, if it can; what else a run of ours has left is replaced.
    """
    from twin.lab.running.building import built
    from twin.lab.running.session import Session

    os.chdir(order.folder)
    try:
        kind = directory_state(order)
        if kind in (DirectoryState.FINISHED, DirectoryState.BUSY):
            return
        found = _remains(order, kind)
        config = (found.config if found else order.config) | {
            "report": order.config["report"], "out": str(order.place), "json": None,
        }  # fmt: skip
        plant, twin, on = built(config, found)
        session = Session(
            path=order.place, text=order.text, config=config, on=on, plant=plant, twin=twin, found=found,
            about=order.about, swept=True,
        )  # fmt: skip
    except Exception as error:
        note_failure(order, error if isinstance(error, UserError) else f"{type(error).__name__}: {error}")
        return
    with suppress(Exception):  # which the session has noted
        session.carry_out()


def _remains(order: RunRequest, kind: DirectoryState) -> CutShort | None:
    from twin.lab.running.resume import cut_short

    if kind is DirectoryState.CUT:
        with suppress(UserError):
            return cut_short(order.place)
    if kind is not DirectoryState.NOTHING:
        clear(order.place)
    return None


def note_failure(order: RunRequest, error: object) -> None:
    """Have run.json tell that a run failed, and why; a run that another process is at work on is left alone."""
    from twin.lab.running.session import known

    before = SavedRun(order.place).facts_if_readable
    facts = {**before, **known(order.config, order.about)}
    anew = not (order.place / CONFIG).is_file()
    with suppress(OSError):
        run = RunDirectory(path=order.place, config=order.text, facts=facts, before=None if anew else before)
        run.close(status="failed", kpis=None, error=str(error))
        run.release()
