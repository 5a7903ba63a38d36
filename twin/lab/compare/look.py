"""What the figures of a comparison share: an arm's colour, marker and dash, legends, labels, file names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from twin.lab.compare.comparison import Comparison, Result
from twin.lab.draw.style import CYCLE, LETTER, WIDTH

MARKERS = "osD^vPX*<>hp"


DASHES = ("-", "--", ":", "-.")


ROW = 0.34  # inches


HANDLE = 2.2  # letters wide, so that dashes are distinguished


def arm_look(comparison: Comparison, arm: str) -> tuple[str, str, str]:
    """Colour, marker and dash of an arm, the same in all figures; distinguished without colour too."""
    place = list(comparison.arms).index(arm)
    return CYCLE[place % len(CYCLE)], MARKERS[place % len(MARKERS)], DASHES[place % len(DASHES)]


def arm_rows(ax: Any, names: Sequence[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", left=False)
    ax.grid(visible=False, axis="y")


def draw_legend(figure: Figure, ax: Any) -> None:
    handles, names = ax.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=_columns(names), handlelength=HANDLE)


def _columns(names: Sequence[str]) -> int:
    """Of a legend: as many as find room beside each other."""
    return max(1, min(4, len(names), int(WIDTH / (0.55 + LETTER * max(map(len, names))))))


def legend_height(names: Sequence[str]) -> float:
    return 0.2 * -(-len(names) // _columns(names))


def metric_label(result: Result) -> str:
    return f"{result.metric} ({result.better})"


def chart_name(what: str, metric: str) -> str:
    return f"{what}_{re.sub(r'[^A-Za-z0-9_-]+', '-', metric)}"
