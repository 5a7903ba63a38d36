"""A run's verdict over many seeds: the run and what it was told beside, each at every seed, compared in pairs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.lab.arguments import whole
from twin.lab.compare import comparison
from twin.lab.compare.comparison import Comparison
from twin.lab.compare.from_study import made
from twin.lab.compare.terms import terms_of
from twin.lab.configure.checks import check
from twin.lab.configure.trust import trusted_modules
from twin.lab.core import build
from twin.lab.record.saved_run import SavedRun
from twin.lab.running.beside import IDEAL, PRACTICE, REFERENCE, rivals, same_play
from twin.lab.sweep.run_study import RunStudy

SEEDS = 30  # unless seeds= says otherwise
STUDY, TWIN = "verdict", "twin"


def compare_one_run(options: Mapping[str, str]) -> Comparison:
    """Make a run and its practice at many seeds, then compare them.

    options: those of `tandem compare`, `from` among them; the runs lie beside the run, in a folder of its name with
    `_seeds`. Raises UserError or ValueError for a run that cannot be read or plays the practice itself, and ValueError
    where a run fails.
    """
    if "first_seed" in options:
        raise ValueError("first_seed: goes with experiment= only")
    path = Path(options["from"])
    config = _config(path, options.get("trust"))
    spec = build.plant_of(config).spec
    beside = {role: rival.config for role, rival in rivals(config, spec).items()}
    if same_play(config, beside[PRACTICE]):
        raise ValueError(f"from = {path}: this run plays the standard practice itself: there is nothing to compare")
    seeds = whole("seeds", options.get("seeds", f"{SEEDS}"))
    study = RunStudy(STUDY, seeds, {TWIN: config, **beside})
    told = {name: name for name in (REFERENCE, IDEAL) if REFERENCE in beside and name in beside}
    both = {**told, "practice": PRACTICE} if told else {}
    figure = spec.objective.figure or _first_figure(path)
    since = config["scored_from"] if config["scored_from"] < config["days"] else 0.0
    terms = terms_of(options, **{"metrics": [figure], "baselines": [PRACTICE], "warmup": since, **both})
    comparison.known(terms, study.configs)
    place = path.resolve()
    by_arm, notes = made(study, terms, {"runs": str(place.with_name(f"{place.name}_seeds")), **options})
    return comparison.carry_out(by_arm, terms, notes)


def _config(path: Path, trust: str | None) -> dict[str, Any]:
    run = SavedRun.read(path)
    return check({**run.run_config, "out": None, "json": None, "trust": trusted_modules(trust)})


def _first_figure(path: Path) -> str:
    return next(iter(SavedRun(path).kpis), "")
