"""Ticks in a row, as a surrogate that sees sequences is shown them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.state import State
from twin.surrogates.batch import Float32s


class Histories:
    """The channels of the newest `ticks` ticks, and the whole histories of `reserve` older moments.

    context: ticks of one history, 0 for none. A history is [context, assets, channels], NaN before the first tick.
    """

    def __init__(self, *, ticks: int, context: int, reserve: int) -> None:
        self._ticks, self.context, self._slots = ticks, context, reserve
        self._trail: Float32s = np.zeros(0, dtype=np.float32)  # [ticks, assets, channels] by tick
        self._reserve: Float32s = np.zeros(0, dtype=np.float32)  # [reserve, context, assets, channels]
        self._newest = 0

    def add(self, tick: int, channels: NDArray[np.float64]) -> None:
        """Take the channels [assets, channels] of a tick."""
        if not self._trail.size:
            self._make_room(channels.shape)
        self._trail[tick % self._ticks] = channels
        self._newest = tick

    def _make_room(self, shape: tuple[int, ...]) -> None:
        """Allocate zeros; the system provides a page only when it is written."""
        self._trail = np.zeros((self._ticks, *shape), dtype=np.float32)
        self._reserve = np.zeros((self._slots, self.context, *shape), dtype=np.float32)

    def of(self, ticks: NDArray[np.intp] | NDArray[np.int64]) -> Float32s:
        """[ticks, context, assets, channels] of the histories that end at `ticks`."""
        seen = ticks[:, None] + np.arange(1 - self.context, 1)
        held = (seen >= 1) & (seen > self._newest - self._ticks)
        return np.where(held[:, :, None, None], self._trail[seen % self._ticks], np.float32(np.nan))

    def up_to(self, channels: NDArray[np.float64]) -> Float32s:
        """[context, assets, channels] of the newest ticks and of the one that ends now, which is yet to be added."""
        now = channels[None].astype(np.float32)
        if self._newest == 0:
            return np.concatenate([np.full((self.context - 1, *now.shape[1:]), np.nan, dtype=np.float32), now])
        return np.concatenate([self.of(np.array([self._newest]))[0, 1:], now])

    def keep(self, slot: int, tick: int) -> None:
        """Put the history that ends at `tick` into a slot for good."""
        self._reserve[slot] = self.of(np.array([tick]))[0]

    def stored(self, slots: NDArray[np.intp]) -> Float32s:
        """[slots, context, assets, channels] histories that `keep` put into these slots."""
        return self._reserve[slots]

    def state(self, filled: int) -> State:
        """Views of the rows written so far. filled: slots of the reserve in use."""
        return {"trail": self._trail[: min(self._newest + 1, self._ticks)], "histories": self._reserve[:filled]}

    def load(self, state: State, newest: int) -> None:
        """Take up a state. newest: the last tick that was added."""
        if not (self.context and newest):
            return
        trail, histories = state["trail"], state["histories"]
        self._make_room(trail.shape[1:])
        self._trail[: len(trail)], self._reserve[: len(histories)] = trail, histories
        self._newest = newest
