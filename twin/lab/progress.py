"""What a run tells while it goes on: simulated time, events per second, loss, decisions, the objective so far."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

from twin.lab.experiment import Tick


class Progress:
    """A live line on a terminal; elsewhere a line per tenth. quiet: nothing."""

    def __init__(self, *, horizon: float, quiet: bool = False) -> None:
        self._horizon, self._quiet, self._live = horizon, quiet, sys.stderr.isatty()
        self._start, self._shown, self._told = time.perf_counter(), 0.0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and not self._quiet:
            print(file=sys.stderr)

    def update(self, tick: Tick) -> None:
        """After every tick."""
        if self._quiet:
            return
        clock = time.perf_counter()
        tenth = int(10 * tick.now / self._horizon)
        if self._live and clock - self._shown > 0.2:
            self._shown = clock
            print(f"\r\x1b[K{self._line(tick, clock)}", end="", file=sys.stderr, flush=True)
        elif not self._live and tenth > self._told:
            self._told = tenth
            print(self._line(tick, clock), file=sys.stderr, flush=True)

    def _line(self, tick: Tick, clock: float) -> str:
        loss = [value for name, value in tick.losses.items() if name.startswith("pinball")]
        parts = [
            f"day {tick.now / 86_400:5.1f} of {self._horizon / 86_400:g}",
            f"{tick.events / max(clock - self._start, 1e-9):7,.0f} events/s",
            f"loss {sum(loss) / len(loss):.3f}" if loss else "loss  --  ",
            f"{tick.decisions} decisions",
        ]
        if "profit_per_hour" in tick.kpis:
            parts.append(f"profit {tick.kpis['profit_per_hour']:.1f}/h")
        return "  ".join(parts)
