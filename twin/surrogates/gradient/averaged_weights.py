"""The weights that serve, those that are being averaged, and those that have been put to the test."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from twin.state import State


class AveragedWeights:
    """Averaged weights of a net in training. They serve, until a first test parts the champion from the candidate.

    served: the champion, whose forecasts count. averaged: the exponential mean of the weights in training (Polyak &
    Juditsky 1992). frozen: what the average was when the test began, or None.
    """

    def __init__(self, net: nn.Module, *, decay: float) -> None:
        self._decay = decay
        self.averaged = copied(net)
        self.served = self.averaged
        self.frozen: nn.Module | None = None
        self._spare: nn.Module | None = None  # room for the next candidate

    def average(self, net: nn.Module, step: int) -> None:
        """Move the average towards `net` after update number `step`."""
        decay = min(self._decay, (1 + step) / (10 + step)) if self._decay else 0.0
        with torch.no_grad():
            torch._foreach_lerp_(list(self.averaged.parameters()), list(net.parameters()), 1 - decay)

    def freeze(self) -> None:
        """The average as it is now becomes the candidate of a test; what serves stays as it is."""
        if self.served is self.averaged:
            self.served = copied(self.averaged)
        self.frozen = self.frozen or self._spare or copied(self.averaged)
        with torch.no_grad():
            for frozen, mean in zip(self.frozen.parameters(), self.averaged.parameters(), strict=True):
                frozen.copy_(mean)

    def promote(self) -> None:
        """The candidate serves from now on. Raises ValueError where there is none."""
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
    """A copy for serving: same weights, no gradients. It shares nothing with `net` that training changes."""
    generator = getattr(net, "_generator", None)
    copy = deepcopy(net, {id(generator): generator})  # a torch generator cannot be copied, and serving draws nothing
    return copy.requires_grad_(False)
