"""How fast an asset's signals grow under its setpoints, life by life: it tells ageing long before a life ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats
from twin.layout import Layout
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import SavedFields

BLOCK = 18  # ticks whose mean is one value
SETTLING = 3  # ticks after a renewal that are left out
PACES = 0.5  # deviation of the pace of growth from life to life, as a share of the mean pace
OUTLIER = 8.0  # medians of absolute growth beyond which a step is no growth
FEWEST = 36  # steps below which the likelihood is flat
EXACT = 1e-12  # share of a signal's movement below which what is left is rounding, not noise


class SignalGrowth(SavedFields):
    """The likelihood of an ageing slope b, from how each forecast signal of an asset grows between blocks of ticks.

    Within a life, with y a signal's mean over a block (its logarithm where it has always been above 0) and u the
    setpoint from its default in units of its range,

        y' - y = k e + g (u' - u) + noise,      e = mean of exp(b u) over both blocks:

    g is what the setpoint does to the signal at once, k, which is N(K, (PACES K)^2) from life to life, how it grows by
    ageing; k is integrated out, and K, g and the noise are profiled for every b. A signal that does not grow with age
    says nothing. Signals of an asset show the same wear: they are averaged by how much each says, not added up.
    slopes: values of b that are asked about.
    Sources: Lu & Meeker 1993 (degradation paths with random rates); Meeker & Escobar 1998, chapter 21 (acceleration).
    """

    STATE_FIELDS = ("_total", "_known", "_ticks", "_life", "_last", "_steps", "_positive", "_renewed")

    def __init__(self, *, layout: Layout, assets: Sequence[int] | NDArray[np.intp], slopes: Floats) -> None:
        self._assets, self._slopes = np.asarray(assets, dtype=np.intp), slopes
        self._columns, self._slots = list(layout.targets), len(layout.setpoints)
        targets, width = len(self._columns), self._slots * (len(slopes) + 1)
        self._total: Floats = np.zeros((len(self._assets), targets + width))  # signals, then paces, then setpoints
        self._known: Floats = np.zeros((len(self._assets), targets))
        self._ticks: NDArray[np.int64] = np.full(len(self._assets), -SETTLING)
        self._life: NDArray[np.int64] = np.zeros(len(self._assets), dtype=np.int64)
        self._renewed: Floats = np.zeros(len(self._assets))
        self._last: Floats = np.full(self._total.shape, np.nan)
        self._steps: list[list[float]] = []  # the life, the block before, the block after
        self._positive = np.ones(targets, dtype=bool)

    def observe(self, window: Window, moved: Floats) -> None:
        """Take a tick that has been closed. moved: [assets, slots] of all assets, from the default in ranges."""
        renewed = window.lives.renewed[self._assets]
        # An asset whose renewal was reported late is up again already.
        young = (window.lives.state[self._assets] != UP) | (renewed != self._renewed)
        self._renewed = renewed.copy()
        for place in np.flatnonzero(young & ((self._ticks > -SETTLING) | np.isfinite(self._last[:, -1]))):
            self._end(int(place))
        value, here = window.frame.value[self._assets][:, self._columns], moved[self._assets]
        grows = ~young & (self._ticks >= 0)
        known = grows[:, None] & np.isfinite(value)
        self._positive &= ~(known & (value <= 0)).any(0)
        pace = np.exp(self._slopes * here[:, :, None]).reshape(len(here), self._slots * len(self._slopes))
        self._total += np.where(grows[:, None], np.concatenate([np.where(known, value, 0.0), pace, here], 1), 0.0)
        self._known += known
        self._ticks[~young] += 1
        for place in np.flatnonzero(self._ticks == BLOCK):
            self._close(int(place))

    def _end(self, place: int) -> None:
        """Of a life."""
        self._total[place], self._known[place], self._last[place] = 0.0, 0.0, np.nan
        self._ticks[place] = -SETTLING
        self._life[place] += 1

    def _close(self, place: int) -> None:
        """A block is full."""
        mean, known = self._total[place] / BLOCK, self._known[place]
        signals = np.divide(self._total[place, : len(known)], known, out=np.full(len(known), np.nan), where=known > 0)
        mean[: len(known)] = np.where(2 * known >= BLOCK, signals, np.nan)
        if np.isfinite(self._last[place, -1]):
            life = float(self._life[place] * len(self._assets) + place)
            self._steps.append([life, *self._last[place].tolist(), *mean.tolist()])
        self._total[place], self._known[place], self._last[place], self._ticks[place] = 0.0, 0.0, mean, 0

    def likelihood(self) -> Floats:
        """[slots, slopes] logarithm, up to a constant."""
        log_likelihood = np.zeros((self._slots, len(self._slopes)))
        if len(self._steps) < FEWEST:
            return log_likelihood
        table, targets = np.array(self._steps), len(self._columns)
        before, after = np.split(table[:, 1:], 2, axis=1)
        pace = ((before + after) / 2)[:, targets : -self._slots].reshape(len(table), *log_likelihood.shape)
        by = (after - before)[:, -self._slots :]
        for slot in range(self._slots):
            each = [
                self._signal(table[:, 0], before[:, t], after[:, t], pace[:, slot], by[:, slot], t)
                for t in range(targets)
            ]
            says = np.array([np.ptp(one) for one in each])
            if says.any():
                log_likelihood[slot] = says / says.sum() @ np.array(each)
        return log_likelihood

    def _signal(self, life: Floats, before: Floats, after: Floats, pace: Floats, by: Floats, target: int) -> Floats:
        """[slopes] of one signal, from steps between blocks."""
        step = np.log(after / before) if self._positive[target] else after - before
        known = np.isfinite(step)
        usual = known & (np.abs(step) <= OUTLIER * np.median(np.abs(step[known]))) if known.any() else known
        if np.count_nonzero(usual) < FEWEST or not np.ptp(by[usual]) > 0:
            return np.zeros(len(self._slopes))
        return profile(step[usual], pace[usual], by[usual], life[usual])


def profile(step: Floats, pace: Floats, by: Floats, life: Floats) -> Floats:
    """[slopes] log likelihood of one signal. step, by, life (its number): [steps]; pace: [steps, slopes]."""
    _, group = np.unique(life, return_inverse=True)
    log_likelihood = np.zeros(pace.shape[1])
    for column, grown in enumerate(pace.T):
        inputs = np.stack([grown, by], 1)
        usual = np.linalg.lstsq(inputs, step, rcond=None)[0]
        rest = step - inputs @ usual
        noise, spread = float(np.mean(rest**2)), float(PACES * usual[0]) ** 2
        if noise <= EXACT * float(np.mean(step**2)):
            return np.zeros(pace.shape[1])
        square, product = np.bincount(group, grown**2), np.bincount(group, grown * rest)
        explained = spread * product**2 / (noise + spread * square)
        within = (np.sum(rest**2) - explained.sum()) / noise
        log_likelihood[column] = -0.5 * (within + np.log1p(spread * square / noise).sum() + len(step) * np.log(noise))
    return log_likelihood
