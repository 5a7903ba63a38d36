"""A search from its options to its gain: trials over tuning seeds, then the best settings on fresh seeds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab import statistics
from twin.lab.configure.checks import writable
from twin.lab.record.run_directory import dump, write_atomically
from twin.lab.tune.options import TuneOptions
from twin.lab.tune.provenance import provenance
from twin.lab.tune.question import TuningQuestion, question_of
from twin.lab.tune.storage import default_storage, locked
from twin.lab.tune.table import TuningProgress, print_gain, print_trials, trial_rows
from twin.lab.tune.tuning import Tuning


def search(overrides: Sequence[str], options: TuneOptions) -> list[dict[str, Any]]:
    """Run the trials, print them, and compare the best settings with those in conf/.

    overrides: KEY=SPACE and key=value as typed. Returns a row per trial and one for the gain. Raises UserError for what
    is wrong in them, and where no trial can be judged.
    """
    question, standing = question_of(overrides, options)
    storage = options.storage or default_storage(question)
    writable("storage", storage)
    if options.record is not None:
        writable("record", options.record)
        options.record.parent.mkdir(parents=True, exist_ok=True)
    storage.parent.mkdir(parents=True, exist_ok=True)
    with locked(storage):
        progress = TuningProgress(question, options.trials)
        tuning = Tuning(question, storage=storage, prune=options.prune, tell=progress.trial, standing=standing)
        try:
            progress.begin(tuning, storage)
            tuning.run(options.trials, workers=options.workers)
            rows = trial_rows(tuning.ended(), question.space)
            print_trials(question, rows)
            gain = _gain(tuning, question, options, standing)
        except KeyboardInterrupt:
            print(f"\ntandem: the trials so far are in {storage}; the same command goes on", file=sys.stderr)
            raise
        if options.record is not None:
            write_atomically(options.record, dump(provenance(question, overrides, options, tuning.best(), rows, gain)))
        return rows + gain


def _gain(
    tuning: Tuning, question: TuningQuestion, options: TuneOptions, standing: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """The best settings against those in conf/, on seeds that the search has not seen: a row, or none."""
    settings = question.space.settings(tuning.best().params)
    same = standing is not None and settings == question.space.settings(standing)
    print(f"best: {' '.join(settings)}{', as in conf/ already' if same else ''}")
    if same or not options.fresh:
        return []
    seeds = options.fresh_seeds
    print(f"now both on fresh seeds {seeds[0]} to {seeds[-1]}", file=sys.stderr)
    best, before = tuning.compare([settings, ()], seeds, workers=options.workers)
    gain = statistics.difference(*statistics.pair(best, before))
    row = {
        "metric": question.metric,
        "settings": list(settings),
        "mean": sum(best.values()) / len(best),
        "standing_mean": sum(before.values()) / len(before),
        "difference": gain.value,
        "low": gain.low,
        "high": gain.high,
        "n": gain.n,
        "fresh": [seeds[0], seeds[-1]],
    }
    print_gain(row, question.sense)
    return [row]
