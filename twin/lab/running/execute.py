"""One run from its configuration to its closing table: new, resumed, or a finished one repeated."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from twin.lab.configure.checks import check
from twin.lab.configure.resolve import resolved, written
from twin.lab.configure.schema.checked import unusual
from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.record.json_rows import figure_rows, write_rows
from twin.lab.record.loading import deadlocks, load_events
from twin.lab.record.run_directory import fresh_path, label
from twin.lab.record.verdict_file import read_verdict, verdict_figures
from twin.lab.report.closing_table import print_run
from twin.lab.running.beside import Beside
from twin.lab.running.building import built
from twin.lab.running.repeat import differences, finished, sameness
from twin.lab.running.resume import CutShort, cut_short
from twin.lab.running.session import Session

DAY = 86_400.0  # s
RUNS = Path("runs")  # where runs lie that are given no directory
OF_MACHINE = ("device", "threads")  # what a repeated run may change of its configuration


def execute(config: Any, *, about: Mapping[str, str] | None = None) -> Path:
    """Make the run of a composed configuration and print its closing table.

    about: what run.json says of the study that the run is a part of. Returns the run's directory. Raises UserError for
    what is wrong in the configuration.
    """
    plain = resolved(config)
    return _carry_out(plain, text=written(plain), about=about)


def resume(path: Path, *, json: str | None = None, trust: Sequence[str] = ()) -> Path:
    """Go on with the run in a directory that was cut short. Raises UserError where it cannot go on.

    json: file for the rows of its figures. trust: modules whose classes its config.yaml may name.
    """
    run = cut_short(path, trust=trust)
    config = check(run.config | {"json": json, "out": str(path)})
    return _carry_out(config, cut=run, about=_study_of(run.before))


def repeat(before: Path, options: Mapping[str, str], *, trust: Sequence[str] = ()) -> Path:
    """Make a finished run once more from its own config.yaml, and say whether it came out the same.

    options: out, json, device, threads, as typed. trust: modules whose classes its config.yaml may name. Returns the
    new run's directory. Raises UserError where there is no finished run, or for a bad option.
    """
    run = finished(before)
    changed = {key: int(text) if text.isdigit() else text for key, text in options.items() if key in OF_MACHINE}
    places = {key: text for key, text in options.items() if key not in OF_MACHINE}
    config = check({"out": None, "json": None, **run.config, **changed, **places, "trust": list(trust)})
    for line in differences(run.facts, device=build.device(config["device"]), threads=config["threads"]):
        print(f"tandem: not as it was: {line}", file=sys.stderr)
    after = _carry_out(config, text=written(config) if changed else run.text, about=_study_of(run.facts))
    print(f"tandem: {sameness(before, after)}", file=sys.stderr)
    return after


def _study_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a run.json says of the study that its run is a part of."""
    return {name: str(facts[name]) for name in ("experiment", "arm") if name in facts}


def _carry_out(
    config: dict[str, Any], *, text: str = "", cut: CutShort | None = None, about: Mapping[str, str] | None = None
) -> Path:
    for line in unusual(config):
        print(f"tandem: warning: {line}", file=sys.stderr)
    plant, twin, on = built(config, cut)
    told_beside = Beside(config, plant.spec) if config["verdict"] else nullcontext()
    path = directory(config)
    with told_beside as beside:
        session = Session(
            path=path,
            text=text,
            config=config,
            on=on,
            plant=plant,
            twin=twin,
            resumed=cut,
            about=about,
            beside=beside,
        )
        if cut:
            where = f"day {plant.now / DAY:g}" if cut.point else "the beginning: it has no checkpoint"
            print(f"tandem: {path} goes on from {where}", file=sys.stderr)
        kpis, scores = session.carry_out()
    print_run(path, kpis, scores, deadlocks(load_events(path)))
    figures = verdict_figures(read_verdict(path)) | kpis | scores
    write_rows(config["json"], figure_rows(str(path), config, figures))
    return path


def directory(config: Mapping[str, Any]) -> Path:
    """The directory that the configuration names, or a fresh one under RUNS."""
    if config["out"] is not None:
        return Path(config["out"])
    try:
        return fresh_path(RUNS, f"{config['scenario']}_{label(config['policy'])}_seed{config['seed']}")
    except OSError as error:
        raise UserError(f"runs: cannot be written: {error.strerror or error}") from None
