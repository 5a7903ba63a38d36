"""Trunks: from scaled features and an encoded plan to raw heads. Initialised from a generator of our own."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape

# A hazard's dependence on the inputs is the same in every bin, up to a trend over the bins.
BASIS = 3
LEVEL = 8  # times as fast as its slopes the level of a linear hazard is learned: a plant may hardly ever fail


class Trunk(nn.Module):
    """Splits the inputs: signals are forecast from all features and the whole plan, hazards from the condition
    features and the planned setpoints only: a hazard is that of an asset *left alone*.
    """

    condition: Tensor  # which features a hazard may look at

    def __init__(self, *, shape: Shape, device: torch.device) -> None:
        super().__init__()
        self._orders = shape.orders
        self.register_buffer("condition", torch.tensor(shape.condition, device=device), persistent=False)
        self.signal_inputs = shape.features + shape.plan
        self.hazard_outputs = BASIS * shape.modes
        self.hazard_inputs = len(shape.condition) + shape.plan - shape.orders

    def split(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """([B, signal inputs], [B, hazard inputs])."""
        alone = plan[:, self._orders :]
        return torch.cat([features, plan], 1), torch.cat([features.index_select(1, self.condition), alone], 1)


class LinearNet(Trunk):
    """One affine map for the quantiles and one for the hazard; both start at zero."""

    def __init__(self, *, shape: Shape, quantiles: int, generator: torch.Generator) -> None:
        super().__init__(shape=shape, device=generator.device)
        self.signal = affine(self.signal_inputs, quantiles, generator, zero=True)
        self.hazard = affine(self.hazard_inputs, self.hazard_outputs, generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, BASIS x modes])."""
        signal, hazard = self.split(features, plan)
        return self.signal(signal), self.hazard(hazard)


class PerceptronNet(Trunk):
    """Two residual multilayer perceptrons with SiLU units beside the linear maps.

    width, depth: of the hidden layers for the signals; hazard_width: of the two for the hazard. straight_hazard: whether a
    linear map is a second opinion of the hazard, which helps where lives are few. dropout: of hidden units; blindness: of
    the perceptron's hazard inputs, so that it does not rest on a few of them; both drawn from `generator`.
    Raises ValueError for widths or depth < 1 or shares outside [0, 1).
    """

    def __init__(
        self,
        *,
        shape: Shape,
        quantiles: int,
        generator: torch.Generator,
        width: int,
        depth: int,
        hazard_width: int,
        straight_hazard: bool,
        dropout: float,
        blindness: float,
    ) -> None:
        super().__init__(shape=shape, device=generator.device)
        for name, value in (("width", width), ("depth", depth), ("hazard_width", hazard_width)):
            if value < 1:
                raise ValueError(f"MLP: {name} = {value}: must be >= 1")
        for name, share in (("dropout", dropout), ("blindness", blindness)):
            if not 0 <= share < 1:
                raise ValueError(f"MLP: {name} = {share}: must be in [0, 1)")
        self._generator, self._dropout, self._blindness = generator, dropout, blindness
        self.direct = LinearNet(shape=shape, quantiles=quantiles, generator=generator)
        self.signal = _perceptron(self.signal_inputs, width, depth, quantiles, generator)
        self.hazard = _perceptron(self.hazard_inputs, hazard_width, 2, self.hazard_outputs, generator)
        self.straight = (
            affine(self.hazard_inputs, self.hazard_outputs, generator, zero=True) if straight_hazard else None
        )

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, opinions x BASIS x modes])."""
        signal, hazard = self.split(features, plan)
        seen = self._drop(hazard, self._blindness)
        opinions = [self.direct.hazard(seen) + self._run(self.hazard, seen)]
        if self.straight is not None:
            opinions.append(self.straight(hazard) + (LEVEL - 1) * self.straight.bias)
        return self.direct.signal(signal) + self._run(self.signal, signal), torch.cat(opinions, -1)

    def _run(self, layers: nn.ModuleList, x: Tensor) -> Tensor:
        x = self._drop(nn.functional.silu(layers[0](x)), self._dropout)
        for layer in list(layers)[1:-1]:
            x = x + self._drop(nn.functional.silu(layer(x)), self._dropout)
        result: Tensor = layers[-1](x)
        return result

    def _drop(self, x: Tensor, share: float) -> Tensor:
        return dropped(x, share, self._generator) if self.training else x


def dropped(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Dropout (Srivastava et al. 2014), drawn from a generator of our own."""
    if share == 0:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= share
    return x * keep / (1 - share)


def affine(
    inputs: int, outputs: int, generator: torch.Generator, *, zero: bool = False, bias: bool = True
) -> nn.Linear:
    """A linear layer drawn from a generator of our own; zero: it puts out nothing until it is trained."""
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs, bias=bias, device=generator.device)  # type: ignore[no-untyped-call]
    if bias:
        nn.init.zeros_(layer.bias)
    if zero:
        nn.init.zeros_(layer.weight)
    else:
        nn.init.normal_(layer.weight, std=1 / math.sqrt(inputs), generator=generator)
    return layer


def _perceptron(inputs: int, width: int, depth: int, outputs: int, generator: torch.Generator) -> nn.ModuleList:
    sizes = [inputs, *[width] * depth]
    hidden = [affine(a, b, generator) for a, b in itertools.pairwise(sizes)]
    return nn.ModuleList([*hidden, affine(width, outputs, generator, zero=True)])
