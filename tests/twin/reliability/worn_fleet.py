"""Assets whose failures follow a known law of wear."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from twin.sensing.lives import Life

HEIGHT = 1.4  # rise at failure
BEND = 1.5  # the rise is wear^BEND
SPREAD = 0.12  # standard deviation of the level of wear at which a life ends
USUAL = 400.0  # ticks of a usual life


class Fleet:
    """Assets whose second column rises as wear^BEND with a pace of each life's own; the others say nothing of wear."""

    def __init__(self, assets: int, seed: int) -> None:
        self.random, self.assets = np.random.default_rng(seed), assets
        self.lives: Any = SimpleNamespace(finished=[], failures=np.zeros((assets, 2)))
        self.rate, self.tick, self.born = np.full(assets, 1 / USUAL), 0, np.zeros(assets)
        self.pace, self.level = (np.zeros(assets) for _ in range(2))
        for asset in range(assets):
            self.renew(asset)

    def renew(self, asset: int) -> None:
        self.born[asset] = self.tick
        self.pace[asset] = self.random.lognormal(0.0, 0.35) / USUAL
        self.level[asset] = max(self.random.normal(1.0, SPREAD), 0.4)

    def end(self, asset: int, mode: int) -> None:
        self.lives.finished.append(Life(asset, self.born[asset], float(self.tick), mode))
        self.lives.failures[asset, mode] += 1
        self.renew(asset)

    def step(self) -> tuple[np.ndarray, np.ndarray]:
        """(rises [assets, 4], ages [assets]) after a tick, in which some may have failed."""
        self.tick += 1
        wear = self.pace * (self.tick - self.born)
        for asset in np.flatnonzero(wear >= self.level):
            self.end(int(asset), 0)
        wear = self.pace * (self.tick - self.born)
        rises = self.random.normal(0.0, 1.0, (self.assets, 4)) * [0.5, 0.03, 0.01, 1.0]
        rises[:, 1] += HEIGHT * wear**BEND
        rises[:, 2] -= 0.9  # as high at the end as all the time before
        rises[:, 3] = np.nan
        return rises, self.tick - self.born
