"""Sheets of axes, drawn to SVG that takes its ink from the page around it, on light ground and on dark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

DAY = 86_400.0
# What matplotlib draws in these colours is drawn in a variable of the page's style.
INK, SOFT, GRID, CARD = "#010101", "#020202", "#030303", "#040404"
VARIABLES = {INK: "var(--ink)", SOFT: "var(--soft)", GRID: "var(--line)", CARD: "var(--card)"}
# Middle tones, told apart on either ground and by most colour-blind readers (Okabe & Ito 2008, some of them shifted).
BLUE, RED, GREEN, AMBER, PURPLE, CYAN = "#3f7fd0", "#d6483b", "#2f9e6e", "#dc9a26", "#a566b8", "#3aa6c0"
CYCLE = (BLUE, AMBER, GREEN, RED, PURPLE, CYAN)
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "tandem", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9,
    "text.parse_math": False, "text.color": SOFT, "axes.labelcolor": SOFT, "axes.titlecolor": SOFT, "axes.titlesize": 9,
    "axes.titlelocation": "left", "axes.edgecolor": GRID, "axes.grid": True, "axes.axisbelow": True, "grid.color": GRID,
    "grid.linewidth": 0.6, "xtick.color": SOFT, "ytick.color": SOFT, "axes.spines.top": False,
    "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 8, "figure.facecolor": "none",
    "axes.facecolor": "none", "savefig.facecolor": "none", "path.simplify": True, "path.simplify_threshold": 0.4,
    "axes.xmargin": 0.01, "axes.ymargin": 0.06,
}  # fmt: skip
WIDTH = 9.0
POINTS = 600
LETTER = 0.075  # inches, of a name on the left


def sheet(
    heights: Sequence[float],
    paint: Callable[[Any], None],
    *,
    title: str,
    widths: Sequence[float] = (1.0,),
    sharex: bool = True,
    gap: float = 0.34,
    top: float = 0.36,
    names: Sequence[str] = (),
) -> str:
    """SVG of a grid of axes, handed to `paint` as [rows, columns]; the same figures give the same bytes.

    heights: of the rows, inches, with gaps between, and `top` above. widths: of the columns, relative. title: for those who cannot see it.
    names: that stand on the left and must find room there.
    """
    bottom, right, between = 0.46, 0.16, 0.55
    left = max(0.98, 0.2 + LETTER * max(map(len, names), default=0))
    inner = sum(heights) + gap * (len(heights) - 1)
    height = top + inner + bottom
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height))
        each = (WIDTH - left - right - between * (len(widths) - 1)) / len(widths)
        layout = {
            "left": left / WIDTH, "right": 1 - right / WIDTH, "bottom": bottom / height, "top": 1 - top / height,
            "hspace": gap * len(heights) / sum(heights), "wspace": between / each,
            "height_ratios": list(heights), "width_ratios": list(widths),
        }  # fmt: skip
        axes = figure.subplots(
            len(heights), len(widths), squeeze=False, sharex="col" if sharex else "none", gridspec_kw=layout
        )
        paint(axes)
        figure.align_ylabels(axes[:, 0])
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return inline(text.getvalue(), title)


def inline(svg: str, title: str) -> str:
    """The bare element, in the page's own ink and letters, its numbers no finer than a hundredth of a point."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub("|".join(VARIABLES), lambda found: VARIABLES[found.group()], svg)
    svg = re.sub(r' (?:d|x|y)="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found.group()), svg)
    svg = re.sub(r"(font: \S+) [^;\"]*", r"\1 system-ui, sans-serif", svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)


def legend(ax: Any, columns: int = 6, **keywords: Any) -> None:
    """A legend above the axes, on their right."""
    ax.legend(
        ncols=columns, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2, handlelength=1.4, **keywords
    )


def days(axes: Any) -> None:
    """Say on the lowest axes of each column that time is in days."""
    for ax in axes[-1]:
        ax.set_xlabel("day")


def thin(rows: pd.DataFrame, points: int = POINTS) -> pd.DataFrame:
    """At most `points` rows, evenly taken: a page has only so many pixels."""
    return rows.iloc[:: max(1, -(-len(rows) // points))]


def span(values: pd.Series, share: float = 0.5) -> tuple[float, float]:
    """Limits that show all but `share` percent on each side, with room; (0, 1) where there is nothing to show."""
    seen = values.to_numpy(dtype=float)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return 0.0, 1.0
    low, high = np.percentile(seen, [share, 100 - share])
    pad = 0.2 * (high - low) + 1e-9 + 1e-3 * abs(high)
    return float(low - pad), float(high + pad)
