"""The columns of a surrogate's inputs, written once: what they are called, in what order they come, what may use them.

Whoever writes a column and whoever reads one takes its position from these tables. Names hold kinds, types and setpoint
names but no asset, so that two plants with the same kinds, types and names share them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from twin.checks import one_of
from twin.forecast import Floats
from twin.layout import Layout

CONDITIONS = ("change", "level", "all")
# The state of an asset within Inputs.channels, after the slots' values and before the setpoints: whether it is up, its
# age and how long it has been down (log ticks), the time of day.
STATE_CHANNELS = ("up", "log_age", "log_idle", "sine", "cosine")


@dataclass(frozen=True, slots=True)
class FeatureBlock:
    """Features that are computed together. names: one a column. hazard: whether a hazard may rest on them."""

    key: str
    names: tuple[str, ...]
    hazard: bool = False


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """The columns of Inputs.features: `slot` blocks once for each of `slots` in turn, then the `asset` blocks.

    gauge: [slots] whether a slot's signal is no counter; a hazard rests on gauges only.
    """

    slots: tuple[str, ...]
    gauge: tuple[bool, ...]
    slot: tuple[FeatureBlock, ...]
    asset: tuple[FeatureBlock, ...]

    @classmethod
    def of(
        cls,
        layout: Layout,
        *,
        horizons: Sequence[int],
        spans: Sequence[int],
        age: bool = True,
        condition: str = "change",
    ) -> Self:
        """For a plant. spans: of the running means, ticks. age: whether an asset's age is a feature. condition: what a
        hazard may rest on, see twin.sensing.features.Features. Raises ValueError for an unknown condition.
        """
        one_of("Features", CONDITIONS, condition=condition)
        gauge = tuple(not counts for counts in layout.cumulative.tolist())
        return cls(layout.slots, gauge, _slot_blocks(spans, condition), _asset_blocks(layout, horizons, age, condition))

    @property
    def per_slot(self) -> int:
        """Number of columns of each slot."""
        return sum(len(block.names) for block in self.slot)

    @property
    def newest(self) -> tuple[int, ...]:
        """Places, among the columns of a slot, of its newest value and of how far that lies from its mean."""
        keys = [block.key for block in self.slot for _ in block.names]
        return tuple(place for place, key in enumerate(keys) if key in ("value", "jump"))

    @property
    def names(self) -> tuple[str, ...]:
        """[features]."""
        per_slot = [name for block in self.slot for name in block.names]
        slots = [f"slot.{slot}.{name}" for slot in self.slots for name in per_slot]
        return (*slots, *(name for block in self.asset for name in block.names))

    @property
    def condition(self) -> tuple[int, ...]:
        """Positions of the features that a hazard may rest on."""
        per_slot = [block.hazard for block in self.slot for _ in block.names]
        flags = [hazard and gauge for gauge in self.gauge for hazard in per_slot]
        flags += [block.hazard for block in self.asset for _ in block.names]
        return tuple(position for position, flag in enumerate(flags) if flag)

    def join(self, slot: Mapping[str, Floats], asset: Mapping[str, Floats]) -> Floats:
        """[assets, features] from each block's values by its key: [assets, slots, columns] and [assets, columns]."""
        by_slot = np.concatenate([slot[block.key] for block in self.slot], axis=-1)
        flat = by_slot.reshape(len(by_slot), -1)
        return np.concatenate([flat, *(asset[block.key] for block in self.asset)], axis=1)


def _slot_blocks(spans: Sequence[int], condition: str) -> tuple[FeatureBlock, ...]:
    """`change`: slopes, and the distances and the ratio to the life's beginning; `level`: means and slopes."""
    level, change, every = condition in ("level", "all"), condition in ("change", "all"), condition == "all"
    return (
        FeatureBlock("value", ("value",), every),
        FeatureBlock("mean", tuple(f"mean{span}" for span in spans), level),
        FeatureBlock("jump", ("jump",), every),
        FeatureBlock("slope", tuple(f"slope{span}" for span in spans[:-1]), True),
        FeatureBlock("rise", tuple(f"rise{span}" for span in spans), change),
        FeatureBlock("ratio", ("ratio",), change),
        FeatureBlock("beginning", ("beginning",), every),
        FeatureBlock("above_usual", ("above_usual",), every),
        FeatureBlock("usual", ("usual",), every),
        FeatureBlock("spread", ("spread",), every),
        FeatureBlock("staleness", ("staleness",), every),
    )


def _asset_blocks(layout: Layout, horizons: Sequence[int], age: bool, condition: str) -> tuple[FeatureBlock, ...]:
    """Neighbours and clocks would let a few dozen lives be learned by heart: a hazard rests on the age at most."""
    every = condition == "all"
    ahead = tuple(f"ahead.{known.name}.{at}" for known in layout.spec.known_future for at in (0, *horizons))
    return (
        FeatureBlock("state", ("down", "log_idle", "upstream_down", "downstream_down"), every),
        FeatureBlock("age", ("log_age", "root_age") if age else (), True),
        FeatureBlock("setpoint", tuple(f"setpoint.{name}" for name in layout.setpoints), every),
        FeatureBlock("plant", ("share_down", "sine", "cosine"), every),
        FeatureBlock("ahead", ahead, every),
        FeatureBlock("type", tuple(f"type.{name}" for name in layout.types), every),
    )


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """block: what it says, see PlanColumns. at: index of the first horizon that it may speak to: what is planned for
    later cannot matter sooner. setpoint: which one it is of.
    """

    name: str
    block: str
    at: int = 0
    setpoint: str = ""


class PlanColumns:
    """The columns of an encoded plan, [plan]: first those of work orders, then those of setpoints.

    Of work orders, for each horizon: whether one starts `within` it, the share of the horizon `after` it, the `share`
    of all assets that have one; then whether the plan is `closed`. Of setpoints, for each horizon and setpoint: the
    asset's `own` and the plant's `mean`, from the default in units of the range.
    """

    ORDERS = ("within", "after", "share")
    MOVES = ("own", "mean")

    def __init__(self, *, horizons: Sequence[int], setpoints: Sequence[str]) -> None:
        steps = list(enumerate(horizons))
        of_orders = [PlanColumn(f"order.{block}.{h}", block, at) for block in self.ORDERS for at, h in steps]
        of_setpoints = [
            PlanColumn(f"move.{block}.{h}.{name}", block, at, name)
            for block in self.MOVES
            for at, h in steps
            for name in setpoints
        ]
        self.columns = (*of_orders, PlanColumn("closed", "closed"), *of_setpoints)
        self.orders = len(of_orders) + 1  # columns that speak of work orders, which come first

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def names(self) -> tuple[str, ...]:
        """[plan]."""
        return tuple(column.name for column in self.columns)

    @property
    def first_horizons(self) -> tuple[int, ...]:
        """[plan] index of the first horizon that each column may speak to."""
        return tuple(column.at for column in self.columns)

    def of(self, block: str, at: int) -> NDArray[np.intp]:
        """Positions of a block's columns of one horizon, by its index."""
        return self._where([column.block == block and column.at == at for column in self.columns])

    def of_horizon(self, at: int) -> NDArray[np.intp]:
        """Positions of the columns of one horizon, by its index, and of `closed`, which holds for all horizons."""
        return self._where([column.at == at or column.block == "closed" for column in self.columns])

    def join(self, blocks: Mapping[str, Floats]) -> Floats:
        """[..., plan] from each block's columns [..., columns]."""
        return np.concatenate([blocks[key] for key in dict.fromkeys(column.block for column in self.columns)], axis=-1)

    def _where(self, flags: Sequence[bool]) -> NDArray[np.intp]:
        return np.flatnonzero(np.array(flags, dtype=bool))
