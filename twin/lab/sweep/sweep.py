"""Many runs by one command: finished ones are left as they are, the others are made, each reported in a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.lab.record.json_rows import figure_rows
from twin.lab.record.run_directory import busy
from twin.lab.record.saved_run import SavedRun
from twin.lab.sweep.carry_out import note_failure
from twin.lab.sweep.directory_state import DirectoryState, directory_state
from twin.lab.sweep.launchers.choosing import launch, launcher
from twin.lab.sweep.run_request import RunRequest


@dataclass
class Outcome:
    """How a sweep ended.

    there: runs that were finished before it. made: runs that it finished. failed: the error, by path of the run.
    left: runs that another process is at work on.
    """

    there: list[RunRequest] = field(default_factory=list)
    made: list[RunRequest] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[RunRequest] = field(default_factory=list)


class Sweep:
    """Requested runs and the launcher that makes them.

    requests: two for one directory count once. base: the directory that all of them lie in. by: overrides of
    hydra/launcher. Raises UserError, before any run begins, where a directory holds what must not be lost and for a
    launcher that is not available.
    """

    def __init__(self, requests: Sequence[RunRequest], *, base: Path, by: Sequence[str] = ()) -> None:
        self.requests = list({request.path: request for request in requests}.values())
        self._states = {request.path: directory_state(request) for request in self.requests}
        done = (DirectoryState.FINISHED, DirectoryState.BUSY)
        self._to_make = [request for request in self.requests if self._states[request.path] not in done]
        threads = max((int(request.config["threads"]) for request in self._to_make), default=1)
        folder = os.path.abspath(base)
        self._launcher: Any = launcher(by, folder=folder, threads=threads) if self._to_make else None
        self.outcome = Outcome()
        self._ended = 0

    def carry_out(self) -> Outcome:
        """Make what is missing. Raises KeyboardInterrupt, whose message says how to go on, where it is interrupted."""
        for request in self.requests:
            state = self._states[request.path]
            if state is DirectoryState.FINISHED:
                self.outcome.there.append(request)
            elif state is DirectoryState.BUSY:
                self.outcome.left.append(request)
        self._print_plan()
        if self._to_make:
            try:
                launch(self._launcher, self._to_make, self._note_end)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(self._interrupted()) from None
        return self.outcome

    def _print_plan(self) -> None:
        count = {state: sum(s is state for s in self._states.values()) for state in DirectoryState}
        parts = [
            (len(self._to_make), "to make"),
            (count[DirectoryState.CUT], "of them cut short or failed before"),
            (count[DirectoryState.STALE], "of them finished under another code, made anew"),
            (count[DirectoryState.FINISHED], "finished already"),
            (count[DirectoryState.BUSY], "left to another process"),
        ]
        _print(f"{_runs(len(self.requests))}: {', '.join(f'{number} {what}' for number, what in parts if number)}")

    def _note_end(self, request: RunRequest, lost: str | None) -> None:
        """A job has ended: its run.json decides how. A run that is still `running` there was killed."""
        self._ended += 1
        facts = SavedRun(request.place).facts_if_readable
        if facts.get("status") == "running" and busy(request.place):
            self.outcome.left.append(request)
            return
        if facts.get("status") == "finished":
            self.outcome.made.append(request)
        else:
            if facts.get("status") != "failed" or lost:
                note_failure(request, lost or "its process was killed")
                facts = SavedRun(request.place).facts_if_readable
            self.outcome.failed[request.path] = str(facts.get("error") or lost or "no word")
        self._print_end(request, facts)

    def _print_end(self, request: RunRequest, facts: dict[str, Any]) -> None:
        wall = f"{facts['wall_s']:.1f} s" if "wall_s" in facts else ""
        failed = self.outcome.failed.get(request.path)
        width = len(str(len(self._to_make)))
        message = f"failed: {failed}" if failed else wall
        _print(f"  {self._ended:{width}d}/{len(self._to_make)}  {request.label}  {message}")

    def _interrupted(self) -> str:
        finished = len(self.outcome.there) + len(self.outcome.made)
        return f"interrupted; {finished} of {_runs(len(self.requests))} stand finished; the same command goes on"


def figures(requests: Sequence[RunRequest]) -> list[dict[str, Any]]:
    """The rows of json=: every figure of every finished run, in the order in which the runs were requested."""
    rows = []
    for request in requests:
        run = SavedRun(request.place)
        if run.facts_if_readable.get("status") == "finished":
            rows += figure_rows(request.path, request.config, run.figures, **request.about)
    return rows


def summary(outcome: Outcome) -> str | None:
    """How many runs failed, and the first of them, in a line; None where none did."""
    if not outcome.failed:
        return None
    path, error = next(iter(outcome.failed.items()))
    total = len(outcome.failed) + len(outcome.made)
    return f"{len(outcome.failed)} of {_runs(total)} failed; the first: {path}: {error}"


def _runs(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"


def _print(line: str) -> None:
    print(" ".join(line.split()) if not line.startswith(" ") else line.rstrip(), file=sys.stderr, flush=True)
