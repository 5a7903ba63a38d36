"""The progress of a run on the terminal: simulated time, events per second, loss, decisions, the objective so far."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from twin.lab.core.loop import Tick
from twin.units import DAY

REFRESH = 0.2  # seconds of wall clock between two looks at the terminal


class Progress:
    """A live bar on a terminal; elsewhere a line per tenth of the run.

    horizon: simulated time of the whole run, s. quiet: print nothing. console: standard error by default.
    events: those that the plant had processed before. acts: whether there are decisions; a recording has readings in
    place of events, and none. Raises ValueError for horizon <= 0.
    """

    def __init__(
        self,
        *,
        horizon: float,
        quiet: bool = False,
        console: Console | None = None,
        events: int = 0,
        acts: bool = True,
    ) -> None:
        if not horizon > 0:
            raise ValueError(f"Progress: horizon = {horizon}: must be > 0 s")
        self._horizon, self._quiet, self._events, self._acts = horizon, quiet, events, acts
        self._console = Console(stderr=True) if console is None else console
        self._bar: Bar | None = None
        self._start, self._shown, self._tenths = time.perf_counter(), 0.0, 0
        self._last: Tick | None = None

    def __enter__(self) -> Self:
        self._start = time.perf_counter()
        if self._console.is_terminal and not self._quiet:
            columns = (BarColumn(bar_width=24), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
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
            self._console.print(self._line(tick, clock), highlight=False, markup=False, soft_wrap=True)

    def _show(self, bar: Bar, tick: Tick, clock: float) -> None:
        self._shown = clock
        bar.update(self._task, completed=tick.now, description=self._line(tick, clock), refresh=True)

    def _line(self, tick: Tick, clock: float) -> str:
        losses = [value for name, value in tick.losses.items() if name.startswith("pinball")]
        pace = (tick.events - self._events) / max(clock - self._start, 1e-9)
        parts = [
            f"day {tick.now / DAY:5.1f} of {self._horizon / DAY:g}",
            f"{pace:,.0f} {'events' if self._acts else 'readings'}/s",
            f"loss {sum(losses) / len(losses):.3f}" if losses else "loss --",
        ]
        if self._acts:
            parts.append(f"{tick.decisions} decision{'s' * (tick.decisions != 1)}")
        rate = next((name for name in tick.kpis if "_per_" in name), "")
        if rate:
            what, _, unit = rate.partition("_per_")
            parts.append(f"{what.replace('_', ' ')} {tick.kpis[rate]:.1f}/{unit[:1]}")
        return "  ".join(parts)
