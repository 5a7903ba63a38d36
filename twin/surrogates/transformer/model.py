"""The large model: what an asset says of itself, corrected by a transformer over assets and time.

Wide and deep (Cheng et al. 2016): the wide part sees one asset's features and plan and learns from rows drawn one by one;
the deep part sees whole moments, history and neighbours, and learns what the wide part leaves, from nothing at first.
History is encoded once; the tokens of all plans then look back at it, the whole horizon in one pass. Weights know
kinds, types and names, not this plant's assets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from twin.forecast import Floats, Forecast
from twin.sensing.features import Inputs
from twin.state import State
from twin.surrogates.base import Released, Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.device_batch import Lesson
from twin.surrogates.gradient.trainer import Learned
from twin.surrogates.transformer.attention import Block, Cache
from twin.surrogates.transformer.column_names import layout_of, output_names
from twin.surrogates.transformer.mixture import Mixture
from twin.surrogates.transformer.named_linear import Named, parted
from twin.surrogates.transformer.tokens import RELATIONS, FutureTokens, PastTokens, PlantIndex
from twin.surrogates.transformer.wide_parts import Alone, Straight, Wide


@dataclass(frozen=True, slots=True)
class Tier:
    """Size of a trunk. width: of a token; depth: blocks; heads: of each attention; wide: of the wide part's layers."""

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
EXPERTS = 3  # the wide part, the straight one, the deep one


class AttentionNet(nn.Module):
    """The wide part, and the deep part's tokens, blocks and head. All raw outputs are as those of the other trunks."""

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
        self._generator = generator  # found by champion.copied
        width, horizons = tier.width, len(shape.horizons)
        self.plant = PlantIndex(layout_of(shape), generator.device)
        self.straight = Straight(shape=shape, generator=generator)
        self.wide = Wide(shape=shape, width=tier.wide, dropout=dropout, generator=generator)
        self.alone = Alone(shape=shape, width=hazard_width, dropout=dropout, blindness=blindness, generator=generator)
        self.past_tokens = PastTokens(shape=shape, patch=patch, width=width, generator=generator)
        self.future_tokens = FutureTokens(shape=shape, width=width, generator=generator)
        parts = {"width": width, "heads": tier.heads, "relations": RELATIONS, "generator": generator}
        self.blocks: Any = nn.ModuleList([Block(**parts) for _ in range(tier.depth)])  # type: ignore[arg-type]
        self.norm = nn.RMSNorm(width, device=generator.device)
        self.leave = Named(
            inputs=[str(i) for i in range(width)], outputs=output_names(shape), generator=generator, zero=True
        )
        self._horizons = horizons
        ahead = torch.tensor(shape.horizons, dtype=torch.float32, device=generator.device)
        self.register_buffer("ahead", (ahead - 1.0) / patch + 1.0)

    def encode(self, history: Tensor, size: Tensor) -> tuple[list[Cache], Tensor]:
        """history: [B, ticks, assets, channels]. What the plans look back at: each block's keys and values; padding."""
        x, present = self.past_tokens(history, self.plant, size)
        position = torch.arange(1 - x.shape[2], 1, device=x.device)
        caches = []
        for block in self.blocks[:-1]:
            x, cache = block.past(x, position, present)
            caches.append(cache)
        return [*caches, self.blocks[-1].keys(x, position)], present

    def ask(self, caches: list[Cache], present: Tensor, features: Tensor, plan: Tensor) -> Tensor:
        """features: [B, assets, F]; plan: [B, plans, assets, D]. Returns corrections [B, assets, plans, horizons, outputs]."""
        x = self.future_tokens(features, plan, self.plant)
        for block, cache in zip(self.blocks, caches, strict=True):
            x = block.future(x, self.ahead, cache, present, self.plant.relation)
        weight, bias = (parted(part, 0, (self._horizons, -1)) for part in (self.leave.weight, self.leave.bias))
        found: Tensor = torch.einsum("baphw,how->bapho", self.norm(x), weight) + bias
        return found


class Transformer(Learned):
    """A trunk of one of TIERS. context: ticks of history; patch: ticks of a token; windows: moments in an update.

    hazard_width, dropout, blindness: as in nets.MLP; the rest: see Learned. On CUDA the deep part computes in bfloat16.
    Raises ValueError for an unknown tier, a context that is no multiple of the patch and numbers out of range.
    """

    fused = True

    def __init__(
        self,
        *,
        shape: Shape,
        tier: str = "nano",
        context: int = 144,
        patch: int = 24,
        windows: int = 8,
        hazard_width: int = 32,
        dropout: float = 0.0,
        blindness: float = 0.0,
        **rest: Any,
    ) -> None:
        if tier not in TIERS:
            raise ValueError(f"Transformer: tier = {tier!r}: must be one of {', '.join(TIERS)}")
        for name, value in (("patch", patch), ("windows", windows), ("hazard_width", hazard_width)):
            if value < 1:
                raise ValueError(f"Transformer: {name} = {value}: must be >= 1")
        for name, share in (("dropout", dropout), ("blindness", blindness)):
            if not 0 <= share < 1:
                raise ValueError(f"Transformer: {name} = {share}: must be in [0, 1)")
        if context < patch or context % patch:
            raise ValueError(f"Transformer: context = {context}: must be a multiple of patch = {patch}")
        self._parts: dict[str, Any] = {
            "tier": TIERS[tier],
            "patch": patch,
            "hazard_width": hazard_width,
            "dropout": dropout,
            "blindness": blindness,
        }
        slots = len(layout_of(shape).slots)
        super().__init__(shape=shape, **rest)
        self.context, self.windows = context, windows
        self._size = torch.zeros(slots, device=self._device)
        self.mixture = Mixture(experts=EXPERTS, horizons=shape.horizons, targets=len(shape.targets))
        self._past: tuple[NDArray[np.float32], nn.Module, tuple[list[Cache], Tensor]] | None = None

    def trunk(self, quantiles: int) -> nn.Module:
        del quantiles
        return AttentionNet(shape=self._shape, generator=self.generator, **self._parts)

    def answers(self, net: Any, inputs: Inputs, plans: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """See Learned. The past is encoded once for all that is asked at one moment."""
        assert inputs.history is not None
        if self._past is None or self._past[0] is not inputs.history or self._past[1] is not net:
            self._past = inputs.history, net, self._encode(net, self._tensor(inputs.history)[None])
        return self._ask(net, self._past[2], self._tensor(inputs.features)[None], self._tensor(plans)[None])

    def learn(self, batch: Batch) -> dict[str, float]:
        """See Learned."""
        self._past = None  # what was encoded is that of other weights
        return super().learn(batch)

    def losses(self, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """See Learned. The wide part learns from every row, the deep part from the moments that come last."""
        net: Any = self.net
        history, assets = lesson.moments, self._shape.assets
        self._learn_size(history[:, -self._parts["patch"] :], lesson.pace)
        features, plan = lesson.features, lesson.plan[:, None]
        wide, straight = net.wide(features, plan)[:, 0], net.straight(features, plan)[:, 0]
        first = len(features) - len(history) * assets
        moments = features[first:].view(-1, assets, features.shape[1]), plan[first:].view(-1, 1, assets, plan.shape[2])
        deep = straight[first:].detach() + self._deep(net, self._encode(net, history), *moments).flatten(0, 2)
        quantiles = self._quantiles(torch.cat([wide, straight, deep]))
        residual, weight = (torch.cat([rows, rows, rows[first:]]) for rows in (lesson.residual, lesson.weight))
        return self._signal_loss(quantiles, residual, weight), self._hazard_loss(
            net.alone(features, plan)[:, 0], lesson
        )

    def replayed(self, net: nn.Module, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """See Learned. Of a batch of whole moments."""
        features, plan = (parted(rows, 0, (-1, self._shape.assets)) for rows in (lesson.features, lesson.plan))
        return self._run(net, lesson.moments, features, plan[:, None])

    def opinions(self, quantiles: Tensor, anchor: Tensor) -> Sequence[Floats]:
        """See Learned."""
        each = parted(quantiles, 0, (-1, EXPERTS))[: len(anchor)]
        values = anchor[:, None, None, :, None] + each * self._scale[:, :, None]
        experts: Floats = values.transpose(0, 1).double().cpu().numpy()
        return list(experts)

    def note_issued(self, forecast: Forecast) -> None:
        """See NotesIssued: the experts' forecasts are kept, to learn how far each is to be believed."""
        self.mixture.enter(np.stack([expert.quantiles[0] for expert in forecast.members]).astype(np.float32))

    def mixed(self, quantiles: Tensor) -> Tensor:
        """See Learned."""
        each = parted(quantiles, 0, (-1, EXPERTS))
        return torch.einsum("rkhtq,htk->rhtq", each, self._tensor(self.mixture.weights))

    def learn_outcomes(self, tick: int, released: Released, *, learns: bool = True) -> None:
        """See LearnsOutcomes."""
        self.mixture.settle(tick, released, learns=learns)

    def _run(self, net: Any, history: Tensor, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """([rows, experts x quantile outputs], [rows, hazard outputs]), rows over [B, plans, assets]."""
        return self._ask(net, self._encode(net, history), features, plan)

    def _encode(self, net: Any, history: Tensor) -> tuple[list[Cache], Tensor]:
        size = torch.where(self._size > 0, self._size, 1.0)
        with self._autocast():
            found: tuple[list[Cache], Tensor] = net.encode(history, size)
        return found

    def _ask(self, net: Any, past: tuple[list[Cache], Tensor], features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        rows = features.flatten(0, 1), plan.transpose(1, 2).flatten(0, 1)
        shape = features.shape[0], features.shape[1], plan.shape[1]
        wide, straight = (parted(part(*rows), 0, shape[:2]).transpose(1, 2) for part in (net.wide, net.straight))
        signal = torch.stack([wide, straight, straight + self._deep(net, past, features, plan)], 3)
        hazard = parted(net.alone(*rows), 0, shape[:2]).transpose(1, 2)
        return signal.flatten(0, 2).flatten(1), hazard.flatten(0, 2)

    def _deep(self, net: Any, past: tuple[list[Cache], Tensor], features: Tensor, plan: Tensor) -> Tensor:
        """[B, plans, assets, horizons, outputs]"""
        with self._autocast():
            found: Tensor = net.ask(*past, features, plan)
        return found.float().transpose(1, 2)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda")

    def _learn_size(self, history: Tensor, pace: Tensor) -> None:
        """Mean magnitude of each slot, from moments whose labels are known: of the past only."""
        values = history[..., : len(self._size)]
        known = torch.isfinite(values)
        mean = torch.where(known, values.abs(), 0.0).sum((0, 1, 2)) / known.sum((0, 1, 2)).clamp(min=1)
        moved = torch.where(self._size > 0, self._size + pace * (mean - self._size), mean)
        self._size.copy_(torch.where(known.any(0).any(0).any(0), moved, self._size))

    def state(self) -> State:
        """See twin.state.Stateful."""
        own = {"size": self._size, "mixture": self.mixture.state()}
        return super().state() | own

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._past = None
        self.mixture.load(state["mixture"])
        self._size = state["size"].to(self._device, copy=True)
