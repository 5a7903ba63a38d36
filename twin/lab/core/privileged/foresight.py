"""What will come to a site, as a copy of the plant finds it that nobody controls any further. Privileged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.contract import Plant, Truth
from twin.forecast import Floats
from twin.units import HOUR

NEEDED = ("wanted", "net_energy", "outage_seconds")  # keys of truth()


@dataclass(frozen=True, slots=True)
class Foresight:
    """The ticks of a plant from `begin` (s) on, means over each.

    wanted: kW [ticks] that each load wants, by name. offered: kW that sun and wind could give. connected: share of the
    tick with the public grid. soiling: share of the light lost at the end of the tick, by panels' name.
    """

    begin: float
    wanted: Mapping[str, Floats]
    offered: Floats
    connected: Floats
    soiling: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.offered)

    @property
    def net(self) -> Floats:
        """[ticks] kW that all loads want beyond sun and wind."""
        total: Floats = sum(self.wanted.values(), np.zeros(len(self))) - self.offered
        return total

    def since(self, skipped: int, ticks: int) -> Foresight:
        """The `ticks` after the first `skipped`, fewer where it does not reach so far."""
        part = slice(skipped, skipped + ticks)
        return Foresight(
            self.begin,
            {name: series[part] for name, series in self.wanted.items()},
            self.offered[part],
            self.connected[part],
            {name: series[part] for name, series in self.soiling.items()},
        )


def foresee(plant: Plant, ticks: int) -> Foresight:
    """What comes to `plant`, a fork, while it runs on. Raises ValueError for a plant whose truth() tells too little."""
    tick, begin, seen = plant.spec.tick, plant.now, [_read(plant)]
    for _ in range(ticks):
        plant.advance(plant.now + tick)
        plant.journal()
        seen.append(_read(plant))
    hours = tick / HOUR
    wanted = {name: np.diff([truth["wanted"][name] for truth in seen]) / hours for name in seen[0]["wanted"]}
    net = np.diff([truth["net_energy"] for truth in seen]) / hours
    outage = np.diff([truth["outage_seconds"] for truth in seen]) / tick
    soiling = {name: np.array([truth["soiling"][name] for truth in seen[1:]]) for name in seen[0].get("soiling", {})}
    offered = sum(wanted.values(), np.zeros(ticks)) - net
    return Foresight(begin, wanted, offered, 1.0 - outage, soiling)


def _read(plant: Plant) -> Truth:
    truth = plant.truth()
    missing = [key for key in NEEDED if key not in truth]
    if missing:
        raise ValueError(f"foresee: the plant does not tell what comes (truth has no {', '.join(missing)})")
    return truth
