"""Optimisers and learning-rate schedules by name."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

OPTIMIZERS = ("sgd", "momentum", "adam", "adamw")
RECORDABLE = ("adam", "adamw")
SCHEDULES = ("constant", "cosine", "inverse_sqrt", "step")


@dataclass(frozen=True, slots=True)
class Optimizer:
    """Recipe of an optimiser and its learning-rate schedule.

    name: sgd, momentum, adam (Kingma & Ba 2015) or adamw (Loshchilov & Hutter 2019). lr: learning rate. momentum: of
    the optimiser of that name. schedule: constant; cosine from 1 to `floor` over `period` updates; inverse_sqrt after
    `period` updates; step, a factor 0.5 every `period` updates. warmup: updates of linear rise. floor: least factor of
    cosine and step. clip: largest gradient norm. Raises ValueError for unknown names and values out of range.

    >>> recipe = Optimizer(lr=0.01, schedule="cosine", warmup=10, period=100, floor=0.1)
    >>> [round(recipe.rate(step), 6) for step in (0, 9, 100)]
    [0.001, 0.009821, 0.001]
    """

    name: str = "adamw"
    lr: float = 2e-3
    weight_decay: float = 1e-2
    momentum: float = 0.9
    schedule: str = "constant"
    warmup: int = 50
    period: int = 4000
    floor: float = 0.1
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in OPTIMIZERS:
            raise ValueError(f"Optimizer: name = {self.name!r}: must be one of {', '.join(OPTIMIZERS)}")
        if self.schedule not in SCHEDULES:
            raise ValueError(f"Optimizer: schedule = {self.schedule!r}: must be one of {', '.join(SCHEDULES)}")
        for field in ("lr", "period", "clip"):
            if not getattr(self, field) > 0:
                raise ValueError(f"Optimizer: {field} = {getattr(self, field)}: must be > 0")
        for field in ("weight_decay", "warmup"):
            if not getattr(self, field) >= 0:
                raise ValueError(f"Optimizer: {field} = {getattr(self, field)}: must be >= 0")
        for field in ("momentum", "floor"):
            if not 0 <= getattr(self, field) <= 1:
                raise ValueError(f"Optimizer: {field} = {getattr(self, field)}: must be in [0, 1]")

    def build(
        self, parameters: Iterable[Any], *, fused: bool = False, recorded: torch.device | None = None
    ) -> torch.optim.Optimizer:
        """The torch optimiser over `parameters`.

        fused: one kernel for all parameters, where there are many small ones. recorded: the device on which its steps
        will be recorded as a graph; the learning rate is then a tensor there, which may change between replays.
        Raises ValueError for an optimiser whose steps cannot be recorded.
        """
        common: dict[str, Any] = {"lr": self.lr, "weight_decay": self.weight_decay, "fused": fused or None}
        if not fused:  # all weights in one call: the same arithmetic as weight by weight, with less to interpret
            common |= {"foreach": True}
        if recorded is not None:
            if self.name not in RECORDABLE:
                raise ValueError(
                    f"graph = True: optimizer {self.name} cannot be recorded: must be {' or '.join(RECORDABLE)}"
                )
            common |= {"capturable": True, "lr": torch.full((), self.lr, device=recorded)}
        match self.name:
            case "adamw":
                return torch.optim.AdamW(parameters, **common)
            case "adam":
                return torch.optim.Adam(parameters, **common)
            case _:
                return torch.optim.SGD(parameters, momentum=self.momentum if self.name == "momentum" else 0.0, **common)

    def rate(self, step: int) -> float:
        """Learning rate of update number `step`, counted from 0."""
        rise = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        match self.schedule:
            case "cosine":
                share = min(step / self.period, 1.0)
                factor = self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * share))
            case "inverse_sqrt":
                factor = math.sqrt(self.period / max(step, self.period))
            case "step":
                factor = max(0.5 ** (step // self.period), self.floor)
            case _:
                factor = 1.0
        return self.lr * rise * factor
