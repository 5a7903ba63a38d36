"""The section about the plant: its picture, its assets' states over time, its objective."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

import pandas as pd

from twin.lab.draw.page import text
from twin.lab.record.loading import Run
from twin.lab.report import figures
from twin.lab.report import plant_diagram as diagram
from twin.lab.report.wording import left_out

SHOWN_STATES = 40  # assets, at most


DESKTOP = 1000  # pixels, width of the plant's picture on a wide page


PHONE = 330  # pixels, on a phone


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    yield from _picture(run)
    states = figures.state_times(run)
    names = figures.in_order(run, [str(name) for name in states["asset"].unique()])
    if names and states["time"].max() > 0:
        shown = figures.eventful(run, names)
        quiet = [name for name in names if name not in shown]
        yield "<h3>States over time</h3>"
        if shown:
            yield text("Share of time in each state; above each strip what happened.")
            yield figures.states(run, shown[:SHOWN_STATES]) + left_out(shown, SHOWN_STATES)
        yield text(f"In one state all the time: {', '.join(quiet)}." if quiet else "")
    key = (run.run.get("objective") or {}).get("signal")
    measured = run.readings[run.readings["signal"] == key]["time"] if key else pd.Series(dtype=float)
    if measured.nunique() > 2:
        yield "<h3>The objective</h3>" + text("As the plant's counter reported it.") + figures.objective(run)


def _picture(run: Run) -> Iterator[str]:
    """The plant's diagram twice, for a wide page and for a phone: the page's style shows one of them."""
    wide, narrow = (diagram.plant(run, width=width) for width in (DESKTOP, PHONE))
    if wide:
        colours = figures.state_colours(run)
        key = "".join(f'<span><i class="{ink}"></i>{escape(state)}</span>' for state, ink in colours.items())
        back = " Dashed links lead back." if 'class="link back"' in wide else ""
        yield text(f"How its assets are linked, each with its share of time in each state.{back}")
        drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
        yield f'<figure class="plant">{drawn}<figcaption class="key">{key}</figcaption></figure>'
