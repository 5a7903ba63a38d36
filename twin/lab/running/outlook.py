"""What limits a plant at the end of a run, what relieving it is worth, and what the twin would do next."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sim.contract import FAILED, MAINTENANCE_STARTED, Bottleneck, Plant, Relievable, StandstillError
from twin.forecast import Forecast, Plan
from twin.lab.core.closed_loop import Companion
from twin.lab.core.held import held
from twin.lab.core.relief import Relief, reliefs
from twin.lab.draw.words import percent, signed
from twin.lab.record.loading import load_decisions, load_events
from twin.lab.record.run_directory import OUTLOOK, dump, write_atomically
from twin.lab.report.forecast_bands import lasting
from twin.policies.prospect import prospects_of
from twin.surrogates.no_forecast import nobody_forecasts
from twin.twin import Twin
from twin.units import DAY

SHOWN = 3  # actions that may come next
Step = dict[str, Any]


def write_outlook(path: Path, plant: Plant, twin: Companion, *, seed: int) -> None:
    """Write outlook.json of the run in a directory, whose plant and twin stand where it ended.

    seed: of the run; the forks' seeds come from it.
    """
    write_atomically(path / OUTLOOK, dump(outlook(plant, twin, load_decisions(path), load_events(path), seed=seed)))


def outlook(
    plant: Plant, twin: Companion, decisions: pd.DataFrame, events: pd.DataFrame, *, seed: int
) -> dict[str, Any]:
    """What outlook.json holds. bottleneck and relief are null where the plant has none, or cannot say.

    Of the places that may limit the plant, the bottleneck is the one whose relief gains most, where that can be told
    from nothing; else the likeliest. decisions, events: of the run so far, as recorded.
    """
    candidates = list(plant.bottlenecks()) if isinstance(plant, Relievable) else []
    gains = _reliefs(plant, twin, candidates, decisions, seed)
    best = max(gains, key=lambda one: one.gain.value, default=None)
    if best is not None and not best.gain.low > 0:
        best = gains[0]
    limit = best.bottleneck if best is not None else next(iter(candidates), None)
    coming = [*_ordered(twin, decisions, events), *_held_ready(twin)][:SHOWN] or _latest(decisions)
    unit = plant.spec.objective.unit
    about = _about(limit, best, unit)
    return {
        "at_days": plant.now / DAY,
        "bottleneck": None if limit is None else _written(limit) | {"words": about},
        "relief": None if best is None else _worth(best, unit),
        "candidates": [_written(one) for one in candidates] if not gains else [_both(one, unit) for one in gains],
        "next": coming,
        "words": [*about, _first(coming)],
    }


def _first(coming: Sequence[Step]) -> str:
    if not coming:
        return "Next: nothing is near; the policy has sent no command."
    return f"{'Last command' if coming[0].get('given') else 'Next'}: {coming[0]['words']}."


def _reliefs(
    plant: Plant, twin: Companion, candidates: list[Bottleneck], decisions: pd.DataFrame, seed: int
) -> list[Relief]:
    """None too where the plant cannot be copied, or a copy comes to a standstill."""
    commands = held(plant.spec, twin.window.lives, decisions, plant.now)
    try:
        return reliefs(plant, candidates, commands, seed=seed, events=plant.truth()["events_processed"])
    except (ValueError, StandstillError):
        return []


def _written(limit: Bottleneck) -> dict[str, Any]:
    """As JSON has it."""
    told = {"name": limit.name, "assets": list(limit.assets), "share": limit.share, "of": limit.of}
    return told | {"parts": dict(limit.parts)}


def _both(gain: Relief, unit: str) -> dict[str, Any]:
    return _written(gain.bottleneck) | {"relief": _worth(gain, unit)}


def _worth(gain: Relief, unit: str) -> dict[str, Any]:
    interval = gain.gain
    figures = {"value": interval.value, "low": interval.low, "high": interval.high, "unit": f"{unit}/h"}
    return figures | {"by": gain.by, "pairs": gain.pairs, "days": gain.days, "distinguishable": gain.distinguishable}


def _about(limit: Bottleneck | None, gain: Relief | None, unit: str) -> list[str]:
    """Bottleneck and relief in sentences."""
    if limit is None:
        return []
    parts = ", ".join(f"{name} {percent(share)}" for name, share in limit.parts.items() if share > 0)
    own = ", ".join(limit.assets)
    several = f" ({own})" if len(limit.assets) > 1 and limit.name != own else ""
    lines = [f"Bottleneck: {limit.name}{several}, with {percent(limit.share)} of {limit.of} ({parts})."]
    if gain is not None:
        half = (gain.gain.high - gain.gain.low) / 2
        value, low, high = (signed(figure, half) for figure in (gain.gain.value, gain.gain.low, gain.gain.high))
        how = f"{gain.pairs} pairs of forks of {lasting(24 * gain.days)}"
        verdict = "is worth" if gain.distinguishable else "is not distinguishable from nothing:"
        told = f"{value} {unit}/h ({low} … {high})"
        lines.append(f"{percent(gain.by, 0)} more {limit.relief} {verdict} {told}; {how}.")
    return lines


def _ordered(twin: Companion, decisions: pd.DataFrame, events: pd.DataFrame) -> list[Step]:
    """Work that is ordered and has not begun."""
    spec, steps = twin.spec, []
    orders = {a.key: a.asset for a in spec.actuators if a.kind == "work_order"}
    begun = events[(events["source"] == "plant") & events["kind"].isin([MAINTENANCE_STARTED, FAILED])]
    since = begun.groupby("asset", observed=True)["time"].max()
    last = decisions[decisions["actuator"].astype(str).isin(list(orders))]
    for time, actuator, reason in _rows(last.drop_duplicates("actuator", keep="last")):
        asset = orders[actuator]
        if time > max(float(since.get(asset, -math.inf)), twin.window.now - DAY):
            words = f"{asset}, ordered on day {time / DAY:.2f}, waits for its turn: {reason}"
            steps.append(_step(asset, actuator, 1.0, reason, words))
    return steps


def _held_ready(twin: Companion) -> list[Step]:
    """What the policy may order next."""
    steps, orders = [], {order.actuator for order in twin.spec.objective.orders}
    for prospect in prospects_of(twin.policy, twin.window, lambda plans: _predict(twin, plans)):
        way = f", {percent(prospect.reached, 0)} of the way to a renewal" if prospect.actuator in orders else ""
        words = f"{prospect.asset}{way}: {prospect.reason}"
        steps.append(_step(prospect.asset, prospect.actuator, prospect.reached, prospect.reason, words))
    return steps


def _predict(twin: Companion, plans: Sequence[Plan]) -> Forecast:
    """The forecast that the policy would get if it asked at the run's last tick."""
    if not isinstance(twin, Twin) or twin.latest is None:
        raise nobody_forecasts(type(twin.policy).__name__)
    return twin.predict(twin.latest, plans)


def _latest(decisions: pd.DataFrame) -> list[Step]:
    """Where no work is in sight: the commands given last."""
    steps = []
    for time, actuator, reason in _rows(decisions.tail(SHOWN).iloc[::-1]):
        words = f"{actuator} on day {time / DAY:.2f}: {reason}"
        steps.append(_step(actuator.rpartition(".")[0], actuator, 1.0, reason, words) | {"given": True})
    return steps


def _rows(decisions: pd.DataFrame) -> Iterator[tuple[float, str, str]]:
    """(time, actuator, reason) of each."""
    columns = (decisions[name].tolist() for name in ("time", "actuator", "reason"))
    yield from zip(*columns, strict=True)


def _step(asset: str, actuator: str, reached: float, reason: str, words: str) -> Step:
    return {"asset": asset, "actuator": actuator, "reached": reached, "reason": reason, "words": words}
