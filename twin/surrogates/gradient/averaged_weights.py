"""The running mean of a network's weights, those that forecast, and those under test."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from twin.state import State


class AveragedWeights:
    """The exponential mean of a network's weights. It forecasts until a shadow test parts champion and candidate.

    net: in training. decay: of the mean in [0, 1), less during the first updates.
    served: the champion, whose forecasts count. averaged: the exponential mean (Polyak & Juditsky 1992). frozen: the
    candidate, a copy of the mean as the test began; None where there is none.
    """

    def __init__(self, net: nn.Module, *, decay: float) -> None:
        self._decay = decay
        self.averaged = copied(net)
        self.served = self.averaged
        self.frozen: nn.Module | None = None
        self._spare: nn.Module | None = None  # memory for the next candidate

    def average(self, net: nn.Module, step: int) -> None:
        """Move the mean towards `net` after update number `step`, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step)) if self._decay else 0.0
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(net.parameters()), 1 - decay)

    def freeze(self) -> None:
        """Make a copy of the mean the candidate of a test. What is served does not change."""
        if self.served is self.averaged:
            self.served = copied(self.averaged)
        self.frozen = self.frozen or self._spare or copied(self.averaged)
        with torch.no_grad():
            for frozen, mean in zip(self.frozen.parameters(), self.averaged.parameters(), strict=True):
                frozen.copy_(mean)

    def promote(self) -> None:
        """The candidate becomes the champion. Raises ValueError where there is none."""
        if self.frozen is None:
            raise ValueError("AveragedWeights.promote: no candidate has been frozen")
        self.served, self._spare, self.frozen = self.frozen, self.served, None

    def state(self) -> State:
        """See twin.state.Stateful."""
        alone = self.served is not self.averaged
        return {
            "served": self.served.state_dict(),
            "averaged": self.averaged.state_dict() if alone else None,
            "frozen": self.frozen.state_dict() if self.frozen else None,
        }

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        self.served = self.averaged
        if state["averaged"] is not None:
            self.served = copied(self.averaged)
            self.averaged.load_state_dict(state["averaged"])
        self.served.load_state_dict(state["served"])
        self.frozen = copied(self.averaged) if state["frozen"] is not None else None
        if self.frozen is not None:
            self.frozen.load_state_dict(state["frozen"])


def copied(net: nn.Module) -> nn.Module:
    """A copy for forecasting: the same weights without gradients, in memory of their own."""
    generator = getattr(net, "_generator", None)
    copy = deepcopy(net, {id(generator): generator})  # a torch generator cannot be copied, and serving draws nothing
    return copy.requires_grad_(False)
