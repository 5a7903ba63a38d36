"""The linear surrogate: signals and hazards linear in the window's features and the plan."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape
from twin.surrogates.gradient.nets import Trunk, affine
from twin.surrogates.gradient.surrogate import GradientSurrogate

SHARED = 32  # mixtures of all signals


class LinearNet(Trunk):
    """One affine map for the quantiles and one for the hazard; both start at zero.

    shape: sizes of the inputs. quantiles: number of quantile outputs. generator: that weights are drawn from. own:
    whether a target's quantiles see all of its own signal only, see OwnSignals.
    """

    signal: nn.Module

    def __init__(self, *, shape: Shape, quantiles: int, generator: torch.Generator, own: bool = False) -> None:
        super().__init__(shape=shape, device=generator.device)
        self.signal = (
            OwnSignals(shape=shape, quantiles=quantiles, generator=generator)
            if own
            else affine(self.signal_inputs, quantiles, generator, zero=True)
        )
        self.hazard = affine(self.hazard_inputs, self.hazard_outputs, generator, zero=True)

    def forward(self, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, F]; plan: [B, D]. Returns ([B, quantile outputs], [B, BASIS x modes])."""
        signal, hazard = self.split(features, plan)
        return self.signal(signal), self.hazard(hazard)


class OwnSignals(nn.Module):
    """Quantiles of each target, linear in its own signal's features, the asset's and the plan, and in SHARED mixtures
    of what is newest of all signals; zero at first.

    The weights grow with the number of signals, where those of a full map grow with its square. Arguments as of
    LinearNet. Raises ValueError for a shape without a layout.
    """

    slots: Tensor  # [targets] slot of each
    newest: Tensor  # places, among a slot's columns, of what is newest

    def __init__(self, *, shape: Shape, quantiles: int, generator: torch.Generator) -> None:
        super().__init__()
        if shape.layout is None:
            raise ValueError("OwnSignals: shape.layout = None: must be a plant's, which says what slot a target has")
        self._count, self._width, self._horizons = len(shape.layout.slots), shape.per_slot, len(shape.horizons)
        self._split = self._count * self._width  # the slots' features come first
        for name, places in (("slots", shape.layout.targets), ("newest", shape.newest)):
            self.register_buffer(name, torch.tensor(places, device=generator.device), persistent=False)
        size = (len(shape.targets), self._width, quantiles // len(shape.targets))
        self.own = nn.Parameter(torch.zeros(size, device=generator.device))
        self.mix = affine(len(shape.newest) * self._count, SHARED, generator, bias=False)
        self.shared = affine(SHARED + shape.features - self._split + shape.plan, quantiles, generator, zero=True)

    def forward(self, inputs: Tensor) -> Tensor:
        """inputs: [B, F + D] features and plan. Returns [B, H x T x Q]."""
        rows = len(inputs)
        every = inputs[:, : self._split].reshape(rows, self._count, self._width)
        slots = every.index_select(1, self.slots).transpose(0, 1)
        own = torch.bmm(slots, self.own).reshape(len(self.own), rows, self._horizons, -1)
        mixed = self.mix(every.index_select(2, self.newest).flatten(1))
        shared = self.shared(torch.cat([mixed, inputs[:, self._split :]], 1))
        result: Tensor = own.permute(1, 2, 0, 3).reshape(rows, -1) + shared
        return result


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
