"""The rows and the table of `tandem bench fidelity`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.table import Table

from twin.lab.bench.fidelity.fidelity import Score, known_mean, worth
from twin.lab.bench.fidelity.ranking import means, signs
from twin.lab.bench.fidelity.truths import Point
from twin.lab.bench.options import show

WITHOUT_EQUIVALENT = ("half of the forks",)  # rows for which a number of forks that ranks as well makes no sense
HEADS = ("tau", "s.e.", "top-1 regret", "as good as", "twin, CPU-s", "what-if, ms")


def fidelity_rows(scores: Sequence[Score], points: Sequence[Point]) -> list[dict[str, Any]]:
    """A row for each score, then one for the truth: the share of pairs that forks resolve."""
    rows = [_score_row(score, scores) for score in scores]
    pairs = sum(p.values.shape[1] * (p.values.shape[1] - 1) // 2 for p in points)
    resolved = sum(int(np.count_nonzero(np.triu(signs(p.values)))) for p in points)
    truth = {"name": "fidelity.truth", "value": resolved / pairs, "points": len(points), "pairs": pairs}
    truth["forks"] = float(np.mean([np.isfinite(p.values).sum(0).mean() for p in points]))
    truth["range"] = float(np.mean([np.ptp(means(p.values)) for p in points]))
    return [*rows, truth]


def _score_row(score: Score, scores: Sequence[Score]) -> dict[str, Any]:
    taus = score.tau[np.isfinite(score.tau)]
    error = float(taus.std(ddof=1)) / len(taus) ** 0.5 if len(taus) > 1 else float("nan")
    return {
        "name": f"fidelity.{score.name}",
        "value": known_mean(score.tau),
        "error": error,
        "regret": known_mean(score.regret),
        "learning_s": score.learning,
        "whatif_s": score.whatif,
        "forks": worth(score, scores) if score.name not in WITHOUT_EQUIVALENT else float("nan"),
        "tau": score.tau.tolist(),
        "regrets": score.regret.tolist(),
    }


def print_fidelity(rows: Sequence[Mapping[str, Any]]) -> None:
    """rows: those of fidelity_rows, then that of the cost."""
    table = Table("ranked by", *HEADS, box=None)
    for row in rows[:-2]:
        cells = (f"{row['value']:.3f}", _or_blank(f"{row['error']:.3f}"), _or_blank(f"{100 * row['regret']:.1f} %"))
        spent = (_or_blank(f"{row['learning_s']:.0f}"), _or_blank(f"{1000 * row['whatif_s']:.3f}"))
        table.add_row(row["name"].partition(".")[2], *cells, _forks(row["forks"]), *spent)
    show(table)
    truth, cost = rows[-2:]
    print(
        f"truth: {truth['points']} points, {truth['pairs']} pairs of plans, {truth['value']:.1%} of them resolved by "
        f"{truth['forks']:.0f} forks of a plan on average; the best plan is {truth['range']:.4g} above the worst; "
        f"{cost['value']:.0f} CPU-seconds, {cost['forking_s']:.0f} of them for forks, {cost['wall_s']:.0f} s in all"
    )


def _or_blank(text: str) -> str:
    return "" if text.startswith("nan") else text


def _forks(count: float) -> str:
    if math.isnan(count):
        return ""
    if count in (0.0, float("inf")):
        return "< 1 fork" if count == 0.0 else "> 8 forks"
    return f"{count:.1f} forks"
