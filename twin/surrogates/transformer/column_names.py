"""Names of a surrogate's columns, so that weights can be loaded by name; see twin.columns."""

from __future__ import annotations

import torch
from torch import Tensor

from twin.columns import PlanColumns
from twin.forecast import QUANTILES
from twin.layout import Layout
from twin.surrogates.base import Shape


def output_names(shape: Shape) -> list[str]:
    """[horizons x targets x quantiles] names of the raw quantile outputs."""
    return [f"{target}.{at}.{level}" for at in shape.horizons for target in shape.targets for level in QUANTILES]


def plan_reach(shape: Shape, each: int) -> Tensor:
    """[horizons x each, plan] 1 where a column of the plan may affect a horizon, else 0."""
    first = torch.tensor(plan_columns(shape).first_horizons)
    return (first <= torch.arange(len(shape.horizons))[:, None]).float().repeat_interleave(each, 0)


def plan_columns(shape: Shape) -> PlanColumns:
    """The shape's plan columns. Raises ValueError where there are none."""
    if shape.plan_columns is None:
        raise ValueError("Transformer: shape has no plan columns: their names are needed")
    return shape.plan_columns


def layout_of(shape: Shape) -> Layout:
    """The shape's layout. Raises ValueError where there is none."""
    if shape.layout is None:
        raise ValueError("Transformer: shape has no layout: kinds, types and links are needed")
    return shape.layout
