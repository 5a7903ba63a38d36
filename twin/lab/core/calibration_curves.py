"""Whether forecasts came true as often as they said: shares below quantiles, failures by probability."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from twin.lab.core.scores import LEVELS, Floats, weights


def calibration(table: pd.DataFrame) -> Mapping[int, list[tuple[float, float]]]:
    """Per horizon: (nominal level, observed share below the quantile), over all targets."""
    return {
        int(str(horizon)): [(tau, float((rows["truth"] <= rows[q]).mean())) for q, tau in LEVELS.items()]
        for horizon, rows in table.groupby("horizon")
    }


def pit(table: pd.DataFrame) -> Mapping[int, Floats]:
    """Per horizon: [quantiles + 1] share of truths between neighbouring quantiles over the share that belongs there.

    A histogram of the probability integral transform (Dawid 1984) on the bins that the quantiles make; 1 all over
    where the forecast is calibrated.
    """
    expected = np.diff(np.r_[0.0, list(LEVELS.values()), 1.0])
    result: dict[int, Floats] = {}
    for horizon, rows in table.groupby("horizon"):
        above = (rows["truth"].to_numpy()[:, None] > rows[list(LEVELS)].to_numpy()).sum(1)
        shares = np.bincount(above, minlength=len(expected)) / len(rows)
        result[int(str(horizon))] = shares / expected
    return result


def hazard_calibration(table: pd.DataFrame, bins: int = 8) -> Mapping[int, list[tuple[float, float]]]:
    """Per lead: (mean probability, share that failed) in bins of equal weight by probability.

    Weighted for censoring, see `weights`.
    """
    result: dict[int, list[tuple[float, float]]] = {}
    for lead, rows in table.groupby("lead"):
        weight, outcome = weights(rows, float(str(lead))), rows["outcome"].to_numpy()
        known = np.flatnonzero((weight > 0) & np.isfinite(rows["probability"].to_numpy()))
        order = known[np.argsort(rows["probability"].to_numpy()[known], kind="stable")]
        share = np.cumsum(weight[order]) / max(float(weight[order].sum()), 1e-12)
        groups = np.split(order, np.searchsorted(share, np.arange(1, bins) / bins))
        result[int(str(lead))] = [
            (
                float(np.average(rows["probability"].to_numpy()[group], weights=weight[group])),
                float(np.average(outcome[group], weights=weight[group])),
            )
            for group in groups
            if len(group)
        ]
    return result
