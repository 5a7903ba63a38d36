import numpy as np
import pandas as pd
import pytest

from twin.lab import scores


def table(outcome: np.ndarray, chance: np.ndarray, exposure: np.ndarray, lead: int = 10) -> pd.DataFrame:
    return pd.DataFrame({
        "issued": 0.0, "asset": "a", "lead": lead, "probability": chance, "constant": np.full(len(chance), chance.mean()),
        "outcome": outcome, "remaining": 5.0, "time_to_event": np.where(outcome == 1, exposure, np.nan),
        "exposure": exposure,
    })  # fmt: skip


def test_pinball_of_the_median_is_half_the_absolute_error() -> None:
    assert scores.pinball(np.array([1.0, 5.0]), np.array([2.0, 2.0]), 0.5) == 1.0


def test_crps_of_a_perfect_forecast_is_nothing_and_coverage_is_counted() -> None:
    rows = pd.DataFrame({"target": "x", "horizon": 1, "truth": [1.0, 2.0, 3.0, 4.0], "persistence": 0.0, "ewma": 1.0})
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
