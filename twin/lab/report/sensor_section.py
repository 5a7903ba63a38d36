"""The section about sensors: what was forecast beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from twin.lab.draw.choice import choice
from twin.lab.draw.page import text
from twin.lab.record.loading import Run
from twin.lab.report import forecast_bands as bands
from twin.lab.report.wording import left_out, ticks_and_hours

SHOWN_SENSORS = 16  # assets to choose from, at most
BUDGET = 1_300_000  # characters of the sensors' bands, so that no page is much larger


def section(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    if run.forecasts.empty:
        return
    horizon = bands.middle(run.forecasts["horizon"], 6)
    made = run.forecasts[run.forecasts["horizon"] == horizon]
    names = bands.most_telling(run, made)
    yield text(
        f"Forecasts made {ticks_and_hours(run, horizon)} ahead, entered before the truth was known, beside what was "
        "measured. First the asset to which most happened."
    )
    yield bands.key()
    drawn: list[tuple[str, str]] = []
    for name in names[:SHOWN_SENSORS]:
        block = bands.bands(run, made, name)
        if drawn and sum(len(body) for _, body in drawn) + len(block) > BUDGET:
            break
        drawn.append((name, block or text("Hardly anything was measured here.")))
    yield choice("Forecasts of", drawn)
    yield left_out(names, len(drawn))
