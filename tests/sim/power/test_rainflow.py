"""Rainflow counting against the example of its standard."""

from __future__ import annotations

import itertools
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sim.power.rainflow import Rainflow


def count(points: list[float]) -> Counter[float]:
    rainflow, found = Rainflow(), Counter[float]()
    for point in points:
        for depth, cycles in rainflow.push(point):
            found[depth] += cycles  # type: ignore[assignment]
    for depth, cycles in rainflow.residue():
        found[depth] += cycles  # type: ignore[assignment]
    return found


def test_the_example_of_astm_e1049() -> None:
    """E1049-85, figure 6."""
    assert count([-2, 1, -3, 5, -1, 3, -4, 4, -2]) == {3: 0.5, 4: 1.5, 6: 0.5, 8: 1.0, 9: 0.5}


@given(st.lists(st.floats(0, 1), min_size=3, max_size=60))
def test_every_swing_is_counted_once(levels: list[float]) -> None:
    """Twice the sum of range x cycles is the way that the history has gone."""
    turning = [levels[0]]
    for level in levels[1:]:
        rises = len(turning) > 1 and (turning[-1] - turning[-2]) * (level - turning[-1]) >= 0
        turning = [*turning[:-1], level] if rises else [*turning, level]
    way = sum(abs(b - a) for a, b in itertools.pairwise(turning))
    assert abs(2 * sum(depth * cycles for depth, cycles in count(turning).items()) - way) < 1e-9
