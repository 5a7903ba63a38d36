"""The wide part of the large model (Cheng et al. 2016, wide and deep): one asset at a time, from its features and plan.

Linear maps beside residual perceptrons, as in nets.MLP, but a horizon knows only what is planned within it, and weights
are told by name.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twin.surrogates import columns, nets
from twin.surrogates.base import Shape
from twin.surrogates.named import Named
from twin.surrogates.nets import affine


class Wide(nn.Module):
    """Raw quantile outputs and raw hazard outputs of rows, under any number of plans.

    width: of the two hidden layers; dropout: of hidden units, drawn from `generator` while training.
    """

    def __init__(self, *, shape: Shape, width: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self._generator, self._dropout, self._horizons = generator, dropout, len(shape.horizons)
        features, plan, outputs = columns.feature_names(shape), columns.plan_names(shape), columns.output_names(shape)
        each = len(outputs) // self._horizons
        self.enter = Named(inputs=features, outputs=width, generator=generator)
        self.inner = affine(width, width, generator)
        hidden = [f"{at}.{unit}" for at in shape.horizons for unit in range(width)]
        self.planned = Named(inputs=plan, outputs=hidden, generator=generator, reach=columns.plan_reach(shape, width))
        self.leave = Named(inputs=[str(i) for i in range(width)], outputs=outputs, generator=generator, zero=True)
        self.direct = Named(inputs=features, outputs=outputs, generator=generator, zero=True)
        self.direct_planned = Named(
            inputs=plan, outputs=outputs, generator=generator, zero=True, reach=columns.plan_reach(shape, each)
        )

    def forward(self, features: Tensor, plan: Tensor) -> Tensor:
        """features: [rows, F]; plan: [rows, plans, D]. Returns [rows, plans, horizons, targets x quantiles]."""
        first = self._drop(functional.silu(self.enter(features)), self._dropout)
        planned = self.planned(plan).unflatten(-1, (self._horizons, -1))
        second = functional.silu(self.inner(first)[:, None, None] + planned)
        hidden = first[:, None, None] + self._drop(second, self._dropout)
        weight = self.leave.weight.unflatten(0, (self._horizons, -1))
        found = torch.einsum("rphw,how->rpho", hidden, weight)
        beside = self.direct(features)[:, None] + self.direct_planned(plan) + self.leave.bias
        result: Tensor = found + beside.unflatten(-1, (self._horizons, -1))
        return result

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nets.dropped(x, share, self._generator) if self.training else x


class Alone(nn.Module):
    """The hazard of an asset left alone, from the condition features and the planned setpoints: see nets.MLP."""

    def __init__(
        self, *, shape: Shape, width: int, dropout: float, blindness: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self._generator, self._dropout, self._blindness = generator, dropout, blindness
        self._condition, self._orders = list(shape.condition), shape.orders
        features = columns.feature_names(shape)
        inputs = [*(features[i] for i in shape.condition), *columns.plan_names(shape)[shape.orders :]]
        outputs = nets.BASIS * shape.modes
        self.direct = Named(inputs=inputs, outputs=outputs, generator=generator, zero=True)
        self.enter = Named(inputs=inputs, outputs=width, generator=generator)
        self.inner = affine(width, width, generator)
        self.leave = affine(width, outputs, generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> Tensor:
        """features: [rows, F]; plan: [rows, plans, D]. Returns [rows, plans, BASIS x modes]."""
        condition = features[:, None, self._condition].expand(-1, plan.shape[1], -1)
        x = self._drop(torch.cat([condition, plan[..., self._orders :]], -1), self._blindness)
        first = self._drop(functional.silu(self.enter(x)), self._dropout)
        hidden = first + self._drop(functional.silu(self.inner(first)), self._dropout)
        result: Tensor = self.direct(x) + self.leave(hidden)
        return result

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nets.dropped(x, share, self._generator) if self.training else x
