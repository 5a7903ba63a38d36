"""`tandem run -m`: from its arguments to a sweep, of combinations or of a study's arms and seeds."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from twin.lab.arguments import quote_paths, whole
from twin.lab.configure.checks import writable
from twin.lab.configure.compose import combinations
from twin.lab.configure.resolve import configurations
from twin.lab.errors import UserError
from twin.lab.sweep.run_request import RunRequest, run_request
from twin.lab.sweep.study import Study
from twin.lab.sweep.sweep import Sweep, figures, summary
from twin.lab.sweep.typed_order import note_order

OF_STUDY = ("experiment=", "arm=", "seeds=", "seed=", "out=", "json=")
Requests = tuple[list[RunRequest], Path, str | None]  # the runs, their directory, the file for json=


def multirun(arguments: Sequence[str]) -> None:
    """Carry out a sweep and write its json. Exits with 1 where a run failed, 130 (with how to go on) at Ctrl-C."""
    quoted = quote_paths(arguments)
    by = [a for a in quoted if a.lstrip("+~").startswith("hydra")]
    _refuse_sweeper(by)
    rest = [a for a in quoted if a not in by]
    try:
        requests, base, json = _of_study(arguments, rest) or _of_combinations(rest)
        sweep = Sweep(requests, base=base, by=by)
        note_order(base, [request.place for request in sweep.requests])
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from None
    try:
        outcome = sweep.carry_out()
    finally:
        _write(json, sweep)
    failed = summary(outcome)
    if failed:
        print(f"tandem: {failed}", file=sys.stderr)
        raise SystemExit(1)
    print(base)


def _refuse_sweeper(overrides: Sequence[str]) -> None:
    """Raises UserError for another sweeper: only the combinations of Hydra's own are known beforehand."""
    for override in overrides:
        if override.lstrip("+~").startswith(("hydra/sweeper", "hydra.sweeper")):
            raise UserError(f"{override}: a sweep takes every combination; for a search see tandem tune")


def _write(json: str | None, sweep: Sweep) -> None:
    from twin.lab.record.json_rows import write_rows

    if json is not None:
        write_rows(json, figures(sweep.requests))


def _of_combinations(overrides: Sequence[str]) -> Requests:
    from twin.lab.record.identity import identity
    from twin.lab.record.run_directory import label

    every = combinations(overrides)
    configs = configurations(every)
    base = Path(configs[0]["out"] or "runs")
    requests = []
    for config, words in zip(configs, every, strict=True):
        stem = f"{config['scenario']}_{label(config['policy'])}_seed{config['seed']}"
        swept = " ".join(word for word in words if any(word not in other for other in every))
        requests.append(run_request(config, base / f"{stem}-{identity(config)}", swept or stem))
    return requests, base, configs[0]["json"]


def _of_study(arguments: Sequence[str], overrides: Sequence[str]) -> Requests | None:
    """The runs of `experiment=STUDY`; None where it names no study."""
    from twin.lab.sweep.study import is_study, named

    options = {key: value for key, _, value in (a.partition("=") for a in arguments if a.startswith(OF_STUDY))}
    name = options.get("experiment", "null")
    if name == "null" or not is_study(name):
        return None
    extra = [a for a in overrides if not a.startswith(OF_STUDY)]
    if len(combinations(extra)) > 1:
        raise UserError("the runs of a study differ in arm and seed only; give each option one value")
    if "json" in options:
        writable("json", Path(options["json"]))
    study, base = named(name, extra=extra), Path(options.get("out", f"runs/{name}"))
    seeds = _seeds(options, [a for a in overrides if a.startswith("seed=")], study)
    return study.requests(base, arms=_arms(options), seeds=seeds), base, options.get("json")


def _arms(options: Mapping[str, str]) -> list[str] | None:
    return options["arm"].split(",") if "arm" in options else None


def _seeds(options: Mapping[str, str], seed: Sequence[str], study: Study) -> Sequence[int] | None:
    """The seeds of `seeds=N`, or of `seed=` as in any sweep; None for the study's own."""
    import yaml

    if seed and "seeds" in options:
        raise UserError("seed and seeds: give one of them")
    if seed:
        return [yaml.safe_load(combination[-1].partition("=")[2]) for combination in combinations(seed[-1:])]
    return study.seed_range(whole("seeds", options["seeds"])) if "seeds" in options else None
