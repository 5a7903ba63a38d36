"""What share of the saving towards perfect foresight each arm of a storage study captures.

The bound is the linear programme of each seed's plant without wear (twin.lab.core.privileged.bound): no policy can cost
less. It counts energy, carbon of imports, peaks, fuel and what is not served.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twin.lab.compare.arms import Arms
from twin.lab.compare.lower_bound import FIGURE, lower_bounds
from twin.lab.compare.metric import figures

BOUND = "linear programme, a lower bound"


@dataclass(frozen=True, slots=True)
class Saving:
    """costs: EUR a day by seed. loss: J, mean over seeds of what goes beyond the bound, EUR a day. share: (baseline -
    arm) / (baseline - bound), of the means over seeds; NaN where the baseline leaves nothing to save."""

    arm: str
    costs: Mapping[int, float]
    loss: float
    share: float


def savings(by_arm: Arms, baseline: str, trust: Sequence[str] = ()) -> list[Saving]:
    """Of every arm and of the bound, cheapest first. The bound is of the baseline's plants.

    trust: modules whose classes the runs' config.yaml may name.

    Raises ValueError for an unknown baseline, arms of other seeds, runs without FIGURE and plants without a battery.
    """
    if baseline not in by_arm:
        raise ValueError(f"baseline = {baseline}: there is no such arm; arms are {', '.join(by_arm)}")
    values = figures(by_arm, FIGURE)
    for arm, by_seed in values.items():
        if by_seed.keys() != values[baseline].keys():
            raise ValueError(f"{arm}: has other seeds than {baseline}")
    values[BOUND] = lower_bounds(by_arm[baseline], trust)
    means = {arm: float(np.mean(list(by_seed.values()))) for arm, by_seed in values.items()}
    start, whole = means[baseline], means[baseline] - means[BOUND]
    order = sorted(means, key=means.__getitem__)
    return [
        Saving(arm, values[arm], means[arm] - means[BOUND], (start - means[arm]) / whole if whole > 0 else math.nan)
        for arm in order
    ]
