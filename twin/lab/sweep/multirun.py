"""`tandem run -m`: from its arguments to a sweep, of combinations or of a study's arms and seeds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from twin.lab.arguments import quote_paths, whole
from twin.lab.configure.checks import writable
from twin.lab.configure.compose import combinations
from twin.lab.configure.resolve import configurations
from twin.lab.errors import UserError
from twin.lab.sweep.run_request import RunRequest, run_request
from twin.lab.sweep.sweep import Sweep, figures, summary

OF_STUDY = ("experiment=", "arm=", "seeds=", "seed=", "out=", "json=")


def multirun(arguments: Sequence[str]) -> None:
    """Carry out a sweep and write its json. Exits with 1 where a run failed, 130 (with how to go on) at Ctrl-C."""
    given = quote_paths(arguments)
    by = [a for a in given if a.lstrip("+~").startswith("hydra")]
    _refuse_sweeper(by)
    rest = [a for a in given if a not in by]
    try:
        orders, base, json = _of_study(arguments, rest) or _of_combinations(rest)
        sweep = Sweep(orders, base=base, by=by)
    except ValueError as error:
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
    """Only the combinations of Hydra's own sweeper are known beforehand."""
    for override in overrides:
        if override.lstrip("+~").startswith(("hydra/sweeper", "hydra.sweeper")):
            raise UserError(f"{override}: a sweep takes every combination; for a search see tandem tune")


def _write(json: str | None, sweep: Sweep) -> None:
    from twin.lab.record.json_rows import write_rows

    if json is not None:
        write_rows(json, figures(sweep.orders))


def _of_combinations(overrides: Sequence[str]) -> tuple[list[RunRequest], Path, str | None]:
    from twin.lab.record.identity import identity
    from twin.lab.record.run_directory import label

    wanted = combinations(overrides)
    found = configurations(wanted)
    base = Path(found[0]["out"] or "runs")
    orders = []
    for plain, words in zip(found, wanted, strict=True):
        stem = f"{plain['scenario']}_{label(plain['policy'])}_seed{plain['seed']}"
        swept = " ".join(word for word in words if any(word not in other for other in wanted))
        orders.append(run_request(plain, base / f"{stem}-{identity(plain)}", swept or stem))
    return orders, base, found[0]["json"]


def _of_study(arguments: Sequence[str], overrides: Sequence[str]) -> tuple[list[RunRequest], Path, str | None] | None:
    """None where `experiment=` names no study."""
    from twin.lab.sweep.study import is_study, named

    told = {key: value for key, _, value in (a.partition("=") for a in arguments if a.startswith(OF_STUDY))}
    name = told.get("experiment", "null")
    if name == "null" or not is_study(name):
        return None
    extra = [a for a in overrides if not a.startswith(OF_STUDY)]
    if len(combinations(extra)) > 1:
        raise UserError("the runs of a study differ in arm and seed only; give each option one value")
    seeds = _seeds(told, [a for a in overrides if a.startswith("seed=")])
    if "json" in told:
        writable("json", Path(told["json"]))
    study, base = named(name, extra=extra), Path(told.get("out", f"runs/{name}"))
    return study.orders(base, arms=_arms(told), seeds=seeds), base, told.get("json")


def _arms(told: dict[str, str]) -> list[str] | None:
    return told["arm"].split(",") if "arm" in told else None


def _seeds(told: dict[str, str], seed: Sequence[str]) -> Sequence[int] | None:
    """Of `seeds=N`, or of `seed=` as in any sweep; None: the study's own."""
    import yaml

    if seed and "seeds" in told:
        raise UserError("seed and seeds: give one of them")
    if seed:
        return [yaml.safe_load(combination[-1].partition("=")[2]) for combination in combinations(seed[-1:])]
    if "seeds" not in told:
        return None
    return range(whole("seeds", told["seeds"]))
