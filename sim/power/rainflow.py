"""Rainflow counting, one turning point at a time."""

from __future__ import annotations

import itertools


class Rainflow:
    """Cycles in a history of turning points (ASTM E1049-85, 5.4.4; Downing & Socie 1982).

    A range that contains the start of the history counts as half a cycle, any other as a whole one. Only the turning
    points that may still close a cycle are stored.
    """

    __slots__ = ("_points",)

    def __init__(self) -> None:
        self._points: list[float] = []

    def push(self, point: float) -> list[tuple[float, float]]:
        """Take a turning point; returns the (range, cycles: 0.5 or 1) that it closes."""
        points, closed = self._points, []
        points.append(point)
        while len(points) >= 3:
            last, before = abs(points[-1] - points[-2]), abs(points[-2] - points[-3])
            if last < before:
                break
            if len(points) == 3:
                closed.append((before, 0.5))
                del points[0]
            else:
                closed.append((before, 1.0))
                del points[-3:-1]
        return closed

    def residue(self) -> list[tuple[float, float]]:
        """The ranges that are still open, each half a cycle."""
        return [(abs(second - first), 0.5) for first, second in itertools.pairwise(self._points)]

    def __getstate__(self) -> list[float]:
        return self._points

    def __setstate__(self, state: list[float]) -> None:
        self._points = state
