"""The sections of key figures, and of the network with its accounts of messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from twin.lab.draw.page import pairs, text
from twin.lab.record.loading import Run
from twin.lab.report import caveats
from twin.lab.report.closing_table import headlines, network, network_balance
from twin.lab.report.wording import figure_pairs


def key_figures(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    if run.kpis:
        yield from map(text, caveats.about_figures(run.kpis))
        yield pairs([(name.replace("_", " "), caveats.cell(name, run.kpis)) for name, _ in headlines(run.kpis)])


def network_figures(run: Run, _: Mapping[str, float]) -> Iterator[str]:
    rows = network(run.kpis)
    if rows:
        yield text(" ".join(network_balance(run.kpis)))
        delay = (run.readings["arrived"] - run.readings["time"]).to_numpy()
        if len(delay):
            middle, late, last = np.nanquantile(delay, [0.5, 0.99, 1.0])
            yield text(f"Readings arrived after {middle:.3g} s (median), {late:.3g} s (99 %), {last:.3g} s (the last).")
        yield pairs(figure_pairs(rows))
