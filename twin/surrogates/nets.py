"""Trunks: from scaled features and an encoded plan to raw heads. Initialised from a generator of our own."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape


class Linear(nn.Module):
    """One affine map for the quantiles (of features and plan) and one for the hazard (of features and setpoints).

    The hazard does not see planned work orders: it is the hazard *if left alone*. Both start at zero.
    """

    def __init__(self, *, shape: Shape, quantiles: int, generator: torch.Generator) -> None:
        super().__init__()
        self._orders = shape.orders
        self.signal = nn.Linear(shape.features + shape.plan, quantiles, device=generator.device)
        self.hazard = nn.Linear(
            shape.features + shape.plan - shape.orders, shape.bins * shape.modes, device=generator.device
        )
        for layer in (self.signal, self.hazard):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, bins x modes])."""
        alone = plan[:, self._orders :]
        return self.signal(torch.cat([features, plan], 1)), self.hazard(torch.cat([features, alone], 1))


class MLP(nn.Module):
    """The linear maps plus a residual multilayer perceptron with SiLU units.

    width, depth: of the hidden layers. dropout: of hidden units; blindness: of input features, so that no forecast
    rests on a few; both drawn from `generator`. Raises ValueError for width or depth < 1 or shares outside [0, 1).
    """

    def __init__(
        self,
        *,
        shape: Shape,
        quantiles: int,
        generator: torch.Generator,
        width: int,
        depth: int,
        dropout: float,
        blindness: float = 0.0,
    ) -> None:
        super().__init__()
        for name, value in (("width", width), ("depth", depth)):
            if value < 1:
                raise ValueError(f"MLP: {name} = {value}: must be >= 1")
        for name, share in (("dropout", dropout), ("blindness", blindness)):
            if not 0 <= share < 1:
                raise ValueError(f"MLP: {name} = {share}: must be in [0, 1)")
        self._orders, self._generator, self._dropout = shape.orders, generator, dropout
        self._blindness = blindness
        device = generator.device
        self.direct = Linear(shape=shape, quantiles=quantiles, generator=generator)
        self.enter = nn.Linear(shape.features + shape.plan - shape.orders, width, device=device)
        self.hidden = nn.ModuleList(nn.Linear(width, width, device=device) for _ in range(depth - 1))
        self.join = nn.Linear(width + shape.plan, width, device=device)
        self.signal = nn.Linear(width, quantiles, device=device)
        self.hazard = nn.Linear(width, shape.bins * shape.modes, device=device)
        for layer in (self.enter, *self.hidden, self.join):
            assert isinstance(layer, nn.Linear)
            nn.init.normal_(layer.weight, std=1 / math.sqrt(layer.in_features), generator=generator)
            nn.init.zeros_(layer.bias)
        for layer in (self.signal, self.hazard):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, bins x modes])."""
        features = self._drop(features, self._blindness)
        signal, hazard = self.direct(features, plan)
        entering = nn.functional.silu(self.enter(torch.cat([features, plan[:, self._orders :]], 1)))
        x = self._drop(entering, self._dropout)
        for layer in self.hidden:
            x = x + self._drop(nn.functional.silu(layer(x)), self._dropout)
        y = x + nn.functional.silu(self.join(torch.cat([x, plan], 1)))
        return signal + self.signal(y), hazard + self.hazard(x)

    def _drop(self, x: Tensor, share: float) -> Tensor:
        if not self.training or share == 0:
            return x
        keep = torch.rand(x.shape, generator=self._generator, device=x.device) >= share
        return x * keep / (1 - share)
