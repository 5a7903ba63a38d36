"""Everything that a controller may know of a plant before the first message."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from sim.contract.objective import Objective
from sim.contract.parts import Actuator, Asset, Link, Signal
from sim.contract.schedule import Schedule


@dataclass(frozen=True)
class PlantSpec:
    """Everything a controller may know before the first message.

    tick: seconds between decisions. modes: failure modes that `failed` events name. technicians: most people who carry
    out work orders at once, inf where the plant does not tell; schedules of kind `technicians` in `known_future` say
    how many of them are on duty when. Raises ValueError where an
    asset, actuator or signal named elsewhere is missing.
    """

    assets: tuple[Asset, ...]
    links: tuple[Link, ...]
    signals: tuple[Signal, ...]
    actuators: tuple[Actuator, ...]
    objective: Objective
    tick: float
    modes: tuple[str, ...] = ()
    known_future: tuple[Schedule, ...] = ()
    technicians: float = math.inf

    def __post_init__(self) -> None:
        assets = [asset.name for asset in self.assets]
        for what, names in (
            ("asset", assets),
            ("signal", [s.key for s in self.signals]),
            ("actuator", [a.key for a in self.actuators]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"PlantSpec: {what} {twice[0]!r} appears twice")
        named = [(f"signal {s.key}", s.asset) for s in self.signals]
        named += [(f"actuator {a.key}", a.asset) for a in self.actuators]
        named += [("link", end) for link in self.links for end in (link.source, link.target)]
        for what, asset in named:
            if asset not in assets:
                raise ValueError(f"PlantSpec: {what} names asset {asset!r}; there are {', '.join(assets)}")
        if not self.tick > 0:
            raise ValueError(f"PlantSpec: tick = {self.tick}: must be > 0 s")
        if self.objective.signal and self.objective.signal not in self.signal_index:
            raise ValueError(f"PlantSpec: objective signal {self.objective.signal!r} is not a signal of the plant")
        for order in self.objective.orders:
            if order.actuator not in self.actuator_index:
                raise ValueError(
                    f"PlantSpec: order of {order.asset} names actuator {order.actuator!r}, which is missing"
                )

    @cached_property
    def asset_index(self) -> dict[str, int]:
        """Asset name → position in `assets`."""
        return {asset.name: i for i, asset in enumerate(self.assets)}

    @cached_property
    def signal_index(self) -> dict[str, int]:
        """Signal key → position in `signals` (what `Message.signals` holds)."""
        return {signal.key: i for i, signal in enumerate(self.signals)}

    @cached_property
    def actuator_index(self) -> dict[str, int]:
        """Actuator key → position in `actuators`."""
        return {actuator.key: i for i, actuator in enumerate(self.actuators)}
