from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.lab.runs import make_run
from twin.lab.core import calibration_curves, scores
from twin.lab.record.loading import load


def table(outcome: np.ndarray, chance: np.ndarray, exposure: np.ndarray, lead: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "issued": 0.0,
            "asset": "a",
            "lead": lead,
            "probability": chance,
            "constant": np.full(len(chance), chance.mean()),
            "outcome": outcome,
            "remaining": 5.0,
            "time_to_event": np.where(outcome == 1, exposure, np.nan),
            "exposure": exposure,
        }
    )


def test_pinball_of_the_median_is_half_the_absolute_error() -> None:
    assert scores.pinball(np.array([1.0, 5.0]), np.array([2.0, 2.0]), 0.5) == 1.0


def test_crps_of_a_perfect_forecast_is_nothing_and_coverage_is_counted() -> None:
    rows = pd.DataFrame({"truth": [1.0, 2.0, 3.0, 4.0], "persistence": 0.0, "ewma": 1.0})
    rows = rows.assign(asset="a", target="x", horizon=1)
    for q in scores.LEVELS:
        rows[q] = rows["truth"]
    rows.loc[3, ["q75", "q95"]] = 3.5
    rows.loc[3, ["q05", "q25", "q50"]] = 3.0
    result = scores.forecast_scores(rows)
    assert result["coverage90.x.h1"] == 0.75
    assert result["mae.x.h1"] == 0.25
    assert result["skill_persistence.x.h1"] == pytest.approx(1 - 0.25 / 2.5)


def test_censoring_weights_recover_the_brier_score_of_uncensored_lives() -> None:
    random = np.random.default_rng(0)
    count, lead = 40_000, 10
    rate = random.uniform(0.01, 0.2, count)
    life, cut = random.exponential(1 / rate), random.exponential(15, count)
    chance = 1 - np.exp(-rate * lead)
    full = np.where(life <= lead, 1.0, 0.0)
    whole = scores.brier_score(full, chance, np.ones(count))
    outcome = np.where((life <= lead) & (life <= cut), 1.0, np.where(np.minimum(life, cut) >= lead, 0.0, np.nan))
    rows = table(outcome, chance, np.minimum(life, cut), lead)
    weight = scores.weights(rows, lead)
    known = np.isfinite(outcome)
    weighted = scores.brier_score(outcome[known], chance[known], weight[known])
    naive = scores.brier_score(outcome[known], chance[known], np.ones(known.sum()))
    assert weighted == pytest.approx(whole, rel=0.02)
    assert abs(naive - whole) > 3 * abs(weighted - whole)


def test_average_precision_by_hand_and_of_a_random_order() -> None:
    outcome, chance = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1])
    assert scores.average_precision(outcome, chance, np.ones(4)) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert scores.average_precision(outcome, np.full(4, 0.5), np.ones(4)) == pytest.approx(0.5)


def test_classification_by_hand() -> None:
    result = scores.classification(
        np.array([1.0, 1.0, 0.0, 0.0, 0.0]), np.array([True, False, True, False, False]), np.ones(5)
    )
    assert result == pytest.approx({"accuracy": 0.6, "precision": 0.5, "recall": 0.5, "f1": 0.5})


def test_phm08_punishes_late_more_than_early() -> None:
    assert scores.phm08(np.array([-13.0])) == pytest.approx(np.e - 1)
    assert scores.phm08(np.array([10.0])) == pytest.approx(np.e - 1)
    assert scores.phm08(np.array([13.0])) > scores.phm08(np.array([-13.0]))


def test_skill_is_positive_only_for_better_than_constant() -> None:
    random = np.random.default_rng(1)
    chance = random.uniform(0, 1, 5000)
    outcome = (random.random(5000) < chance).astype(float)
    exposure = np.where(outcome == 1, 5.0, 10.0)
    assert scores.hazard_scores(table(outcome, chance, exposure))["brier_skill.h10"] == pytest.approx(1 / 3, abs=0.05)
    assert scores.hazard_scores(table(outcome, 1 - chance, exposure))["brier_skill.h10"] < 0


def forecasts(count: int, spread: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Normal truths; quantiles of a normal forecast of that spread."""
    random = np.random.default_rng(seed)
    truth = random.normal(size=count)
    rows = pd.DataFrame({"truth": truth, "persistence": truth + 1.0, "ewma": truth - 2.0})
    rows = rows.assign(asset="a", target="x", horizon=1)
    for name, level in scores.LEVELS.items():
        rows[name] = spread * stats.norm.ppf(level)
    return rows


def test_scores_of_a_calibrated_normal_forecast_are_those_of_theory() -> None:
    result = scores.forecast_scores(forecasts(40_000))
    assert result["coverage90.x.h1"] == pytest.approx(0.9, abs=0.006)
    assert result["width90.x.h1"] == pytest.approx(2 * stats.norm.ppf(0.95))
    assert result["mae.x.h1"] == pytest.approx(np.sqrt(2 / np.pi), rel=0.02)
    # The mean pinball loss of a normal's own quantile at level a is its density there.
    theory = np.mean([stats.norm.pdf(stats.norm.ppf(level)) for level in scores.LEVELS.values()])
    assert result["pinball.x.h1"] == pytest.approx(theory, rel=0.02)
    assert result["crps.x.h1"] == 2 * result["pinball.x.h1"]
    assert result["skill_persistence.x.h1"] == pytest.approx(1 - result["mae.x.h1"])
    assert result["skill_ewma.x.h1"] == pytest.approx(1 - result["mae.x.h1"] / 2)


def test_interval_score_of_a_calibrated_normal_forecast_is_that_of_theory_and_the_least() -> None:
    z = stats.norm.ppf(0.95)
    theory = 2 * z + 20 * 2 * (stats.norm.pdf(z) - z * stats.norm.sf(z))
    found = {spread: scores.interval_score(forecasts(40_000, spread)) for spread in (0.7, 1.0, 1.4)}
    assert found[1.0] == pytest.approx(theory, rel=0.02)
    assert min(found, key=found.__getitem__) == 1.0


def test_windows_of_an_ideal_forecaster_fall_short_where_labels_overlap() -> None:
    """README's row: labels are means of the next h values of white noise, intervals those of their distribution."""
    random, count, found = np.random.default_rng(0), 60_000, {}
    for horizon in (1, 6, 36, 144):
        total = np.cumsum(random.normal(size=count + horizon))
        truth = (total[horizon:] - total[:-horizon]) / np.sqrt(horizon)
        rows = forecasts(count).assign(asset="a", issued=np.arange(float(count)), truth=truth, horizon=horizon)
        found |= scores.overall(rows, {})
    assert [found[f"windows90.h{h}"] for h in (1, 6, 36, 144)] == pytest.approx([0.9999, 0.971, 0.64, 0.30], abs=0.05)
    assert found["coverage90"] == pytest.approx(0.9, abs=0.02)


def test_windows_and_pooled_coverage_count_what_is_inside() -> None:
    rows = forecasts(2000).assign(asset="a", issued=np.arange(2000.0))
    good = scores.overall(rows, {"crps_ratio.x.h1": 0.5, "crps_ratio.y.h1": 2.0, "mae.x.h1": 9.0})
    assert good == pytest.approx({"crps_ratio": 1.0, "coverage90": 0.9, "windows90.h1": 1.0}, abs=0.02)
    half = rows.assign(truth=rows["truth"].where(rows["issued"] < 1000, 99.0))
    assert scores.overall(half, {})["coverage90"] == pytest.approx(0.45, abs=0.02)
    assert scores.overall(half, {})["windows90.h1"] == pytest.approx(501 / 1501, abs=0.05)
    infinite = scores.overall(rows.assign(q95=np.inf), {})
    assert infinite == {"coverage90": 0.0, "windows90.h1": 0.0}
    assert "windows90.h1" not in scores.overall(rows[:499], {})


def test_no_spread_scores_better_than_the_true_one() -> None:
    losses = {
        spread: scores.forecast_scores(forecasts(20_000, spread))["pinball.x.h1"]
        for spread in (0.5, 0.8, 1.0, 1.25, 2.0)
    }
    assert min(losses, key=losses.__getitem__) == 1.0


def test_mase_is_scaled_by_what_came_before() -> None:
    now, before = forecasts(1000), forecasts(1000, seed=1)
    before["persistence"] = before["truth"] + 4.0
    longer = before.assign(horizon=6, persistence=100.0)
    result = scores.forecast_scores(now, scale=pd.concat([before, longer]))
    assert result["mase.x.h1"] == pytest.approx(result["mae.x.h1"] / 4)
    assert scores.forecast_scores(now)["mase.x.h1"] == pytest.approx(result["mae.x.h1"])
    assert scores.forecast_scores(now, scale=before[:0])["mase.x.h1"] == pytest.approx(result["mae.x.h1"])


def test_the_transform_of_a_calibrated_forecast_is_flat_and_of_a_narrow_one_is_a_bowl() -> None:
    assert calibration_curves.pit(forecasts(40_000))[1] == pytest.approx(np.ones(6), abs=0.06)
    narrow = calibration_curves.pit(forecasts(40_000, 0.5))[1]
    assert narrow[0] > 2 < narrow[-1]
    assert narrow @ [0.05, 0.2, 0.25, 0.25, 0.2, 0.05] == pytest.approx(1.0)


def test_weights_are_the_kaplan_meier_curve_worked_by_hand() -> None:
    # Censored at 1 and twice at 3, failed at 2 and 4, one outlives the lead.
    exposure = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 9.0])
    outcome = np.array([np.nan, 1.0, np.nan, np.nan, 1.0, 0.0])
    after_first, after_third = 5 / 6, 5 / 6 * 1 / 2
    expected = [0.0, 1 / after_first, 0.0, 0.0, 1 / after_third, 1 / after_third]
    assert scores.weights(table(outcome, np.full(6, 0.5), exposure), 9) == pytest.approx(expected)


def test_weights_add_up_to_the_number_of_rows() -> None:
    random = np.random.default_rng(3)
    life, cut = random.exponential(20, 5000), random.exponential(30, 5000)
    outcome = np.where((life <= 10) & (life <= cut), 1.0, np.where(np.minimum(life, cut) >= 10, 0.0, np.nan))
    weight = scores.weights(table(outcome, np.full(5000, 0.4), np.minimum(life, cut)), 10)
    assert weight.sum() == pytest.approx(5000, rel=1e-6)


def test_where_nothing_was_hidden_nothing_is_weighted() -> None:
    outcome = np.array([1.0, 0.0, 1.0])
    assert scores.weights(table(outcome, np.full(3, 0.5), np.array([2.0, 10.0, 3.0])), 10).tolist() == [1.0, 1.0, 1.0]


def test_weights_recover_the_failure_scores_that_maintenance_hid() -> None:
    random = np.random.default_rng(5)
    count, lead = 60_000, 10
    rate = random.choice([0.005, 0.15], count)
    life, cut = random.exponential(1 / rate), random.exponential(12, count)
    chance = 1 - np.exp(-rate * lead)
    open_, shut = np.minimum(life, lead), np.minimum(np.minimum(life, cut), lead)
    outcome = np.where((life <= lead) & (life <= cut), 1.0, np.where(shut >= lead, 0.0, np.nan))
    whole = scores.hazard_scores(table(np.where(life <= lead, 1.0, 0.0), chance, open_, lead))
    hidden = scores.hazard_scores(table(outcome, chance, shut, lead))
    for name in (
        "brier",
        "brier_skill",
        "accuracy",
        "precision",
        "recall",
        "f1",
        "average_precision",
        "observed_expected",
    ):
        assert hidden[f"{name}.h10"] == pytest.approx(whole[f"{name}.h10"], rel=0.05), name
    assert hidden["rul_rmse_all"] == pytest.approx(whole["rul_rmse_all"], rel=0.03)
    curves = [
        calibration_curves.hazard_calibration(table(o, chance, t, lead), bins=2)[10]
        for o, t in ((np.where(life <= lead, 1.0, 0.0), open_), (outcome, shut))
    ]
    assert np.array(curves[1]) == pytest.approx(np.array(curves[0]), abs=0.03)


def test_a_calibrated_hazard_lies_on_the_diagonal() -> None:
    random = np.random.default_rng(2)
    chance = random.uniform(0, 1, 40_000)
    outcome = (random.random(40_000) < chance).astype(float)
    points = np.array(
        calibration_curves.hazard_calibration(table(outcome, chance, np.where(outcome == 1, 5.0, 10.0)))[10]
    )
    assert len(points) == 8
    assert points[:, 1] == pytest.approx(points[:, 0], abs=0.03)


def test_remaining_life_is_compared_up_to_the_longest_lead() -> None:
    rows = table(np.array([1.0, 1.0, 0.0]), np.full(3, 0.5), np.array([3.0, 8.0, 10.0]))
    rows["remaining"] = [5.0, 5.0, 9.0]
    result = scores.hazard_scores(rows)
    assert result["rul_rmse"] == pytest.approx(np.sqrt((4 + 9) / 2))
    assert not any("phm08" in name for name in result)  # a sum over rows, made for cycles of turbofans
    assert result["rul_rmse_all"] == pytest.approx(np.sqrt((4 + 9 + 1) / 3))


def test_nothing_known_gives_no_scores_and_no_failure_no_ratio() -> None:
    nothing = table(np.zeros(1), np.zeros(1), np.zeros(1))[:0]
    assert scores.hazard_scores(nothing) == {}
    assert scores.hazard_scores(table(np.full(3, np.nan), np.full(3, 0.5), np.full(3, 2.0))) == {}
    calm = scores.hazard_scores(table(np.zeros(3), np.full(3, 0.1), np.full(3, 10.0)))
    assert np.isnan([calm["average_precision.h10"], calm["precision.h10"], calm["recall.h10"]]).all()
    assert np.isnan(calm["f1.h10"])
    assert scores.forecast_scores(forecasts(0)) == {}
    assert calibration_curves.pit(forecasts(0)) == calibration_curves.hazard_calibration(nothing) == {}


def test_alarms_without_a_failure_have_no_precision() -> None:
    result = scores.classification(np.zeros(4), np.array([True, True, False, False]), np.ones(4))
    assert result["accuracy"] == 0.5
    assert np.isnan([result["precision"], result["recall"], result["f1"]]).all()
    none = table(np.array([1.0]), np.zeros(1), np.array([2.0]))
    assert np.isnan(scores.hazard_scores(none)["observed_expected.h10"])  # over an expectation of nothing


def test_a_reference_without_error_leaves_no_skill_and_no_ratio() -> None:
    still = forecasts(100).assign(truth=5.0, persistence=5.0, ewma=6.0)
    result = scores.forecast_scores(still)
    assert np.isnan([result[f"{name}.x.h1"] for name in ("skill_persistence", "crps_ratio", "mase")]).all()
    assert result["skill_ewma.x.h1"] == pytest.approx(-4.0)
    assert "crps_ratio" not in scores.overall(still.assign(issued=np.arange(100.0)), result)


def test_labels_that_overlap_are_no_more_looks_than_fit_beside_each_other() -> None:
    """Eight machines over twelve ticks, 36 ticks ahead: 96 labels, of which a coverage of 7 % may be by chance."""
    rows = pd.concat([forecasts(12).assign(asset=f"m{i}", horizon=36) for i in range(8)])
    result = scores.forecast_scores(rows)
    assert (result["labels.x.h36"], result["independent.x.h36"]) == (96.0, 8.0)
    assert scores.independent(forecasts(73), 36) == 3
    assert scores.independent(forecasts(73), 1) == 73
    assert scores.independent(forecasts(0), 6) == 0


def test_a_failure_is_counted_once_however_many_rows_lead_to_it() -> None:
    """Failures at ticks 20 and 90 of one machine and 20 of another, each foreseen from ten ticks before."""
    issued = np.tile(np.arange(0.0, 100.0) * 600.0, 2)
    moments = np.r_[np.where(np.arange(100) < 20, 20, 90), np.full(100, 20)]
    left = moments - issued / 600.0
    failing = (left > 0) & (left <= 10)
    rows = table(failing.astype(float), np.full(200, 0.1), np.clip(left, 1.0, 10.0))
    rows = rows.assign(issued=issued, asset=np.repeat(["a", "b"], 100), time_to_event=np.where(failing, left, np.nan))
    result = scores.hazard_scores(rows)
    assert (result["labels.h10"], result["failures_seen.h10"]) == (200.0, 3.0)


def test_a_run_is_scored_on_its_last_third_and_on_what_can_be_renewed(tmp_path: Path) -> None:
    run = load(make_run(tmp_path / "run", assets=("saw", "lathe")))
    assert set(scores.renewable(run)["asset"]) == {"saw", "lathe"}
    run.run["actuators"] = [a for a in run.run["actuators"] if a["key"] != "lathe.maintain"]
    assert set(scores.renewable(run)["asset"]) == {"saw"}
    late = run.forecasts[run.forecasts["issued"] >= 2 / 3 * run.run["horizon"]]
    assert scores.scores(run)["mae.vibration.h6"] == scores.forecast_scores(late)["mae.vibration.h6"]
    assert scores.scores(run, since=0.0)["mae.vibration.h6"] != scores.scores(run)["mae.vibration.h6"]
