"""
tandem compare RUN RUN ... [baseline=ARM,ARM] [reference=ARM ideal=ARM] [metric=FIGURE,FIGURE] [json=FILE]
tandem compare experiment=NAME [seeds=10] [workers=2] [runs=DIR] [key=value ...]

Paired differences between runs that faced the same luck (same seed), with 95 % intervals.

  RUN            run directories, or directories of runs; an arm is what its runs chose that others did not
  experiment=    a study of conf/experiment: makes the runs that are missing under runs/NAME, then compares
  baseline=      arms that the others are compared with (default: the first)
  reference=     arm whose loss the others' losses are told as an excess over, with ideal= the arm without losses
  metric=        figures of kpis.json or scores.json, separated by commas (default: the objective's rate)
  key=value      in a study, further options of every run (days=10, network=lossy)
  json=FILE      the rows: metric, policy, baseline, difference, low, high, n
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twin.lab.cli import UserError, split

OPTIONS = ("experiment", "seeds", "workers", "runs", "baseline", "reference", "ideal", "metric", "json")


def main(arguments: Sequence[str]) -> None:
    """Compare runs, or carry out a study and compare its arms."""
    study = any(a.startswith("experiment=") for a in arguments)
    extra = [a for a in arguments if "=" in a and a.partition("=")[0] not in OPTIONS] if study else []
    runs, options = split([a for a in arguments if a not in extra], OPTIONS, "compare")
    from twin.lab.build import writable

    if "json" in options:
        writable("json", Path(options["json"]))
    try:
        found, settings = _study(runs, options, extra) if study else _runs(runs, options)
        rows = _compare(found, settings)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from None
    from twin.lab.rows import write_rows

    write_rows(options.get("json"), rows)


def _runs(runs: Sequence[str], options: dict[str, str]) -> tuple[Any, dict[str, Any]]:
    from twin.lab.compare import arms, find, read

    only = [o for o in ("seeds", "workers", "runs") if o in options]
    if only:
        raise UserError(f"{only[0]}: goes with experiment= only")
    if not runs:
        raise UserError("compare takes run directories, or experiment=NAME; see tandem compare --help")
    entries = [read(path) for path in find(runs)]
    if len({entry.code for entry in entries}) > 1:
        print("tandem: note: these runs were not all made by the same code", file=sys.stderr)
    found = arms(entries)
    metric = entries[0].objective.get("figure") or "profit_per_hour"
    return found, {"metric": metric, "baseline": [next(iter(found))], **_given(options)}


def _study(runs: Sequence[str], options: dict[str, str], extra: Sequence[str]) -> tuple[Any, dict[str, Any]]:
    from twin.lab.study import carry_out, named

    if runs:
        raise UserError(f"{runs[0]}: experiment= makes its own runs; to compare runs leave it out")
    seeds = _whole(options, "seeds") if "seeds" in options else None
    study = named(options["experiment"], seeds=seeds, extra=extra)
    base = Path(options.get("runs", f"runs/{study.name}"))
    found = carry_out(study, base=base, workers=_whole(options, "workers") if "workers" in options else 2)
    settings = {
        "metric": study.metric,
        "baseline": list(study.baseline),
        "reference": study.reference,
        "ideal": study.ideal,
    }
    return found, {**settings, **_given(options)}


def _given(options: dict[str, str]) -> dict[str, Any]:
    given: dict[str, Any] = {key: options[key] for key in ("metric", "reference", "ideal") if key in options}
    return given | ({"baseline": options["baseline"].split(",")} if "baseline" in options else {})


def _whole(options: dict[str, str], key: str) -> int:
    text = options[key]
    if not text.isdigit() or int(text) < 1:
        raise UserError(f"{key} = {text}: must be a whole number >= 1")
    return int(text)


def _compare(found: Any, settings: dict[str, Any]) -> list[dict[str, Any]]:
    from twin.lab import compare
    from twin.lab.table import print_comparison

    rows: list[dict[str, Any]] = []
    reference, ideal = settings.get("reference"), settings.get("ideal")
    if (reference is None) != (ideal is None):
        raise UserError("reference and ideal go together")
    for metric in settings["metric"].split(","):
        means = compare.means(found, metric)
        single = min(row["n"] for row in means) < 2
        differences = (
            [] if single else compare.differences(found, metric, settings["baseline"], [ideal] if ideal else [])
        )
        excesses, remarks = (
            ([], []) if single or not (reference and ideal) else compare.excesses(found, metric, reference, ideal)
        )
        if single:
            remarks.append("an interval needs at least two seeds of every arm")
        print_comparison(metric, means, differences, excesses, remarks, compare.sense(found, metric))
        rows += differences + excesses
    return rows
