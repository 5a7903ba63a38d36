"""Two unreliable machines with a buffer between them (Gershwin 1994, chapter 3).

The first is never starved, the second never blocked; a machine fails only while it works. `places` is Gershwin's N: the
parts that the first has finished and the second has not, its own place behind it and the second's included.
"""

from __future__ import annotations

from collections.abc import Iterator

from twin.lab.validate.theory.markov import stationary

State = tuple[int, int, int]  # parts between the machines, whether each is up


def deterministic(*, r1: float, p1: float, r2: float, p2: float, places: int) -> float:
    """Parts per cycle, with cycles of equal length; p: failure, r: repair probability per cycle.

    In every cycle repairs and failures come first, then the parts move.
    """

    def next_up(up: int, works: bool, r: float, p: float) -> tuple[tuple[int, float], ...]:
        if not up:
            return (1, r), (0, 1.0 - r)
        return ((1, 1.0 - p), (0, p)) if works else ((1, 1.0),)

    def moves(state: State) -> Iterator[tuple[State, float]]:
        parts, first, second = state
        for a, chance in next_up(first, parts < places, r1, p1):
            for b, other in next_up(second, parts > 0, r2, p2):
                after = parts + (a if parts < places else 0) - (b if parts > 0 else 0)
                yield (after, a, b), chance * other

    shares = stationary((0, 1, 1), moves)
    return sum(
        share * chance
        for (parts, _, second), share in shares.items()
        for b, chance in next_up(second, parts > 0, r2, p2)
        if b and parts > 0
    )


def exponential(*, mu1: float, r1: float, p1: float, mu2: float, r2: float, p2: float, places: int) -> float:
    """Parts per unit of time, with exponential cycles, times to failure (of work) and repairs, at the rates given.

    Gershwin and Berman, AIIE Transactions 13 (1981).
    """

    def moves(state: State) -> Iterator[tuple[State, float]]:
        parts, first, second = state
        if not first:
            yield (parts, 1, second), r1
        elif parts < places:
            yield (parts + 1, 1, second), mu1
            yield (parts, 0, second), p1
        if not second:
            yield (parts, first, 1), r2
        elif parts > 0:
            yield (parts - 1, first, 1), mu2
            yield (parts, first, 0), p2

    shares = stationary((0, 1, 1), moves)
    return mu2 * sum(share for (parts, _, second), share in shares.items() if second and parts > 0)
