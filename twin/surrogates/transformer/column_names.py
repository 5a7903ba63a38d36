"""What the columns of a surrogate's inputs and outputs are called, so that weights can be told by name.

Two plants with the same kinds, types and names share these names, however many assets they have and in whatever order.
"""

from __future__ import annotations

import torch
from torch import Tensor

from twin.forecast import QUANTILES
from twin.layout import Layout
from twin.surrogates.base import Shape


def feature_names(shape: Shape) -> list[str]:
    """[features] names, in the order of twin.sensing.features. Raises ValueError for a shape without a layout."""
    layout = layout_of(shape)
    ahead = [f"ahead.{known.name}.{at}" for known in layout.spec.known_future for at in (0, *shape.horizons)]
    setpoints = [f"setpoint.{name}" for name in layout.setpoints]
    types = [f"type.{name}" for name in layout.types]
    slots = [f"slot.{slot}.{column}" for slot in layout.slots for column in range(shape.slot_columns)]
    own = shape.features - len(slots) - len(setpoints) - len(CLOCK) - len(ahead) - len(types)
    return [*slots, *(f"own.{column}" for column in range(own)), *setpoints, *CLOCK, *ahead, *types]


def plan_names(shape: Shape) -> list[str]:
    """[plan] names, in the order of twin.planning.encoder."""
    orders = [f"order.{part}.{at}" for part in range(3) for at in shape.horizons]
    names = layout_of(shape).setpoints
    moves = [f"move.{part}.{at}.{name}" for part in range(2) for at in shape.horizons for name in names]
    return [*orders, "closed", *moves]


def plan_horizons(shape: Shape) -> list[int]:
    """[plan] the first horizon, by its index, that a column may speak to: what is planned for later cannot matter sooner."""
    count, setpoints = len(shape.horizons), len(layout_of(shape).setpoints)
    return [*(list(range(count)) * 3), 0, *(at for _ in range(2) for at in range(count) for _ in range(setpoints))]


def output_names(shape: Shape) -> list[str]:
    """[horizons x targets x quantiles] names of the raw quantile outputs."""
    return [f"{target}.{at}.{level}" for at in shape.horizons for target in shape.targets for level in QUANTILES]


def plan_reach(shape: Shape, each: int) -> Tensor:
    """[horizons x each, plan] 1 where a column of the plan may speak to a horizon."""
    seen = torch.tensor(plan_horizons(shape)) <= torch.arange(len(shape.horizons))[:, None]
    return seen.float().repeat_interleave(each, 0)


CLOCK = ("down", "sine", "cosine")  # the share of the plant that is down, the time of day


def layout_of(shape: Shape) -> Layout:
    """Raises ValueError where there is none."""
    if shape.layout is None:
        raise ValueError("Transformer: shape has no layout: kinds, types and links are needed")
    return shape.layout
