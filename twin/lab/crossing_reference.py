"""What signalised crossings must agree with: Webster's formula, SUMO's figures, the M/D/1 queue.

Each case is simulated in replications; a row tells reference, mean, and how far they may be apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np
import scipy.stats
import yaml

from sim.contract import Plant
from twin.cleaning import Cleaner
from twin.policies.base import Policy
from twin.policies.delay_based import DelayBased
from twin.policies.webster import cycle_of
from twin.window import Window

# The crossing that was measured in SUMO 1.28: lost time and saturation flow as SUMO's vehicles have them.
SATURATION, LOST, INTERGREEN, FRICTION = 1998.0, 6.83, 5.0, 3.99
NS, EW = 480.0, 720.0
HORIZON, WARM = 5400.0, 900.0
# Control delay by cycle, and time loss (with the 3.99 s that vehicles lose even where every signal is green) by plan.
SUMO_DELAY = {44.0: 26.1, 50.0: 21.8, 60.0: 20.0, 70.0: 20.8, 90.0: 23.0, 130.0: 29.3}
SUMO_LOSS = {"fixed_50_50": 31.3, "fixed_proportional": 27.4, "webster_60": 24.0, "delay_based": 21.0}


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. tolerance: relative, or nan where the 99 % interval (low, high) must hold the reference."""

    case: str
    reference: float
    mean: float
    low: float
    high: float
    replications: int
    tolerance: float = math.nan

    @property
    def difference(self) -> float:
        """Relative."""
        return self.mean / self.reference - 1.0

    @property
    def passed(self) -> bool:
        if math.isnan(self.tolerance):
            return self.low <= self.reference <= self.high
        return abs(self.difference) <= self.tolerance


def webster_delay(flow: float, green: float, cycle: float, saturation: float = SATURATION) -> float:
    """Mean delay, s/veh, at a fixed-time signal: Webster's three terms (Webster 1958).

    flow, saturation: veh/h. green: effective, s. Raises ValueError where the approach is saturated.
    """
    q, share = flow / 3600.0, green / cycle
    x = flow / saturation / share
    if not 0 < x < 1:
        raise ValueError(f"webster_delay: flow = {flow}: degree of saturation {x:.3f} must be in (0, 1)")
    uniform: float = cycle * (1 - share) ** 2 / (2 * (1 - share * x))
    random: float = x**2 / (2 * q * (1 - x))
    correction: float = 0.65 * (cycle / q**2) ** (1 / 3) * x ** (2 + 5 * share)
    return uniform + random - correction


def crossing_delay(ns: float, ew: float, cycle: float) -> float:
    """Webster's delay of the whole crossing, s/veh, green shared in proportion to the flows."""
    greens = effective_greens(ns, ew, cycle)
    return sum(q * webster_delay(q, g, cycle) for q, g in zip((ns, ew), greens, strict=True)) / (ns + ew)


def effective_greens(ns: float, ew: float, cycle: float) -> tuple[float, float]:
    """(north-south, east-west), s."""
    whole = cycle - 2 * LOST
    return whole * ns / (ns + ew), whole * ew / (ns + ew)


@lru_cache
def _configuration() -> dict[str, Any]:
    fields: dict[str, Any] = yaml.safe_load((files("conf") / "plant" / "crossing.yaml").read_text(encoding="utf-8"))
    return fields


def made(seed: int, **changes: Any) -> Plant:
    """The plant of conf/plant/crossing.yaml without wear, with these fields in place of its own."""
    fields = _configuration() | {"wear": False} | changes
    module, _, name = fields.pop("_target_").rpartition(".")
    plant: Plant = getattr(import_module(module), name)(seed=seed, **fields)
    return plant


def crossing(
    seed: int, *, ns: float = NS, ew: float = EW, cycle: float = 90.0, even: bool = False, **changes: Any
) -> Plant:
    """The crossing of SUMO's set-up. even: half the green for each axis, else in proportion to the flows."""
    north, east = effective_greens(1.0, 1.0, cycle) if even else effective_greens(ns, ew, cycle)
    shown = LOST - INTERGREEN
    grid = {
        "rows": 1, "columns": 1, "entry": 500.0, "speed": 13.89, "flow": SATURATION, "friction": FRICTION,
        "demand": {"ns": ns, "ew": ew}, "cycle": cycle, "splits": {"ns": north + shown, "ew": east + shown},
    }  # fmt: skip
    quiet = {"tick": HORIZON, "sample": HORIZON} | changes
    return made(seed, grid=grid, **quiet)


def between(plant: Plant, warm: float, horizon: float, step: Callable[[float], None]) -> float:
    """Mean control delay, s/veh, of what passes between `warm` and `horizon`. step: brings the plant to a time."""
    step(warm)
    before = plant.kpis()
    step(horizon)
    after = plant.kpis()
    passed = after["link_traversals"] - before["link_traversals"]
    return 3600.0 * (after["delay_hours"] - before["delay_hours"]) / passed


def fixed(seed: int, *, horizon: float = HORIZON, **crossing_: Any) -> float:
    """Control delay of one replication under a fixed plan."""
    plant = crossing(seed, **crossing_)
    return between(plant, WARM, horizon, partial(_advance, plant))


def controlled(seed: int, make: Callable[..., Policy], *, tick: float = 1.0, **crossing_: Any) -> float:
    """Control delay of one replication under a policy that decides every second, without a twin's forecasts."""
    plant = crossing(seed, tick=tick, sample=tick, **crossing_)
    window = Window(spec=plant.spec, cleaner=Cleaner(spec=plant.spec))
    policy = make(spec=plant.spec)

    def step(until: float) -> None:
        for number in range(round(plant.now / tick) + 1, round(until / tick) + 1):
            for message in plant.advance(number * tick):
                window.add(message)
            window.close(number * tick)
            window.final()
            for action in policy.act(window, _no_forecast):
                plant.apply(action)

    return between(plant, WARM, HORIZON, step)


def _no_forecast(_: Any) -> Any:
    raise RuntimeError("this run has no twin to forecast with")


def webster_row(seeds: Sequence[int], *, ns: float, ew: float, cycle: float, tolerance: float = 0.06) -> Row:
    """Any demand and cycle against the formula, four hours after the warm-up so that rare queues count."""
    found = [fixed(seed, ns=ns, ew=ew, cycle=cycle, horizon=WARM + 4 * 3600.0) for seed in seeds]
    name = f"webster ns={ns:g} ew={ew:g} cycle={cycle:g}"
    return _row(name, crossing_delay(ns, ew, cycle), found, tolerance)


def cycle_rows(seeds: Sequence[int]) -> list[Row]:
    """The measured cycles: against SUMO within 6 %, against Webster within 5 %."""
    rows = []
    for cycle, measured in SUMO_DELAY.items():
        found = [fixed(seed, cycle=cycle) for seed in seeds]
        rows.append(_row(f"sumo cycle={cycle:g}", measured, found, 0.06))
        rows.append(_row(f"webster cycle={cycle:g}", crossing_delay(NS, EW, cycle), found, 0.05))
    return rows


def plans() -> dict[str, Callable[[int], float]]:
    """SUMO's four plans, worst first: replication number → control delay."""
    webster = round(cycle_of(2 * LOST, (NS + EW) / SATURATION) / 10) * 10.0
    return {
        "fixed_50_50": partial(fixed, cycle=90.0, even=True),
        "fixed_proportional": partial(fixed, cycle=90.0),
        "webster_60": partial(fixed, cycle=webster),
        "delay_based": partial(controlled, make=partial(DelayBased, min_green=5.0, max_green=60.0)),
    }


def plan_rows(seeds: Sequence[int]) -> list[Row]:
    """Time loss of SUMO's plans, each within 8 %; the order is the caller's to see."""
    return [
        _row(f"sumo {name}", SUMO_LOSS[name], [FRICTION + run(seed) for seed in seeds], 0.08)
        for name, run in plans().items()
    ]  # fmt: skip


def metering_row(seeds: Sequence[int], load: float = 0.8, flow: float = 1800.0, hours: float = 6.0) -> Row:
    """A stop line that is always open: mean wait of the M/D/1 queue, ρ h / 2(1 - ρ)."""
    found = []
    for seed in seeds:
        links = {"road": {"length": 50_000.0, "flow": flow, "demand": load * flow}}
        plant = made(seed, grid=None, links=links, tick=HORIZON, sample=HORIZON)
        step = partial(_advance, plant)
        found.append(between(plant, 2.0 * HORIZON, 2.0 * HORIZON + hours * 3600.0, step))
    return _row(f"always green, M/D/1 load={load:g}", load * 3600.0 / flow / (2 * (1 - load)), found, math.nan)


def _advance(plant: Plant, until: float) -> None:
    plant.advance(until)


def _row(case: str, reference: float, found: Sequence[float], tolerance: float) -> Row:
    mean = float(np.mean(found))
    half = float(scipy.stats.t.ppf(0.995, len(found) - 1) * scipy.stats.sem(found)) if len(found) > 1 else math.nan
    return Row(case, reference, mean, mean - half, mean + half, len(found), tolerance)
