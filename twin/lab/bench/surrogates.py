"""The benches of surrogates: how well they rank what-ifs, how fast they learn, how fast they answer."""

from __future__ import annotations

import itertools
import math
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.bench.options import number, show, whole
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.bench.fidelity.fidelity import Score
    from twin.lab.bench.fidelity.truths import Point

Rows = list[dict[str, Any]]
ASIDE = ("half of the forks",)


def fidelity(options: Mapping[str, str]) -> Rows:
    """`tandem bench fidelity`."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from twin.lab.bench.fidelity.fidelity import joined
    from twin.lab.configure.checks import writable
    from twin.lab.workers import Workers

    seeds = [whole("seeds", word, 0, 10**9) for word in options.get("seeds", "0").split(",")]
    folder = Path(options["truths"]) if "truths" in options else None
    if folder is not None:
        if folder.exists() and not folder.is_dir():
            raise UserError(f"truths = {folder}: is no folder")
        writable("truths", folder / "truth")
    start, before = time.perf_counter(), _cpu_seconds()
    points, scores = list["Point"](), list[list["Score"]]()
    with Workers(whole("workers", options.get("workers", "1"), 1, 1024)) as workers:
        for seed in seeds:
            found = _one_seed(options, seed, workers, folder)
            points += found[0]
            scores.append(found[1])
    rows = _fidelity_rows(joined(scores), points)
    rows.append({
        "name": "fidelity.cost", "value": _cpu_seconds() - before, "wall_s": time.perf_counter() - start,
        "forking_s": sum(point.seconds for point in points),
    })  # fmt: skip
    _tell_fidelity(rows)
    return rows


def _one_seed(
    options: Mapping[str, str], seed: int, workers: Any, folder: Path | None
) -> tuple[list[Point], list[Score]]:
    from twin.lab.bench.fidelity.fidelity import moments, scored, shadows, watched
    from twin.lab.core import build

    configs = _configs(options, seed)
    on = _device(options)
    plant, _ = build.pair(next(iter(configs.values())), on)
    plans, forks = whole("plans", options.get("plans", "16"), 2), whole("forks", options.get("forks", "128"), 2)
    ticks = round(number("days", options.get("days", "30")) * 86_400.0 / plant.spec.tick)
    if not ticks:
        raise UserError(f"days = {options['days']}: must be at least a tick of the plant, {plant.spec.tick:g} s")
    ask = moments(ticks, whole("points", options.get("points", "40")))
    try:
        twins = shadows(configs, plant.spec, on, ask=ask, plans=plans, seed=seed)
        points = watched(
            plant, twins, ticks=ticks, ask=ask, forks=forks, seed=seed, workers=workers, tell=_progress, folder=folder
        )
    except ValueError as error:
        raise UserError(str(error)) from None
    return points, scored(points, twins, ask)


def _configs(options: Mapping[str, str], seed: int) -> dict[str, dict[str, Any]]:
    """A run's configuration for each surrogate, by what it is called."""
    from twin.lab.configure.compose import compose
    from twin.lab.configure.resolve import resolved

    about = [f"{key}={options[key]}" for key in ("scenario", "plant") if key in options]
    if "horizons" in options:
        about.append(f"twin.horizons=[{options['horizons']}]")
    found = {}
    for called in options.get("surrogates", "ewma,mlp,transformer").split(","):
        name, *changes = called.split("+")
        if name == "forks":
            raise UserError("surrogates = forks: forks stand in the table anyway")
        given = [f"surrogate={name}", *(f"surrogate.{change}" for change in changes), f"seed={seed}", *about]
        found[called] = resolved(compose("run", [*given, "policy=run_to_failure"]))
    return found


def _progress(told: str) -> None:
    print(f"{told}, {_cpu_seconds():.0f} CPU-s", file=sys.stderr, flush=True)


def _cpu_seconds() -> float:
    return sum(os.times()[:4])


def _fidelity_rows(scores: Sequence[Score], points: Sequence[Point]) -> Rows:
    import numpy as np

    from twin.lab.bench.fidelity.fidelity import known_mean, worth
    from twin.lab.bench.fidelity.ranking import means, signs

    rows: Rows = []
    for score in scores:
        taus = score.tau[np.isfinite(score.tau)]
        error = float(taus.std(ddof=1)) / len(taus) ** 0.5 if len(taus) > 1 else float("nan")
        rows.append({
            "name": f"fidelity.{score.name}", "value": known_mean(score.tau), "error": error,
            "regret": known_mean(score.regret), "learning_s": score.learning, "whatif_s": score.whatif,
            "forks": worth(score, scores) if score.name not in ASIDE else float("nan"), "tau": score.tau.tolist(),
            "regrets": score.regret.tolist(),
        })  # fmt: skip
    pairs = sum(p.values.shape[1] * (p.values.shape[1] - 1) // 2 for p in points)
    resolved = sum(int(np.count_nonzero(np.triu(signs(p.values)))) for p in points)
    rows.append({
        "name": "fidelity.truth", "value": resolved / pairs, "points": len(points), "pairs": pairs,
        "forks": float(np.mean([np.isfinite(p.values).sum(0).mean() for p in points])),
        "range": float(np.mean([np.ptp(means(p.values)) for p in points])),
    })  # fmt: skip
    return rows


def _tell_fidelity(rows: Rows) -> None:
    from rich.table import Table

    heads = ("tau", "s.e.", "top-1 regret", "as good as", "twin, CPU-s", "what-if, ms")
    table = Table("ranked by", *heads, box=None)
    for row in rows[:-2]:
        cells = (f"{row['value']:.3f}", _or(f"{row['error']:.3f}"), _or(f"{100 * row['regret']:.1f} %"))
        spent = (_or(f"{row['learning_s']:.0f}"), _or(f"{1000 * row['whatif_s']:.3f}"))
        table.add_row(row["name"].partition(".")[2], *cells, _forks(row["forks"]), *spent)
    show(table)
    truth, cost = rows[-2:]
    print(
        f"truth: {truth['points']} points, {truth['pairs']} pairs of plans, {truth['value']:.1%} of them resolved by "
        f"{truth['forks']:.0f} forks of a plan on average; the best plan is {truth['range']:.4g} above the worst; "
        f"{cost['value']:.0f} CPU-seconds, {cost['forking_s']:.0f} of them for forks, {cost['wall_s']:.0f} s in all"
    )


def _or(text: str) -> str:
    return "" if text.startswith("nan") else text


def _forks(count: float) -> str:
    if math.isnan(count):
        return ""
    if count in (0.0, float("inf")):
        return "< 1 fork" if count == 0.0 else "> 8 forks"
    return f"{count:.1f} forks"


def train(options: Mapping[str, str]) -> Rows:
    """`tandem bench train`."""
    from rich.table import Table

    from twin.lab.bench import surrogate_speed as speed

    on = _device(options)
    steps, repeats = (whole(key, options.get(key, usual)) for key, usual in (("steps", "10"), ("repeats", "3")))
    found = speed.scene(assets=speed.TRAIN_ASSETS, patches=speed.TRAIN_PATCHES, horizons=speed.TRAIN_HORIZONS)
    most = speed.peak(on, repeats)
    heads = ("parameters", "steps/s", "tokens/s", "GFLOP a step", "utilisation")
    table = Table("tier", *heads, box=None)
    rows: Rows = []
    for tier, graph in itertools.product(_tiers(options, on), (False, True) if on == "cuda" else (False,)):
        one = speed.training(tier, found, on=on, graph=graph, steps=steps, repeats=repeats)
        share, name = one.operations * one.steps_per_s / most, f"{tier}, as a graph" if graph else tier
        cells = (f"{one.parameters:,}", f"{one.steps_per_s:.3g}", f"{one.tokens_per_s:,.0f}")
        table.add_row(name, *cells, f"{one.operations / 1e9:.3g}", f"{share:.1%}")
        rows.append({
            "name": f"train.{name}", "value": one.steps_per_s, "tokens_per_s": one.tokens_per_s, "utilisation": share,
            "flop": one.operations, "parameters": one.parameters, "device": speed.device_name(on),
        })  # fmt: skip
    show(table)
    print(f"{speed.device_name(on)}: {speed.WINDOWS} windows x {found.tokens} tokens; peak {most / 1e9:,.0f} GFLOP/s")
    return [*rows, {"name": "train.peak", "value": most, "device": speed.device_name(on)}]


def whatif(options: Mapping[str, str]) -> Rows:
    """`tandem bench whatif`."""
    from twin.lab.bench import surrogate_speed as speed

    on = _device(options)
    plans, repeats = (
        whole(key, options.get(key, usual), high=10**6) for key, usual in (("plans", "4096"), ("repeats", "3"))
    )
    chunk = whole("chunk", options.get("chunk", "4096" if on == "cuda" else "256"), high=10**6)
    samples = whole("samples", options.get("samples", "20"))
    replications = [number("replications", word) for word in options.get("replications", "1,4").split(",")]
    rows: Rows = []
    for assets in (1, 8):
        found = speed.scene(assets=assets, patches=speed.PATCHES, horizons=speed.ASK_HORIZONS)
        for tier in _tiers(options, on):
            seconds = speed.answering(tier, found, on=on, plans=plans, chunk=chunk, repeats=repeats)
            rows.append({"name": f"whatif.{tier}.{assets}", "value": seconds, "device": speed.device_name(on)})
        seconds = plans * speed.forking(assets, samples)
        for count in replications:
            rows.append(
                {"name": f"whatif.forks {count:g} of each.{assets}", "value": count * seconds, "device": "one core"}
            )
            every = count * seconds / (os.cpu_count() or 1)
            rows.append(
                {
                    "name": f"whatif.forks {count:g} of each.{assets}",
                    "value": every,
                    "device": f"{os.cpu_count()} cores",
                }
            )
    _tell_whatif(rows, plans)
    return rows


def _tell_whatif(rows: Rows, plans: int) -> None:
    from rich.table import Table

    table = Table(f"{plans:,} what-ifs by", "on", "one asset, s", "eight assets, s", box=None)
    half = len(rows) // 2
    for one, eight in zip(rows[:half], rows[half:], strict=True):
        name = one["name"].split(".", 1)[1].rpartition(".")[0]
        table.add_row(name, one["device"], f"{one['value']:.4g}", f"{eight['value']:.4g}")
    show(table)


def _device(options: Mapping[str, str]) -> str:
    """The torch device; on the CPU one thread, as the plant has."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch

    from twin.lab.core import build

    asked = options.get("device", "auto")
    if asked not in ("auto", "cpu", "cuda"):
        raise UserError(f"device = {asked}: must be one of auto, cpu, cuda")
    torch.set_num_threads(1)
    return build.device(asked)


def _tiers(options: Mapping[str, str], on: str) -> list[str]:
    from twin.surrogates.transformer.model import TIERS

    found = options.get("tiers", ",".join(TIERS) if on == "cuda" else "nano,s").split(",")
    for tier in found:
        if tier not in TIERS:
            raise UserError(f"tiers = {tier}: must be one of {', '.join(TIERS)}")
    return found
