"""A comparison of the arms of a study: the runs that are missing are made, then all are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twin.lab.arguments import quote_paths, whole
from twin.lab.compare import comparison
from twin.lab.compare.arms import Arms, add, read
from twin.lab.compare.comparison import Comparison
from twin.lab.compare.enough_seeds import FEWEST, MOST, Precision, until_precise
from twin.lab.compare.terms import Terms, study_terms, terms_of
from twin.lab.errors import UserError
from twin.lab.record.frozen import count
from twin.lab.sweep.run_study import RunStudy
from twin.lab.sweep.study import FROZEN, Study, named
from twin.lab.sweep.sweep import Sweep, summary

WORKERS = 2  # runs at once, unless workers= says otherwise


def compare_study(options: Mapping[str, str], extra: Sequence[str] = ()) -> Comparison:
    """Make the runs of a study that are missing, then compare its arms.

    options: those of `tandem compare`, `experiment` among them. extra: further overrides of every run. Raises UserError
    or ValueError for what cannot be compared, before any run is made, and ValueError where a run fails.
    """
    seeds = whole("seeds", options["seeds"]) if "seeds" in options else None
    study = named(options["experiment"], seeds=seeds, first_seed=_first_seed(options), extra=extra)
    terms = terms_of(options, **study_terms(study))
    comparison.known(terms, study.arms)
    by_arm, notes = made(study, terms, options)
    return comparison.carry_out(by_arm, terms, [*notes, *looked_at(by_arm, study.name)])


def _first_seed(options: Mapping[str, str]) -> int | str | None:
    text = options.get("first_seed")
    return text if text in (None, FROZEN) else whole("first_seed", text, low=0)


def looked_at(by_arm: Arms, study: str) -> list[str]:
    """Count a look at test seeds, and tell how often there was one; nothing for other seeds."""
    runs = [run for by_seed in by_arm.values() for run in by_seed.values()]
    codes = sorted({run.code for run in runs})
    return count(study, sorted({run.seed for run in runs}), "+".join(codes))


def carry_out(study: Study | RunStudy, *, base: Path, workers: int) -> Arms:
    """Make the runs that base/<arm>_seed<k> does not hold yet, `workers` at once, then read them all.

    A run is held when it finished under the same configuration and the same code. `extra` may name another launcher
    (hydra/launcher=ray ...) than processes of this machine. Raises ValueError where a run fails; the others are made
    nevertheless.
    """
    extra = quote_paths(study.extra)
    by = [e for e in extra if e.lstrip("+~").startswith("hydra")]
    study = replace(study, extra=[e for e in extra if e not in by])
    if not by and workers > 1:
        by = ["hydra/launcher=processes", f"hydra.launcher.workers={workers}"]
    requests = study.requests(base)
    outcome = Sweep(requests, base=base, by=by).carry_out()
    if failed := summary(outcome):
        raise ValueError(failed)
    if outcome.left:
        raise ValueError(f"{outcome.left[0].path}: another process is at work on it")
    by_arm: Arms = {}
    for request in requests:
        add(by_arm, request.about["arm"], read(request.place))
    return by_arm


def made(study: Study | RunStudy, terms: Terms, options: Mapping[str, str]) -> tuple[Arms, list[str]]:
    """The runs by arm and seed, as many seeds as `precision` needs, and notes on how many that took."""
    base, workers = (
        Path(options.get("runs", f"runs/{study.name}")),
        whole("workers", options.get("workers", f"{WORKERS}")),
    )
    most = whole("max_seeds", options.get("max_seeds", f"{MOST}"))
    if "precision" not in options:
        if "max_seeds" in options:
            raise UserError("max_seeds: goes with precision= only")
        return carry_out(study, base=base, workers=workers), []

    def make(count: int) -> Arms:
        return carry_out(replace(study, seeds=count), base=base, workers=workers)

    begin = study.seeds if "seeds" in options else max(study.seeds, FEWEST)
    by_arm, note = until_precise(make, terms, Precision.parse(options["precision"]), begin=begin, most=most)
    return by_arm, [note]
