"""Forecasts by forks of the plant itself: the truth that surrogates are measured against. Privileged, and says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.contract import Action, Message, Plant
from twin.forecast import Floats, Forecast, Plan
from twin.lab.core.closed_loop import close_tick
from twin.layout import Layout, Masks
from twin.planning.encoder import PlanEncoder
from twin.sensing.features import Inputs
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import Kept
from twin.surrogates.base import Shape, constant_hazard, levels_of_confidence
from twin.surrogates.batch import Batch

Fork = Callable[[int | None], Plant]


@dataclass(frozen=True, slots=True)
class Future:
    """What became of one fork. truth: [assets, horizons, targets], NaN where nothing was read. end: [assets] ticks until
    the asset's first failure or maintenance, inf for none. mode: [assets] of that failure, -1 for maintenance.
    """

    truth: Floats
    end: Floats
    mode: NDArray[np.int64]


class PrivilegedForks(Kept):
    """Sends reseeded copies of the plant ahead under every plan, and tells what the twin will have read of them.

    Truths are those of the ledger: messages of a fork go through a copy of the twin's own window. Quantiles are
    empirical over `replications` forks; hazards are the share of first failures in a bin among those at risk, left
    alone until then (Kaplan & Meier 1958). Copy r has the same luck under every plan of a tick. An open plan, which does
    not say what the policy will do next, is taken for a closed one. It learns nothing.
    every: ticks between two forecasts; at the others the quantiles are NaN, which nobody scores, and the newest hazards
    of the first plan are repeated. Raises ValueError for numbers below one.
    """

    privileged = True
    context = windows = 0
    KEPT = ("_hazard", "_seed")

    def __init__(self, *, shape: Shape, seed: int, device: str = "cpu", replications: int = 32, every: int = 6) -> None:
        del device
        for name, value in (("replications", replications), ("every", every)):
            if value < 1:
                raise ValueError(f"PrivilegedForks: {name} = {value}: must be >= 1")
        if shape.layout is None:
            raise ValueError("PrivilegedForks: shape has no layout: a plan is carried out by its actuators")
        self._shape, self._layout, self._seed = shape, shape.layout, seed
        self._replications, self._every = replications, every
        self._encoder = PlanEncoder(layout=shape.layout, horizons=shape.horizons)
        self._hazard: Floats = np.full((shape.assets, shape.bins, shape.modes), np.nan)
        self._known: dict[bytes, tuple[Floats, Floats]] = {}  # by plan, of the tick `_told_at`
        self._told_at = -1
        self._fork: Fork | None = None
        self._window: Window | None = None

    def send(self, fork: Fork, window: Window) -> None:
        """Take what makes a copy of the plant as it stands, and the window of the twin that asks."""
        self._fork, self._window = fork, window

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """See Surrogate. Raises ValueError where there is no plant to send ahead."""
        if self._fork is None or self._window is None:
            raise ValueError("PrivilegedForks: has no plant to send ahead; only the lab can give one")
        constant = constant_hazard(self._shape, inputs.rate, 1)[0]
        if self._window.tick % self._every:
            return self._between(constant, len(plans))
        found = [self._told(plan, constant) for plan in self._encoder.decode(plans)]
        return self._shape.forecast(np.stack([one for one, _ in found]), np.stack([two for _, two in found]))

    def note_issued(self, forecast: Forecast) -> None:
        """See twin.surrogates.base.NotesIssued: the newest hazards that were simulated, to be repeated until the next."""
        assert self._window is not None
        if self._window.tick % self._every == 0:
            self._hazard = forecast.hazard[0]

    def learn(self, batch: Batch) -> dict[str, float]:
        """Nothing: it knows."""
        return {}

    def _told(self, plan: Plan, constant: Floats) -> tuple[Floats, Floats]:
        """(quantiles, hazards) of one plan; what has been asked at this tick already is remembered."""
        assert self._fork is not None
        assert self._window is not None
        tick, key = self._window.tick, plan.orders.tobytes() + plan.setpoints.tobytes()
        if tick != self._told_at:
            self._told_at, self._known = tick, {}
        if key not in self._known:
            seeds, alive = reseeds(self._seed, tick, self._replications), self._window.lives.state == UP
            futures = [ahead(self._fork(seed), self._window, plan, self._shape) for seed in seeds]
            quantiles = empirical(np.stack([future.truth for future in futures]))
            self._known[key] = quantiles, shares(futures, alive, self._shape, constant)
        return self._known[key]

    def _between(self, constant: Floats, plans: int) -> Forecast:
        shape = self._shape
        hazard = np.where(np.isnan(self._hazard), constant, self._hazard)
        nothing = (plans, shape.assets, len(shape.horizons), len(shape.targets), len(levels_of_confidence()))
        return shape.forecast(np.full(nothing, np.nan), np.repeat(hazard[None], plans, axis=0))


def reseeds(seed: int, tick: int, count: int) -> list[int]:
    """Of `count` forks at a tick; more forks begin with the same."""
    return [int(s) for s in np.random.SeedSequence([seed, tick]).generate_state(count, np.uint64) >> np.uint64(1)]


def ahead(plant: Plant, window: Window, plan: Plan, shape: Shape) -> Future:
    """Run `plant`, a fork, under a plan until its last horizon and bin are known; `window` is the asking twin's."""
    layout, made, own = window.layout, window.tick, _copy(window)
    targets, counts = list(layout.targets), layout.cumulative[list(layout.targets)]
    truth = np.full((shape.assets, len(shape.horizons), len(targets)), np.nan)
    start, begun = np.full((shape.assets, len(targets)), np.nan), len(window.lives.finished)
    orders = sorted(commands(plan, window.setpoints, layout, window.now), key=lambda action: action.time)
    span = int(np.ceil(max(*shape.horizons, shape.edges[-1])))
    for tick in range(made + 1, made + span + window.grace + 1):
        now = tick * layout.spec.tick
        for message in _advance(plant, orders, now):
            own.add(message)
        final = close_tick(own, now)
        if final is not None and final[0] == made:
            start = final[2][:, targets]
        elif final is not None and final[0] - made in shape.horizons:
            closed, mean, counter = final
            rate = (counter[:, targets] - start) / (closed - made)
            known = np.where(counts, rate, mean[:, targets])
            truth[:, shape.horizons.index(closed - made)] = np.where(layout.target_table, known, np.nan)
    end, mode = _ends(own, begun, shape.assets)
    return Future(truth, end / layout.spec.tick - made, mode)


def _copy(window: Window) -> Window:
    """It shares with the original what nobody changes."""
    fixed = (window.spec, window.layout)
    return deepcopy(window, {id(one): one for one in (*fixed, *window.lives.finished, *window.frames)})


def commands(plan: Plan, setpoints: Floats, layout: Layout, now: float) -> Iterator[Action]:
    """The actions that a plan amounts to, each with its time; `setpoints` are those in force."""
    spec = layout.spec
    low, high, _ = layout.setpoint_bounds()
    moved = np.abs(plan.setpoints - setpoints) > 1e-5 * (high - low)  # a plan's numbers are of single precision
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
    """(time of each asset's first end of a life since, s; its mode)."""
    end, mode = np.full(assets, np.inf), np.full(assets, -1)
    for life in reversed(window.lives.finished[begun:]):  # the first of an asset is written last
        end[life.asset], mode[life.asset] = life.end, life.mode
    return end, mode


def empirical(truths: Floats) -> Floats:
    """[..., quantiles] of [forks, ...] without the forks that are NaN; NaN where all are.

    Plotting positions of Weibull (1939), so that another draw is covered as often as the levels say.
    """
    known = np.asarray(np.isfinite(truths).any(0))
    levels = levels_of_confidence()
    found = np.nanquantile(np.where(known, truths, 0.0), levels, axis=0, method="weibull")
    result: Floats = np.moveaxis(np.where(known, found, np.nan), 0, -1)
    return result


def shares(futures: list[Future], alive: Masks, shape: Shape, otherwise: Floats) -> Floats:
    """[assets, bins, modes] of first failures among those at risk; `otherwise` [assets, bins, modes] where nobody is."""
    end = np.stack([future.end for future in futures])[:, :, None]
    mode = np.stack([future.mode for future in futures])[:, :, None]
    low, high = np.asarray(shape.edges[:-1]), np.asarray(shape.edges[1:])
    failed = (mode >= 0) & (end > low) & (end <= high)
    at_risk = alive[:, None] & (end > low) & ((end >= high) | failed)
    by_mode = (failed & at_risk)[..., None] & (mode[..., None] == np.arange(shape.modes))
    count = at_risk.sum(0)[..., None]
    return np.where(count > 0, by_mode.sum(0) / np.maximum(count, 1), otherwise)
