"""The section about sensors: what was forecast beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from twin.lab.draw.page import folded, text
from twin.lab.record.loading import Run
from twin.lab.report import forecast_bands as bands
from twin.lab.report.wording import left_out, ticks_and_hours

SHOWN_SENSORS = 16  # signals, at most


OPEN_SENSORS = 3  # of those, not folded away


BUDGET = 1_300_000  # characters of the sensors' bands, so that no page is much larger


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    if run.forecasts.empty:
        return
    horizon = bands.middle(run.forecasts["horizon"], 6)
    made = run.forecasts[run.forecasts["horizon"] == horizon]
    names = bands.most_telling(run, made)
    yield text(
        f"Forecasts made {ticks_and_hours(run, horizon)} ahead, entered before the truth was known, beside what was "
        "measured. "
        "First the assets to which most happened."
    )
    yield bands.key()
    size = 0
    for place, name in enumerate(names[:SHOWN_SENSORS]):
        drawn = bands.bands(run, made, name)
        size += len(drawn)
        if size > BUDGET and place:
            yield left_out(names, place)
            return
        yield f"<h3>{escape(name)}</h3>{drawn}" if place < OPEN_SENSORS else folded(name, drawn)
    yield left_out(names, SHOWN_SENSORS)
