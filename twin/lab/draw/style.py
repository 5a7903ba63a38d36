"""The style of matplotlib's figures, and their SVG in the colours of the page around them."""

from __future__ import annotations

import re
from html import escape
from typing import Any

# Placeholders: what matplotlib draws in these colours gets a variable of the page's style.
INK, SOFT, GRID, CARD = "#010101", "#020202", "#030303", "#040404"
VARIABLES = {INK: "var(--ink)", SOFT: "var(--soft)", GRID: "var(--line)", CARD: "var(--card)"}
# Middle tones that most colour-blind readers can tell apart in both schemes (Okabe & Ito 2008, some of them shifted).
BLUE, RED, GREEN, AMBER, PURPLE, CYAN = "#3f7fd0", "#d6483b", "#2f9e6e", "#dc9a26", "#a566b8", "#3aa6c0"
CYCLE = (BLUE, AMBER, GREEN, RED, PURPLE, CYAN)
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "tandem",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.parse_math": False,
    "text.color": SOFT,
    "axes.labelcolor": SOFT,
    "axes.titlecolor": SOFT,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.edgecolor": GRID,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "path.simplify": True,
    "path.simplify_threshold": 0.4,
    "axes.xmargin": 0.01,
    "axes.ymargin": 0.06,
}
WIDTH = 9.0  # inches, of a figure
LETTER = 0.075  # inches, of a name on the left


def inline(svg: str, title: str) -> str:
    """The <svg> element alone, in the colours and letters of the page, its numbers rounded to 0.01 point."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub("|".join(VARIABLES), lambda match: VARIABLES[match.group()], svg)
    svg = re.sub(r' (?:d|x|y)="[^"]*"', lambda match: re.sub(r"(\.\d\d)\d+", r"\1", match.group()), svg)
    svg = re.sub(r"(font: \S+) [^;\"]*", r"\1 system-ui, sans-serif", svg)
    svg = re.sub(r"\n\s*", "\n", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
