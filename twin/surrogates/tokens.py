"""From a plant's history, its newest features and plans to tokens: asset x patch of ticks, asset x horizon.

A signal enters through an encoder conditioned on its *kind*, an asset by its *type*, a setpoint and a schedule by its
name. Names are hashed into small vocabularies, so that the same weights serve plants of other sizes and links.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from twin.features import STATE_CHANNELS
from twin.layout import Layout
from twin.surrogates.base import Shape
from twin.surrogates.nets import affine

VOCABULARY = 64
ORDINALS = 8  # signals of one kind at one asset that are told apart
FLOOR = 0.05  # least spread, in units of a kind's usual size, that a window is scaled by
PLAN_COLUMNS = 4  # of a horizon: order within, share after it, plant's share of orders, closed
SELF, FEEDS, FED, OTHER = range(4)
RELATIONS = 4


def bucket(name: str) -> int:
    """Stable place of a name in a vocabulary."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "little") % VOCABULARY


def embedding(rows: int, width: int, generator: torch.Generator) -> nn.Embedding:
    """Drawn from a generator of our own."""
    layer: nn.Embedding = nn.utils.skip_init(nn.Embedding, rows, width, device=generator.device)  # type: ignore[no-untyped-call]
    nn.init.normal_(layer.weight, std=0.3, generator=generator)
    return layer


class Plant:
    """A plant's names and links as index tensors, on a device.

    kind, ordinal: [slots]. has: [assets, slots]. kind_of, type_of: [targets], [assets]. setpoint: [setpoints]. schedule:
    [schedules]. relation: [assets, assets], see RELATIONS.
    """

    def __init__(self, layout: Layout, device: torch.device) -> None:
        def tensor(values: list[int] | NDArray[np.generic]) -> Tensor:
            return torch.as_tensor(np.asarray(values), device=device)

        names = [slot.partition("#") for slot in layout.slots]
        spec = layout.spec
        self.kind = tensor([bucket(kind) for kind, _, _ in names])
        self.ordinal = tensor([min(int(number or 1), ORDINALS) - 1 for _, _, number in names])
        self.has = tensor(layout.table >= 0)
        self.target = tensor(list(layout.targets))
        self.type = tensor([bucket(asset.type) for asset in spec.assets])
        self.setpoint = tensor([bucket(name) for name in layout.setpoints] or [0])[: len(layout.setpoints)]
        self.schedule = tensor([bucket(s.name) for s in spec.known_future] or [0])[: len(spec.known_future)]
        self.relation = tensor(relations(layout))


def relations(layout: Layout) -> NDArray[np.int64]:
    """[assets, assets] what the column's asset is to the row's: itself, fed by it, feeding it, another."""
    result = np.full(layout.upstream.shape, OTHER, dtype=np.int64)
    result[layout.downstream > 0] = FEEDS
    result[layout.upstream > 0] = FED
    np.fill_diagonal(result, SELF)
    return result


class Signals(nn.Module):
    """One vector per slot, from numbers that mean the same for every kind; summed over the slots that an asset has."""

    def __init__(self, *, inputs: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.enter = affine(inputs, width, generator)
        self.leave = affine(width, width, generator)
        self.kind = embedding(VOCABULARY, width, generator)
        self.ordinal = embedding(ORDINALS, width, generator)

    def forward(self, x: Tensor, kind: Tensor, ordinal: Tensor, has: Tensor) -> Tensor:
        """x: [..., slots, inputs]; has: [..., slots], broadcast. Returns [..., width]."""
        hidden = functional.silu(self.enter(x) + self.kind(kind) + self.ordinal(ordinal))
        share = has.to(hidden.dtype)
        count = share.sum(-1, keepdim=True).clamp(min=1.0)
        result: Tensor = self.leave((hidden * share[..., None]).sum(-2) / count.sqrt())
        return result


class PastTokens(nn.Module):
    """[B, assets, patches, width] from a history. patch: ticks of one token."""

    def __init__(self, *, patch: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.patch = patch
        self.signals = Signals(inputs=2 * patch + 2, width=width, generator=generator)
        self.state = affine(2 * STATE_CHANNELS, width, generator)
        self.setpoint = embedding(VOCABULARY, width, generator)
        self.asset_type = embedding(VOCABULARY, width, generator)

    def forward(self, history: Tensor, plant: Plant, size: Tensor) -> tuple[Tensor, Tensor]:
        """history: [B, ticks, assets, channels], NaN where nothing was read; size: [slots] a kind's usual size.

        Returns the tokens and whether they are of a tick that was ([B, assets, patches]).
        """
        slots = len(plant.kind)
        values = history[..., :slots].permute(0, 2, 3, 1)
        state = history[..., slots : slots + STATE_CHANNELS].permute(0, 2, 1, 3).unflatten(2, (-1, self.patch))  # type: ignore[no-untyped-call]
        moved = history[..., slots + STATE_CHANNELS :].permute(0, 2, 1, 3).unflatten(2, (-1, self.patch))  # type: ignore[no-untyped-call]
        present = torch.isfinite(state[..., 0]).any(-1)
        state, moved = state.nan_to_num(0.0), moved.nan_to_num(0.0)
        x, seen = self._patches(values, size)
        tokens = self.signals(x, plant.kind, plant.ordinal, plant.has[None, :, None] & seen)
        tokens = tokens + self.state(torch.cat([state.mean(-2), state[..., -1, :]], -1))
        tokens = tokens + moved.mean(-2) @ self.setpoint(plant.setpoint)
        return tokens + self.asset_type(plant.type)[None, :, None], present

    def _patches(self, values: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
        """values: [B, assets, slots, ticks]. Returns [B, assets, patches, slots, inputs] and where something was read.

        An arcsinh tames what is far out; the window's own level and spread are taken off, and told beside.
        """
        known = torch.isfinite(values)
        squashed = torch.arcsinh(values.nan_to_num(0.0) / size[:, None]) * known
        count = known.sum(-1, keepdim=True).clamp(min=1)
        level = squashed.sum(-1, keepdim=True) / count
        spread = ((squashed - level).abs() * known).sum(-1, keepdim=True) / count
        scaled = (squashed - level) / (spread + FLOOR) * known
        split = scaled.unflatten(-1, (-1, self.patch)), known.unflatten(-1, (-1, self.patch))  # type: ignore[no-untyped-call]
        told = torch.cat([level, torch.log(spread + FLOOR)], -1)[..., None, :].expand(*split[0].shape[:-1], 2)
        x = torch.cat([split[0], split[1].to(scaled.dtype), told], -1)
        return x.transpose(2, 3), split[1].any(-1).transpose(2, 3)


class FutureTokens(nn.Module):
    """[B, assets, plans, 1 + horizons, width]: first the token of the hazard, which knows no work order, then each horizon's."""

    def __init__(self, *, shape: Shape, width: int, generator: torch.Generator) -> None:
        super().__init__()
        assert shape.layout is not None
        self._slots, self._slot_columns = len(shape.layout.slots), shape.slot_columns
        self._setpoints, self._horizons = len(shape.layout.setpoints), len(shape.horizons)
        self._schedules, self._types = len(shape.layout.spec.known_future), len(shape.layout.types)
        ahead = self._schedules * (1 + self._horizons)
        self._own = shape.features - self._slots * self._slot_columns - self._setpoints - ahead - self._types
        self._orders = shape.orders
        self.signals = Signals(inputs=self._slot_columns, width=width, generator=generator)
        self.own = affine(self._own, width, generator)
        self.asset_type = embedding(VOCABULARY, width, generator)
        self.order = affine(PLAN_COLUMNS, width, generator)
        self.setpoint = affine(2, width, generator)
        self.setpoint_name = embedding(VOCABULARY, width, generator)
        self.schedule = affine(2, width, generator)
        self.schedule_name = embedding(VOCABULARY, width, generator)
        self.horizon = affine(2, width, generator)
        self.hazard = nn.Parameter(torch.zeros(width, device=generator.device))
        self.ticks: Tensor
        self.register_buffer("ticks", torch.tensor(shape.horizons, dtype=torch.float32, device=generator.device))

    def forward(self, features: Tensor, plan: Tensor, plant: Plant) -> Tensor:
        """features: [B, assets, columns] scaled; plan: [B, plans, assets, columns]."""
        now = self._now(features, plant)[:, :, None, None]
        log = torch.log(self.ticks)
        at = self.horizon(torch.stack([log, log.square() / 8], -1))
        times = now + at + self._ahead(features, plant)[:, :, None]
        moves = self._moves(plan, plant)
        horizons = times + self._order_tokens(plan) + moves
        hazard = now + self.hazard + moves[..., -1:, :]
        return torch.cat([hazard.expand(*horizons.shape[:3], 1, -1), horizons], -2)

    def _now(self, features: Tensor, plant: Plant) -> Tensor:
        """[B, assets, width]"""
        end = self._slots * self._slot_columns
        slots = features[..., :end].unflatten(-1, (self._slots, self._slot_columns))  # type: ignore[no-untyped-call]
        start = end + self._own - 3
        own = torch.cat([features[..., end:start], self._plantwide(features)], -1)
        found: Tensor = self.signals(slots, plant.kind, plant.ordinal, plant.has) + self.own(own)
        result: Tensor = found + self.asset_type(plant.type)
        return result

    def _plantwide(self, features: Tensor) -> Tensor:
        """The share of the plant that is down and the time of day, which come after the setpoints."""
        start = self._slots * self._slot_columns + self._own - 3 + self._setpoints
        return features[..., start : start + 3]

    def _ahead(self, features: Tensor, plant: Plant) -> Tensor:
        """[B, assets, horizons, width] what is known of the future."""
        start = self._slots * self._slot_columns + self._own + self._setpoints
        if not self._schedules:
            return features.new_zeros((*features.shape[:2], self._horizons, 1))
        known = features[..., start : start + self._schedules * (1 + self._horizons)]
        known = known.unflatten(-1, (self._schedules, 1 + self._horizons))  # type: ignore[no-untyped-call]
        pairs = torch.stack([known[..., :1].expand_as(known[..., 1:]), known[..., 1:]], -1)
        return torch.einsum("bashw,sw->bahw", self.schedule(pairs), self.schedule_name(plant.schedule))

    def _order_tokens(self, plan: Tensor) -> Tensor:
        """[B, assets, plans, horizons, width]"""
        orders = plan[..., : self._orders - 1].unflatten(-1, (3, self._horizons)).transpose(-1, -2)  # type: ignore[no-untyped-call]
        closed = plan[..., self._orders - 1 : self._orders, None].expand(*orders.shape[:-1], 1)
        found: Tensor = self.order(torch.cat([orders, closed], -1))
        return found.transpose(1, 2)

    def _moves(self, plan: Tensor, plant: Plant) -> Tensor:
        """[B, assets, plans, horizons, width] of the setpoints."""
        if not self._setpoints:
            shape = (plan.shape[0], plan.shape[2], plan.shape[1], self._horizons, 1)
            return plan.new_zeros(shape)
        moved = plan[..., self._orders :].unflatten(-1, (2, self._horizons, self._setpoints)).movedim(-3, -1)  # type: ignore[no-untyped-call]
        return torch.einsum("bpahuw,uw->baphw", self.setpoint(moved), self.setpoint_name(plant.setpoint))
