"""Finished runs to compare, made in milliseconds: three files and a history of figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from twin.lab.compare import arms as compare
from twin.lab.record.recorder import Recorder

TICK, HOURS = 600.0, 600.0 / 3600.0


def make_arm(
    folder: Path,
    name: str,
    /,
    *,
    seeds: int = 4,
    ticks: int = 144,
    profit: float = 100.0,
    failures: float = 0.02,
    start: float = 0.0,
    plant: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Runs of one policy.

    profit: EUR per hour. failures: per tick. start: EUR per hour more on each tick of the first fifth.

    Luck is common to the arms of a seed.
    """
    for seed in range(seeds):
        luck, own = np.random.default_rng(seed), np.random.default_rng([seed, *name.encode()])
        gain = profit + luck.normal(0, 40) + luck.normal(0, 30, ticks) + own.normal(0, 30, ticks)
        gain[: ticks // 5] += start
        time = TICK * np.arange(1, ticks + 1)
        total = np.cumsum(gain * HOURS)
        failed = np.cumsum(own.random(ticks) < failures)
        history = {
            "profit_per_hour": total / (time / 3600.0),
            "profit": total,
            "maintenance_corrective": failed,
            "quality": 0.9 + 0.05 * own.random(ticks),
        }
        make_run(
            folder / f"{name}_seed{seed}", seed=seed, policy=name, time=time, history=history, plant=plant, facts=facts
        )


def make_run(
    path: Path,
    *,
    seed: int,
    policy: str,
    time: np.ndarray[Any, Any],
    history: Mapping[str, np.ndarray[Any, Any]],
    plant: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    path.mkdir(parents=True)
    days = float(time[-1] / 86_400)
    objective = {"figure": "profit_per_hour", "sense": 1}
    own = {"status": "finished", "seed": seed, "code": "c", "objective": objective, "horizon": float(time[-1])}
    choices = {"policy": policy, "plant": "line"}
    (path / "run.json").write_text(json.dumps({**own, "choices": choices, **(facts or {})}))
    (path / "kpis.json").write_text(json.dumps({name: float(values[-1]) for name, values in history.items()}))
    settings = {"seed": seed, "choices": choices, "days": days, "policy": {"kind": policy}, "network": {"loss": 0.0}}
    (path / "config.yaml").write_text(yaml.safe_dump({**settings, "plant": {"tick": TICK, "crew": 2, **(plant or {})}}))
    recorder = Recorder(directory=path)
    for name, values in history.items():
        recorder.append(
            "kpis", {"time": time, "asset": [""] * len(time), "name": [name] * len(time), "value": values.astype(float)}
        )
    recorder.close()


def arms(folder: Path) -> compare.Arms:
    return compare.arms([compare.read(path) for path in compare.find([folder])])
