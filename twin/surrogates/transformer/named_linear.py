"""A linear layer whose inputs and outputs have names: it loads the weights of one that has them in another order."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class NamedLinear(nn.Module):
    """A linear layer from x [..., inputs] to [..., outputs].

    inputs, outputs: names; outputs may be a number where they have none. generator: that weights are drawn from. zero:
    whether weights begin at zero. reach: [outputs, inputs], 0 where an input has no effect on an output.
    Loading finds weights by name. Inputs and outputs that the state lacks retain their weights.
    """

    def __init__(
        self,
        *,
        inputs: Sequence[str],
        outputs: Sequence[str] | int,
        generator: torch.Generator,
        zero: bool = False,
        reach: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.outputs = [str(i) for i in range(outputs)] if isinstance(outputs, int) else list(outputs)
        weight = torch.zeros(len(self.outputs), len(self.inputs), device=generator.device)
        if not zero:
            weight.normal_(std=1 / math.sqrt(max(len(self.inputs), 1)), generator=generator)
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(len(self.outputs), device=generator.device))
        self.reach = None if reach is None else reach.to(generator.device)

    def forward(self, x: Tensor) -> Tensor:
        """[..., inputs] to [..., outputs]."""
        return functional.linear(x, self.weight if self.reach is None else self.weight * self.reach, self.bias)

    def get_extra_state(self) -> Any:
        """The names, which are saved beside the weights."""
        return {"inputs": self.inputs, "outputs": self.outputs}

    def set_extra_state(self, state: Any) -> None:
        """Nothing to do: names belong to the plant."""

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        names = state_dict.get(f"{prefix}_extra_state")
        if names and (names["inputs"], names["outputs"]) != (self.inputs, self.outputs):
            rows, rows_there = _common(self.outputs, names["outputs"])
            columns, columns_there = _common(self.inputs, names["inputs"])
            weight, bias = self.weight.detach().clone(), self.bias.detach().clone()
            saved = state_dict[f"{prefix}weight"].to(weight.device)
            weight[rows[:, None], columns] = saved[rows_there[:, None], columns_there]
            bias[rows] = state_dict[f"{prefix}bias"].to(bias.device)[rows_there]
            state_dict[f"{prefix}weight"], state_dict[f"{prefix}bias"] = weight, bias
        super()._load_from_state_dict(state_dict, prefix, *rest)


def _common(here: Sequence[str], there: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Positions of the names that both have, here and there."""
    place = {name: index for index, name in enumerate(there)}
    shared = [(index, place[name]) for index, name in enumerate(here) if name in place]
    pairs = torch.tensor(shared, dtype=torch.long).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def parted(x: Tensor, dim: int, sizes: tuple[int, ...]) -> Tensor:
    """Tensor.unflatten with types: dimension `dim` of x as several of the given sizes."""
    result: Tensor = x.unflatten(dim, sizes)  # type: ignore[no-untyped-call]
    return result
