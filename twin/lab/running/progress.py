"""The progress of a run on the terminal: simulated time, events per second, loss, decisions, the objective so far."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from sim.contract import Objective
from twin.lab.core.loop import Tick
from twin.lab.draw.words import counted, number
from twin.units import DAY

REFRESH = 0.2  # seconds of wall clock between two looks at the terminal
BAR, SHORT_BAR, WIDE = 24, 8, 120  # characters of the bar, from how many columns on it has its full length
LEFT = 9  # characters of the time left and the blank before it
UNITS = (("day", DAY), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0))


class Progress:
    """A live bar on a terminal; elsewhere a line per tenth of the run.

    horizon: simulated time of the whole run, s. quiet: print nothing. console: standard error by default.
    events: those that the plant had processed before. acts: whether there are decisions; a recording has readings in
    place of events, and none. objective: of the plant, whose figure is told.
    Where the terminal is narrow, what is least worth knowing goes; the time left stays.
    Raises ValueError for horizon <= 0.
    """

    def __init__(
        self,
        *,
        horizon: float,
        quiet: bool = False,
        console: Console | None = None,
        events: int = 0,
        acts: bool = True,
        objective: Objective | None = None,
    ) -> None:
        if not horizon > 0:
            raise ValueError(f"Progress: horizon = {horizon}: must be > 0 s")
        self._objective = objective
        # Of the units in which the run is two or more, the largest; 2 days, but 24 hours.
        self._span = next(((name, size) for name, size in UNITS if horizon >= 2 * size), UNITS[-1])
        self._horizon, self._quiet, self._events, self._acts = horizon, quiet, events, acts
        self._console = Console(stderr=True) if console is None else console
        self._bar: Bar | None = None
        self._start, self._shown, self._tenths = time.perf_counter(), 0.0, 0
        self._last: Tick | None = None

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        if self._console.is_terminal and not self._quiet:
            bar = BarColumn(bar_width=BAR if self._console.width >= WIDE else SHORT_BAR)
            columns = (TimeRemainingColumn(), bar, TextColumn("{task.description}", markup=False))
            self._bar = Bar(*columns, console=self._console, auto_refresh=False)
            self._task = self._bar.add_task("", total=self._horizon)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if self._last is not None:
                self._show(self._bar, self._last, time.perf_counter())
            self._bar.stop()
            self._bar = None

    def update(self, tick: Tick) -> None:
        """After every tick."""
        if self._quiet:
            return
        clock, self._last = time.perf_counter(), tick
        tenth = int(10 * tick.now / self._horizon + 1e-9)
        if self._bar is not None:
            if clock - self._shown > REFRESH:
                self._show(self._bar, tick, clock)
        elif tenth > self._tenths:
            self._tenths = tenth
            self._console.print("  ".join(self._parts(tick, clock)), highlight=False, markup=False, soft_wrap=True)

    def _show(self, bar: Bar, tick: Tick, clock: float) -> None:
        self._shown = clock
        bar.update(self._task, completed=tick.now, description=self._fitting(tick, clock), refresh=True)

    def _fitting(self, tick: Tick, clock: float) -> str:
        """As many parts as there is room for beside the time left and the bar."""
        room = self._console.width - LEFT - 1 - (BAR if self._console.width >= WIDE else SHORT_BAR)
        parts = self._parts(tick, clock)
        while len(parts) > 1 and len("  ".join(parts)) > room:
            parts.pop()
        return "  ".join(parts)

    def _parts(self, tick: Tick, clock: float) -> list[str]:
        """What is known of a tick, what is most worth knowing first."""
        losses = [value for name, value in tick.losses.items() if name.startswith("pinball")]
        unit, size = self._span
        parts = [f"{unit} {tick.now / size:5.1f} of {self._horizon / size:.4g}"]
        if self._objective is not None and tick.kpis:
            figure = self._objective.figure or next(iter(tick.kpis))
            what, _, per = figure.partition("_per_")
            so_far = f"{what.replace('_', ' ')} {number(tick.kpis[figure])} {self._objective.unit}".rstrip()
            parts.append(f"{so_far}/{per}" if per else so_far)
        parts.append(f"loss {sum(losses) / len(losses):.3f}" if losses else "loss -")
        if self._acts:
            parts.append(counted(tick.decisions, "decision"))
        pace = (tick.events - self._events) / max(clock - self._start, 1e-9)
        parts.append(f"{pace:,.0f} {'events' if self._acts else 'readings'}/s")
        return parts
