"""The linear surrogate: signals and hazards linear in the window's features and the plan."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape
from twin.surrogates.gradient.nets import Trunk, affine
from twin.surrogates.gradient.surrogate import GradientSurrogate


class LinearNet(Trunk):
    """One affine map for the quantiles and one for the hazard; both start at zero.

    shape: sizes of the inputs. quantiles: number of quantile outputs. generator: that weights are drawn from.
    """

    def __init__(self, *, shape: Shape, quantiles: int, generator: torch.Generator) -> None:
        super().__init__(shape=shape, device=generator.device)
        self.signal = affine(self.signal_inputs, quantiles, generator, zero=True)
        self.hazard = affine(self.hazard_inputs, self.hazard_outputs, generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, BASIS x modes])."""
        signal, hazard = self.split(features, plan)
        return self.signal(signal), self.hazard(hazard)


class Linear(GradientSurrogate):
    """Linear in the window's features and the plan. Arguments as of GradientSurrogate.

    >>> from twin.surrogates.base import Shape
    >>> sizes = {"assets": 2, "features": 3, "plan": 1, "orders": 1, "condition": (0,), "targets": ("x",), "modes": 1}
    >>> linear = Linear(shape=Shape(**sizes, horizons=(1, 6), edges=(0.0, 6.0)), seed=0)
    >>> sum(weights.numel() for weights in linear.net.parameters())  # (3 + 1 + 1) x 2 x 5 and (1 + 1) x 3
    56
    """

    def trunk(self, quantiles: int) -> nn.Module:
        return LinearNet(shape=self._shape, quantiles=quantiles, generator=self.generator)
