"""tandem bench whatif [tiers=nano,s] [plans=4096] [chunk=N] [repeats=3] [replications=1,4] [samples=20] [device=auto]
                    [json=FILE]

Seconds for `plans` plans of 16 tokens of the future for each asset (16 horizons), for one asset and for eight, by tier:
the median of `repeats`, after a warm-up. On the CPU the plans are asked in portions of `chunk`.

Beside it the same number of what-ifs by forks of a line of one and of eight stations over as long a horizon (144 ticks
of ten minutes), `replications` of each: timed on one core over `samples` forks, and that time divided by the number of
cores.

  replications   as many as rank as well, see `as good as` of tandem bench fidelity
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from twin.lab.arguments import number, whole
from twin.lab.bench.options import show, tiers, torch_device

OPTIONS = ("tiers", "plans", "chunk", "repeats", "replications", "samples", "device", "json")
MOST = 10**6  # plans, at most


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each tier and each number of forks, first for one asset, then for eight."""
    on = torch_device(options)
    plans, repeats = (
        whole(key, options.get(key, usual), high=MOST) for key, usual in (("plans", "4096"), ("repeats", "3"))
    )
    chunk = whole("chunk", options.get("chunk", "4096" if on == "cuda" else "256"), high=MOST)
    samples = whole("samples", options.get("samples", "20"))
    replications = [number("replications", word) for word in options.get("replications", "1,4").split(",")]
    rows: list[dict[str, Any]] = []
    for assets in (1, 8):
        rows += _surrogates(assets, tiers(options, on), on=on, plans=plans, chunk=chunk, repeats=repeats)
        rows += _forks(assets, replications, plans=plans, samples=samples)
    _print(rows, plans)
    return rows


def _surrogates(
    assets: int, names: Sequence[str], *, on: str, plans: int, chunk: int, repeats: int
) -> list[dict[str, Any]]:
    from twin.lab.bench import surrogate_speed as speed

    scene = speed.scene(assets=assets, patches=speed.PATCHES, horizons=speed.ASK_HORIZONS)
    seconds = {tier: speed.answering(tier, scene, on=on, plans=plans, chunk=chunk, repeats=repeats) for tier in names}
    device = speed.device_name(on)
    return [{"name": f"whatif.{tier}.{assets}", "value": value, "device": device} for tier, value in seconds.items()]


def _forks(assets: int, replications: Sequence[float], *, plans: int, samples: int) -> list[dict[str, Any]]:
    from twin.lab.bench import surrogate_speed as speed

    seconds, cores = plans * speed.forking(assets, samples), os.cpu_count() or 1
    rows = []
    for count in replications:
        name = f"whatif.forks {count:g} of each.{assets}"
        rows.append({"name": name, "value": count * seconds, "device": "one core"})
        rows.append({"name": name, "value": count * seconds / cores, "device": f"{os.cpu_count()} cores"})
    return rows


def _print(rows: Sequence[Mapping[str, Any]], plans: int) -> None:
    table = Table(f"{plans:,} what-ifs by", "on", "one asset, s", "eight assets, s", box=None)
    half = len(rows) // 2
    for one, eight in zip(rows[:half], rows[half:], strict=True):
        name = one["name"].split(".", 1)[1].rpartition(".")[0]
        table.add_row(name, one["device"], f"{one['value']:.4g}", f"{eight['value']:.4g}")
    show(table)
