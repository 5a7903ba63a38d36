"""A comparison of finished runs that a user names."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from twin.lab.compare import comparison
from twin.lab.compare.arms import Arms, ComparedRun, arms, find, read
from twin.lab.compare.comparison import Comparison
from twin.lab.compare.from_study import looked_at
from twin.lab.compare.terms import study_terms, terms_of
from twin.lab.configure.choices import choices
from twin.lab.errors import UserError
from twin.lab.sweep.study import named


def compare_runs(paths: Sequence[str], options: Mapping[str, str]) -> Comparison:
    """Compare the runs in some directories.

    paths: run directories, or directories of runs. options: those of `tandem compare`. Raises UserError without a path,
    ValueError for runs that cannot be compared.
    """
    if not paths:
        raise UserError("compare takes run directories, or experiment=NAME; see tandem compare --help")
    runs = [read(path) for path in find(paths)]
    if len({run.code for run in runs}) > 1:
        print("tandem: note: these runs were not all made by the same code", file=sys.stderr)
    by_arm = arms(runs)
    plain, default = "baseline" not in options and len(by_arm) > 1, _default_terms(runs, by_arm)
    first = next(iter(by_arm))
    notes = [f"baseline: {first}, the first arm as typed; baseline=ARM names another"]
    told = notes if plain and default["baselines"] == [first] else []
    study = next(iter({run.study for run in runs}), "") or "runs"
    return comparison.carry_out(by_arm, terms_of(options, **default), [*told, *looked_at(by_arm, study)])


def _default_terms(runs: Sequence[ComparedRun], by_arm: Arms) -> dict[str, Any]:
    """Terms that options override: those of the study that all runs are of, else the objective and first arm."""
    metric = runs[0].objective.get("figure") or "profit_per_hour"
    plain: dict[str, Any] = {"metrics": [metric], "baselines": [next(iter(by_arm))]}
    study = runs[0].study if {run.study for run in runs} == {runs[0].study} else ""
    if study not in choices("experiment"):
        return plain
    terms = study_terms(named(study))
    needed = {*terms["baselines"], terms["reference"], terms["ideal"]} - {None}
    return terms if needed <= by_arm.keys() else {**plain, "varied": terms["varied"]}
