"""Labelled rows for the learner: a ring over ticks, and a sample of the rows that left it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.checks import share, whole
from twin.forecast import Floats
from twin.memory.drawn import Drawn, Rows, counts_of, pick
from twin.memory.histories import Histories
from twin.memory.index_pool import IndexPool
from twin.memory.reservoir import Reservoir
from twin.memory.survival_labels import survival_labels
from twin.sensing.features import Inputs
from twin.sensing.lives import Life
from twin.state import SavedFields, State
from twin.surrogates.batch import Batch, Float32s


class Memory(SavedFields):
    """Ring of `capacity` ticks x assets, then a reservoir of `reserve` moments (whole ticks) that left the ring.

    context: ticks of history that a moment is to be seen with, 0 for none. edges: hazard bin edges, ticks.

    Samples are weighted to this target distribution: with probability `recent` one of the newest `span` ticks; else
    with probability `reservoir`, at most the part of what left the ring in all that was seen, one that left it; else
    one in the ring; each time all of them alike. A share `rare` of a batch is drawn from the last rows before failures
    in the ring instead, which the weights undo: they are target over sampling density (importance sampling). Raises
    ValueError for shares outside [0, 1), a span below 1 or a capacity that does not hold the longest label.
    """

    STATE_FIELDS = ("newest", "closed", "recent", "_random", "_ready", "_critical", "_reservoir")
    ROWS = ("end", "mode", "alive", "tick", "_near")

    def __init__(
        self,
        *,
        assets: int,
        capacity: int,
        horizons: Sequence[int],
        edges: Sequence[float],
        rare: float,
        seed: int,
        context: int = 0,
        recent: float = 0.0,
        span: int = 144,
        reservoir: float = 0.0,
        reserve: int = 0,
    ) -> None:
        whole("Memory", 0, capacity=capacity, reserve=reserve)
        whole("Memory", 1, span=span)
        share("Memory", rare=rare, recent=recent, reservoir=reservoir)
        if capacity <= max(*horizons, *edges) + 1:
            raise ValueError(
                f"Memory: capacity = {capacity}: must exceed the longest horizon, {max(*horizons, *edges)}"
            )
        if capacity < 2 * context:
            raise ValueError(f"Memory: capacity = {capacity}: must be at least twice the context of {context} ticks")
        self.capacity, self._horizons, self.context, self._assets = capacity, tuple(horizons), context, assets
        self._rare, self.recent, self._span, self._old = rare, recent, span, reservoir
        self._edges = np.asarray(edges, dtype=float)
        self._random = np.random.Generator(np.random.Philox(seed))
        self._reservoir = Reservoir(reserve)
        shape = (capacity + reserve, assets)  # rows of the ring, then the reservoir's
        self._store: dict[str, Float32s] = {}
        self._histories = Histories(ticks=capacity + context, context=context, reserve=reserve)
        self.tick: NDArray[np.int64] = np.zeros(shape[0], dtype=np.int64)
        self.end: Floats = np.full(shape, np.inf)
        self.mode: NDArray[np.int64] = np.full(shape, -1)
        self.alive = np.zeros(shape, dtype=bool)
        self._near = np.zeros(shape, dtype=bool)
        self._ready = IndexPool(capacity)  # rows of the ring with labels
        self._critical = IndexPool(
            capacity * assets
        )  # row x assets + asset, of those with labels shortly before a failure
        self._released: list[tuple[int, int, Floats]] = []
        self.newest = 0
        self.closed = 0

    def enter(self, tick: int, inputs: Inputs, plan: Float32s) -> None:
        """Keep the inputs of a tick and the plan [assets, D] that was chosen; labels come later."""
        row = tick % self.capacity
        targets = np.full((self._assets, len(self._horizons), inputs.anchor.shape[1]), np.nan)
        columns: dict[str, NDArray[np.floating[Any]]] = {
            "features": inputs.features,
            "plan": plan,
            "intent": plan,
            "levels": inputs.levels,
            "anchor": inputs.anchor,
            "target": targets,
        }
        if not self._store:
            self._store = {name: _empty(len(self.tick), *value.shape) for name, value in columns.items()}
        self._let_go(row)
        for name, value in columns.items():
            self._store[name][row] = value
        if self.context:
            self._histories.add(tick, inputs.channels)
        self.tick[row], self.end[row], self.mode[row], self._near[row] = tick, np.inf, -1, False
        self.alive[row] = inputs.up > 0
        self.newest = tick

    def _let_go(self, row: int) -> None:
        """A row of the ring makes room; the reservoir may take it, its labels as they are known now."""
        if row not in self._ready:
            return
        self._ready.discard(row)
        for asset in np.flatnonzero(self._near[row]):
            self._critical.discard(row * self._assets + int(asset))
        slot = self._reservoir.offer(self._random)
        if slot is None:
            return
        to = self.capacity + slot
        rows: list[NDArray[Any]] = [*self._store.values(), self.tick, self.end, self.mode, self.alive]
        for values in rows:
            values[to] = values[row]
        known = float(self.closed - self.tick[row])  # what ends later is not followed
        self.end[to] = np.minimum(self.end[row], known)
        self.mode[to] = np.where(self.end[row] <= known, self.mode[row], -1)
        if self.context:
            self._histories.keep(slot, int(self.tick[row]))

    def release(self, tick: int, horizon: int, target: Floats, plan: Float32s, columns: NDArray[np.intp]) -> None:
        """Labels [assets, T] of the row of `tick` at one horizon (its index), and the actions carried out since."""
        row = tick % self.capacity
        self._store["target"][row, :, horizon] = target
        self._store["plan"][row][:, columns] = plan[:, columns]
        self._ready.add(row)
        for asset in np.flatnonzero(self._near[row]):
            self._critical.add(row * self._assets + int(asset))
        self._released.append((tick, horizon, target))

    def take_released(self) -> list[tuple[int, int, Floats]]:
        """(tick, horizon's index, labels) released since the last call."""
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
            near = rows[before & (ticks > end - self._edges[-1])]
            self._near[near, life.asset] = True
            for row in near.tolist():
                if row in self._ready:
                    self._critical.add(row * self._assets + life.asset)

    def fate(self, tick: int) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]:
        """(ticks until the end of the life or as far as known, mode or -1, whether it was up), each [assets]."""
        row = tick % self.capacity
        known = np.minimum(self.end[row], float(self.closed - tick))
        return known, np.where(self.end[row] <= known, self.mode[row], -1), self.alive[row]

    def state(self) -> State:
        """See twin.state.Stateful. Of the rows only those that have been filled."""
        return super().state() | {
            "rows": {name: self._filled(getattr(self, name)) for name in self.ROWS},
            "store": {name: self._filled(values) for name, values in self._store.items()},
            **self._histories.state(len(self._reservoir)),
        }

    def _filled(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Of the ring and of the reservoir, views."""
        ring = min(self.newest + 1, self.capacity)
        return [values[:ring], values[self.capacity : self.capacity + len(self._reservoir)]]

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._store = {name: _empty(len(self.tick), *parts[0].shape[1:]) for name, parts in state["store"].items()}
        rows = {name: getattr(self, name) for name in self.ROWS} | self._store
        for name, parts in (state["rows"] | state["store"]).items():
            for into, part in zip(self._filled(rows[name]), parts, strict=True):
                into[:] = part
        self._histories.load(state, self.newest)

    @property
    def labelled(self) -> int:
        """Rows of the ring with at least one label."""
        return len(self._ready) * self._assets

    def sample(self, size: int) -> Batch:
        """Draw rows with replacement among those with labels. Raises ValueError while there are none."""
        drawn = self._draw(size, self._assets)
        near = (drawn.at < self.capacity) & self._near[drawn.at, drawn.asset]
        return self._batch(drawn.at, drawn.asset, drawn.weight(near / max(len(self._critical), 1)))

    def past(self, inputs: Inputs) -> Float32s | None:
        """[context, assets, channels] of the ticks up to that of `inputs`, not yet entered; None for no context."""
        if not self.context:
            return None
        return self._histories.up_to(inputs.channels)

    def sample_moments(self, count: int) -> Batch:
        """Draw moments with replacement among those with labels, each with all its assets and its history.

        A moment is as rare as it has assets shortly before a failure. Raises ValueError while there are none.
        """
        drawn = self._draw(count, 1)
        near = np.where(drawn.at < self.capacity, self._near[drawn.at].sum(1), 0)
        weight = drawn.weight(near / max(len(self._critical), 1))
        return self._moments(drawn.at, np.repeat(weight, self._assets))

    def moments(self, ticks: NDArray[np.intp]) -> tuple[Batch, Floats]:
        """The moments of `ticks` in the ring with what is known of them now, plans as they were meant.

        Besides [B, K]: the tick at which each outcome came true (inf where it has not).
        """
        at = ticks % self.capacity
        batch = self._moments(at, np.ones(len(at) * self._assets, dtype=np.float32), hindsight=False)
        rows, asset = np.repeat(at, self._assets), np.tile(np.arange(self._assets), len(at))
        when = np.where(batch.outcome > 0, self.end[rows, asset][:, None], self._edges[1:])
        return batch, np.where(batch.at_risk > 0, self.tick[rows][:, None] + when, np.inf)

    def has(self, ticks: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Whether the ring holds each of `ticks` with a label."""
        held: NDArray[np.bool_] = self.tick[ticks % self.capacity] == ticks
        return held & self._ready.holds(ticks % self.capacity)

    def _draw(self, size: int, width: int) -> Drawn:
        """Rows by the shares; a row counts `width` times: once for each asset, or once."""
        if not len(self._ready):
            raise ValueError("Memory: no labels have been released yet")
        newest, reserved = self._newest(), np.arange(self.capacity, self.capacity + len(self._reservoir))
        shares = self._shares(len(newest))
        counts = counts_of(size, shares, self._random)
        parts = [
            pick(rows, n, width, self._random)
            for rows, n in zip((self._ready.items, newest, reserved), counts, strict=False)
        ]
        if counts[-1]:
            critical = self._critical.items[self._random.integers(len(self._critical), size=counts[-1])]
            parts.append(np.divmod(critical, self._assets))
        at, asset = (np.concatenate(each) for each in zip(*parts, strict=True))
        inside, rest = at < self.capacity, 1.0 - shares[-1]
        target = np.where(inside, shares[0] / len(self._ready), shares[2] / max(len(reserved), 1)) / (rest * width)
        late = inside & (self.tick[at] > self.newest - self._span)
        target += np.where(late, shares[1] / max(len(newest), 1), 0.0) / (rest * width)
        return Drawn(at, asset, target, shares[-1])

    def _newest(self) -> Rows:
        """Rows of the newest `span` ticks that have labels, where they are asked for."""
        if self.recent == 0.0:
            return np.empty(0, dtype=np.intp)
        ticks = np.arange(max(self.newest - min(self._span, self.capacity) + 1, 1), self.newest + 1)
        return ticks[self.has(ticks)] % self.capacity

    def _shares(self, newest: int) -> tuple[float, float, float, float]:
        """Of a batch: the whole ring, its newest ticks, the reservoir, the rare."""
        rare = self._rare if len(self._critical) else 0.0
        recent = self.recent if newest else 0.0
        gone = self._reservoir.seen
        old = min(self._old, gone / (gone + len(self._ready))) if len(self._reservoir) else 0.0
        rest = (1 - rare) * (1 - recent)
        return rest * (1 - old), (1 - rare) * recent, rest * old, rare

    def _moments(self, at: Rows, weight: Float32s, *, hindsight: bool = True) -> Batch:
        """All assets of the rows `at`, with their histories where there is a context."""
        batch = self._batch(np.repeat(at, self._assets), np.tile(np.arange(self._assets), len(at)), weight, hindsight)
        if not self.context:
            return batch
        inside = at < self.capacity
        history = self._histories.of(np.where(inside, self.tick[at], 0))
        history[~inside] = self._histories.stored(at[~inside] - self.capacity)
        return replace(batch, history=history)

    def _batch(self, at: Rows, asset: Rows, weight: Float32s, hindsight: bool = True) -> Batch:
        at_risk, outcome = self._hazard_labels(at, asset)
        columns = {name: values[at, asset] for name, values in self._store.items()}
        intent = columns.pop("intent")
        done = self._random.random((len(at), 1)) < 0.5 if hindsight else np.zeros((len(at), 1), dtype=bool)
        return Batch(
            **(columns | {"plan": np.where(done, columns["plan"], intent)}),
            at_risk=at_risk,
            outcome=outcome,
            weight=weight,
        )

    def _hazard_labels(self, at: Rows, asset: Rows) -> tuple[Float32s, NDArray[np.int64]]:
        """See survival_labels; an asset that was not up has no label."""
        known = np.minimum(self.end[at, asset], (self.closed - self.tick[at]).astype(float))
        at_risk, outcome = survival_labels(self.end[at, asset], self.mode[at, asset], known, self._edges)
        return (self.alive[at, asset][:, None] & at_risk).astype(np.float32), outcome


def _empty(*shape: int) -> Float32s:
    """Zeros; the system provides a page only when it is written."""
    return np.zeros(shape, dtype=np.float32)
