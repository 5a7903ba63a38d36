"""What a loss, an excess and a share are: defined here, for every table, verdict and page that tells one.

All are of figures of runs that faced the same luck, by position: seeds, or parts of one run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from twin.lab import statistics
from twin.lab.statistics import Floats, Interval

ERRORS = 2.0  # paired standard errors by which reference and practice must differ for a share to mean something

IDEAL = (
    "J, the loss: profit of the same plant and seeds with wear and shocks off at its standard setpoints ({zero}) minus "
    "the arm's profit."
)
BOUND = "J, the loss: the arm's cost minus the lower bound that a linear programme gives for the same plant and seeds."
COST = "No loss is told: nothing says what the least cost would be, so costs are compared as they are."
EXCESS = "Excess: mean J over seeds, over that of {reference} ({loss:.4g}), minus 1; BCa bootstrap, paired over seeds."
MONEY = "Difference from {reference}: mean of the paired differences, with Student's 95 % interval."
SHARE = (
    "Share: of the gap from {practice} to {reference}; told only where they differ by more than two paired standard "
    "errors."
)


@dataclass(frozen=True, slots=True)
class Zero:
    """What losses are counted from. figures: (n,), of the ideal or the bound. ideal: name of that arm, None for a
    bound."""

    figures: Floats
    ideal: str | None = None


def loss(figures: ArrayLike, zero: Zero, sense: int) -> Floats:
    """J (n,): what is lost against the zero, in the figure's unit; positive where the zero is better.

    figures: (n,). sense: 1 where more is better (profit), -1 where less is (cost).
    """
    lost: Floats = sense * (zero.figures - np.asarray(figures, dtype=np.float64))
    return lost


def excess(figures: ArrayLike, reference: ArrayLike, zero: Zero, sense: int) -> Interval:
    """Ratio of mean losses to the reference's, minus 1, with a paired bootstrap interval.

    Raises ValueError where the reference's mean loss is not told from zero, see twin.lab.statistics.excess.
    """
    return statistics.excess(loss(figures, zero, sense), loss(reference, zero, sense))


def gap_is_told(practice: ArrayLike, reference: ArrayLike, sense: int) -> bool:
    """Whether the reference is better than practice by more than ERRORS paired standard errors. (n,) each, n > 1."""
    room = sense * (np.asarray(reference, dtype=np.float64) - np.asarray(practice, dtype=np.float64))
    return bool(room.mean() > ERRORS * room.std(ddof=1) / np.sqrt(len(room)))


def share(figures: ArrayLike, practice: ArrayLike, reference: ArrayLike, sense: int) -> float | None:
    """Of the gap from practice to the reference, the part that is closed; None where the gap is not told from nothing.

    (n,) each, n > 1. Below 0 where practice is better, above 1 where the reference is beaten.
    """
    if not gap_is_told(practice, reference, sense):
        return None
    own, start, end = (float(np.mean(np.asarray(each, dtype=np.float64))) for each in (figures, practice, reference))
    return (own - start) / (end - start)


def definitions(
    *, reference: str, practice: str | None, ideal: str | None, bound: bool, loss: float | None
) -> list[str]:
    """What is printed with a table of losses, a line each.

    ideal, bound: what losses are counted from, if anything. loss: the reference's mean J, None where no excess is told.
    """
    zero = IDEAL.format(zero=ideal) if ideal else BOUND if bound else COST
    lines = [
        zero,
        *([] if loss is None else [EXCESS.format(reference=reference, loss=loss)]),
        MONEY.format(reference=reference),
    ]
    return lines + ([SHARE.format(practice=practice, reference=reference)] if practice else [])


def unit_of(figure: str, unit: str) -> str:
    """Of a figure whose amounts are in `unit`: EUR/h of profit_per_hour."""
    for end, per in (("_per_hour", "h"), ("_per_day", "day")):
        if figure.endswith(end):
            return f"{unit}/{per}" if unit else f"per {per}"
    return unit
