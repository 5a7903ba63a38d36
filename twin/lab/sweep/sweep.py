"""Many runs by one command: those that stand already are left, the others are made, each told of in a line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.lab.record.run_directory import busy, label
from twin.lab.record.saved_run import SavedRun
from twin.lab.sweep.carry_out import note_failure
from twin.lab.sweep.directory_state import DirectoryState, directory_state
from twin.lab.sweep.launchers.choosing import launch, launcher
from twin.lab.sweep.run_request import RunRequest


@dataclass
class Outcome:
    """What came of a sweep. found: runs that were there, finished. made: those that finished now. failed: why, by run.

    left: runs that another process is at work on.
    """

    found: list[RunRequest] = field(default_factory=list)
    made: list[RunRequest] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    left: list[RunRequest] = field(default_factory=list)


class Sweep:
    """Orders, and what carries them out: `by`, overrides of hydra/launcher. base: the directory that all of them go to.

    Two orders for one directory count once. Raises UserError where a directory holds what must not be lost, or for a
    launcher that cannot be had; nothing is begun before.
    """

    def __init__(self, orders: Sequence[RunRequest], *, base: Path, by: Sequence[str] = ()) -> None:
        self.orders = list({order.path: order for order in orders}.values())
        self._held = {order.path: directory_state(order) for order in self.orders}
        self._wanted = [
            o for o in self.orders if self._held[o.path] not in (DirectoryState.FINISHED, DirectoryState.BUSY)
        ]
        threads = max((int(order.config["threads"]) for order in self._wanted), default=1)
        folder = os.path.abspath(base)
        self._by: Any = launcher(by, folder=folder, threads=threads) if self._wanted else None
        self.outcome = Outcome()
        self._done = 0

    def carry_out(self) -> Outcome:
        """Make what is missing. Interrupted, it says how to go on, and raises KeyboardInterrupt."""
        for order in self.orders:
            state = self._held[order.path]
            if state is DirectoryState.FINISHED:
                self.outcome.found.append(order)
            elif state is DirectoryState.BUSY:
                self.outcome.left.append(order)
        self._tell_plan()
        if self._wanted:
            try:
                launch(self._by, self._wanted, self._ended)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(self._interrupted()) from None
        return self.outcome

    def _tell_plan(self) -> None:
        count = {state: sum(s is state for s in self._held.values()) for state in DirectoryState}
        parts = [
            (len(self._wanted), "to make"),
            (count[DirectoryState.CUT], "of them cut short or failed before"),
            (count[DirectoryState.STALE], "of them finished under another code, made anew"),
            (count[DirectoryState.FINISHED], "finished already"),
            (count[DirectoryState.BUSY], "left to another process"),
        ]
        told = ", ".join(f"{number} {what}" for number, what in parts if number)
        _say(f"{_runs(len(self.orders))}: {told}")

    def _ended(self, order: RunRequest, lost: str | None) -> None:
        """A job has ended: what its run.json says counts; a run that is still `running` there was killed."""
        self._done += 1
        facts = _facts(order)
        if facts.get("status") == "running" and busy(order.place):
            self.outcome.left.append(order)
            return
        if facts.get("status") == "finished":
            self.outcome.made.append(order)
        else:
            if facts.get("status") != "failed" or lost:
                note_failure(order, lost or "its process was killed")
                facts = _facts(order)
            self.outcome.failed[order.path] = str(facts.get("error") or lost or "no word")
        self._tell(order, facts)

    def _tell(self, order: RunRequest, facts: dict[str, Any]) -> None:
        wall = f"{facts['wall_s']:.1f} s" if "wall_s" in facts else ""
        failed = self.outcome.failed.get(order.path)
        width = len(str(len(self._wanted)))
        told = f"failed: {failed}" if failed else wall
        _say(f"  {self._done:{width}d}/{len(self._wanted)}  {order.label}  {told}")

    def _interrupted(self) -> str:
        finished = len(self.outcome.found) + len(self.outcome.made)
        return f"interrupted; {finished} of {_runs(len(self.orders))} stand finished; the same command goes on"


def figures(orders: Sequence[RunRequest]) -> list[dict[str, Any]]:
    """The rows of json=: every figure of every finished run, in the order in which the runs were asked for."""
    rows = []
    for order in orders:
        run = SavedRun(order.place)
        if run.facts_if_readable.get("status") == "finished":
            rows += figure_rows(order.path, order.config, run.figures, **order.about)
    return rows


def figure_rows(path: str, config: Mapping[str, Any], found: Mapping[str, Any], **about: str) -> list[dict[str, Any]]:
    """A row for each figure of a run."""
    shared = {"run": path, "scenario": config["scenario"], "policy": label(config["policy"]), "seed": config["seed"]}
    return [{**shared, **about, "name": name, "value": value} for name, value in found.items()]


def summary(outcome: Outcome) -> str | None:
    """In a line, how many failed and the first of them; None where none did."""
    if not outcome.failed:
        return None
    path, why = next(iter(outcome.failed.items()))
    total = len(outcome.failed) + len(outcome.made)
    return f"{len(outcome.failed)} of {_runs(total)} failed; the first: {path}: {why}"


def _facts(order: RunRequest) -> dict[str, Any]:
    return SavedRun(order.place).facts_if_readable


def _runs(count: int) -> str:
    return f"{count} run{'s' * (count != 1)}"


def _say(line: str) -> None:
    print(" ".join(line.split()) if not line.startswith(" ") else line.rstrip(), file=sys.stderr, flush=True)
