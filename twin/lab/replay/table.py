"""What a replay prints, and the same figures as rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from twin.lab.draw.terminal import TextConsole
from twin.lab.draw.words import number
from twin.lab.record.run_directory import REPORT
from twin.lab.replay.turbofans import PUBLISHED
from twin.lab.report.closing_table import print_failures, print_forecasts

Figures = Mapping[str, float]
AGE = {True: "with_cycle", False: "without_cycle"}
LIVES = ("rmse_capped", "rmse_raw", "score_capped", "score_raw", "bias_capped")


def mean(of_seeds: Sequence[Figures]) -> dict[str, float]:
    """Mean over the seeds, by name."""
    return {name: float(np.mean([figures[name] for figures in of_seeds])) for name in of_seeds[0]}


def deviation(of_seeds: Sequence[Figures]) -> dict[str, float]:
    """Standard deviation over the seeds, by name; NaN for one seed."""
    return {
        name: float(np.std([figures[name] for figures in of_seeds], ddof=1)) if len(of_seeds) > 1 else float("nan")
        for name in of_seeds[0]
    }


def print_cmapss(by_age: Mapping[bool, Sequence[Figures]]) -> None:
    """Scores on the test engines beside the published ones, then the training stream's prequential scores."""
    console = TextConsole(110)
    table = Table(
        "FD001, test engines at their last cycle",
        "RMSE capped",
        "RMSE raw",
        "score capped",
        "score raw",
        "seeds",
        box=None,
        header_style="bold",
    )
    for age, figures in by_age.items():
        middle, spread = mean(figures), deviation(figures)
        cells = [_with_spread(middle[name], spread[name], 2) for name in LIVES[:2]]
        cells += [_with_spread(middle[name], spread[name], 0) for name in LIVES[2:4]]
        table.add_row(f"tandem, {AGE[age].replace('_', ' elapsed ')}", *cells, str(len(figures)))
    for name, rmse, score in PUBLISHED:
        table.add_row(f"{name} (published)", f"{rmse:.2f}", "", f"{score:.0f}", "", "")
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)
    console.print("capped: against remaining life of at most 125 cycles; raw: against all of it")
    for age, figures in by_age.items():
        console.print(f"\ntraining engines as a stream, {AGE[age].replace('_', ' elapsed ')}")
        print_forecasts(console, mean(figures), "second half")
        print_failures(console, mean(figures), "second half")


def _with_spread(mean: float, spread: float, decimals: int) -> str:
    """Mean ± standard deviation over seeds; of one seed there is no deviation."""
    middle = f"{mean:.{decimals}f}"
    return middle if math.isnan(spread) else f"{middle} ± {spread:.{decimals}f}"


def cmapss_rows(by_age: Mapping[bool, Sequence[Figures]]) -> list[dict[str, Any]]:
    """dataset, metric, value (mean over seeds), sd, seeds, elapsed_cycle; published figures with their source."""
    rows: list[dict[str, Any]] = []
    for age, figures in by_age.items():
        spread = deviation(figures)
        rows += [
            {
                "dataset": "cmapss",
                "metric": f"{name}.{AGE[age]}",
                "value": value,
                "sd": spread[name],
                "seeds": len(figures),
                "elapsed_cycle": age,
                "source": "tandem",
            }
            for name, value in mean(figures).items()
        ]
        rows += [
            {
                "dataset": "cmapss",
                "metric": f"rmse_capped.{AGE[age]}.seed",
                "value": one["rmse_capped"],
                "elapsed_cycle": age,
                "source": "tandem",
            }
            for one in figures
        ]
    for name, rmse, score in PUBLISHED:
        rows += [
            {"dataset": "cmapss", "metric": metric, "value": value, "source": name}
            for metric, value in (("rmse_capped", rmse), ("score_capped", score))
        ]
    return rows


def print_csv(of_seeds: Sequence[Figures], places: Sequence[Path]) -> None:
    """Prequential scores of the last third, alarms, and where the reports are."""
    console, figures = TextConsole(110), mean(of_seeds)
    print_forecasts(console, figures)
    print_failures(console, figures)
    odd = {
        name: figures[name] for name in ("readings_out_of_range", "readings_stuck", "readings_late") if figures[name]
    }
    if odd:
        console.print(", ".join(f"{name.replace('_', ' ')} {number(value)}" for name, value in odd.items()))
    if alarms := figures["drift_alarms"]:
        console.print(f"residual alarms {number(alarms)}{' (mean over seeds)' * (len(of_seeds) > 1)}, see the report")
    for place in places:
        page = place / REPORT
        console.print(str(page if page.exists() else place), style="bold", soft_wrap=True, highlight=False)


def csv_rows(of_seeds: Sequence[Figures], name: str) -> list[dict[str, Any]]:
    """dataset, metric, value (mean over seeds), sd, seeds."""
    spread = deviation(of_seeds)
    return [
        {"dataset": name, "metric": metric, "value": value, "sd": spread[metric], "seeds": len(of_seeds)}
        for metric, value in mean(of_seeds).items()
    ]
