"""tandem bench fidelity [surrogates=ewma,mlp,transformer] [seeds=0] [days=30] [points=40] [plans=16] [forks=128]
                      [scenario=NAME] [plant=NAME] [horizons=1,6,36,144] [workers=1] [truths=FOLDER] [device=auto]
                      [json=FILE]

How well surrogates rank what-ifs. One plant is run for `days` by a policy that acts at random: in each tick every asset
is ordered with chance 1/576 and every setpoint is moved with chance 1/288, back to its default or, as often, to a
uniform draw within its bounds. All surrogates learn online from the same messages; none of them decides.

At `points` moments of the last third, evenly spaced, each surrogate values `plans` plans over the longest horizon. The
first plan does nothing. The others are drawn at random: a third are work orders of one to three assets, each at once or
(as often) after a random delay, a third are moves of one to three setpoints, a third are both.

The value of a plan (twin/lab/bench/fidelity/plan_value.py) is the learned objective under the setpoints in force, plus
what each order adds by the asset's hazard and the plant's economics, plus what setpoints change in ageing. An effect of
setpoints counts only where it exceeds the error that the few moves so far leave. The row `learned alone` has the
learned forecast of the objective under the plan, orders included, instead.

The truth is what forks of the plant do, all plans with the same luck. Up to `forks` forks of each plan are made,
doubled from 8 until each pair of plans is resolved by a paired t interval (99 % over all looks together), or is so
close that all forks would not resolve it, were the difference half a standard error larger. Pairs whose interval covers
0 are left out.

  tau            Kendall's tau over the resolved pairs; a tie in a forecast counts 0
  top-1 regret   by how much the plan with the highest value falls short of the best, as a share of the range of all
  forks 1 ... 8  rank by so many other forks of each plan
  as good as     so many forks rank as well
  half of the forks   the ceiling: how well one half of the truth's forks ranks the pairs that the other half resolves,
                      and picks the best by its means

  surrogates   names as for tandem run; transformer+tier=s+windows=16 sets keys of its choice
  horizons     of the twins, ticks; plans are compared over the longest, by default that of the scenario
  workers      processes that fork; each takes a moment
  truths       folder in which each moment's forks are kept, under a hash of the plant's state, plans, forks, seed and
               code: for a run that was cut short, and for other surrogates on the same plant
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.arguments import number, whole
from twin.lab.bench.options import torch_device
from twin.lab.errors import UserError

if TYPE_CHECKING:
    from twin.lab.bench.fidelity.fidelity import Score
    from twin.lab.bench.fidelity.truths import Point
    from twin.lab.workers import Workers

OPTIONS = (
    *("surrogates", "seeds", "days", "points", "plans", "forks", "scenario", "plant", "horizons", "workers", "truths"),
    *("device", "json"),
)
MOST = 5000  # plans, and forks of each


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each surrogate, each reference, the truth and the cost."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from twin.lab.bench.fidelity.fidelity import joined
    from twin.lab.bench.fidelity.table import fidelity_rows, print_fidelity
    from twin.lab.workers import Workers

    seeds = [whole("seeds", word, low=0, high=10**9) for word in options.get("seeds", "0").split(",")]
    folder = _truths_folder(options)
    start, before = time.perf_counter(), _cpu_seconds()
    points, scores = list["Point"](), list[list["Score"]]()
    with Workers(whole("workers", options.get("workers", "1"), high=1024)) as workers:
        for seed in seeds:
            more, score = _one_seed(options, seed, workers, folder)
            points += more
            scores.append(score)
    rows = fidelity_rows(joined(scores), points)
    cost = {"name": "fidelity.cost", "value": _cpu_seconds() - before, "wall_s": time.perf_counter() - start}
    rows.append({**cost, "forking_s": sum(point.seconds for point in points)})
    print_fidelity(rows)
    return rows


def _truths_folder(options: Mapping[str, str]) -> Path | None:
    from twin.lab.configure.checks import writable

    if "truths" not in options:
        return None
    folder = Path(options["truths"])
    if folder.exists() and not folder.is_dir():
        raise UserError(f"truths = {folder}: is no folder")
    writable("truths", folder / "truth")
    return folder


def _one_seed(
    options: Mapping[str, str], seed: int, workers: Workers, folder: Path | None
) -> tuple[list[Point], list[Score]]:
    from twin.lab.bench.fidelity.fidelity import moments, scored, shadows, watched
    from twin.lab.core import build

    configs = _configs(options, seed)
    on = torch_device(options)
    plant, _ = build.pair(next(iter(configs.values())), on)
    plans, forks = (
        whole("plans", options.get("plans", "16"), low=2, high=MOST),
        whole("forks", options.get("forks", "128"), low=2, high=MOST),
    )
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
    """A run's configuration for each surrogate, by its name and changes as the user wrote them."""
    from twin.lab.configure.compose import compose
    from twin.lab.configure.resolve import resolved

    about = [f"{key}={options[key]}" for key in ("scenario", "plant") if key in options]
    if "horizons" in options:
        about.append(f"twin.horizons=[{options['horizons']}]")
    configs = {}
    for written in options.get("surrogates", "ewma,mlp,transformer").split(","):
        name, *changes = written.split("+")
        if name == "forks":
            raise UserError("surrogates = forks: forks stand in the table anyway")
        overrides = [f"surrogate={name}", *(f"surrogate.{change}" for change in changes), f"seed={seed}", *about]
        configs[written] = resolved(compose("run", [*overrides, "policy=run_to_failure"]))
    return configs


def _progress(message: str) -> None:
    print(f"{message}, {_cpu_seconds():.0f} CPU-s", file=sys.stderr, flush=True)


def _cpu_seconds() -> float:
    """Of this process and its children, user and system."""
    return sum(os.times()[:4])
