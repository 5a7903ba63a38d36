"""How good a run's forecasts were, from its tables. Everything is prequential: made before the truth was known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.lab.record.loading import Run

Floats = NDArray[np.float64]
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
THRESHOLD = 0.5  # probability from which a forecast counts as an alarm
NO_ERROR = 1e-12  # mean error of a reference that is none but for rounding
WINDOW = 500  # labels in which an interval's coverage is looked at


def scores(run: Run, since: float = 2 / 3) -> dict[str, float]:
    """All scores of the forecasts issued at or after `since` times the run's horizon, by name.

    Names end in the target and the horizon, or in the lead, in ticks.
    """
    start = since * float(run.run.get("horizon") or 0.0)
    late = run.forecasts["issued"] >= start
    result = forecast_scores(run.forecasts[late], scale=run.forecasts[~late])
    result |= overall(run.forecasts[late], result)
    hazards = renewable(run)
    return result | hazard_scores(hazards[hazards["issued"] >= start])


def renewable(run: Run) -> pd.DataFrame:
    """The hazards of assets that a work order can renew, where the run names any.

    An asset that represents a whole line never fails itself: it would make every score look better.
    """
    orders = [a["key"].rpartition(".")[0] for a in run.run.get("actuators") or [] if a.get("kind") == "work_order"]
    return run.hazards[run.hazards["asset"].isin(orders)] if orders else run.hazards


def forecast_scores(table: pd.DataFrame, scale: pd.DataFrame | None = None) -> dict[str, float]:
    """Of a `forecasts` table, per target and horizon:

    - mae
    - mase: scaled by the persistence error at the shortest horizon over the rows of `scale`, those that came before
      (Hyndman & Koehler 2006), or over the table itself where there are none
    - pinball: mean over the quantiles; crps: twice that (Gneiting & Raftery 2007)
    - coverage90, width90, and interval90, the interval score, of the 90 % interval (ibid., eq. 43)
    - crps_ratio: CRPS over that of persistence, which is its MAE
    - skill_persistence, skill_ewma: 1 - MAE / MAE of the reference
    - labels, independent: what all of these rest on, see `independent`

    A ratio to a reference that makes no error is NaN.
    """
    result: dict[str, float] = {}
    if table.empty:
        return result
    unit = _persistence_error(table)
    if scale is not None:
        unit |= _persistence_error(scale)
    for (target, horizon), rows in table.groupby(["target", "horizon"], observed=True):
        truth = rows["truth"].to_numpy()
        mae = float(np.abs(rows["q50"] - truth).mean())
        name = f"{target}.h{horizon}"
        result[f"mae.{name}"] = mae
        result[f"mase.{name}"] = _over(mae, unit.get(str(target), np.nan))
        loss = float(np.mean([pinball(truth, rows[q].to_numpy(), tau) for q, tau in LEVELS.items()]))
        result[f"pinball.{name}"], result[f"crps.{name}"] = loss, 2 * loss
        result[f"coverage90.{name}"] = float(((truth >= rows["q05"]) & (truth <= rows["q95"])).mean())
        result[f"width90.{name}"] = float((rows["q95"] - rows["q05"]).mean())
        result[f"interval90.{name}"] = interval_score(rows)
        result[f"crps_ratio.{name}"] = _over(2 * loss, float((rows["persistence"] - rows["truth"]).abs().mean()))
        for reference in ("persistence", "ewma"):
            against = float(np.abs(rows[reference] - truth).mean())
            result[f"skill_{reference}.{name}"] = 1 - _over(mae, against)
        result[f"labels.{name}"] = float(len(rows))
        result[f"independent.{name}"] = float(independent(rows, int(str(horizon))))
    return result


def _over(error: float, reference: float) -> float:
    """The ratio of two mean errors; NaN where the reference has none, so that no ratio means anything."""
    return error / reference if reference > NO_ERROR else float("nan")


def independent(rows: pd.DataFrame, horizon: int) -> int:
    """How many labels of one target and horizon do not overlap: of each asset one in `horizon`.

    A forecast 36 ticks ahead that is made every tick shares 35 of its 36 ticks with the next one, so 96 labels of eight
    assets over twelve ticks are no more than eight looks. Assets count as independent of each other.
    """
    return sum(-(-len(labels) // horizon) for _, labels in rows.groupby("asset", observed=True))


def _persistence_error(table: pd.DataFrame) -> dict[str, float]:
    shortest = table[table["horizon"] == table["horizon"].min()]
    error = (shortest["persistence"] - shortest["truth"]).abs()
    return {str(k): float(v) for k, v in error.groupby(shortest["target"].astype(str)).mean().items()}


def interval_score(rows: pd.DataFrame) -> float:
    """Mean width of the 90 % interval plus 2 / .1 times what truths lie outside it (Winkler 1972)."""
    beyond = np.maximum(rows["q05"] - rows["truth"], 0.0) + np.maximum(rows["truth"] - rows["q95"], 0.0)
    return float((rows["q95"] - rows["q05"] + 20.0 * beyond).mean())


def overall(table: pd.DataFrame, by_name: Mapping[str, float]) -> dict[str, float]:
    """Over all targets:

    - crps_ratio: geometric mean of those by name
    - coverage90: pooled; an infinite interval counts as a miss
    - windows90.hH: share of the windows of WINDOW labels in a row, of one asset's target at a horizon, in which the
      interval covers between 85 and 95 %
    """
    result: dict[str, float] = {}
    if table.empty:
        return result
    ratios = [value for name, value in by_name.items() if name.startswith("crps_ratio.") and value > 0]
    if ratios:
        result["crps_ratio"] = float(np.exp(np.mean(np.log(ratios))))
    inside = (table["truth"] >= table["q05"]) & (table["truth"] <= table["q95"])
    inside &= np.isfinite(table["q05"]) & np.isfinite(table["q95"])
    result["coverage90"] = float(inside.mean())
    labels = table[["horizon", "asset", "target", "issued"]].assign(inside=inside).sort_values("issued", kind="stable")
    for horizon, rows in labels.groupby("horizon"):
        series = rows.groupby(["asset", "target"], observed=True)["inside"]
        shares = [_moving_mean(one.to_numpy(dtype=float)) for _, one in series if len(one) >= WINDOW]
        if shares:
            share = np.concatenate(shares)
            result[f"windows90.h{horizon}"] = float(((share > 0.85 - 1e-9) & (share < 0.95 + 1e-9)).mean())
    return result


def _moving_mean(values: Floats) -> Floats:
    """[n - WINDOW + 1] means of WINDOW neighbours."""
    total = np.cumsum(np.r_[0.0, values])
    result: Floats = (total[WINDOW:] - total[:-WINDOW]) / WINDOW
    return result


def pinball(truth: Floats, quantile: Floats, level: float) -> float:
    """Mean pinball loss of a quantile forecast (Koenker & Bassett 1978)."""
    gap = truth - quantile
    return float(np.maximum(level * gap, (level - 1) * gap).mean())


def hazard_scores(table: pd.DataFrame) -> dict[str, float]:
    """Of a `hazards` table, per lead: brier, brier_skill against the constant rate, average_precision, and accuracy,
    precision, recall, f1 for `probability >= 0.5`; observed_expected, failures over the sum of the probabilities;
    labels and failures_seen, what these rest on: known outcomes, and the failures among them, each counted once.

    An outcome that maintenance hid is left out, and those that were seen are weighted for it (see `weights`). Where no
    failure was seen, average_precision, precision, recall and f1 are NaN: there was nothing to find.
    Remaining life in ticks, restricted to the longest lead: rul_rmse over rows whose failure was seen, and
    rul_rmse_all, weighted, over those too that outlived the lead.
    """
    result: dict[str, float] = {}
    for lead, rows in table.groupby("lead"):
        result |= {f"{name}.h{lead}": value for name, value in _lead_scores(rows, float(str(lead))).items()}
    if len(table):
        result |= _life_scores(table)
    return result


def _lead_scores(rows: pd.DataFrame, lead: float) -> dict[str, float]:
    outcome, weight = rows["outcome"].to_numpy(), weights(rows, lead)
    known = np.isfinite(outcome) & (weight > 0)
    if not known.any():
        return {}
    failures = _failures(rows[outcome == 1.0])
    outcome, weight = outcome[known], weight[known]
    chance, constant = rows["probability"].to_numpy()[known], rows["constant"].to_numpy()[known]
    brier, base = brier_score(outcome, chance, weight), brier_score(outcome, constant, weight)
    result = {"brier": brier, "brier_skill": 1 - brier / base if base > 0 else float("nan")}
    result["observed_expected"] = _over(float((weight * outcome).sum()), float((weight * chance).sum()))
    result |= {"labels": float(len(outcome)), "failures_seen": float(failures)}
    result["average_precision"] = average_precision(outcome, chance, weight)
    return result | classification(outcome, chance >= THRESHOLD, weight)


def _failures(rows: pd.DataFrame) -> int:
    """How many failures the rows lead to: those of one failure differ in when they were issued."""
    issued = np.unique(rows["issued"].to_numpy())
    tick = float(np.diff(issued).min()) if len(issued) > 1 else 1.0
    moment = np.round(rows["issued"] / tick + rows["time_to_event"], 3)
    return len(pd.DataFrame({"asset": rows["asset"].astype(str), "moment": moment}).drop_duplicates())


def weights(rows: pd.DataFrame, lead: float) -> Floats:
    """[rows] inverse probability of censoring weights; 0 for a censored row.

    A row counts 1/G(T-) at its failure T, or 1/G(lead-) where it outlived the lead (Graf et al. 1999), G being
    the Kaplan-Meier estimate of remaining uncensored and `exposure` the time (ticks) to whatever came first. No weight
    exceeds 20. This undoes censoring that is independent of the life left. Maintenance that follows the forecast is
    not: it hides the failures of those that were judged worst, and a run under run_to_failure is then the fair ground.
    """
    censored = ~np.isfinite(rows["outcome"].to_numpy())
    time = np.minimum(rows["exposure"].to_numpy(), lead)
    moments, place = np.unique(time, return_inverse=True)
    count = np.bincount(place, minlength=len(moments))
    hidden = np.bincount(place, weights=censored, minlength=len(moments))
    at_risk = count[::-1].cumsum()[::-1]
    remaining = np.r_[1.0, np.cumprod(1.0 - hidden / at_risk)]  # just before each moment
    return np.where(censored, 0.0, 1.0 / np.maximum(remaining[place], 0.05))


def brier_score(outcome: Floats, chance: Floats, weight: Floats) -> float:
    """Weighted mean squared error of probabilities (Brier 1950)."""
    return float(np.average((chance - outcome) ** 2, weights=weight))


def average_precision(outcome: Floats, chance: Floats, weight: Floats) -> float:
    """Area under the precision-recall curve by steps; NaN without a failure."""
    total = float((weight * outcome).sum())
    if total == 0:
        return float("nan")
    order = np.argsort(-chance, kind="stable")
    hit, drawn = np.cumsum((weight * outcome)[order]), np.cumsum(weight[order])
    last = np.r_[np.diff(chance[order]) != 0, True]  # equal chances are taken together
    precision, recall = hit[last] / drawn[last], hit[last] / total
    return float((np.diff(np.r_[0.0, recall]) * precision).sum())


def classification(outcome: Floats, alarm: NDArray[np.bool_], weight: Floats) -> dict[str, float]:
    """Weighted accuracy, precision, recall and F1; a ratio without a denominator is NaN, as all but accuracy are
    without a failure."""
    failed = outcome == 1.0
    both, alarms, failures = (float((weight * mask).sum()) for mask in (failed & alarm, alarm, failed))
    right = float((weight * (failed == alarm)).sum())
    return {
        "accuracy": right / float(weight.sum()),
        "precision": both / alarms if alarms and failures else float("nan"),
        "recall": both / failures if failures else float("nan"),
        "f1": 2 * both / (alarms + failures) if failures else float("nan"),
    }


def _life_scores(table: pd.DataFrame) -> dict[str, float]:
    """Remaining life, forecast as the restricted mean, against what came, restricted alike to the longest lead."""
    lead = float(table["lead"].max())
    rows = table[table["lead"] == table["lead"].max()]
    result: dict[str, float] = {}
    seen = rows[rows["time_to_event"].notna()]
    if len(seen):
        gap = seen["remaining"].to_numpy() - np.minimum(seen["time_to_event"].to_numpy(), lead)
        result = {"rul_rmse": float(np.sqrt((gap**2).mean()))}
    weight = weights(rows, lead)
    if weight.any():
        gap = rows["remaining"].to_numpy() - np.minimum(rows["exposure"].to_numpy(), lead)
        result["rul_rmse_all"] = float(np.sqrt(np.average(gap**2, weights=weight)))
    return result


def phm08(gap: Floats) -> float:
    """Sum of exp(-d/13) - 1 for early and exp(d/10) - 1 for late predictions (Saxena et al. 2008).

    gap: d = predicted - true, cycles or ticks.
    """
    return float(np.where(gap < 0, np.expm1(-gap / 13.0), np.expm1(gap / 10.0)).sum())
