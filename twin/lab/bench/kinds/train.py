"""tandem bench train [tiers=nano,s] [steps=10] [repeats=3] [device=auto] [json=FILE]

One update of the transformer from 64 windows of 128 tokens (8 assets, 12 patches of 12 ticks of history, 4 tokens of
the future), by tier.

  steps per second    the median of `repeats` times `steps` updates, after a warm-up
  tokens per second   64 x 128 of each step
  utilisation         floating-point operations of the matrix products (attention's too) of forward and backward pass,
                      as torch counts them, over those that one large matrix product does in the same time, on the
                      same device and in the same type

On CUDA all tiers, in bfloat16. On the CPU one thread, in single precision, by CPU time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from rich.table import Table

from twin.lab.arguments import whole
from twin.lab.bench.options import show, tiers, torch_device

OPTIONS = ("tiers", "steps", "repeats", "device", "json")
HEADS = ("parameters", "steps/s", "tokens/s", "GFLOP a step", "utilisation")


def measure(options: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for each tier (on CUDA also as a recorded graph), and one for the device's peak."""
    on = torch_device(options)
    from twin.lab.bench import surrogate_speed as speed

    steps, repeats = (whole(key, options.get(key, usual)) for key, usual in (("steps", "10"), ("repeats", "3")))
    scene = speed.scene(assets=speed.TRAIN_ASSETS, patches=speed.TRAIN_PATCHES, horizons=speed.TRAIN_HORIZONS)
    most, device = speed.peak(on, repeats), speed.device_name(on)
    table = Table("tier", *HEADS, box=None)
    rows: list[dict[str, Any]] = []
    for tier, graph in itertools.product(tiers(options, on), (False, True) if on == "cuda" else (False,)):
        rate = speed.training(tier, scene, on=on, graph=graph, steps=steps, repeats=repeats)
        share, name = rate.operations * rate.steps_per_s / most, f"{tier}, as a graph" if graph else tier
        cells = (f"{rate.parameters:,}", f"{rate.steps_per_s:.3g}", f"{rate.tokens_per_s:,.0f}")
        table.add_row(name, *cells, f"{rate.operations / 1e9:.3g}", f"{share:.1%}")
        row = {"name": f"train.{name}", "value": rate.steps_per_s, "tokens_per_s": rate.tokens_per_s}
        row |= {"utilisation": share, "flop": rate.operations, "parameters": rate.parameters, "device": device}
        rows.append(row)
    show(table)
    print(f"{device}: {speed.WINDOWS} windows x {scene.tokens} tokens; peak {most / 1e9:,.0f} GFLOP/s")
    return [*rows, {"name": "train.peak", "value": most, "device": device}]
