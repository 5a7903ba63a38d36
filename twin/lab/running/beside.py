"""What a run is told beside: the standard practice and, asked for, reference and ideal, played on the same luck.

They are played in processes of their own from the beginning of the run on. Where the machine has one processor, or the
run is so short that a process would cost more, they are played after it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Self

from sim.contract import PlantSpec
from twin.lab.configure.laid_over import laid_over
from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.record.history import History
from twin.lab.record.run_directory import label
from twin.lab.running.played import play
from twin.lab.running.verdict import Verdict, judge
from twin.lab.workers import Workers
from twin.units import DAY

PRACTICE, REFERENCE, IDEAL = ROLES = ("practice", "reference", "ideal")
FALLBACK = ("policy=age_based", "surrogate=none")  # practice where the scenario's does not fit the plant
UNORDERED = ("policy=run_to_failure", "surrogate=none")  # the same, where no work can be ordered
SHORT = 1000  # ticks up to which a process costs more than it spares
LOOK = 0.2  # s between two looks at whether a process is done


class NoVerdictError(ValueError):
    """A run gets no verdict; why, in one line."""


@dataclass(frozen=True)
class Rival:
    """What is played beside a run. config: resolved. remark: what it stands for, where it is not what was asked for."""

    config: dict[str, Any]
    remark: str = ""

    @property
    def name(self) -> str:
        """Of its policy."""
        return label(self.config["policy"])


class Beside:
    """Plays what a run is told beside; used with `with`, so that its processes end with the run, however that ends.

    config: of the run, resolved. spec: of its plant. Nothing is played, and `verdict` tells why, where no practice fits
    the plant. Raises UserError for options of a practice, reference or ideal that are wrong.
    """

    def __init__(self, config: Mapping[str, Any], spec: PlantSpec) -> None:
        self._config, self._spec = config, spec
        self._why, self._rivals = "", dict[str, Rival]()
        try:
            self._rivals = rivals(config, spec)
        except NoVerdictError as error:
            self._why = str(error)
        self._alike = PRACTICE in self._rivals and same_play(config, self._rivals[PRACTICE].config)
        self._to_play = {role: r for role, r in self._rivals.items() if not (role == PRACTICE and self._alike)}
        processes = 1 if config["days"] * DAY <= SHORT * spec.tick else _processors()
        self._workers = Workers(max(2, min(processes - 1, len(self._to_play))) if processes > 1 else 1)
        self._playing: dict[str, Future[History]] = {}

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not all(future.done() for future in self._playing.values()):
            self._workers.end()
        self._workers.__exit__(kind, error, at)

    def start(self) -> None:
        """The run begins."""
        if self._workers.processes > 1:
            self._playing = {role: self._workers.submit(play, rival.config) for role, rival in self._to_play.items()}

    def verdict(self, own: History, check: Callable[[], None]) -> Verdict:
        """The verdict on a run that is over. own: the course of its objective's figure. check: called now and then.

        Raises NoVerdictError in one line where something could not be played, and what `check` raises.
        """
        if self._why:
            raise NoVerdictError(self._why)
        courses = {PRACTICE: own} if self._alike else {}
        for role, rival in self._to_play.items():
            try:
                courses[role] = self._course(role, rival, check)
            except BrokenProcessPool:
                raise NoVerdictError(f"the process of the {role} ({rival.name}) was ended from outside") from None
            except Exception as error:
                what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
                raise NoVerdictError(
                    f"the {role} ({rival.name}) could not be played: {' '.join(what.split())}"
                ) from None
        return judge(
            own,
            {role: (self._rivals[role].name, course) for role, course in courses.items()},
            objective=self._spec.objective,
            subject=label(self._config["policy"]),
            seed=self._config["seed"],
            since=self._config["scored_from"] * DAY,
            alike=self._alike,
            remarks=[rival.remark for rival in self._rivals.values() if rival.remark],
        )

    def _course(self, role: str, rival: Rival, check: Callable[[], None]) -> History:
        if role not in self._playing:
            return play(rival.config, check)
        waited = False
        while wait([self._playing[role]], timeout=LOOK).not_done:
            check()
            if not waited:
                print(f"tandem: waiting for the {role} ({rival.name})", file=sys.stderr)
            waited = True
        return self._playing[role].result()


def rivals(config: Mapping[str, Any], spec: PlantSpec) -> dict[str, Rival]:
    """By role what a run is told beside, as its `verdict` asks: the practice, for `full` reference and ideal too.

    The practice is the scenario's where it fits the plant, else a stand-in; a reference or ideal that does not fit is
    left out, and a remark says so. Raises UserError for an option that is wrong, NoVerdictError where no practice fits.
    """
    found = {PRACTICE: _practice(config, spec)}
    for role in (REFERENCE, IDEAL) if config["verdict"] == "full" else ():
        laid = laid_over(config, config[role], role) if config[role] else None
        if laid is None:
            continue
        if why := _misfit(laid, spec):
            practice = found[PRACTICE]
            remark = f"The scenario's {role} does not fit this plant: {why}."
            found[PRACTICE] = replace(practice, remark=" ".join(filter(None, (practice.remark, remark))))
        else:
            found[role] = Rival(laid)
    return found


def _practice(config: Mapping[str, Any], spec: PlantSpec) -> Rival:
    """The scenario's, else FALLBACK; where no work can be ordered, to mend what fails."""
    reasons = list[str]()
    stand_in = FALLBACK if spec.objective.orders else UNORDERED
    for overrides in filter(None, (config[PRACTICE], stand_in)):
        laid = laid_over(config, overrides, PRACTICE)
        why = _misfit(laid, spec)
        if not why:
            return Rival(laid, _remark(label(laid["policy"]), spec, reasons[0]) if reasons else "")
        reasons.append(why)
    raise NoVerdictError(f"no standard practice fits this plant: {reasons[0]}")


def _misfit(config: Mapping[str, Any], spec: PlantSpec) -> str:
    """Why the policy of a configuration refuses a plant; empty where it does not."""
    try:
        with build.refusals():
            build.twin_for(dict(config), spec, "cpu")
    except UserError as error:
        return " ".join(str(error).split())
    return ""


def _remark(name: str, spec: PlantSpec, why: str) -> str:
    if not spec.objective.orders:
        return f"No planned work can be ordered on this plant, so standard practice is to mend what fails ({name})."
    return f"{name} stands for the scenario's practice, which does not fit this plant: {why}."


def same_play(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two configurations have the same policy on the same plant; a practice asks for no forecast."""
    return all(one[key] == other[key] for key in ("plant", "policy", "network", "seed", "days"))


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
