"""The machine repairman problem (Palm 1947): machines that share repairmen."""

from __future__ import annotations

import numpy as np

from twin.lab.validate.theory.markov import birth_death


def availability(*, machines: int, repairmen: int, fails: float, repairs: float) -> float:
    """Mean share of `machines` at work. fails: rate of each at work; repairs: rate of each repairman."""
    down = np.arange(machines + 1)
    shares = birth_death(fails * (machines - down[:-1]), repairs * np.minimum(down[1:], repairmen))
    return 1.0 - float(down @ shares) / machines
