"""The large model: a transformer over assets and time that is asked what each plan would bring.

History is encoded once; the tokens of all plans then look back at it, the whole horizon in one pass. Its weights know
kinds, types and names, not this plant's assets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from twin.features import Inputs
from twin.forecast import QUANTILES
from twin.memory import Batch
from twin.state import State
from twin.surrogates import nets
from twin.surrogates.attention import Block, Cache
from twin.surrogates.base import Shape
from twin.surrogates.learned import Learned
from twin.surrogates.nets import affine
from twin.surrogates.tokens import RELATIONS, VOCABULARY, FutureTokens, PastTokens, Plant, embedding


@dataclass(frozen=True, slots=True)
class Tier:
    """Size of a trunk. width: of a token; depth: blocks; heads: of each attention."""

    width: int
    depth: int
    heads: int


# About 0.1, 1, 5, 50 and 200 million parameters.
TIERS = {
    "nano": Tier(48, 2, 3), "s": Tier(128, 4, 4), "m": Tier(256, 5, 8), "l": Tier(640, 8, 10), "xl": Tier(1024, 12, 16),
}  # fmt: skip
PACE = 0.002  # slowest pace at which a kind's usual size is learned


class Trunk(nn.Module):
    """Tokens, blocks, heads. Returns raw quantile outputs and raw hazard outputs as the other trunks do."""

    def __init__(self, *, shape: Shape, tier: Tier, patch: int, hazard_width: int, generator: torch.Generator) -> None:
        super().__init__()
        assert shape.layout is not None
        width = tier.width
        self.plant = Plant(shape.layout, generator.device)
        self.past_tokens = PastTokens(patch=patch, width=width, generator=generator)
        self.future_tokens = FutureTokens(shape=shape, width=width, generator=generator)
        parts = {"width": width, "heads": tier.heads, "relations": RELATIONS, "generator": generator}
        self.blocks: Any = nn.ModuleList([Block(**parts) for _ in range(tier.depth)])  # type: ignore[arg-type]
        self.norm = nn.RMSNorm(width, device=generator.device)
        self.enter = affine(width, width, generator)
        self.target = embedding(VOCABULARY, width, generator)
        self.quantiles = affine(width, len(QUANTILES), generator, zero=True)
        self.hazard = affine(width, nets.BASIS * shape.modes, generator, zero=True)
        self.alone = nets.Alone(shape=shape, width=hazard_width, generator=generator)
        horizons = torch.tensor((shape.horizons[0], *shape.horizons), dtype=torch.float32, device=generator.device)
        self.register_buffer("ahead", (horizons - 1.0) / patch + 1.0)

    def encode(self, history: Tensor, size: Tensor) -> tuple[list[Cache], Tensor]:
        """history: [B, ticks, assets, channels]. What the plans look back at: each block's keys and values; padding."""
        x, present = self.past_tokens(history, self.plant, size)
        position = torch.arange(1 - x.shape[2], 1, device=x.device)
        caches = []
        for block in self.blocks:
            x, cache = block.past(x, position, present, self.plant.relation)
            caches.append(cache)
        return caches, present

    def ask(self, caches: list[Cache], present: Tensor, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """features: [B, assets, F]; plan: [B, plans, assets, D]. Returns ([B, plans, assets, ...]) quantiles, hazard."""
        x = self.future_tokens(features, plan, self.plant)
        for block, cache in zip(self.blocks, caches, strict=True):
            x = block.future(x, self.ahead, cache, present, self.plant.relation)
        x = self.norm(x).transpose(1, 2)
        hidden = functional.silu(self.enter(x[..., 1:, None, :]) + self.target(self.plant.kind[self.plant.target]))
        hazard = self.hazard(x[..., 0, :]) + self.alone(features[:, None].expand(*plan.shape[:3], -1), plan)
        return self.quantiles(hidden).flatten(3), hazard


class Transformer(Learned):
    """A trunk of one of TIERS. context: ticks of history; patch: ticks of a token; windows: moments in an update.

    hazard_width: of the hazard's own perceptron, see nets.Alone; the rest: see Learned. On CUDA it computes in bfloat16.
    Raises ValueError for an unknown tier, a context that is no multiple of the patch and numbers below one.
    """

    def __init__(
        self, *, shape: Shape, tier: str = "nano", context: int = 144, patch: int = 12, windows: int = 8,
        hazard_width: int = 32, **rest: Any,
    ) -> None:  # fmt: skip
        if tier not in TIERS:
            raise ValueError(f"Transformer: tier = {tier!r}: must be one of {', '.join(TIERS)}")
        for name, value in (("patch", patch), ("windows", windows), ("hazard_width", hazard_width)):
            if value < 1:
                raise ValueError(f"Transformer: {name} = {value}: must be >= 1")
        if context < patch or context % patch:
            raise ValueError(f"Transformer: context = {context}: must be a multiple of patch = {patch}")
        if shape.layout is None:
            raise ValueError("Transformer: shape has no layout: kinds, types and links are needed")
        self._tier, self._patch, self._hazard_width = TIERS[tier], patch, hazard_width
        super().__init__(shape=shape, **rest)
        self.context, self.windows = context, windows
        self._size = torch.zeros(len(shape.layout.slots), device=self._device)
        self._seen = 0

    def trunk(self, quantiles: int) -> nn.Module:
        del quantiles  # its head is one for all targets and horizons
        return Trunk(
            shape=self._shape,
            tier=self._tier,
            patch=self._patch,
            hazard_width=self._hazard_width,
            generator=self.generator,
        )

    def answers(self, net: nn.Module, inputs: Inputs, plans: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """See Learned."""
        assert inputs.history is not None
        history = self._tensor(inputs.history)[None]
        return self._run(net, history, self._tensor(inputs.features)[None], self._tensor(plans)[None])

    def rehearsed(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """See Learned."""
        assert batch.history is not None
        self._learn_size(self._tensor(batch.history))
        return self.replayed(self.net, batch)

    def replayed(self, net: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """See Learned."""
        assert batch.history is not None
        history, assets = self._tensor(batch.history), self._shape.assets
        features, plan = (self._tensor(rows).view(-1, assets, rows.shape[1]) for rows in (batch.features, batch.plan))
        return self._run(net, history, features, plan[:, None])

    def _run(self, net: Any, history: Tensor, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """([rows, quantile outputs], [rows, hazard outputs]), rows over [B, plans, assets]."""
        size = torch.where(self._size > 0, self._size, 1.0)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            signal, hazard = net.ask(*net.encode(history, size), features, plan)
        return signal.float().flatten(0, 2), hazard.float().flatten(0, 2)

    def _learn_size(self, history: Tensor) -> None:
        """Mean magnitude of each slot, from moments whose labels are known: of the past only."""
        values = history[..., : len(self._size)]
        known = torch.isfinite(values)
        mean = torch.where(known, values.abs(), 0.0).sum((0, 1, 2)) / known.sum((0, 1, 2)).clamp(min=1)
        pace = max(1.0 / (self._seen + 1), PACE)
        moved = torch.where(self._size > 0, self._size + pace * (mean - self._size), mean)
        self._size = torch.where(known.any(0).any(0).any(0), moved, self._size)
        self._seen += 1

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"size": self._size, "seen": self._seen}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._size, self._seen = state["size"].to(self._device, copy=True), state["seen"]
