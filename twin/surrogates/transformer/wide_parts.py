"""The wide part of the transformer (Cheng et al. 2016): one asset at a time, from its features and plan.

Linear maps beside residual perceptrons, as in the MLP. Unlike there, a horizon sees only what is planned within it, and
weights are loaded by name.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twin.surrogates.base import Shape
from twin.surrogates.gradient import nets
from twin.surrogates.gradient.nets import affine
from twin.surrogates.transformer import column_names as columns
from twin.surrogates.transformer.named_linear import NamedLinear, parted


class LinearPart(nn.Module):
    """Raw quantile outputs of rows, linear in their features and plan; zero until it is trained."""

    def __init__(self, *, shape: Shape, generator: torch.Generator) -> None:
        super().__init__()
        outputs = columns.output_names(shape)
        self._horizons, each = len(shape.horizons), len(outputs) // len(shape.horizons)
        self.now = NamedLinear(inputs=shape.feature_names, outputs=outputs, generator=generator, zero=True)
        reach = columns.plan_reach(shape, each)
        self.planned = NamedLinear(
            inputs=columns.plan_columns(shape).names, outputs=outputs, generator=generator, zero=True, reach=reach
        )

    def forward(self, features: Tensor, plan: Tensor) -> Tensor:
        """features: [rows, F]; plan: [rows, plans, D]. Returns [rows, plans, horizons, targets x quantiles]."""
        return parted(self.now(features)[:, None] + self.planned(plan), -1, (self._horizons, -1))


class WidePart(nn.Module):
    """Raw quantile outputs of rows, under any number of plans, by a residual perceptron.

    width: of the two hidden layers. dropout: share of hidden units dropped in training, drawn from `generator`.
    """

    def __init__(self, *, shape: Shape, width: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self._generator, self._dropout, self._horizons = generator, dropout, len(shape.horizons)
        self.direct = LinearPart(shape=shape, generator=generator)
        self.enter = NamedLinear(inputs=shape.feature_names, outputs=width, generator=generator)
        self.inner = affine(width, width, generator)
        hidden, reach = (
            [f"{at}.{unit}" for at in shape.horizons for unit in range(width)],
            columns.plan_reach(shape, width),
        )
        self.planned = NamedLinear(
            inputs=columns.plan_columns(shape).names, outputs=hidden, generator=generator, reach=reach
        )
        units = [str(i) for i in range(width)]
        self.leave = NamedLinear(inputs=units, outputs=columns.output_names(shape), generator=generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> Tensor:
        """features: [rows, F]; plan: [rows, plans, D]. Returns [rows, plans, horizons, targets x quantiles]."""
        first = self._drop(functional.silu(self.enter(features)), self._dropout)
        planned = parted(self.planned(plan), -1, (self._horizons, -1))
        second = functional.silu(self.inner(first)[:, None, None] + planned)
        mask = self._drop(torch.ones_like(first), self._dropout)  # a unit is dropped for all horizons
        hidden = first[:, None, None] + second * mask[:, None, None]
        weight, bias = (parted(part, 0, (self._horizons, -1)) for part in (self.leave.weight, self.leave.bias))
        result: Tensor = self.direct(features, plan) + torch.einsum("rphw,how->rpho", hidden, weight) + bias
        return result

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nets.dropped(x, share, self._generator) if self.training else x


class HazardPart(nn.Module):
    """The hazard of an asset left alone, from the condition features and the planned setpoints.

    Two opinions, as of the MLP: one of a linear map, one of a perceptron. width: of its two hidden layers. dropout,
    blindness: as of the MLP.
    """

    condition: Tensor  # which features it may look at

    def __init__(
        self, *, shape: Shape, width: int, dropout: float, blindness: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self._generator, self._dropout, self._blindness = generator, dropout, blindness
        self._orders = shape.orders
        self.register_buffer("condition", torch.tensor(shape.condition, device=generator.device), persistent=False)
        features = shape.feature_names
        inputs = [*(features[i] for i in shape.condition), *columns.plan_columns(shape).names[shape.orders :]]
        outputs = nets.BASIS * shape.modes
        self.straight = NamedLinear(inputs=inputs, outputs=outputs, generator=generator, zero=True)
        self.direct = NamedLinear(inputs=inputs, outputs=outputs, generator=generator, zero=True)
        self.enter = NamedLinear(inputs=inputs, outputs=width, generator=generator)
        self.inner = affine(width, width, generator)
        self.leave = affine(width, outputs, generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> Tensor:
        """features: [rows, F]; plan: [rows, plans, D]. Returns [rows, plans, 2 x BASIS x modes]."""
        condition = features.index_select(1, self.condition)[:, None].expand(-1, plan.shape[1], -1)
        x = torch.cat([condition, plan[..., self._orders :]], -1)
        seen = self._drop(x, self._blindness)
        first = self._drop(functional.silu(self.enter(seen)), self._dropout)
        hidden = first + self._drop(functional.silu(self.inner(first)), self._dropout)
        level = self.straight(x) + (nets.LEVEL - 1) * self.straight.bias
        return torch.cat([level, self.direct(seen) + self.leave(hidden)], -1)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return nets.dropped(x, share, self._generator) if self.training else x
