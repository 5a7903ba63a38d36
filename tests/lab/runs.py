"""A small run directory, made through the recorder as a real one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from twin.lab.record.recorder import Recorder
from twin.lab.record.run_directory import RunDirectory

TICK, ASSETS, HORIZONS, LEADS = 600.0, ("saw", "lathe"), (1, 6), (6, 36)
STATES = ("busy", "idle", "down", "maintenance")


def facts(horizon: float, assets: Sequence[str] = ASSETS) -> dict[str, Any]:
    return {
        "scenario": "manufacturing",
        "policy": "predictive",
        "surrogate": "mlp",
        "seed": 3,
        "device": "cpu",
        "threads": 1,
        "horizon": horizon,
        "tick": TICK,
        "assets": [{"name": name, "type": "machine"} for name in assets],
        "links": [list(link) for link in pairwise(assets)],
        "objective": {"signal": "line.profit", "unit": "EUR"},
        "signals": [
            {"key": f"{name}.vibration", "kind": "vibration", "unit": "mm/s", "forecast": True} for name in assets
        ],
        "actuators": [
            {"key": f"{name}.{what}", "kind": kind, "low": 0.7, "high": 1.3}
            for name in assets
            for what, kind in (("maintain", "work_order"), ("speed", "setpoint"))
        ],
    }


def make_run(
    path: Path,
    *,
    ticks: int = 432,
    status: str = "finished",
    horizon: float | None = None,
    tables: Sequence[str] = ("readings", "events", "forecasts", "hazards", "decisions", "kpis", "losses"),
    assets: Sequence[str] = ASSETS,
    kpis: Mapping[str, float] | None = None,
    close: bool = True,
) -> Path:
    """A run of `ticks`, calibrated by construction, with only those `tables` filled."""
    asked = ticks * TICK if horizon is None else horizon
    run = RunDirectory(path=path, config="seed: 3\npolicy: {lead: 6}\n", facts=facts(asked, assets))
    recorder, random = Recorder(directory=path), np.random.default_rng(7)
    for tick in range(1, ticks + 1):
        for table in tables:
            for columns in ROWS[table](tick, tick * TICK, assets, random):
                recorder.append(table, columns)
        recorder.cut(tick * TICK)
    recorder.close()
    if close:
        figures = {"profit_per_hour": 100.5, "oee": 0.8, "mtbf_hours": float("nan")} if kpis is None else kpis
        run.close(
            status=status, kpis=figures, sim_s=ticks * TICK, events=10, error="" if status == "finished" else "why"
        )
    return path


def _readings(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    return [
        {"time": [now], "arrived": [now + 2.0], "signal": [f"{assets[0]}.vibration"], "value": [random.normal()]},
        {"time": [now], "arrived": [now + 2.0], "signal": ["line.profit"], "value": [float(tick)]},
    ]


def _events(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    if tick % 60:
        return []
    kind = "failed" if tick % 120 else "maintenance_started"
    row = {"time": [now], "asset": [assets[tick // 60 % 2]], "kind": [kind], "detail": ["wear"], "value": [np.nan]}
    return [
        row | {"arrived": [np.nan], "source": ["plant"]},
        row | {"arrived": [now + 2.0], "source": ["twin"]},
    ]


def _forecasts(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    count = len(assets) * len(HORIZONS)
    truth = random.normal(size=count)
    levels = {"q05": -1.645, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q95": 1.645}
    return [
        {
            "issued": np.full(count, now),
            "asset": list(np.repeat(assets, len(HORIZONS))),
            "target": ["vibration"] * count,
            "horizon": np.tile(HORIZONS, len(assets)),
            **{name: np.full(count, level) for name, level in levels.items()},
            "truth": truth,
            "persistence": truth + 2.0,
            "ewma": truth - 1.5,
        }
    ]


def _hazards(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    left = float(60 - tick % 60)
    leads = np.array(LEADS, dtype=float)
    outcome = np.where(left <= leads, 1.0, 0.0)
    return [
        {
            "issued": np.full(len(LEADS), now),
            "asset": [name] * len(LEADS),
            "lead": np.array(LEADS),
            "probability": np.clip(leads / left / 2, 0, 1),
            "constant": leads / 60,
            "outcome": outcome,
            "remaining": np.full(len(LEADS), min(left, 36.0)),
            "time_to_event": np.where(left <= 36, left, np.nan) + 0 * leads,
            "exposure": np.full(len(LEADS), min(left, 36.0)),
        }
        for name in assets
    ]


def _decisions(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    if tick % 30:
        return []
    orders = [f"{assets[0]}.maintain", f"{assets[1]}.speed"]
    return [
        {
            "time": [now, now],
            "actuator": orders,
            "value": [1.0, 0.9],
            "reason": ["risk 9 % & <rising>", "slack"],
            "propensity": [1.0, 0.25],
        }
    ]


def _kpis(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    share = (0.7, 0.1, 0.1, 0.1)
    rows = [("", "oee", 0.8)]
    rows += [(name, f"state.{s}", now * part) for name in assets for s, part in zip(STATES, share, strict=True)]
    asset, name, value = zip(*rows, strict=True)
    return [{"time": [now] * len(rows), "asset": list(asset), "name": list(name), "value": list(value)}]


def _losses(tick: int, now: float, assets: Sequence[str], random: np.random.Generator) -> list[dict[str, Any]]:
    names = ["pinball.h1", "pinball.h6", "hazard", "train.signal"]
    return [{"time": [now] * 4, "name": names, "value": [1 / tick, 2 / tick, 3 / tick, 0.5]}]


ROWS = {
    "readings": _readings,
    "events": _events,
    "forecasts": _forecasts,
    "hazards": _hazards,
    "decisions": _decisions,
    "kpis": _kpis,
    "losses": _losses,
}
