"""The transformer's network: a wide part for one asset at a time, a deep part over assets and time.

Wide and deep (Cheng et al. 2016). The wide part sees one asset's features and plan. The deep part sees whole moments,
with history and neighbours, and corrects the straight part; its correction is zero until it is trained. History is
encoded once. The tokens of all plans then attend to it, the whole horizon in one pass. Weights belong to kinds, types
and names, not to this plant's assets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from twin.surrogates.base import Shape
from twin.surrogates.transformer.attention import Block, Cache
from twin.surrogates.transformer.column_names import layout_of, output_names
from twin.surrogates.transformer.named_linear import NamedLinear, parted
from twin.surrogates.transformer.tokens import RELATIONS, FutureTokens, PastTokens, PlantIndex
from twin.surrogates.transformer.wide_parts import HazardPart, LinearPart, WidePart


@dataclass(frozen=True, slots=True)
class Tier:
    """Size of a network. width: of a token. depth: blocks. heads: of each attention. wide: width of the wide part."""

    width: int
    depth: int
    heads: int
    wide: int


# About 0.1, 1, 5, 50 and 200 million parameters.
TIERS = {
    "nano": Tier(40, 1, 2, 128),
    "s": Tier(128, 3, 4, 256),
    "m": Tier(256, 4, 8, 512),
    "l": Tier(640, 7, 10, 1024),
    "xl": Tier(1024, 11, 16, 2048),
}


class AttentionNet(nn.Module):
    """The wide part, and the deep part's tokens, blocks and head.

    shape: sizes and names; it needs a layout. tier: size. patch: ticks of history in a token. hazard_width, dropout,
    blindness: of the wide parts, see wide_parts. generator: that weights and dropout are drawn from.
    """

    def __init__(
        self,
        *,
        shape: Shape,
        tier: Tier,
        patch: int,
        hazard_width: int,
        dropout: float,
        blindness: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self._generator = generator  # where averaged_weights.copied looks for it
        width, horizons = tier.width, len(shape.horizons)
        self.plant = PlantIndex(layout_of(shape), generator.device)
        self.straight = LinearPart(shape=shape, generator=generator)
        self.wide = WidePart(shape=shape, width=tier.wide, dropout=dropout, generator=generator)
        self.alone = HazardPart(
            shape=shape, width=hazard_width, dropout=dropout, blindness=blindness, generator=generator
        )
        self.past_tokens = PastTokens(shape=shape, patch=patch, width=width, generator=generator)
        self.future_tokens = FutureTokens(shape=shape, width=width, generator=generator)
        parts = {"width": width, "heads": tier.heads, "relations": RELATIONS, "generator": generator}
        self.blocks: Any = nn.ModuleList([Block(**parts) for _ in range(tier.depth)])  # type: ignore[arg-type]
        self.norm = nn.RMSNorm(width, device=generator.device)
        self.leave = NamedLinear(
            inputs=[str(i) for i in range(width)], outputs=output_names(shape), generator=generator, zero=True
        )
        self._horizons = horizons
        ahead = torch.tensor(shape.horizons, dtype=torch.float32, device=generator.device)
        self.register_buffer("ahead", (ahead - 1.0) / patch + 1.0)

    def encode(self, history: Tensor, size: Tensor) -> tuple[list[Cache], Tensor]:
        """Keys and values of each block, which the plans attend to, and whether a patch is of real ticks.

        history: [B, ticks, assets, channels]. size: [slots] usual magnitude of each kind of signal.
        """
        x, present = self.past_tokens(history, self.plant, size)
        position = torch.arange(1 - x.shape[2], 1, device=x.device)
        caches = []
        for block in self.blocks[:-1]:
            x, cache = block.past(x, position, present)
            caches.append(cache)
        return [*caches, self.blocks[-1].keys(x, position)], present

    def ask(self, caches: list[Cache], present: Tensor, features: Tensor, plan: Tensor) -> Tensor:
        """Corrections [B, assets, plans, horizons, outputs]. features: [B, assets, F]. plan: [B, plans, assets, D]."""
        x = self.future_tokens(features, plan, self.plant)
        for block, cache in zip(self.blocks, caches, strict=True):
            x = block.future(x, self.ahead, cache, present, self.plant.relation)
        weight, bias = (parted(part, 0, (self._horizons, -1)) for part in (self.leave.weight, self.leave.bias))
        correction: Tensor = torch.einsum("baphw,how->bapho", self.norm(x), weight) + bias
        return correction
