"""tandem bench plant [stations=5,50,200] [features=off,failures,everything] [work=1.2e6] [repeats=3] [json=FILE]
tandem bench pairing [seeds=30] [days=30] [json=FILE]
tandem bench roads [networks=crossing,corridor,grid_2x2,grid_4x4] [hours=8] [repeats=3] [json=FILE]
tandem bench saving RUN ... [baseline=self_consumption] [json=FILE]
tandem bench sweep [runs=8] [days=60] [workers=2] [json=FILE]
tandem bench fidelity [surrogates=ewma,mlp,transformer] [seeds=0] [days=30] [points=40] [plans=16] [forks=128]
                      [scenario=NAME] [plant=NAME] [horizons=1,6,36,144] [workers=1] [truths=FOLDER] [device=auto]
                      [json=FILE]
tandem bench train [tiers=nano,s] [steps=10] [repeats=3] [device=auto] [json=FILE]
tandem bench whatif [tiers=nano,s] [plans=4096] [chunk=N] [repeats=3] [replications=1,4] [samples=20] [device=auto] [json=FILE]

plant: how fast the plant is, in CPU-seconds of one thread of one process: serial lines with buffers of 3 and cycles of 6 s, beside
the same line in plain SimPy, both in the same run and taken alternately; the best of `repeats` counts.

  off          nothing but flow
  failures     failures after 500 s of work on average, repairs of 50 s (plain SimPy has them too)
  everything   gamma wear with that mean life, shocks, a shared crew, quality, energy at a tariff, sensors sampled every
               60 s, recording to Parquet (plain SimPy has the failures only)

  work         station-seconds to simulate in each line
Then the cost and memory of long runs, and what copies of a line of 20 stations take.

pairing: what common random numbers are worth on the default line: standard deviation over seeds of the difference in
profit per hour between standing plans of maintenance, with the same luck for both and with luck of their own.

roads: vehicles that pass a link, per CPU-minute of one thread, in the morning of each road network: with flow and signals
only, and with everything on (wear, detectors).

saving: of runs whose plant has a battery (a study's directory), each arm's cost per day by seed, the linear programme's with perfect
foresight, which is a lower bound, and the share of the saving from the baseline to it that the arm captures.

sweep: `runs` seeds of the default run, one after another in one process, then by as many workers of a Ray cluster on this
machine as `workers` says (1,2: first by one); how long each takes, start-up apart, how far from ideal that is, and whether
the figures and tables are the same bytes. Needs the extra ray.

fidelity: how well surrogates rank what-ifs. One plant is run for `days` by a policy that acts at random: in each tick every
asset is ordered with chance 1/576 and every setpoint moved with chance 1/288, back to its default or, as often, to a
uniform draw within its bounds. All surrogates learn online in its shadow, from the same messages. At `points` moments of the
last third, evenly spaced, each tells what each of `plans` plans is worth over the longest horizon: to do nothing, and random
ones: a third are work orders of one to three assets, each at once or (as often) after a random delay, a third moves of one to
three setpoints, a third both. Worth: the learned objective of the setpoints in force, what each order adds by the asset's hazard
and the plant's economics, and what setpoints change in ageing; what is learned of setpoints counts beyond the error that the
few moves so far leave (twin/worth.py). `learned alone`: the learned forecast of
the objective under the plan, orders and all.
  The truth is what forks of the plant do, all plans with the same luck: up to `forks` of each plan, doubled from 8 until each
pair of plans is resolved by a paired t interval (99 % over all looks together) or so close that all forks would not do, were
the difference half a standard error larger. Pairs whose interval covers 0 are left out. Over the others: Kendall's tau, a tie in a forecast counts for nothing; and what the plan that is told to be best falls
short of the best, of the range of all. `forks 1 … 8` rank by so many other forks of each plan; `half of the forks` is the
ceiling: how well one half of the truth's forks ranks the pairs that the other half resolves, and picks the best by its means. as good as: so many forks rank as
well.
  surrogates   names as for tandem run; transformer+tier=s+windows=16 sets keys of its choice
  horizons     of the twins, ticks; plans are compared over the longest, by default that of the scenario's own
  workers      processes that fork; each takes a moment
  truths       folder to keep each moment's forks in, as soon as they are there, and to take them from: for a run that was
               broken off, and for other surrogates; by a hash of the plant's state, plans, forks, seed and code

train: one update of the transformer from 64 windows of 128 tokens (8 assets, 12 patches of 12 ticks of history, 4 tokens of the
future), by tier. Steps per second: the median of `repeats` times `steps` updates, after a warm-up; tokens per second: 64 x 128 of
each step; utilisation: floating-point operations of the matrix products (attention's too) of forward and backward pass, as torch
counts them, over those of the same time in one large matrix product on the same device in the same type. On CUDA all tiers,
in bfloat16; on the CPU one thread, in single precision, by CPU time.

whatif: seconds for `plans` plans of 16 tokens of the future for each asset (16 horizons), for one asset and for
eight, by tier, after a warm-up, the median of `repeats`; on the CPU in portions of `chunk` plans. Beside it the same number of
what-ifs by forks of a line of one and of eight stations over as long a horizon (144 ticks of ten minutes), `replications` of
each: timed on one core over `samples` forks, and that time divided by the number of cores. replications: as many as rank as
well, see `as good as` of fidelity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from twin.lab.arguments import split
from twin.lab.bench.options import number, show, whole
from twin.lab.errors import UserError

OPTIONS = {
    "plant": ("stations", "features", "work", "repeats", "json"),
    "pairing": ("seeds", "days", "json"),
    "roads": ("networks", "hours", "repeats", "json"),
    "saving": ("baseline", "json"),
    "sweep": ("runs", "days", "workers", "json"),
    "fidelity": (
        "surrogates", "seeds", "days", "points", "plans", "forks", "scenario", "plant", "horizons", "workers", "truths",
        "device", "json",
    ),
    "train": ("tiers", "steps", "repeats", "device", "json"),
    "whatif": ("tiers", "plans", "chunk", "repeats", "replications", "samples", "device", "json"),
}  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Measure, print and write."""
    kind = arguments[0] if arguments else ""
    if kind not in OPTIONS:
        raise UserError(f"{kind!r}: there is no such bench; there are {', '.join(OPTIONS)}")
    positionals, options = split(arguments[1:], OPTIONS[kind], f"bench {kind}")
    if positionals and kind != "saving":
        raise UserError(f"{positionals[0]!r}: options are given as key=value; options are {', '.join(OPTIONS[kind])}")
    from twin.lab.bench import surrogates as surrogate_benches
    from twin.lab.configure.checks import writable
    from twin.lab.record.json_rows import write_rows

    if "json" in options:
        writable("json", Path(options["json"]))
    benches: dict[str, Callable[[Mapping[str, str]], list[dict[str, Any]]]] = {
        "plant": _plant, "pairing": _pairing, "roads": _roads, "saving": partial(_saving, positionals), "sweep": _sweep,
        "fidelity": surrogate_benches.fidelity, "train": surrogate_benches.train, "whatif": surrogate_benches.whatif,
    }  # fmt: skip
    rows = benches[kind](options)
    write_rows(options.get("json"), rows)


def _plant(options: Mapping[str, str]) -> list[dict[str, Any]]:
    from twin.lab.bench.plant_speed import FEATURES

    stations = [whole("stations", word) for word in options.get("stations", "5,50,200").split(",")]
    features = options.get("features", ",".join(FEATURES)).split(",")
    for name in features:
        if name not in FEATURES:
            raise UserError(f"features = {name}: must be one of {', '.join(FEATURES)}")
    work, repeats = number("work", options.get("work", "1.2e6")), whole("repeats", options.get("repeats", "3"))
    return _speeds(stations, features, work, repeats) + _copies() + _growths(work)


def _pairing(options: Mapping[str, str]) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.pairing import PLANS, pairs, profit

    seeds, days = whole("seeds", options.get("seeds", "30")), number("days", options.get("days", "30"))
    if seeds < 2:
        raise UserError(f"seeds = {seeds}: must be at least 2")
    found = pairs({name: [profit(seed, plan, days) for seed in range(seeds)] for name, plan in PLANS.items()})
    table = Table("plans", "difference", "sd, paired", "sd, unpaired", "times smaller", box=None)
    for pair in found:
        cells = (f"{pair.mean:+.1f}", f"{pair.paired:.2f}", f"{pair.unpaired:.2f}", f"{pair.reduction:.2f}")
        table.add_row(f"{pair.first} - {pair.second}", *cells)
    show(table)
    return [
        {
            "name": f"{pair.first} - {pair.second}", "value": pair.reduction, "difference": pair.mean,
            "sd_paired": pair.paired, "sd_unpaired": pair.unpaired,
        }
        for pair in found
    ]  # fmt: skip


def _roads(options: Mapping[str, str]) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.road_speed import FEATURES, NETWORKS, TARGET, speed

    names = options.get("networks", ",".join(NETWORKS)).split(",")
    for name in names:
        if name not in NETWORKS:
            raise UserError(f"networks = {name}: must be one of {', '.join(NETWORKS)}")
    hours, repeats = number("hours", options.get("hours", "8")), whole("repeats", options.get("repeats", "3"))
    table = Table("network", "features", "link traversals per CPU-minute", "target", "simulated", box=None)
    rows = []
    for name in names:
        for features in FEATURES:
            found = speed(name, features, hours=hours, repeats=repeats)
            target = TARGET.get(name) if features == "off" else None
            aim = f">= {target:,.0f}" if target else ""
            table.add_row(name, features, f"{found.per_minute:,.0f}", aim, f"{found.traversals:,.0f}")
            rows.append({"name": f"roads.{features}.{name}", "value": found.per_minute, "target": target})
    show(table)
    return rows


def _saving(runs: Sequence[str], options: Mapping[str, str]) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.saving import savings
    from twin.lab.compare.arms import arms, find, read

    if not runs:
        raise UserError("bench saving takes run directories, or directories of runs; see tandem bench --help")
    try:
        found = savings(arms([read(path) for path in find(runs)]), options.get("baseline", "self_consumption"))
    except ValueError as error:
        raise UserError(str(error)) from None
    table = Table("arm", "EUR/day by seed", "share of the saving", box=None)
    for one in found:
        table.add_row(one.arm, ", ".join(f"{cost:.1f}" for cost in one.costs.values()), f"{100 * one.share:.0f} %")
    show(table)
    return [{"name": one.arm, "value": one.share, "costs": dict(one.costs)} for one in found]


def _sweep(options: Mapping[str, str]) -> list[dict[str, Any]]:
    import tempfile

    from twin.lab.bench.sweep_speed import make, rows, unlike

    runs, days = whole("runs", options.get("runs", "8")), number("days", options.get("days", "60"))
    several = [whole("workers", word) for word in options.get("workers", "2").split(",")]
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as scratch:
        folders = {workers: Path(scratch) / f"workers_{workers}" for workers in (0, *several)}
        try:
            passes = [make(folder, runs=runs, days=days, workers=n) for n, folder in folders.items()]
        except ValueError as error:
            raise UserError(str(error)) from None
        differ = {workers: unlike(folders[0], folders[workers]) for workers in several}
    one = next((each for each in passes if each.workers == 1), passes[0])
    found = rows(passes, one)
    _print_sweep(found)
    for workers, names in differ.items():
        told = f"{len(names)} files differ: {', '.join(names[:3])}" if names else "the same bytes"
        print(f"figures and tables by {workers} workers and one after another: {told}")
        found.append({"name": f"sweep.files_differing.{workers}", "value": len(names)})
    return found


def _print_sweep(found: Sequence[Mapping[str, Any]]) -> None:
    from rich.table import Table

    table = Table("sweep", "command, s", "start-up, s", "runs, s", "shortest run, s", "efficiency", box=None)
    for row in found:
        workers = row["name"].rpartition(".")[2]
        name = "one after another" if workers == "0" else f"Ray, {workers} workers"
        cells = (f"{row[key]:.1f}" for key in ("total_s", "start_s", "value", "shortest_s"))
        table.add_row(name, *cells, f"{100 * row['efficiency']:.1f} %")
    show(table)


def _speeds(stations: Sequence[int], features: Sequence[str], work: float, repeats: int) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.plant_speed import TARGETS, speed, warm_up

    warm_up()
    table = Table("features", "stations", "station-cycles per CPU-second", "plain SimPy", "ratio", "target", box=None)
    rows, cost = [], dict[tuple[str, int], float]()
    for name in features:
        for count in stations:
            found = speed(count, name, work=work, repeats=repeats)
            cost[name, count] = 1.0 / found.ours
            cells = (f"{found.ours:,.0f}", f"{found.plain:,.0f}", f"{found.ratio:.2f}", f">= {TARGETS[name]:g}")
            table.add_row(name, str(count), *cells)
            rows.append({
                "name": f"speed.{name}.{count}", "value": found.ours, "plain": found.plain, "ratio": found.ratio,
                "target": TARGETS[name],
            })  # fmt: skip
    show(table)
    if len(stations) > 1:
        few, many = min(stations), max(stations)
        for name in features:
            ratio = cost[name, many] / cost[name, few]
            print(f"cost per cycle, {name}: at {many} stations {ratio:.2f} times that at {few}")
            rows.append({"name": f"cost_ratio.{name}", "value": ratio, "target": 1.5})
    return rows


def _copies() -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.plant_speed import copying

    rows = []
    table = Table("line of 20 stations", "fork", "fork, reseeded", "snapshot", "restore", "snapshot size", box=None)
    for name in ("off", "everything"):
        found = copying(20, name)
        size = found.pop("bytes")
        table.add_row(name, *(f"{1000 * seconds:.2f} ms" for seconds in found.values()), f"{size / 1000:.0f} kB")
        rows += [{"name": f"{what.replace(', ', '_')}_s.{name}", "value": value} for what, value in found.items()]
        rows.append({"name": f"snapshot_bytes.{name}", "value": size})
    show(table)
    return rows


def _growths(work: float) -> list[dict[str, Any]]:
    from rich.table import Table

    from twin.lab.bench.plant_speed import growth

    rows = []
    table = Table("20 stations, ten times the horizon", "cost per cycle", "memory grows by", box=None)
    for name in ("off", "everything"):
        found = growth(20, name, work / 100)
        table.add_row(name, f"x {found['cost']:.2f}", f"{found['memory'] / 1000:,.0f} kB")
        rows += [{"name": f"growth_{what}.{name}", "value": value} for what, value in found.items()]
    show(table)
    return rows
