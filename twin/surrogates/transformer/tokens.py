"""Tokens of a plant: asset x patch of ticks from its history, asset x horizon from its newest features and plans.

A signal enters by weights of its *kind*, an asset by those of its *type*, a setpoint and a schedule by those of its
name. The same weights therefore serve plants of other sizes and links.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from twin.columns import STATE_CHANNELS
from twin.layout import Layout
from twin.surrogates.base import Shape
from twin.surrogates.gradient.nets import affine
from twin.surrogates.transformer.column_names import layout_of, plan_columns, plan_reach
from twin.surrogates.transformer.named_linear import NamedLinear, parted

VOCABULARY = 64  # buckets for names of types
FLOOR = 0.05  # least spread, in units of a kind's usual size, that a window is scaled by
SELF, FEEDS, FED, OTHER = range(4)
RELATIONS = 4


def bucket(name: str) -> int:
    """Position of a name in a vocabulary, the same in every process."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little") % VOCABULARY


def embedding(rows: int, width: int, generator: torch.Generator) -> nn.Embedding:
    """An embedding of `rows` entries, drawn from `generator` with a standard deviation of 0.3."""
    empty: Callable[..., nn.Embedding] = nn.utils.skip_init
    layer = empty(nn.Embedding, rows, width, device=generator.device)
    nn.init.normal_(layer.weight, std=0.3, generator=generator)
    return layer


class PlantIndex:
    """A plant's types and links as index tensors.

    layout: of the plant. device: where the tensors lie. has: [assets, slots] whether an asset measures a slot.
    type: [assets] bucket of its type's name. relation: [assets, assets], see relations.
    """

    def __init__(self, layout: Layout, device: torch.device) -> None:
        def tensor(values: list[int] | NDArray[np.generic]) -> Tensor:
            return torch.as_tensor(np.asarray(values), device=device)

        self.has = tensor(layout.table >= 0)
        self.type = tensor([bucket(asset.type) for asset in layout.spec.assets])
        self.relation = tensor(relations(layout))


def relations(layout: Layout) -> NDArray[np.int64]:
    """[assets, assets] what the column's asset is to the row's: SELF, FEEDS (is fed by it), FED (feeds it) or OTHER."""
    result = np.full(layout.upstream.shape, OTHER, dtype=np.int64)
    result[layout.downstream > 0] = FEEDS
    result[layout.upstream > 0] = FED
    np.fill_diagonal(result, SELF)
    return result


def arcsinh(x: Tensor) -> Tensor:
    """As torch.arcsinh, in operations that are vectorised on a CPU; torch.arcsinh took longer there than a block."""
    size = x.abs()
    return torch.log(size + torch.sqrt(size.square() + 1.0)).copysign(x)


class PastTokens(nn.Module):
    """Tokens [B, assets, patches, width] from a history. patch: ticks of one token. width: of a token."""

    def __init__(self, *, shape: Shape, patch: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        layout = layout_of(shape)
        self.patch = patch
        ticks = [f"slot.{slot}.{tick}" for tick in range(patch) for slot in layout.slots]
        summary = [f"slot.{slot}.{what}" for what in ("known", "level", "spread") for slot in layout.slots]
        state = [f"state.{part}.{name}" for part in ("mean", "last") for name in STATE_CHANNELS]
        moved = [f"setpoint.{name}" for name in layout.setpoints]
        self.enter = NamedLinear(inputs=[*ticks, *summary, *state, *moved], outputs=width, generator=generator)
        self.asset_type = embedding(VOCABULARY, width, generator)

    def forward(self, history: Tensor, plant: PlantIndex, size: Tensor) -> tuple[Tensor, Tensor]:
        """(tokens, present [B, assets, patches]): the tokens, and whether a patch ends at a tick that was recorded.

        history: [B, ticks, assets, channels], NaN where nothing was read. size: [slots] usual magnitude of each kind.
        """
        slots = plant.has.shape[1]
        split = parted(history, 1, (-1, self.patch))
        present = torch.isfinite(split[..., slots]).any(2)
        rest = split[..., slots:].nan_to_num(0.0)
        state, moved = rest[..., : len(STATE_CHANNELS)], rest[..., len(STATE_CHANNELS) :]
        values, summary = self._patches(history[..., :slots], plant.has, size)
        x = torch.cat([values, summary, state.mean(2), state[:, :, -1], moved.mean(2)], -1).transpose(1, 2)
        tokens = functional.silu(self.enter(x) + self.asset_type(plant.type)[:, None])
        return tokens, present.transpose(1, 2)

    def _patches(self, values: Tensor, has: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """([B, patches, assets, patch x slots], [B, patches, assets, 3 slots]) of values [B, ticks, assets, slots].

        An arcsinh reduces outliers. The window's own level and spread are taken off and returned beside the values,
        with the share of ticks that were read.
        """
        known = torch.isfinite(values) & has
        squashed = arcsinh(values.nan_to_num(0.0) / size) * known
        count = known.sum(1, keepdim=True).clamp(min=1)
        level = squashed.sum(1, keepdim=True) / count
        spread = ((squashed - level).abs() * known).sum(1, keepdim=True) / count
        scaled = parted((squashed - level) / (spread + FLOOR) * known, 1, (-1, self.patch))
        seen = parted(known, 1, (-1, self.patch)).to(scaled.dtype).mean(2)
        usual = torch.cat([level, torch.log(spread + FLOOR)], -1) * known.any(1, keepdim=True).repeat(1, 1, 1, 2)
        summary = torch.cat([seen, usual.expand(-1, seen.shape[1], -1, -1)], -1)
        return scaled.transpose(2, 3).flatten(3), summary


class FutureTokens(nn.Module):
    """Tokens [B, assets, plans, horizons, width] from the newest features and what is planned within each horizon."""

    def __init__(self, *, shape: Shape, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self._horizons = len(shape.horizons)
        self.now = NamedLinear(inputs=shape.feature_names, outputs=width, generator=generator)
        hidden = [f"{at}.{unit}" for at in shape.horizons for unit in range(width)]
        reach = plan_reach(shape, width)
        self.planned = NamedLinear(inputs=plan_columns(shape).names, outputs=hidden, generator=generator, reach=reach)
        self.asset_type = embedding(VOCABULARY, width, generator)
        self.leave = affine(width, width, generator)

    def forward(self, features: Tensor, plan: Tensor, plant: PlantIndex) -> Tensor:
        """features: [B, assets, columns] scaled; plan: [B, plans, assets, columns]."""
        now = self.now(features) + self.asset_type(plant.type)
        planned = parted(self.planned(plan), -1, (self._horizons, -1)).transpose(1, 2)
        result: Tensor = self.leave(functional.silu(now[:, :, None, None] + planned))
        return result
