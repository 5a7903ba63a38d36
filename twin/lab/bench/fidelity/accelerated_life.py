"""How setpoints speed up ageing, from the lives that the twin has seen and from how signals grow within them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.lab.bench.fidelity.signal_growth import SignalGrowth
from twin.layout import Layout
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import SavedFields

SLOPES = np.linspace(-3.0, 3.0, 61)  # of log ageing per range of a setpoint
SHAPES = np.linspace(1.0, 6.0, 11)  # Weibull's, of lives in accelerated time


class AcceleratedLife(SavedFields):
    """Accelerated life: with the setpoint u (from its default, in units of its range) an asset ages exp(b u) as fast.

    b is shared by the setpoints of one name. A life in accelerated time is Weibull, with one shape for all and a scale
    for each asset, shrunk to the pool as if by one failure; maintained and running lives are censored. The likelihood
    of SignalGrowth is added, because lives are few. The posterior of b is taken on a grid, each name by itself, with
    the prior N(0, 1): few failures or setpoints that never move leave it at 0. Only assets that the objective's work
    orders renew count. Source: Kalbfleisch & Prentice 2002, chapter 7.
    """

    STATE_FIELDS = ("_exposure", "_lives", "_moved", "_growth")

    def __init__(self, *, spec: PlantSpec) -> None:
        self._layout = Layout(spec)
        self._assets = np.unique([spec.asset_index[order.asset] for order in spec.objective.orders]).astype(np.intp)
        slots = len(self._layout.setpoints)
        self._exposure: Floats = np.zeros((len(spec.assets), slots, len(SLOPES)))
        self._moved: Floats = np.zeros((len(spec.assets), slots))
        self._growth = SignalGrowth(layout=self._layout, assets=self._assets, slopes=SLOPES)
        self._lives: list[tuple[list[list[float]], list[float]]] = []  # exposure and last setpoints of Lives.finished

    def observe(self, window: Window) -> None:
        """Take a tick that has been closed; once for every tick."""
        for life in window.lives.finished[len(self._lives) :]:
            self._lives.append((self._exposure[life.asset].tolist(), self._moved[life.asset].tolist()))
            self._exposure[life.asset] = 0.0
        standing = window.lives.state == UP
        self._moved = self.moved(window.setpoints)
        self._exposure[standing] += np.exp(SLOPES * self._moved[standing, :, None])
        self._growth.observe(window, self._moved)

    def moved(self, setpoints: Floats) -> Floats:
        """[..., assets, slots] from the default, in units of the range; 0 where there is no setpoint."""
        result: Floats = np.nan_to_num(self._layout.normalised(setpoints))
        return result

    def slopes(self, window: Window) -> Floats:
        """[slots] posterior mean of b."""
        logs = self._growth.likelihood() + self._of_lives(window) - SLOPES**2 / 2
        weight = np.exp(logs - logs.max(1, keepdims=True))
        result: Floats = weight @ SLOPES / weight.sum(1)
        return result

    def _of_lives(self, window: Window) -> Floats:
        """[slots, SLOPES] log likelihood of the lives."""
        log_likelihood = np.zeros((len(self._layout.setpoints), len(SLOPES)))
        among = set(self._assets.tolist())
        chosen = [i for i, life in enumerate(window.lives.finished[: len(self._lives)]) if life.asset in among]
        if not chosen:
            return log_likelihood
        ended = [window.lives.finished[i] for i in chosen]
        owner = np.array([life.asset for life in ended] + self._assets.tolist(), dtype=np.intp)
        failed = np.array([life.failed for life in ended] + [False] * len(self._assets))
        age = np.concatenate([np.array([self._lives[i][0] for i in chosen]), self._exposure[self._assets]])
        last = np.concatenate([np.array([self._lives[i][1] for i in chosen]), self._moved[self._assets]])
        for slot in range(len(log_likelihood)):
            log_likelihood[slot] = _likelihood(owner, failed, np.maximum(age[:, slot], 0.5), last[:, slot])
        return log_likelihood


def _likelihood(owner: NDArray[np.intp], failed: NDArray[np.bool_], age: Floats, last: Floats) -> Floats:
    """[SLOPES] logarithm. age: [lives, slopes] in accelerated ticks. last: [lives] the setpoint at the end."""
    _, member_of = np.unique(owner, return_inverse=True)
    member = (member_of[:, None] == np.arange(member_of.max() + 1)).astype(float)
    failures = member.T @ failed
    logs = np.empty((len(SLOPES), len(SHAPES)))
    for column, shape in enumerate(SHAPES):
        power = age**shape
        pool = power.sum(0) / max(failures.sum(), 1.0)
        scale = ((member.T @ power + pool) / (failures[:, None] + 1.0))[member_of]
        hazard = np.log(shape) + (shape - 1) * np.log(age) - np.log(scale) + SLOPES * last[:, None]
        logs[:, column] = hazard[failed].sum(0) - (power / scale).sum(0)
    top = logs.max()
    result: Floats = top + np.log(np.exp(logs - top).sum(1))
    return result
