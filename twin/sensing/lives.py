"""The lives of the assets, from their events: which asset is up, since when, and how each life ended.

A life runs from one renewal (repair or maintenance) to the next failure or maintenance. A maintained life is
*censored*: the asset lasted at least so long; when it would have failed is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import contract
from sim.contract import Event, PlantSpec
from twin.forecast import Floats
from twin.state import State, columns, gather, records, restore

UP, DOWN, MAINTENANCE = 0, 1, 2
KINDS = (contract.FAILED, contract.REPAIR_STARTED, contract.REPAIRED, contract.MAINTENANCE_STARTED, contract.MAINTAINED)


@dataclass(frozen=True, slots=True)
class Life:
    """One finished life. start, end: s. mode: index into PlantSpec.modes, or -1 where it was maintained (censored)."""

    asset: int
    start: float
    end: float
    mode: int

    @property
    def failed(self) -> bool:
        return self.mode >= 0

    @property
    def duration(self) -> float:
        """Seconds from renewal to failure or maintenance."""
        return self.end - self.start


class Lives:
    """State of every asset, from events that may come late, twice or never.

    state, since, renewed: [assets] current state, when it began, when the current life began (s).
    finished: every life that has ended, in order of arrival. failures: [assets, modes].
    """

    STATE_FIELDS = (
        "state",
        "since",
        "renewed",
        "exposure",
        "failures",
        "maintained",
        "maintenance_starts",
        "contradictions",
    )

    def __init__(self, spec: PlantSpec) -> None:
        count = len(spec.assets)
        self._index, self._modes = spec.asset_index, {mode: i for i, mode in enumerate(spec.modes)}
        self.state: NDArray[np.int8] = np.zeros(count, dtype=np.int8)
        self.since: Floats = np.zeros(count)
        self.renewed: Floats = np.zeros(count)
        self.exposure: Floats = np.zeros(count)
        self.failures: Floats = np.zeros((count, max(len(spec.modes), 1)))
        self.maintained: NDArray[np.int64] = np.zeros(count, dtype=np.int64)
        self.maintenance_starts: list[tuple[int, float]] = []
        self.finished: list[Life] = []
        self.contradictions = 0

    def observe(self, events: Sequence[Event]) -> None:
        """Take what has arrived, in order of measurement. An event older than the asset's last change is counted."""
        for event in sorted(events, key=lambda e: e.time):
            if event.kind not in KINDS or event.asset not in self._index:
                continue
            asset = self._index[event.asset]
            if event.time < self.since[asset]:
                self.contradictions += 1
                continue
            self._change(asset, event)

    def saved(self) -> State:
        """As Stateful.state, whose name the assets' states have taken."""
        return gather(self, self.STATE_FIELDS) | {"finished": columns(self.finished)}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        restore(self, self.STATE_FIELDS, state)
        self.finished = records(Life, state["finished"])

    def _change(self, asset: int, event: Event) -> None:
        was = int(self.state[asset])
        match event.kind:
            case contract.FAILED:
                self._end(asset, event.time, self._modes.get(event.detail, 0))
                self._enter(asset, DOWN, event.time)
            case contract.REPAIR_STARTED:
                if was == UP:  # the message of the failure was lost
                    self._end(asset, event.time, 0)
                    self._enter(asset, DOWN, event.time)
            case contract.MAINTENANCE_STARTED:
                self._end(asset, event.time, -1)
                self.maintenance_starts.append((asset, event.time))
                self.maintained[asset] += 1
                self._enter(asset, MAINTENANCE, event.time)
            case contract.REPAIRED | contract.MAINTAINED:
                if was == UP:  # both messages about its beginning were lost
                    self._end(asset, event.time, 0 if event.kind == contract.REPAIRED else -1)
                self._enter(asset, UP, event.time)
                self.renewed[asset] = event.time

    def _end(self, asset: int, time: float, mode: int) -> None:
        if self.state[asset] != UP:
            return
        self.finished.append(Life(asset, float(self.renewed[asset]), time, mode))
        self.exposure[asset] += time - self.renewed[asset]
        if mode >= 0:
            self.failures[asset, mode] += 1

    def _enter(self, asset: int, state: int, time: float) -> None:
        self.state[asset] = state
        self.since[asset] = time

    def age(self, now: float) -> Floats:
        """[assets] seconds since the last renewal; 0 where the asset does not stand."""
        return np.where(self.state == UP, now - self.renewed, 0.0)

    def constant_rate(self, now: float) -> Floats:
        """[assets] failures per second, pooled and shrunk to the pool: the forecast that knows only how often.

        Gamma-Poisson posterior mean with the pool as a prior worth one failure.
        """
        exposure = self.exposure + self.age(now)
        failures = self.failures.sum(1)
        standing = exposure > 0
        pooled = (failures.sum() + 0.5) / max(exposure[standing].sum(), 1.0)
        rate: Floats = (failures + 1.0) / (exposure + 1.0 / pooled)
        return rate
