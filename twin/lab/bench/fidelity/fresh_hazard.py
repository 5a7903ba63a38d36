"""The hazard of an asset that has just been renewed, from the lives that the twin has seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.sensing.lives import Lives


def fresh_hazard(lives: Lives, assets: Sequence[int] | NDArray[np.intp], *, now: float, ages: Floats) -> Floats:
    """[assets, ages] cumulative hazard of each asset up to each age (s, rising) since its renewal.

    Nelson-Aalen over the lives of all of `assets` (running and maintained ones censored), times a frailty of each
    asset: the Gamma-Poisson posterior mean of its failures by the last age over those expected, with a prior worth
    one failure at the pool's hazard. A pool without failures counts half a failure over its exposure. Sources: Nelson
    1972; Aalen 1978; Clayton 1978 (frailty).
    """
    chosen = np.asarray(assets, dtype=np.intp)
    owner, duration, failed = _durations(lives, chosen, now)
    ends = np.sort(duration[failed])
    at_risk = np.count_nonzero(duration[None] >= ends[:, None], axis=1)
    steps = np.concatenate([[0.0], np.cumsum(1.0 / np.maximum(at_risk, 1))])
    # half a failure, spread evenly over the exposure: no pool is immortal because nothing has failed yet
    floor = 0.5 / max(float(np.minimum(duration, ages[-1]).sum()), 1.0)

    def pooled(age: Floats) -> Floats:
        cumulative: Floats = steps[np.searchsorted(ends, age, side="right")] + floor * age
        return cumulative

    expected = pooled(np.minimum(duration, ages[-1]))
    counted = failed & (duration <= ages[-1])
    frailty = np.array([(1.0 + counted[owner == a].sum()) / (1.0 + expected[owner == a].sum()) for a in chosen])
    result: Floats = frailty[:, None] * pooled(ages)[None]
    return result


def _durations(
    lives: Lives, assets: NDArray[np.intp], now: float
) -> tuple[NDArray[np.intp], Floats, NDArray[np.bool_]]:
    """(asset, seconds, whether it failed) of every life, the running ones last."""
    running, age = assets.tolist(), lives.age(now)
    among = set(running)
    ended = [life for life in lives.finished if life.asset in among]
    owner = np.array([life.asset for life in ended] + running, dtype=np.intp)
    duration = np.array([life.duration for life in ended] + [float(age[a]) for a in running])
    failed = np.array([life.failed for life in ended] + [False] * len(running), dtype=bool)
    return owner, np.maximum(duration, 0.0), failed
