"""tandem replay data=PATH [dataset=cmapss|csv] [key=value ...]

Recorded telemetry through the same twin that runs beside a plant: it forecasts, is scored, then learns.

  dataset=cmapss     NASA turbofans FD001; data= the folder with PM_train.csv or train_FD001.txt and so on
  dataset=csv        any table with a time column; data= the file; table.time= table.signals=[a,b] table.asset=
                     table.failure= table.tick= table.missing=allow
  surrogate= twin= device=    choices, see `tandem list`
  seeds=5 seed=0 threads=1 processes=2 json=FILE
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twin.lab.arguments import quote_paths
from twin.lab.configure.renamed_targets import refuse_renamed
from twin.lab.errors import UserError
from twin.lab.workers import Workers

Rows = list[dict[str, Any]]


def main(arguments: Sequence[str]) -> None:
    """Replay a dataset and print its figures."""
    from omegaconf import OmegaConf

    from twin.lab.configure.compose import compose

    if any(argument in ("-m", "--multirun") for argument in arguments):
        raise UserError("-m: replay takes several seeds by itself: seeds=5")
    composed = OmegaConf.to_container(compose("replay", quote_paths(arguments)), resolve=True)
    config: dict[str, Any] = composed  # type: ignore[assignment]  # a mapping, not a list
    _check(config)
    rows = {"cmapss": _cmapss, "csv": _csv}[config["dataset"]](config)
    if config["json"] is not None:
        from twin.lab.record.json_rows import write_rows

        write_rows(config["json"], rows)


def _check(config: dict[str, Any]) -> None:
    refuse_renamed(config)
    for field, low in (("seed", 0), ("seeds", 1), ("threads", 1), ("processes", 1), ("slots", 1)):
        value = config.get(field, low)
        if value is None and field == "processes":
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise UserError(f"{field} = {value!r}: must be a whole number >= {low}")
    if config["data"] is None:
        raise UserError(f"data: say what to replay: data={'FOLDER' if config['dataset'] == 'cmapss' else 'FILE'}")
    if config["json"] is not None:
        from twin.lab.configure.checks import writable

        writable("json", Path(str(config["json"])))


def _cmapss(config: dict[str, Any]) -> Rows:
    """Every seed, with and without elapsed cycle as an input."""
    from twin.lab.replay.table import cmapss_rows, print_cmapss

    cases = [(config, bool(age), seed) for age in config["ages"] for seed in _seeds(config)]
    _one_cmapss(config, None, config["seed"])  # every mistake shows before the long part starts
    found: dict[bool, list[dict[str, float]]] = {bool(age): [] for age in config["ages"]}
    for (_, age, _), figures in _spread(_one_cmapss, cases, config["processes"]):
        found[age].append(figures)
    print_cmapss(found)
    return cmapss_rows(found)


def _one_cmapss(config: dict[str, Any], age: bool | None, seed: int) -> dict[str, float]:
    """One seed; with age None only what comes before the replay."""
    from twin.lab.replay.cmapss import DataError, Fleet, read_cmapss
    from twin.lab.replay.replay import cmapss

    try:
        data = read_cmapss(config["data"])
        strange = [name for name in config["targets"] if name not in data.signals]
        if strange:
            raise UserError(f"targets = {strange[0]}: must be among {', '.join(data.signals)}")
        if age is None:
            _twin(config, Fleet(data.signals, data.train, config["slots"], "turbofan", config["targets"]).spec, seed)
            return {}
        config = config | {"twin": config["twin"] | {"features": config["twin"]["features"] | {"age": age}}}
        return cmapss(data, lambda spec: _twin(config, spec, seed), slots=config["slots"], targets=config["targets"])
    except DataError as error:
        raise UserError(str(error)) from None


def _csv(config: dict[str, Any]) -> Rows:
    """Prequential scores of a table, mean over the seeds."""
    from twin.lab.replay.cmapss import DataError
    from twin.lab.replay.csv_telemetry import read_telemetry
    from twin.lab.replay.table import csv_rows, print_csv

    try:
        recording = read_telemetry(config["data"], **config["table"])
    except DataError as error:
        raise UserError(str(error)) from None
    spec = recording.spec
    for note in recording.notes:
        print(f"note: {note}", file=sys.stderr)
    print(
        f"{Path(config['data']).name}: {len(spec.assets)} asset(s), {len(spec.signals)} signal(s), "
        f"{recording.ticks:,} ticks of {spec.tick:g} s",
        file=sys.stderr,
    )
    _twin(config, spec, config["seed"])
    cases = [(config, seed) for seed in _seeds(config)]
    found = [figures for _, figures in _spread(_one_csv, cases, config["processes"])]
    print_csv(found)
    return csv_rows(found, Path(config["data"]).stem)


def _one_csv(config: dict[str, Any], seed: int) -> dict[str, float]:
    from twin.lab.replay.csv_telemetry import read_telemetry
    from twin.lab.replay.replay import Tables, prequential, replay

    recording, tables = read_telemetry(config["data"], **config["table"]), Tables()
    twin = _twin(config, recording.spec, seed)
    replay(recording, twin, tables)
    last_third = 2 / 3 * recording.ticks * recording.spec.tick
    counts: dict[str, float] = twin.counts()
    return prequential(tables, last_third) | {"ticks": float(recording.ticks)} | counts


def _seeds(config: Mapping[str, Any]) -> range:
    return range(config["seed"], config["seed"] + config["seeds"])


def _twin(config: dict[str, Any], spec: Any, seed: int) -> Any:
    """The configured twin, only watching. Raises UserError for what a constructor refuses."""
    from functools import partial

    import torch
    from hydra.errors import InstantiationException
    from hydra.utils import instantiate

    from twin.lab.core import build
    from twin.lab.core.privileged.roles import Privileged
    from twin.lab.replay.replay import Watch

    torch.set_num_threads(config["threads"])
    try:
        make: partial[Any] = instantiate(config["twin"], _convert_="all")
        surrogate = instantiate(config["surrogate"], _convert_="all")
        twin = make(spec=spec, surrogate=surrogate, policy=Watch, seed=seed, device=build.device(config["device"]))
    except InstantiationException as error:
        raise UserError(str(error.__cause__ or error)) from None
    except (ValueError, TypeError) as error:
        raise UserError(str(error)) from None
    if isinstance(twin.surrogate, Privileged) and twin.surrogate.privileged:
        raise UserError("surrogate: a privileged one needs the plant itself, and a recording has none")
    return twin


def _spread(
    job: Any, cases: Sequence[tuple[Any, ...]], processes: int | None
) -> list[tuple[tuple[Any, ...], dict[str, float]]]:
    """(case, figures) in the order of the cases, computed side by side; tells how far it is."""
    with Workers(min(processes or os.cpu_count() or 1, len(cases))) as workers:
        return list(zip(cases, workers.run(job, cases, _tell), strict=True))


def _tell(done: int, of: int, seconds: float) -> None:
    print(f"{done} of {of} replays, {seconds:.0f} s", file=sys.stderr, flush=True)
