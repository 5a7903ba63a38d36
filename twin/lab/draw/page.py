"""Parts of the lab's HTML pages: one self-contained file, for a phone and a desk, in a light and a dark scheme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files

import numpy as np

from twin.lab.draw.choice import SCRIPT

SPARK_WIDE, SPARK_HIGH = 100, 24  # units of a small curve's drawing


@dataclass(frozen=True, slots=True)
class FigureCard:
    """A figure at the head of a page.

    value: as it is shown. note: below it, an interval for instance. course: its values over time, for a small curve.
    """

    label: str
    value: str
    note: str = ""
    course: tuple[float, ...] = ()


def page(title: str, body: str) -> str:
    """A whole document around `body`, which is HTML. title: as it is, not escaped yet."""
    script = f"{SCRIPT}\n" if '<div class="choice">' in body else ""
    style = files("twin.lab.draw").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>\n{style}</style></head><body>\n"
        f"<main>\n{body}\n</main>\n{script}</body></html>\n"
    )


def sections(parts: Sequence[tuple[str, str]]) -> str:
    """(name, HTML) of each, under headings, behind a line of links to them."""
    links = "".join(f'<a href="#{anchor(name)}">{escape(name)}</a>' for name, _ in parts)
    bodies = "\n".join(
        f'<section id="{anchor(name)}" aria-labelledby="h-{anchor(name)}">'
        f'<h2 id="h-{anchor(name)}">{escape(name)}</h2>\n{body}\n</section>'
        for name, body in parts
    )
    return f'<nav aria-label="Sections">{links}</nav>\n{bodies}'


def anchor(name: str) -> str:
    """The name of a section in a link."""
    return name.lower().replace(" ", "-")


def cards(shown: Iterable[FigureCard]) -> str:
    """Figures in boxes, or nothing where there are none."""
    boxes = "".join(
        f'<div class="card"><b>{escape(card.value)}</b><span>{escape(card.label)}</span>'
        f"{f'<small>{escape(card.note)}</small>' if card.note else ''}{_spark(card)}</div>"
        for card in shown
    )
    return f'<div class="cards">{boxes}</div>' if boxes else ""


def text(words: str) -> str:
    """A paragraph, or nothing."""
    return f"<p>{escape(words)}</p>" if words else ""


def folded(summary: str, body: str, *, open: bool = False) -> str:
    """HTML that is shown when its summary is opened."""
    return f"<details{' open' if open else ''}><summary>{escape(summary)}</summary>{body}</details>"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], words: Sequence[int] = ()) -> str:
    """A table that scrolls where it is too wide. rows: cells as they are shown; the first names its row.

    words: places of columns that hold sentences, and are broken into lines.
    """
    heads = "".join(f'<th scope="col"{_words(i, words)}>{escape(name)}</th>' for i, name in enumerate(head))
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td{_words(i, words)}>{escape(cell)}</td>" for i, cell in enumerate(row[1:], 1))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values, in as many columns as there is room for."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    return f'<dl class="pairs">{cells}</dl>'


def _words(place: int, words: Sequence[int]) -> str:
    return ' class="words"' if place in words else ""


def _spark(card: FigureCard) -> str:
    """The course of a card as a small curve, an ornament beside the figure; empty where there is none."""
    values = np.asarray(card.course, dtype=float)
    if len(values) < 3 or not np.all(np.isfinite(values)) or np.ptp(values) == 0:
        return ""
    x = np.rint(np.linspace(0, SPARK_WIDE, len(values))).astype(int)
    y = np.rint(SPARK_HIGH - 2 - (values - values.min()) / np.ptp(values) * (SPARK_HIGH - 4)).astype(int)
    points = " ".join(f"{a},{b}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return (
        f'<svg class="blue" viewBox="0 0 {SPARK_WIDE} {SPARK_HIGH}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline class="l" vector-effect="non-scaling-stroke" points="{points}"/></svg>'
    )
