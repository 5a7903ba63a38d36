"""What a comparison leaves in a directory: a page, tables in three formats, every run's figures, drawings."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from twin.lab.compare.comparison import Comparison
from twin.lab.compare.figures import charts
from twin.lab.compare.tables import grids, notes
from twin.lab.draw.chart import Chart
from twin.lab.draw.page import page
from twin.lab.draw.terminal import printable
from twin.lab.draw.text_table import markdown_text
from twin.lab.draw.words import number
from twin.lab.record.durable import left_behind, sync

TEXTS = ("comparison.html", "comparison.md", "comparison.tex", "comparison.csv", "values.csv")
FIGURES = "figures"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a formula begins with in a spreadsheet, or hides behind


def replaceable(path: Path) -> None:
    """Raises ValueError where a directory holds anything but a comparison: it would be lost."""
    if path.is_file():
        raise ValueError(f"to = {path}: is a file; must be a directory")
    others = sorted({entry.name for entry in path.iterdir()} - {*TEXTS, FIGURES}) if path.exists() else []
    if others:
        raise ValueError(f"to = {path}: holds {others[0]}, which is no part of a comparison; name another directory")


def write(comparison: Comparison, path: Path) -> Path:
    """Write everything into `path`, whole or not at all, in place of a comparison there; returns the page's path.

    What a killed writer left beside it is cleared away. The same runs give the same bytes. Raises ValueError for a
    directory that holds other things, OSError where it cannot be written.
    """
    path = path.resolve()
    replaceable(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    for killed in left_behind(path.parent, (path.name,)):
        shutil.rmtree(killed, ignore_errors=True)
    aside, old = (path.with_name(f".{path.name}.{os.getpid()}{end}") for end in ("", ".old"))
    try:
        (aside / FIGURES).mkdir(parents=True)
        for name, data in contents(comparison).items():
            (aside / name).write_bytes(data)
            sync(aside / name)
        if path.exists():
            os.replace(path, old)
        os.replace(aside, path)
        sync(path.parent)
    finally:
        if old.exists() and not path.exists():
            os.replace(old, path)
        for left in (aside, old):
            shutil.rmtree(left, ignore_errors=True)
    return path / TEXTS[0]


def contents(comparison: Comparison) -> dict[str, bytes]:
    """By name within the directory, the bytes of each file."""
    drawn = charts(comparison)
    texts = (
        html(comparison, drawn),
        markdown(comparison, drawn),
        tex(comparison),
        differences(comparison),
        values(comparison),
    )
    files = {name: text.encode("utf-8") for name, text in zip(TEXTS, texts, strict=True)}
    for chart in drawn:
        files |= {f"{FIGURES}/{chart.name}.svg": chart.svg(), f"{FIGURES}/{chart.name}.png": chart.png()}
    return files


def title(comparison: Comparison) -> str:
    """What is compared, in a line."""
    arms, seeds = len(comparison.arms), max(len(by_seed) for by_seed in comparison.arms.values())
    metrics = ", ".join(result.metric for result in comparison.results)
    return f"{metrics}: {arms} arm{'s' * (arms != 1)}, {seeds} seed{'s' * (seeds != 1)}"


def markdown(comparison: Comparison, drawn: Sequence[Chart]) -> str:
    """All tables, then the figures."""
    tables = "\n".join(grid.markdown() for _, of_metric in grids(comparison) for grid in of_metric)
    remarks = "\n".join(f"- {markdown_text(note)}" for note in notes(comparison))
    figures = "\n".join(f"![{markdown_text(chart.title)}]({FIGURES}/{chart.name}.svg)\n" for chart in drawn)
    return f"# {markdown_text(title(comparison))}\n\n{tables}\n{remarks}\n\n{figures}"


def tex(comparison: Comparison) -> str:
    """All tables, for \\input in a document that uses booktabs."""
    tables = [
        grid.latex(f"tab:{result.metric}-{place}")
        for result, of_metric in grids(comparison)
        for place, grid in enumerate(of_metric, 1)
    ]
    remarks = "".join(f"% {printable(note)}\n" for note in notes(comparison))
    return f"% \\usepackage{{booktabs}}\n{remarks}\n" + "\n".join(tables)


def differences(comparison: Comparison) -> str:
    """The rows of json=FILE as CSV."""
    return _csv(comparison.rows())


def values(comparison: Comparison) -> str:
    """Each run's figures as CSV: metric, arm, seed, value, run."""
    return _csv(
        [
            {
                "metric": result.metric,
                "arm": arm,
                "seed": seed,
                "value": value,
                "run": str(comparison.arms[arm][seed].path),
            }
            for result in comparison.results
            for arm, by_seed in result.values.items()
            for seed, value in sorted(by_seed.items())
        ]
    )


def _csv(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """A value of a row; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def html(comparison: Comparison, drawn: Sequence[Chart]) -> str:
    """One page that needs nothing else: cards, tables and figures of each metric, what holds for all."""
    parts = []
    for result, of_metric in grids(comparison):
        shown = "".join(_figure(chart) for chart in drawn if chart.metric == result.metric)
        tables = "".join(grid.html() for grid in of_metric)
        parts.append(f"<section><h2>{escape(result.metric)}</h2>\n{tables}\n{shown}</section>")
    remarks = "".join(f"<p>{escape(note)}</p>" for note in notes(comparison))
    body = "\n".join([_cards(comparison), *parts, f"<section><h2>How it was compared</h2>{remarks}</section>"])
    return page(title(comparison), f"<h1>{escape(title(comparison))}</h1>\n{body}")


def _cards(comparison: Comparison) -> str:
    """The first metric's arms, best first, each with its interval."""
    first = comparison.results[0]
    cards = []
    for row in sorted(first.means, key=lambda row: -first.sense * row["mean"]):
        half = "" if row["low"] is None else f" ± {number((row['high'] - row['low']) / 2)}"
        cards.append(
            f'<div class="card"><b>{number(row["mean"])}{half}</b><span>{escape(str(row["policy"]))}</span></div>'
        )
    return f'<div class="cards">{"".join(cards)}</div>'


def _figure(chart: Chart) -> str:
    return f"<figure>{chart.inline()}<figcaption>{escape(chart.title)}</figcaption></figure>"
