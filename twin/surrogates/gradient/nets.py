"""What trunks are built of: inputs split for signals and hazards, layers drawn from a given generator."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape

BASIS = 3  # functions of time, by which a hazard's outputs vary over the bins; see hazard_head
LEVEL = 8  # times as fast as its slopes the level of a linear hazard is learned: a plant may hardly ever fail


class Trunk(nn.Module):
    """Splits the inputs of a network for its two parts.

    Signals are forecast from all features and the whole plan. A hazard is that of an asset *left alone*: it is forecast
    from the condition features and the planned setpoints, never from planned work orders.

    signal_inputs, hazard_inputs: columns of the two parts. hazard_outputs: of one opinion of the hazard.
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
        """features: [B, F]; plan: [B, D]. Returns ([B, signal inputs], [B, hazard inputs])."""
        setpoints = plan[:, self._orders :]
        return torch.cat([features, plan], 1), torch.cat([features.index_select(1, self.condition), setpoints], 1)


def dropped(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """x of any shape with a share of its values at zero and the others scaled up, drawn from `generator`.

    Source: Srivastava et al. 2014, dropout.
    """
    if share == 0:
        return x
    keep = torch.rand(x.shape, generator=generator, device=x.device) >= share
    return x * keep / (1 - share)


def affine(
    inputs: int, outputs: int, generator: torch.Generator, *, zero: bool = False, bias: bool = True
) -> nn.Linear:
    """A linear layer from `inputs` to `outputs` columns, drawn from `generator`. zero: its weights begin at zero."""
    empty: Callable[..., nn.Linear] = nn.utils.skip_init
    layer = empty(nn.Linear, inputs, outputs, bias=bias, device=generator.device)
    if bias:
        nn.init.zeros_(layer.bias)
    if zero:
        nn.init.zeros_(layer.weight)
    else:
        nn.init.normal_(layer.weight, std=1 / math.sqrt(inputs), generator=generator)
    return layer
