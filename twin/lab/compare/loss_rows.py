"""Each arm's loss, its excess over the reference's, the money beside it, and its share of the gap from practice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from twin.lab import losses, statistics
from twin.lab.compare.differences import pair
from twin.lab.compare.metric import Values
from twin.lab.compare.terms import Terms
from twin.lab.losses import Zero

Row = dict[str, Any]


def loss_rows(
    values: Values, metric: str, terms: Terms, sense: int, bounds: Mapping[int, float] | None = None
) -> tuple[list[Row], list[str]]:
    """A row per arm but reference and ideal, and why a part is missing.

    bounds: of each seed, where losses are counted from them. `difference`, `low` and `high` of a row are of the excess
    (None without one); `loss` is the mean J; `gain`, `gain_low` and `gain_high` the paired difference from the
    reference in the metric's unit; `share` that of the gap from practice. Raises ValueError where an arm is missing or
    the seeds do not pair.
    """
    for name, arm in (("reference", terms.reference), ("ideal", terms.ideal), ("practice", terms.practice)):
        if arm is not None and arm not in values:
            raise ValueError(f"{name} = {arm}: there is no such arm; arms are {', '.join(values)}")
    rows, remarks = list[Row](), dict[str, None]()
    for arm in values:
        if arm in (terms.reference, terms.ideal):
            continue
        row, missing = _row(values, arm, terms, sense, bounds)
        rows.append({"metric": f"{metric}.excess_loss", "policy": arm, "baseline": terms.reference, **row})
        remarks |= dict.fromkeys(missing)
    return rows, list(remarks)


def _row(
    values: Values, arm: str, terms: Terms, sense: int, bounds: Mapping[int, float] | None
) -> tuple[Row, list[str]]:
    reference, missing = str(terms.reference), list[str]()
    own, best = pair(values, arm, reference)
    gain = statistics.mean(own - best)
    row: Row = {"difference": None, "low": None, "high": None, "n": gain.n, "loss": None, "share": None}
    row |= {"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
    zero = _zero(values, reference, terms, bounds)
    if zero is not None:
        row["loss"] = float(losses.loss(own, zero, sense).mean())
        try:
            over = losses.excess(own, best, zero, sense)
            row |= {"difference": over.value, "low": over.low, "high": over.high}
            row["reference_loss"] = float(losses.loss(best, zero, sense).mean())
        except ValueError as error:
            missing.append(f"no excess over {reference}: {error}")
    if terms.practice is not None and terms.practice != arm:
        usual, best = pair(values, terms.practice, reference)
        row["share"] = losses.share(own, usual, best, sense)
        if row["share"] is None:
            missing.append(
                f"no share: {reference} is not better than {terms.practice} by more than {losses.ERRORS:g} paired "
                "standard errors"
            )
    return row, missing


def _zero(values: Values, reference: str, terms: Terms, bounds: Mapping[int, float] | None) -> Zero | None:
    """What losses are counted from, by seed in the order of `pair`."""
    if terms.ideal is not None:
        return Zero(pair(values, terms.ideal, reference)[0], terms.ideal)
    if bounds is None:
        return None
    return Zero(np.array([bounds[seed] for seed in sorted(values[reference])]))
