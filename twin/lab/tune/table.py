"""What a tuning says: a line per trial while it goes on, the best ones at its end, and what they gain."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from twin.lab.draw.words import number
from twin.lab.tune.question import TuningQuestion
from twin.lab.tune.search_space import Space
from twin.lab.tune.tuning import Tuning

SHOWN = 5
ENDS = {"pruned": "given up early", "fail": "failed"}


class TuningProgress:
    """Lines on standard error while a search of `trials` goes on."""

    def __init__(self, question: TuningQuestion, trials: int) -> None:
        self._question, self._trials, self._ended = question, trials, 0

    def begin(self, tuning: Tuning, storage: Path) -> None:
        """Where the search starts from."""
        question, self._ended = self._question, len(tuning.ended())
        seeds = f"seeds {question.seeds[0]} to {question.seeds[-1]}"
        print(f"{question.direction} {question.metric} over {seeds}, trials in {storage}", file=sys.stderr)
        if self._ended:
            print(f"{self._ended} of {self._trials} trials were made before", file=sys.stderr)

    def trial(self, trial: FrozenTrial) -> None:
        """A trial has ended."""
        self._ended += 1
        settings = " ".join(self._question.space.settings(trial.params))
        line = f"  {self._ended:3d}/{self._trials}  {_outcome(trial):30s}  {settings}"
        print(line, file=sys.stderr, flush=True)


def _outcome(trial: FrozenTrial) -> str:
    if trial.state == TrialState.FAIL:
        return f"failed: {trial.user_attrs['why']}"
    values = trial.user_attrs["values"]
    mean = number(sum(values) / len(values))
    return mean if trial.state == TrialState.COMPLETE else f"{mean}, behind after {len(values)} seeds"


def trial_rows(trials: Sequence[FrozenTrial], space: Space) -> list[dict[str, Any]]:
    """A row per trial: how it ended, its mean (None unless it ran all seeds), its figure at each seed, its settings."""
    return [
        {
            "trial": place,
            "state": trial.state.name.lower(),
            "settings": list(space.settings(trial.params)),
            "value": trial.value if trial.state == TrialState.COMPLETE else None,
            "values": trial.user_attrs.get("values", []),
            "why": trial.user_attrs.get("why"),
        }
        for place, trial in enumerate(trials, 1)
    ]


def print_trials(question: TuningQuestion, rows: Sequence[Mapping[str, Any]]) -> None:
    """The best of the trials, and how the others ended."""
    done = sorted((row for row in rows if row["state"] == "complete"), key=lambda row: -question.sense * row["value"])
    counts = {what: sum(row["state"] == state for row in rows) for state, what in ENDS.items()}
    others = "".join(f", {count} {what}" for what, count in counts.items() if count)
    print(
        f"{len(rows)} trials{others}; {question.metric}, mean of tuning seeds {question.seeds[0]} to "
        f"{question.seeds[-1]}:"
    )
    for row in done[:SHOWN]:
        print(f"  {number(row['value']):>10s}  {' '.join(row['settings'])}")


def print_gain(row: Mapping[str, Any], sense: int) -> None:
    """What the best settings gain on fresh seeds, and a line to paste where they do gain."""
    ends = sorted((sense * row["low"], sense * row["high"]))
    verdict = "better" if ends[0] > 0 else "worse" if ends[1] < 0 else "not distinguished, so conf/ may stay as it is"
    print(
        f"{row['metric']} on fresh seeds {row['fresh'][0]} to {row['fresh'][1]}: {number(row['mean'])} against "
        f"{number(row['standing_mean'])} as in conf/\n"
        f"difference {row['difference']:+.4g}, 95 % interval {row['low']:+.4g} … {row['high']:+.4g}: {verdict}"
    )
    if ends[0] > 0:
        print(f"to take over:  {' '.join(row['settings'])}")
