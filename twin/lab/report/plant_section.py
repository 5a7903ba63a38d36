"""The section about the plant: its picture, its assets' states over time, its objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

import pandas as pd

from twin.lab.draw.page import text
from twin.lab.draw.words import counted
from twin.lab.record.loading import Run
from twin.lab.record.outlook_file import read_outlook
from twin.lab.report import figures, place_map
from twin.lab.report import plant_diagram as diagram
from twin.lab.report.one_line import one_line
from twin.lab.report.wording import left_out

Picture = tuple[str, Callable[[bool], str], str]  # what it shows; how it is drawn, on a phone or not; its key, as HTML
SHOWN_STATES = 40  # assets, at most
NAMED = 8  # assets that were in one state all the time
DESKTOP, PHONE = 1000, 330  # pixels, width of the plant's picture on a wide page and on a phone


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
        yield text(_in_one_state(quiet))
    key = (run.run.get("objective") or {}).get("signal")
    measured = run.readings[run.readings["signal"] == key]["time"] if key else pd.Series(dtype=float)
    if measured.nunique() > 2:
        yield "<h3>The objective</h3>" + text("As the plant's counter reported it.") + figures.objective(run)


def _in_one_state(names: Sequence[str]) -> str:
    rest = f" and {counted(len(names) - NAMED, 'other')}" if len(names) > NAMED else ""
    return f"In one state all the time: {', '.join(names[:NAMED])}{rest}." if names else ""


def _picture(run: Run) -> Iterator[str]:
    """The plant as it lies: a map, a one-line diagram, or its assets and the links between them.

    Drawn twice, for a wide page and for a phone: the page's style shows one of them.
    """
    for about, draw, key in (_map(run), _one_line(run), _diagram(run)):
        wide, narrow = draw(False), draw(True)
        if wide:
            back = " Dashed links lead back." if 'class="link back"' in wide else ""
            yield text(about + back)
            drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
            yield f'<figure class="plant">{drawn}<figcaption class="key">{key}</figcaption></figure>'
            return


def _map(run: Run) -> Picture:
    top = place_map.most_waiting(run)
    marked = [str(name) for name in (read_outlook(run.path).get("bottleneck") or {}).get("assets") or []]
    most = f"{top:.2g} waiting, mean of the run" if top > 0 else "nobody waited"
    key = f'<span><i class="quiet"></i>nobody waits</span><span><i class="red"></i>{most}</span>'
    key += '<span><i class="ring"></i>bottleneck</span>' if marked else ""
    about = "Where its roads and crossings lie, north above; each direction of a road on its own side."
    return about, lambda phone: place_map.place_map(run, width=PHONE if phone else DESKTOP, marked=marked), key


def _one_line(run: Run) -> Picture:
    about = "One-line diagram: what feeds the bus on one side, the loads on the other; power is the mean of the run."
    return about, lambda phone: one_line(run, upright=phone), _states_key(run)


def _diagram(run: Run) -> Picture:
    about = "How its assets are linked, side by side where they do the same, each with its share of time in each state."
    return about, lambda phone: diagram.plant(run, width=PHONE if phone else DESKTOP), _states_key(run)


def _states_key(run: Run) -> str:
    colours = figures.state_colours(run)
    return "".join(f'<span><i class="{ink}"></i>{escape(state)}</span>' for state, ink in colours.items())
