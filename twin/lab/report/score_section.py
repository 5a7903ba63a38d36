"""The section of scores: forecasts by target, failures by lead time, remaining life; and what each rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from twin.lab.core.scores import THRESHOLD
from twin.lab.draw.page import pairs, table, text
from twin.lab.draw.words import number, percent, skill, ticks
from twin.lab.record.loading import Run
from twin.lab.report import caveats

Scores = Mapping[str, float]


FORECASTS = ("mae", "mase", "crps", "coverage90", "width90", "skill_persistence", "skill_ewma")
FAILURES = ("brier", "brier_skill", "average_precision", "accuracy", "precision", "recall", "f1", "observed_expected")


LIVES = ("rul_rmse", "rul_rmse_all")


def section(_: Run, scores: Scores) -> Iterator[str]:
    names = _ended("mae.", scores)
    if names:
        yield text(f"{caveats.SKILL} {caveats.LABELS}")
        rows = [[_row_name(n), *_figures(FORECASTS, n, scores), *caveats.of_labels(n, scores)] for n in names]
        yield _matrix("Forecasts of the last third", "target", [*FORECASTS, "labels", "independent"], rows)
    leads = _ended("brier.", scores)
    if leads:
        yield text(
            f"Alarm at a probability of {THRESHOLD:g} or more. Lives that maintenance ended are not counted, the "
            "others weighted for them; a policy that maintains what it holds most at risk hides those failures, so "
            f"compare surrogates under run_to_failure. {caveats.FAILURES}"
        )
        rows = [[_row_name(n), *_figures(FAILURES, n, scores), caveats.of_failures(n, scores)] for n in leads]
        yield _matrix("Failures of the last third", "failure within", [*FAILURES, "failures"], rows)
    lives = [(name.replace("_", " "), number(scores[name])) for name in LIVES if name in scores]
    if lives:
        yield text("Remaining life in ticks: where the failure was seen, and over all lives that were known.")
        yield pairs(lives)


def _ended(prefix: str, scores: Scores) -> list[str]:
    """What follows the prefix in the names of scores, by target, then horizon."""
    names = [name.removeprefix(prefix) for name in scores if name.startswith(prefix)]
    return sorted(names, key=lambda name: (name.rpartition("h")[0], int(name.rpartition("h")[2])))


def _figures(kinds: Sequence[str], name: str, scores: Scores) -> Iterator[str]:
    """Skills and shares in per cent, as in the closing table."""
    for kind in kinds:
        value = scores.get(f"{kind}.{name}")
        write = percent if kind == "coverage90" else skill if "skill" in kind else number
        yield write(value)


def _matrix(caption: str, corner: str, kinds: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table(caption, [corner, *(kind.replace("_", " ") for kind in kinds)], rows)


def _row_name(name: str) -> str:
    target, _, horizon = name.rpartition("h")
    return ", ".join(filter(None, (target.rstrip("."), ticks(int(horizon)))))
