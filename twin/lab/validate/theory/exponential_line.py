"""Saturated lines of reliable stations with exponential cycles, blocking after service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from twin.lab.validate.theory.markov import stationary

Gaps = tuple[int, ...]  # by pair of neighbours: parts that the first has finished and the second has not


def throughput(rates: Sequence[float], places: int) -> float:
    """Parts per unit of time. rates: of the stations, in order; places: between each two of them.

    A gap holds at most places + 2 parts: one is on the next station, and the last is what the station before it is
    blocked with (Hillier and Boling, Operations Research 15, 1967).
    """
    if len(rates) == 1:
        return rates[0]
    most = places + 2

    def moves(state: Gaps) -> Iterator[tuple[Gaps, float]]:
        for i, rate in enumerate(rates):
            starved = i > 0 and state[i - 1] == 0
            blocked = i < len(state) and state[i] == _room(state, i, most)
            if not starved and not blocked:
                yield tuple(gap - (at == i - 1) + (at == i) for at, gap in enumerate(state)), rate

    shares = stationary((0,) * (len(rates) - 1), moves)
    return rates[-1] * sum(share for state, share in shares.items() if state[-1] > 0)


def _room(state: Gaps, i: int, most: int) -> int:
    """Most parts in gap i: a blocked station i + 1 holds a part that counts in the gap behind it, not in this one."""
    return most - 1 if i + 1 < len(state) and state[i + 1] == _room(state, i + 1, most) else most
