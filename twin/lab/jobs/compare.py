"""
tandem compare RUN RUN ...      [key=value ...]    finished runs
tandem compare experiment=NAME  [key=value ...]    a study of conf/experiment: makes the runs that are missing, then compares

Paired differences between arms that faced the same luck: runs of the same seed have the same lives, repairs, arrivals and
weather (common random numbers), so what is left between them is what the arms did. An arm is a set of runs that differ in
their seed only; it is named by its study, or by the choices and settings in which it differs from the others.

Told for each metric: every arm's mean, best first, with its 95 % interval and its probability of being the best; every
difference from a baseline with Student's 95 % interval and the BCa bootstrap's, the paired t test's p as Holm adjusts it over
all differences of the metric, Wilcoxon's p as a check, and the effect size.

what is compared
  RUN              run directories, or directories of runs; the runs of a study of conf/experiment are compared on its terms
  metric=A,B       figures of kpis.json or scores.json (default: the rate of the runs' objective)
  lower=A,B        those of the metrics of which less is better; costs, losses, delays and errors are known
  baseline=ARM,ARM arms that the others are compared with (default: the first, or the study's)
  reference=ARM ideal=ARM   tell each arm's loss as an excess over the reference's; losses are counted from the ideal arm,
                   whose plant may be without wear. Neither competes for being the best.
  varied=KEY,KEY   settings of plant, network, days or scenario in which arms differ on purpose (plant.battery; network).
                   Arms whose plants differ in anything else are refused, and the line says in what.

from when on
  warmup=0         the whole run, from the first day (the default: what a twin costs while it learns is part of its price)
  warmup=5         without the first 5 days of every run: the figure over (5, end], from the history that the run recorded
  warmup=mser      without what MSER-5 proposes (White 1997; Franklin & White 2008): for each arm on the mean over its seeds,
                   the largest of them for all arms and metrics, half a run at most. The table says which.
                   Averages over time and totals have such a history; for other figures warmup= is refused.

a study
  experiment=NAME  see tandem list experiment
  seeds=10         seeds of every arm (default: the study's)
  precision=1%     add seeds until each difference's Student interval reaches no further than 1 % of its baseline's mean to
                   either side; precision=2.5: in the metric's unit. Counts for the first metric. Begins with seeds=, 5 at
                   least. Stopping so costs a little coverage, which is told.
  max_seeds=100    where adding seeds ends
  workers=2        runs at once
  runs=DIR         where the runs are (default: runs/NAME)
  key=value        further options of every run (days=10 network=lossy)

output
  to=DIR           comparison.html (one self-contained page), comparison.md, comparison.tex (booktabs), comparison.csv,
                   values.csv (every run's figure), figures/ as SVG and PNG: each seed's values and each difference's
                   intervals, the metric over time with bands, and, of two metrics or more, which arms no other beats in both.
                   DIR is written whole or not at all; a comparison that is there is replaced.
  json=FILE        the rows: metric, policy, baseline, difference, low, high, n and the rest of the table

  tandem compare runs/policies baseline=age_based metric=profit_per_hour,maintenance_corrective to=comparison
  tandem compare experiment=policies precision=5% max_seeds=40 warmup=mser
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.arguments import split
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.compare.arms import Arms, ComparedRun
    from twin.lab.compare.comparison import Comparison, Terms
    from twin.lab.sweep.study import Study

OF_STUDIES = ("seeds", "precision", "max_seeds", "workers", "runs")
OPTIONS = (
    "experiment", "metric", "lower", "baseline", "reference", "ideal", "varied", "warmup", *OF_STUDIES, "to", "json",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Compare runs, or carry out a study and compare its arms."""
    study = any(a.startswith("experiment=") for a in arguments)
    extra = [a for a in arguments if "=" in a and a.partition("=")[0] not in OPTIONS] if study else []
    runs, options = split([a for a in arguments if a not in extra], OPTIONS, "compare")
    _writable(options)
    try:
        comparison = _study(runs, options, extra) if study else _runs(runs, options)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from None
    _tell(comparison, options)


def _writable(options: dict[str, str]) -> None:
    """Said before long runs rather than after them."""
    from twin.lab.configure.checks import writable

    if "json" in options:
        writable("json", Path(options["json"]))
    if "to" in options:
        from twin.lab.compare.files import replaceable

        writable("to", Path(options["to"]))
        try:
            replaceable(Path(options["to"]))
        except (ValueError, OSError) as error:
            raise UserError(str(error)) from None


def _tell(comparison: Comparison, options: dict[str, str]) -> None:
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


def _runs(runs: Sequence[str], options: dict[str, str]) -> Comparison:
    from twin.lab.compare import comparison
    from twin.lab.compare.arms import arms, find, read

    only = [o for o in OF_STUDIES if o in options]
    if only:
        raise UserError(f"{only[0]}: goes with experiment= only")
    if not runs:
        raise UserError("compare takes run directories, or experiment=NAME; see tandem compare --help")
    entries = [read(path) for path in find(runs)]
    if len({entry.code for entry in entries}) > 1:
        print("tandem: note: these runs were not all made by the same code", file=sys.stderr)
    found = arms(entries)
    return comparison.carry_out(found, _terms(options, **_default(entries, found)))


def _default(entries: Sequence[ComparedRun], found: Arms) -> dict[str, Any]:
    """What runs are compared by unless told otherwise: by their study's terms, where they are the runs of one."""
    from twin.lab.configure.compose import choices
    from twin.lab.sweep.study import named

    plain = {"metrics": [entries[0].objective.get("figure") or "profit_per_hour"], "baselines": [next(iter(found))]}
    study = entries[0].study if {entry.study for entry in entries} == {entries[0].study} else ""
    if study not in choices("experiment"):
        return plain
    terms = _of_study(named(study))
    arms = {*terms["baselines"], terms["reference"], terms["ideal"]} - {None}
    return terms if arms <= found.keys() else {**plain, "varied": terms["varied"]}


def _of_study(study: Study) -> dict[str, Any]:
    return {
        "metrics": study.metric.split(","), "baselines": study.baseline, "reference": study.reference,
        "ideal": study.ideal, "varied": study.varied,
    }  # fmt: skip


def _study(runs: Sequence[str], options: dict[str, str], extra: Sequence[str]) -> Comparison:
    from twin.lab.compare import comparison
    from twin.lab.sweep.study import named

    if runs:
        raise UserError(f"{runs[0]}: experiment= makes its own runs; to compare runs leave it out")
    study = named(options["experiment"], seeds=_whole(options, "seeds", None), extra=extra)
    terms = _terms(options, **_of_study(study))
    comparison.known(terms, study.arms)
    found, notes = _carried_out(study, terms, options)
    return comparison.carry_out(found, terms, notes)


def _carried_out(study: Study, terms: Terms, options: dict[str, str]) -> tuple[Arms, list[str]]:
    from twin.lab.compare.enough_seeds import FEWEST, MOST, Precision, until_precise
    from twin.lab.sweep.study import carry_out

    base, workers = Path(options.get("runs", f"runs/{study.name}")), _whole(options, "workers", 2) or 2
    most = _whole(options, "max_seeds", MOST) or MOST
    if "precision" not in options:
        if "max_seeds" in options:
            raise UserError("max_seeds: goes with precision= only")
        return carry_out(study, base=base, workers=workers), []

    def make(count: int) -> Arms:
        return carry_out(replace(study, seeds=count), base=base, workers=workers)

    begin = study.seeds if "seeds" in options else max(study.seeds, FEWEST)
    found, note = until_precise(make, terms, Precision.parse(options["precision"]), begin=begin, most=most)
    return found, [note]


def _terms(options: dict[str, str], **default: Any) -> Terms:
    """What was given, over what the runs or the study have of their own; `varied` adds to the study's."""
    from twin.lab.compare.comparison import Terms

    names = {"metric": "metrics", "baseline": "baselines", "lower": "lower"}
    given: dict[str, Any] = {field: options[key].split(",") for key, field in names.items() if key in options}
    given |= {key: options[key] for key in ("reference", "ideal") if key in options}
    if "varied" in options:
        given["varied"] = [*default.get("varied", ()), *options["varied"].split(",")]
    if "warmup" in options:
        given["warmup"] = _warmup(options["warmup"])
    return Terms(**{**default, **given})


def _warmup(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _whole(options: dict[str, str], key: str, default: int | None) -> int | None:
    text = options.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise UserError(f"{key} = {text}: must be a whole number >= 1")
    return int(text)
