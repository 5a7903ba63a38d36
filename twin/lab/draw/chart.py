"""A drawing in three forms: in a page, in the page's colours; as an SVG file; as a PNG file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from twin.lab.draw.style import CARD, GRID, INK, SOFT, STYLE, WIDTH, inline

DOTS = 200  # per inch, of a PNG


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of what is no data. ink: words and marks; soft: lesser ones; grid: lines behind; card: the ground."""

    ink: str
    soft: str
    grid: str
    card: str


PAGE = Ink(INK, SOFT, GRID, CARD)  # replaced by variables of the page's style
PAPER = Ink("#1b2227", "#4a545b", "#dfe3e6", "#ffffff")


@dataclass(frozen=True)
class Chart:
    """A drawing by matplotlib.

    name: of its files. metric: the figure that it shows. title: read aloud by screen readers.
    paint: draws on a matplotlib figure in the colours of an Ink. height: inches.
    """

    name: str
    metric: str
    title: str
    paint: Callable[[Figure, Ink], None]
    height: float

    def inline(self) -> str:
        """An <svg> element for a page whose style has the variables of twin.lab.draw.style."""
        return inline(self._draw("svg", PAGE, {}).decode(), self.title)

    def svg(self) -> bytes:
        """An SVG file on white, its letters as outlines, so that it looks alike everywhere.

        The same figures give the same bytes.
        """
        data = self._draw("svg", PAPER, {"svg.fonttype": "path", "figure.facecolor": PAPER.card})
        return re.sub(rb"<metadata>.*?</metadata>", b"", data, flags=re.DOTALL)

    def png(self) -> bytes:
        """A PNG file on white, 1800 dots wide."""
        return self._draw("png", PAPER, {"figure.facecolor": PAPER.card})

    def _draw(self, form: str, ink: Ink, more: dict[str, Any]) -> bytes:
        shades = dict(zip((INK, SOFT, GRID, CARD), (ink.ink, ink.soft, ink.grid, ink.card), strict=True))
        style: dict[Any, Any] = {
            key: shades.get(value, value) if isinstance(value, str) else value for key, value in STYLE.items()
        }
        style |= {**more, "savefig.facecolor": "auto"}
        with matplotlib.rc_context(style):
            figure = Figure(figsize=(WIDTH, self.height), layout=ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08))
            self.paint(figure, ink)
            data = io.BytesIO()
            about: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
            figure.savefig(data, format=form, dpi=DOTS if form == "png" else 72, metadata=about)
        return data.getvalue()
