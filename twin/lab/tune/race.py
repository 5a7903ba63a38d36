"""The race of trials: one is given up as soon as it is behind the best one for sure."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState
from scipy import stats

LEVEL = 0.1  # of the race


class Race(BasePruner):
    """Gives a trial up once it is behind the best one: a one-sided paired t test over the seeds that both have been run
    with says so at LEVEL (a t-race against the incumbent, see Birattari 2009, Tuning Metaheuristics)."""

    def __init__(self, sense: int) -> None:
        self._sense = sense

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether `trial` is to be given up."""
        done = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if not done:
            return False
        best = max(done, key=lambda other: self._sense * float(other.value or 0.0))
        ours = np.array(trial.user_attrs["values"])
        return behind(self._sense * ours, self._sense * np.array(best.user_attrs["values"][: len(ours)]))


def behind(ours: np.ndarray[Any, Any], best: np.ndarray[Any, Any]) -> bool:
    """Whether `ours` is less than `best`, paired, by a one-sided t test at LEVEL; never by fewer than two pairs."""
    gap = ours - best
    if len(gap) < 2 or gap.mean() >= 0:
        return False
    if np.ptp(gap) <= 1e-12 * np.abs(gap).max():
        return True
    return bool(stats.ttest_1samp(gap, 0.0, alternative="less").pvalue < LEVEL)
