"""Words and short lists that several sections of the page share."""

from __future__ import annotations

from collections.abc import Sequence

from twin.lab.draw.page import text
from twin.lab.draw.words import counted, number, ticks
from twin.lab.record.loading import Run
from twin.lab.report import figures
from twin.lab.report.forecast_bands import lasting


def ticks_and_hours(run: Run, count: int) -> str:
    return f"{ticks(count)} ({lasting(count * figures.tick(run) / 3600)})"


def left_out(names: Sequence[str], shown: int) -> str:
    more = len(names) - shown
    return text(f"{counted(more, 'more asset')} {'is' if more == 1 else 'are'} left out here.") if more > 0 else ""


def figure_pairs(rows: Sequence[tuple[str, float]]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), number(value)) for name, value in rows]
