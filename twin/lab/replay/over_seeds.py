"""A replay of one dataset under several seeds of the twin, side by side in processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from twin.lab.configure.checks import writable
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.configure.schema.checked import as_used, checked
from twin.lab.configure.schema.run import ReplayFields
from twin.lab.configure.trust import refuse_untrusted
from twin.lab.errors import UserError
from twin.lab.replay.cmapss import read_cmapss
from twin.lab.replay.fleet import Fleet
from twin.lab.replay.numeric_table import DataError
from twin.lab.replay.reading.telemetry_file import read_telemetry
from twin.lab.replay.reading.understood import print_understood
from twin.lab.replay.replay_session import ReplaySession, directories
from twin.lab.replay.table import cmapss_rows, csv_rows, print_cmapss, print_csv
from twin.lab.replay.telemetry import Telemetry
from twin.lab.replay.turbofans import cmapss
from twin.lab.replay.watching import watching_twin
from twin.lab.workers import Workers

Rows = list[dict[str, Any]]
Config = Mapping[str, Any]


def replay_dataset(config: Config) -> Rows:
    """Replay the dataset of a composed configuration, print its figures and return them as rows. Raises UserError."""
    config = check(config)
    try:
        return {"cmapss": _cmapss, "csv": _csv}[config["dataset"]](config)
    except DataError as error:
        raise UserError(str(error)) from None


def check(config: Config) -> Config:
    """The configuration as it is used. Raises UserError naming path, value and what is allowed."""
    refuse_renamed(config)
    refuse_untrusted(config, config.get("trust", ()))
    own = {key: value for key, value in config.items() if key in ReplayFields.model_fields}
    config = checked({**config, **as_used(ReplayFields, own, "")})
    if config["data"] is None:
        raise UserError(f"data: say what to replay: data={'FOLDER' if config['dataset'] == 'cmapss' else 'FILE'}")
    if config["json"] is not None:
        writable("json", Path(str(config["json"])))
    return config


def _cmapss(config: Config) -> Rows:
    """Every seed, with and without elapsed cycle as an input."""
    _check_cmapss(config)  # every mistake shows before the long part starts
    ages = [bool(age) for age in config["ages"]]
    cases = [(config, age, seed) for age in ages for seed in _seeds(config)]
    by_age: dict[bool, list[dict[str, float]]] = {age: [] for age in ages}
    for (_, age, _), figures in _spread(_one_cmapss, cases, config["processes"]):
        by_age[age].append(figures)
    print_cmapss(by_age)
    return cmapss_rows(by_age)


def _check_cmapss(config: Config) -> None:
    data = read_cmapss(config["data"])
    unknown = [name for name in config["targets"] if name not in data.signals]
    if unknown:
        raise UserError(f"targets = {unknown[0]}: must be among {', '.join(data.signals)}")
    fleet = Fleet(data.signals, data.train, config["slots"], "turbofan", config["targets"])
    watching_twin(config, fleet.spec, config["seed"])


def _one_cmapss(config: Config, age: bool, seed: int) -> dict[str, float]:
    """Figures of one seed. age: whether elapsed cycle is an input."""
    data, features = read_cmapss(config["data"]), {**config["twin"]["features"], "age": age}
    config = {**config, "twin": {**config["twin"], "features": features}}
    return cmapss(
        data, lambda spec: watching_twin(config, spec, seed), slots=config["slots"], targets=config["targets"]
    )


def _csv(config: Config) -> Rows:
    """Prequential scores of a table, mean over the seeds."""
    figures, places = replayed_table(config)
    print_csv(figures, places)
    return csv_rows(figures, Path(config["data"]).stem)


def replayed_table(config: Config) -> tuple[list[dict[str, float]], list[Path]]:
    """(figures, directory) of every seed. Raises DataError for a mistake in the file, UserError for others."""
    path = Path(config["data"])
    recording = read_telemetry(path, **config["table"])
    spec = recording.spec
    print_understood(recording.understood, path.name)
    watching_twin(config, spec, config["seed"])  # every mistake shows before the long part starts
    seeds, source = _seeds(config), path.stem
    places = directories(config, source, seeds)
    cases = [(config, recording, source, seed, place) for seed, place in zip(seeds, places, strict=True)]
    return [of_seed for _, of_seed in _spread(_one_csv, cases, config["processes"])], places


def _one_csv(config: Config, recording: Telemetry, source: str, seed: int, place: Path) -> dict[str, float]:
    twin = watching_twin(config, recording.spec, seed)
    quiet = config["seeds"] > 1
    session = ReplaySession(
        path=place, config={**config, "seed": seed}, recording=recording, twin=twin, source=source, quiet=quiet
    )
    return session.carry_out()


def _seeds(config: Config) -> range:
    return range(config["seed"], config["seed"] + config["seeds"])


def _spread(
    job: Callable[..., dict[str, float]], cases: Sequence[tuple[Any, ...]], processes: int | None
) -> list[tuple[tuple[Any, ...], dict[str, float]]]:
    """(case, figures) in the order of the cases, computed side by side; prints how far it is."""
    with Workers(min(processes or os.cpu_count() or 1, len(cases))) as workers:
        return list(zip(cases, workers.run(job, cases, _print_progress), strict=True))


def _print_progress(done: int, of: int, seconds: float) -> None:
    if of > 1:
        left = f", {seconds / done * (of - done):.0f} s left" if done < of else ""
        print(f"{done} of {of} replays, {seconds:.0f} s{left}", file=sys.stderr, flush=True)
