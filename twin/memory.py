"""What the learner may learn from: rows whose labels have been released, a ring over ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from twin.features import Inputs
from twin.forecast import Floats
from twin.lives import Life
from twin.state import Kept, State

Float32s = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for one update; B rows, F features, D plan columns, T targets, H horizons, K hazard bins.

    features: [B, F] raw. plan: [B, D], of about half the rows as carried out (closed), of the others as meant (open).
    levels: [B, T, spans]. anchor: [B, T]. target: [B, H, T], NaN where unknown.
    at_risk: [B, K] whether the row says something about the bin. outcome: [B, K] 0 stood, m + 1 failed in mode m.
    weight: [B] importance weights that undo the sampling's bias. history: [W, context, assets, channels] of the W moments
    that the last W x assets rows are of, all assets of one after those of another; None where all were drawn one by one.
    """

    features: Float32s
    plan: Float32s
    levels: Float32s
    anchor: Float32s
    target: Float32s
    at_risk: Float32s
    outcome: NDArray[np.int64]
    weight: Float32s
    history: Float32s | None = None

    def followed_by(self, moments: Self) -> Self:
        """These rows, then those of whole moments with their history."""
        joined = {f.name: np.concatenate([getattr(self, f.name), getattr(moments, f.name)]) for f in fields(self)[:-1]}
        return replace(moments, **joined)


class Memory(Kept):
    """Ring of `capacity` ticks x assets.

    context: ticks of history that a moment is to be seen with, 0 for none.
    rare: share of a batch that is drawn from the last rows before failures. edges: hazard bin edges, ticks.
    Raises ValueError for rare outside [0, 1) or a capacity that does not hold the longest label.
    """

    KEPT = ("newest", "closed", "_random")
    RINGS = ("end", "mode", "alive", "_near", "_label")

    def __init__(
        self, *, assets: int, capacity: int, horizons: Sequence[int], edges: Sequence[float], rare: float, seed: int,
        context: int = 0,
    ) -> None:  # fmt: skip
        if not 0.0 <= rare < 1.0:
            raise ValueError(f"Memory: rare = {rare}: must be in [0, 1)")
        if capacity <= max(*horizons, *edges) + 1:
            raise ValueError(
                f"Memory: capacity = {capacity}: must exceed the longest horizon, {max(*horizons, *edges)}"
            )
        if capacity < 2 * context:
            raise ValueError(f"Memory: capacity = {capacity}: must be at least twice the context of {context} ticks")
        self.capacity, self._horizons, self._rare, self.context = capacity, tuple(horizons), rare, context
        self._edges = np.asarray(edges, dtype=float)
        self._random = np.random.Generator(np.random.Philox(seed))
        shape = (capacity, assets)
        self._store: dict[str, Float32s] = {}
        self._assets = assets
        self.end: Floats = np.full(shape, np.inf)
        self.mode: NDArray[np.int64] = np.full(shape, -1)
        self.alive = np.zeros(shape, dtype=bool)
        self._near = np.zeros(shape, dtype=bool)
        self._label: NDArray[np.bool_] = np.zeros(shape, dtype=bool)
        self._released: list[tuple[int, int, Floats]] = []
        self.newest = 0
        self.closed = 0

    def enter(self, tick: int, inputs: Inputs, plan: Float32s) -> None:
        """Keep the inputs of a tick and the plan [assets, D] that was chosen; labels come later."""
        row = tick % self.capacity
        targets = np.full((self._assets, len(self._horizons), inputs.anchor.shape[1]), np.nan)
        columns: dict[str, NDArray[np.floating[Any]]] = {
            "features": inputs.features, "plan": plan, "intent": plan, "levels": inputs.levels, "anchor": inputs.anchor,
            "target": targets,
        }  # fmt: skip
        if self.context:
            columns["channels"] = inputs.channels
        for name, value in columns.items():
            if name not in self._store:
                self._store[name] = np.full((self.capacity, *value.shape), np.nan, dtype=np.float32)
            self._store[name][row] = value
        self.end[row], self.mode[row], self._near[row], self._label[row] = np.inf, -1, False, False
        self.alive[row] = inputs.up > 0
        self.newest = tick

    def release(self, tick: int, horizon: int, target: Floats, plan: Float32s, columns: NDArray[np.intp]) -> None:
        """Labels [assets, T] of the row of `tick` at one horizon (its index), and the actions carried out since."""
        row = tick % self.capacity
        self._store["target"][row, :, horizon] = target
        self._store["plan"][row][:, columns] = plan[:, columns]
        self._label[row] = True
        self._released.append((tick, horizon, target))

    def take_released(self) -> list[tuple[int, int, Floats]]:
        """(tick, horizon's index, labels) of what has been released since this was last asked."""
        released, self._released = self._released, []
        return released

    def end_life(self, life: Life, tick_seconds: float) -> None:
        """A life ended: rows since its start learn when and how; rows after its end were not alive after all."""
        end = life.end / tick_seconds
        first = max(int(np.ceil(life.start / tick_seconds)), self.newest - self.capacity + 1, 1)
        ticks = np.arange(first, self.newest + 1)
        rows, before = ticks % self.capacity, ticks < end
        self.end[rows[before], life.asset] = end - ticks[before]
        self.mode[rows[before], life.asset] = life.mode
        self.alive[rows[~before], life.asset] = False
        if life.failed:
            self._near[rows[before & (ticks > end - self._edges[-1])], life.asset] = True

    def fate(self, tick: int) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
        """(ticks until the life's end or as far as is known, mode or -1, whether it stood), each [assets]."""
        row = tick % self.capacity
        known = np.minimum(self.end[row], float(self.closed - tick))
        return known, np.where(self.end[row] <= known, self.mode[row], -1), self.alive[row]

    def state(self) -> State:
        """See twin.state.Stateful. Of the ring only what has been filled."""
        used = min(self.newest + 1, self.capacity)
        rings = {name: getattr(self, name)[:used] for name in self.RINGS}
        return super().state() | {"rings": rings, "store": {name: rows[:used] for name, rows in self._store.items()}}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        for name, rows in state["rings"].items():
            getattr(self, name)[: len(rows)] = rows
        for name, rows in state["store"].items():
            self._store[name] = np.full((self.capacity, *rows.shape[1:]), np.nan, dtype=np.float32)
            self._store[name][: len(rows)] = rows

    @property
    def labelled(self) -> int:
        """Rows with at least one label."""
        return int(np.count_nonzero(self._label))

    def sample(self, size: int) -> Batch:
        """Draw rows with replacement among those with labels. Raises ValueError while there are none."""
        ready = np.flatnonzero(self._label)
        if not len(ready):
            raise ValueError("Memory.sample: no labels have been released yet")
        near = np.flatnonzero(self._near & self._label)
        share = self._rare if len(near) else 0.0
        rare = round(share * size)
        rows = ready[self._random.integers(len(ready), size=size - rare)]
        if rare:
            rows = np.concatenate([rows, near[self._random.integers(len(near), size=rare)]])
        density = (1 - share) + (share * len(ready) / len(near) * self._near.flat[rows] if rare else 0.0)
        return self._batch(rows, np.broadcast_to(1.0 / density, len(rows)).astype(np.float32))

    def past(self, inputs: Inputs) -> Float32s | None:
        """[context, assets, channels] of the ticks up to that of `inputs`, which is yet to be entered; None for no context."""
        if not self.context:
            return None
        now = inputs.channels[None].astype(np.float32)
        if self.newest == 0:
            return np.concatenate([np.full((self.context - 1, *now.shape[1:]), np.nan, dtype=np.float32), now])
        return np.concatenate([self._histories(np.array([self.newest]))[0, 1:], now])

    def sample_moments(self, count: int) -> Batch:
        """Draw moments with replacement among those with labels, each with all its assets and its history.

        Raises ValueError while there are none.
        """
        ready = np.flatnonzero(self._label.any(1))
        if not len(ready):
            raise ValueError("Memory.sample_moments: no labels have been released yet")
        at = ready[self._random.integers(len(ready), size=count)]
        rows = (at[:, None] * self._assets + np.arange(self._assets)).ravel()
        ticks = self.newest - (self.newest - at) % self.capacity
        return replace(self._batch(rows, np.ones(len(rows), dtype=np.float32)), history=self._histories(ticks))

    def _histories(self, ticks: NDArray[np.intp]) -> Float32s:
        """[ticks, context, assets, channels]; NaN before the first tick and where the ring no longer holds it."""
        seen = ticks[:, None] + np.arange(1 - self.context, 1)
        held = (seen >= 1) & (seen > self.newest - self.capacity)
        found = self._store["channels"][seen % self.capacity]
        return np.where(held[:, :, None, None], found, np.float32(np.nan))

    def _batch(self, rows: NDArray[np.intp], weight: Float32s) -> Batch:
        at, asset = np.divmod(rows, self._assets)
        at_risk, outcome = self._hazard_labels(at, asset)
        columns = {name: values[at, asset] for name, values in self._store.items() if name != "channels"}
        intent, hindsight = columns.pop("intent"), self._random.random((len(rows), 1)) < 0.5
        return Batch(
            **(columns | {"plan": np.where(hindsight, columns["plan"], intent)}),
            at_risk=at_risk,
            outcome=outcome,
            weight=weight,
        )

    def _hazard_labels(self, at: NDArray[np.intp], asset: NDArray[np.intp]) -> tuple[Float32s, NDArray[np.int64]]:
        """Discrete-time survival likelihood with right-censoring (Singer & Willett 1993)."""
        tick = self.newest - (self.newest - at) % self.capacity
        end, mode = self.end[at, asset][:, None], self.mode[at, asset][:, None]
        known = np.minimum(end, (self.closed - tick)[:, None].astype(float))
        low, high = self._edges[:-1], self._edges[1:]
        failed = (mode >= 0) & (end <= known) & (end > low) & (end <= high)
        at_risk = self.alive[at, asset][:, None] & ((known >= high) | failed) & (known > low)
        return at_risk.astype(np.float32), np.where(failed, mode + 1, 0).astype(np.int64)
