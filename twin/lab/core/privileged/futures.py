"""What becomes of a copy of the plant that is sent ahead under a plan, as the twin's own window would read it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Message, Plant
from twin.forecast import Floats, Plan
from twin.lab.core.closed_loop import close_tick
from twin.layout import Layout
from twin.sensing.window import Window
from twin.surrogates.base import Shape

MOVED = 1e-5  # of a setpoint's range: smaller differences are rounding, since a plan's numbers are of single precision


@dataclass(frozen=True, slots=True)
class Future:
    """What became of one fork.

    truth: [assets, horizons, targets] as the window read them, NaN where nothing was read.
    end: [assets] ticks until the asset's first failure or maintenance, inf for none.
    mode: [assets] of that failure, -1 for maintenance.
    """

    truth: Floats
    end: Floats
    mode: NDArray[np.int64]


def reseeds(seed: int, tick: int, count: int) -> list[int]:
    """The seeds of `count` forks at a tick; a larger count begins with the same seeds."""
    return [int(s) for s in np.random.SeedSequence([seed, tick]).generate_state(count, np.uint64) >> np.uint64(1)]


def ahead(plant: Plant, window: Window, plan: Plan, shape: Shape) -> Future:
    """Run `plant`, a fork, under a plan until its last horizon and bin are known.

    window: of the twin that asks; the fork's messages go to a copy of it.
    """
    layout, begin, copy = window.layout, window.tick, _copy(window)
    targets, counts = list(layout.targets), layout.cumulative[list(layout.targets)]
    truth = np.full((shape.assets, len(shape.horizons), len(targets)), np.nan)
    start, lives_before = np.full((shape.assets, len(targets)), np.nan), len(window.lives.finished)
    orders = sorted(commands(plan, window.setpoints, layout, window.now), key=lambda action: action.time)
    span = int(np.ceil(max(*shape.horizons, shape.edges[-1])))
    for tick in range(begin + 1, begin + span + window.grace + 1):
        now = tick * layout.spec.tick
        for message in _advance(plant, orders, now):
            copy.add(message)
        final = close_tick(copy, now)
        if final is not None and final[0] == begin:
            start = final[2][:, targets]
        elif final is not None and final[0] - begin in shape.horizons:
            closed, mean, counter = final
            rate = (counter[:, targets] - start) / (closed - begin)
            known = np.where(counts, rate, mean[:, targets])
            truth[:, shape.horizons.index(closed - begin)] = np.where(layout.target_table, known, np.nan)
    end, mode = _ends(copy, lives_before, shape.assets)
    return Future(truth, end / layout.spec.tick - begin, mode)


def _copy(window: Window) -> Window:
    """A copy that shares with the original what never changes: spec, layout, finished lives, closed frames."""
    fixed = (window.spec, window.layout)
    return deepcopy(window, {id(one): one for one in (*fixed, *window.lives.finished, *window.frames)})


def commands(plan: Plan, setpoints: Floats, layout: Layout, now: float) -> Iterator[Action]:
    """The actions that carry out a plan that begins at `now` (s).

    plan: orders [assets] in ticks from now, inf for none; setpoints [assets, slots]. setpoints: those in force.
    """
    spec = layout.spec
    low, high, _ = layout.setpoint_bounds()
    moved = np.abs(plan.setpoints - setpoints) > MOVED * (high - low)
    for asset, slot in np.argwhere(moved):
        yield Action(now, spec.actuators[layout.setpoint_table[asset, slot]].key, float(plan.setpoints[asset, slot]))
    for actuator in spec.actuators:
        wait = plan.orders[spec.asset_index[actuator.asset]]
        if actuator.kind == "work_order" and np.isfinite(wait):
            yield Action(now + float(wait) * spec.tick, actuator.key)


def _advance(plant: Plant, orders: list[Action], until: float) -> list[Message]:
    """Advance to `until` (s), with the actions of `orders` that are due before it, which are taken from there."""
    messages: list[Message] = []
    while orders and orders[0].time < until:
        action = orders.pop(0)
        messages += plant.advance(action.time)
        plant.apply(action)
    return messages + plant.advance(until)


def _ends(window: Window, begun: int, assets: int) -> tuple[Floats, NDArray[np.int64]]:
    """(time in s, mode) [assets] of each asset's first end of a life. begun: number of lives that had ended before."""
    end, mode = np.full(assets, np.inf), np.full(assets, -1)
    for life in reversed(window.lives.finished[begun:]):  # the first of an asset is written last
        end[life.asset], mode[life.asset] = life.end, life.mode
    return end, mode
