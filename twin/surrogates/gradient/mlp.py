"""The default surrogate: multilayer perceptrons beside linear maps, on the window's features and the plan."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape
from twin.surrogates.gradient.linear import LinearNet
from twin.surrogates.gradient.nets import LEVEL, Trunk, affine, dropped
from twin.surrogates.gradient.surrogate import GradientSurrogate


class PerceptronNet(Trunk):
    """Two residual multilayer perceptrons with SiLU units beside the linear maps.

    shape, quantiles, generator: as of LinearNet. width, depth: of the hidden layers for the signals. hazard_width: of
    the two hidden layers for the hazard. straight_hazard: whether a linear map is a second opinion of the hazard, which
    helps where lives are few. dropout: share of hidden units. blindness: share of the perceptron's hazard inputs that
    is dropped, so that it does not rest on a few of them. Both are drawn from `generator`, in training only.
    wide: targets beyond which the linear map is OwnSignals, so that the weights do not grow with the square of the
    signals.
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
        wide: int,
    ) -> None:
        super().__init__(shape=shape, device=generator.device)
        for name, value in (("width", width), ("depth", depth), ("hazard_width", hazard_width), ("wide", wide)):
            if value < 1:
                raise ValueError(f"MLP: {name} = {value}: must be >= 1")
        for name, share in (("dropout", dropout), ("blindness", blindness)):
            if not 0 <= share < 1:
                raise ValueError(f"MLP: {name} = {share}: must be in [0, 1)")
        self._generator, self._dropout, self._blindness = generator, dropout, blindness
        own = shape.layout is not None and len(shape.targets) > wide
        self.direct = LinearNet(shape=shape, quantiles=quantiles, generator=generator, own=own)
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


def _perceptron(inputs: int, width: int, depth: int, outputs: int, generator: torch.Generator) -> nn.ModuleList:
    sizes = [inputs, *[width] * depth]
    hidden = [affine(a, b, generator) for a, b in itertools.pairwise(sizes)]
    return nn.ModuleList([*hidden, affine(width, outputs, generator, zero=True)])


class MLP(GradientSurrogate):
    """A multilayer perceptron on the window's features and the plan.

    width, depth, hazard_width, straight_hazard, dropout, blindness, wide: see PerceptronNet, which raises what is out
    of range. The other arguments: see GradientSurrogate.

    >>> from twin.surrogates.base import Shape
    >>> sizes = {"assets": 2, "features": 3, "plan": 1, "orders": 1, "condition": (0,), "targets": ("x",), "modes": 1}
    >>> mlp = MLP(shape=Shape(**sizes, horizons=(1, 6), edges=(0.0, 6.0)), seed=0, width=16)
    >>> type(mlp.net).__name__, mlp.context
    ('PerceptronNet', 0)
    """

    def __init__(
        self,
        *,
        width: int = 128,
        depth: int = 2,
        hazard_width: int = 32,
        straight_hazard: bool = True,
        dropout: float = 0.0,
        blindness: float = 0.0,
        wide: int = 16,
        **rest: Any,
    ) -> None:
        self._layers: dict[str, Any] = {
            "width": width,
            "depth": depth,
            "hazard_width": hazard_width,
            "straight_hazard": straight_hazard,
            "dropout": dropout,
            "blindness": blindness,
            "wide": wide,
        }
        super().__init__(**rest)

    def trunk(self, quantiles: int) -> nn.Module:
        return PerceptronNet(shape=self._shape, quantiles=quantiles, generator=self.generator, **self._layers)
