"""
tandem compare RUN RUN ...      [key=value ...]    finished runs
tandem compare experiment=NAME  [key=value ...]    a study of conf/experiment: makes its missing runs, then compares
tandem compare from=RUN         [key=value ...]    a run's verdict over many seeds: makes the run and its standard
                                                   practice at each seed, then compares

Paired differences between arms that faced the same luck: runs of the same seed have the same lives, repairs, arrivals
and weather (common random numbers), so what is left between them is what the arms did. An arm is a set of runs that
differ in their seed only; it is named by its study, or by the choices and settings in which it differs from the others.

Told for each metric: every arm's mean, best first, with its 95 % interval and its probability of being the best; every
difference from a baseline with Student's 95 % interval and the BCa bootstrap's, the paired t test's p as Holm adjusts
it over all differences of the metric, Wilcoxon's p as a check, and the effect size.

what is compared
  RUN              run directories, or directories of runs; the runs of a study of conf/experiment are compared on its
                   terms
  metric=A,B       figures of kpis.json or scores.json (default: the rate of the runs' objective)
  lower=A,B        those of the metrics of which less is better; costs, losses, delays and errors are known
  baseline=ARM,ARM arms that the others are compared with (default: the first, or the study's)
  reference=ARM    print what each arm is worth beside this one, in the metric's unit. It does not compete for being the
                   best. With ideal=ARM, whose plant may be without wear, each arm's loss J = ideal - arm and its excess
                   over the reference's loss (ratio of means - 1); a study may count losses from a lower bound instead
                   (bound: true). With practice=ARM the share of the gap from that arm to the reference.
  varied=KEY,KEY   settings of plant, network, days or scenario in which arms differ on purpose (plant.battery;
                   network). Arms whose plants differ in anything else are refused, and the line says in what.

from when on
  warmup=0         the whole run, from the first day: what a twin costs while it learns counts (the default, but for a
                   scenario that says scored_from=: that day on)
  warmup=5         without the first 5 days of every run: the figure over (5, end], from the recorded history
  warmup=mser      without what MSER-5 proposes (White 1997; Franklin & White 2008): for each arm on the mean over its
                   seeds, the largest of them for all arms and metrics, half a run at most. The table says which.
                   Averages over time and totals have such a history; for other figures warmup= is refused.

a study
  experiment=NAME  see tandem list experiment
  seeds=10         seeds of every arm (default: the study's)
  first_seed=0     the first of them (default: the study's); frozen: the first test seed, derived from the frozen commit
                   of conf/frozen.yaml, which also counts how often test seeds were read
  precision=1%     add seeds until each difference's Student interval reaches no further than 1 % of its baseline's
                   mean to either side; precision=2.5: in the metric's unit. Counts for the first metric. Begins with
                   seeds=, 5 at least. Stopping so costs a little coverage, as the notes say.
  max_seeds=100    where adding seeds ends
  workers=2        runs at once
  runs=DIR         where the runs are (default: runs/NAME)
  key=value        further options of every run (days=10 network=lossy)

a run's verdict
  from=RUN         a run directory. seeds=30, precision=, max_seeds=, workers= as of a study; runs=RUN_seeds, beside it.
                   A run with verdict=full has its reference and ideal as arms too. trust= as of `tandem run resume=`

output
  to=DIR           comparison.html (one self-contained page), comparison.md, comparison.tex (booktabs), comparison.csv,
                   values.csv (every run's figure), figures/ as SVG and PNG: each seed's values and each difference's
                   intervals, the metric over time with bands, and, of two metrics or more, which arms no other beats in
                   both. DIR is written whole or not at all; a comparison that is there is replaced.
  json=FILE        the rows: metric, policy, baseline, difference, low, high, n and the rest of the table

  tandem compare runs/policies baseline=age_based metric=profit_per_hour,maintenance_corrective to=comparison
  tandem compare experiment=policies precision=5% max_seeds=40 warmup=mser
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from twin.lab.arguments import split
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.compare.comparison import Comparison

FROM = ("from", "trust")
# Options that go with experiment= or from= only.
OF_STUDIES = ("seeds", "first_seed", "precision", "max_seeds", "workers", "runs")
OF_TERMS = ("metric", "lower", "baseline", "reference", "ideal", "practice", "varied", "warmup")
OPTIONS = ("experiment", *FROM, *OF_TERMS, *OF_STUDIES, "to", "json")


def main(arguments: Sequence[str]) -> None:
    """Compare runs, or carry out a study and compare its arms."""
    study = any(a.startswith("experiment=") for a in arguments)
    extra = [a for a in arguments if "=" in a and a.partition("=")[0] not in OPTIONS] if study else []
    runs, options = split([a for a in arguments if a not in extra], OPTIONS, "compare")
    try:
        _require_writable(options)
        comparison = _compared(runs, options, extra)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from None
    _print_and_write(comparison, options)


def _compared(runs: Sequence[str], options: Mapping[str, str], extra: Sequence[str]) -> Comparison:
    makes = [key for key in ("from", "experiment") if key in options]
    if makes and (beside := [*runs, *makes[1:]]):
        raise UserError(f"{beside[0]}: {makes[0]}= makes its own runs; to compare runs leave it out")
    if makes == ["from"]:
        from twin.lab.compare.from_one_run import compare_one_run

        return compare_one_run(options)
    if makes:
        from twin.lab.compare.from_study import compare_study

        return compare_study(options, extra)
    from twin.lab.compare.from_runs import compare_runs

    for key in OF_STUDIES:
        if key in options:
            raise UserError(f"{key}: goes with experiment= or from= only")
    return compare_runs(runs, options)


def _require_writable(options: Mapping[str, str]) -> None:
    """Checked before long runs rather than after them."""
    from twin.lab.configure.checks import writable

    for key in ("json", "to"):
        if key in options:
            writable(key, Path(options[key]))
    if "to" in options:
        from twin.lab.compare.files import replaceable

        replaceable(Path(options["to"]))


def _print_and_write(comparison: Comparison, options: Mapping[str, str]) -> None:
    from twin.lab.compare.tables import print_comparison
    from twin.lab.record.json_rows import write_rows

    print_comparison(comparison)
    if "to" in options:
        from twin.lab.compare.files import write

        try:
            print(write(comparison, Path(options["to"])))
        except (ValueError, OSError) as error:
            raise UserError(f"to = {options['to']}: cannot be written: {error}") from None
    write_rows(options.get("json"), comparison.rows())
