"""Attention over a plant: each asset along its own time, and the assets of one moment among each other.

These two replace one attention over assets x time. Their cost is linear in the number of assets times the longer of the
two, any number of assets fits, and links enter as a bias of the second. Blocks are pre-norm with RMSNorm (Zhang &
Sennrich 2019), SwiGLU (Shazeer 2020), rotary positions (Su et al. 2021) and normalised queries and keys (Henry et al.
2020).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from twin.surrogates.gradient.nets import affine

Cache = tuple[Tensor, Tensor]
BASE = 1000.0  # of the rotary frequencies; a context is tens of patches long


def rotate(x: Tensor, position: Tensor) -> Tensor:
    """Rotary encoding of x [..., n, width] at positions [n], in patches; any real numbers."""
    half = x.shape[-1] // 2
    frequency = BASE ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angle = position.float()[:, None] * frequency
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Heads(nn.Module):
    """Queries, keys and values of several heads, normalised, and the projection back. width: a multiple of heads."""

    def __init__(self, *, width: int, heads: int, generator: torch.Generator) -> None:
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.qkv = affine(width, 3 * width, generator, bias=False)
        self.out = affine(width, width, generator, zero=True, bias=False)
        self.query_norm = nn.RMSNorm(self.size, device=generator.device)
        self.key_norm = nn.RMSNorm(self.size, device=generator.device)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x: [..., n, width]. Returns queries, keys, values, each [..., heads, n, size]."""
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, self.size)).movedim(-3, 0).transpose(-3, -2)
        return self.query_norm(q), self.key_norm(k), v

    def merge(self, x: Tensor) -> Tensor:
        """[..., heads, n, size] back to [..., n, width]."""
        merged: Tensor = self.out(x.transpose(-3, -2).flatten(-2))
        return merged


class AlongTime(Heads):
    """Attention of one asset: the past attends to earlier ticks, the future to the past and to earlier horizons."""

    def past(self, x: Tensor, position: Tensor, present: Tensor) -> tuple[Tensor, Cache]:
        """(result [rows, n, width], keys and values).

        x: [rows, n, width]. position: [n] patches, 0 the newest. present: [rows, n] whether a token is no padding.
        """
        q, k, v = self.split(x)
        q, k = rotate(q, position), rotate(k, position)
        count = x.shape[1]
        causal = torch.ones(count, count, dtype=torch.bool, device=x.device).tril()
        itself = torch.eye(count, dtype=torch.bool, device=x.device)  # padding attends to itself: a softmax needs one
        seen = (causal & present[:, None, :]) | itself
        return self.merge(functional.scaled_dot_product_attention(q, k, v, attn_mask=seen[:, None])), (k, v)

    def keys(self, x: Tensor, position: Tensor) -> Cache:
        """Keys and values of `past` alone, for the last block, where the past needs no further result."""
        _, k, v = self.split(x)
        return rotate(k, position), v

    def future(self, x: Tensor, position: Tensor, cache: Cache, present: Tensor) -> Tensor:
        """x: [rows, plans, f, width]. cache: of `past`, shared by all plans of a row. present: [rows, n]."""
        q, k, v = self.split(x)
        q, k = rotate(q, position) / math.sqrt(self.size), rotate(k, position)
        past_k, past_v = cache
        back = torch.einsum("rphfs,rhns->rphfn", q, past_k)
        back = back.masked_fill(~present[:, None, None, None, :], float("-inf"))
        ahead = q @ k.transpose(-1, -2)
        count = x.shape[2]
        later = torch.ones(count, count, dtype=torch.bool, device=x.device).triu(1)
        ahead = ahead.masked_fill(later, float("-inf"))
        weight = torch.cat([back, ahead], -1).softmax(-1)
        n = past_k.shape[2]
        mixed = torch.einsum("rphfn,rhns->rphfs", weight[..., :n], past_v) + weight[..., n:] @ v
        return self.merge(mixed)


class AmongAssets(Heads):
    """Attention of one moment: every asset attends to every other, with a bias for how they are linked."""

    def __init__(self, *, width: int, heads: int, relations: int, generator: torch.Generator) -> None:
        super().__init__(width=width, heads=heads, generator=generator)
        self.bias = nn.Parameter(torch.zeros(relations, heads, device=generator.device))

    def forward(self, x: Tensor, relation: Tensor) -> Tensor:
        """x: [rows, assets, width]; relation: [assets, assets] index, -1 where the column's asset is padding."""
        q, k, v = self.split(x)
        bias = self.bias[relation.clamp(min=0)].masked_fill((relation < 0)[..., None], float("-inf"))
        mask = bias.permute(2, 0, 1).to(q.dtype)
        return self.merge(functional.scaled_dot_product_attention(q, k, v, attn_mask=mask[None]))


class SwiGLU(nn.Module):
    """Gated feed-forward layer with 8/3 of the width inside, rounded up to a multiple of 8."""

    def __init__(self, *, width: int, generator: torch.Generator) -> None:
        super().__init__()
        inner = 8 * math.ceil(width / 3)
        self.enter = affine(width, 2 * inner, generator, bias=False)
        self.leave = affine(inner, width, generator, zero=True, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[..., width] to [..., width]."""
        gate, value = self.enter(x).chunk(2, -1)
        result: Tensor = self.leave(functional.silu(gate) * value)
        return result


class Block(nn.Module):
    """Along time, among assets, feed forward."""

    def __init__(self, *, width: int, heads: int, relations: int, generator: torch.Generator) -> None:
        super().__init__()
        norms = [nn.RMSNorm(width, device=generator.device) for _ in range(3)]
        self.norm_time, self.norm_assets, self.norm_feed = norms
        self.time = AlongTime(width=width, heads=heads, generator=generator)
        self.assets = AmongAssets(width=width, heads=heads, relations=relations, generator=generator)
        self.feed = SwiGLU(width=width, generator=generator)

    def keys(self, x: Tensor, position: Tensor) -> Cache:
        """x: [B, assets, n, width] of the past. What the future looks back at."""
        return self.time.keys(self.norm_time(x).flatten(0, 1), position)

    def past(self, x: Tensor, position: Tensor, present: Tensor) -> tuple[Tensor, Cache]:
        """x: [B, assets, n, width]; present: [B, assets, n]. Each asset on its own: neighbours meet in the future."""
        rows, cache = self.time.past(self.norm_time(x).flatten(0, 1), position, present.flatten(0, 1))
        x = x + rows.view_as(x)
        return x + self.feed(self.norm_feed(x)), cache

    def future(self, x: Tensor, position: Tensor, cache: Cache, present: Tensor, relation: Tensor) -> Tensor:
        """x: [B, assets, plans, f, width]."""
        rows = self.time.future(self.norm_time(x).flatten(0, 1), position, cache, present.flatten(0, 1))
        x = x + rows.view_as(x)
        moved = self.norm_assets(x).movedim(1, -2)
        x = x + self.assets(moved.flatten(0, -3), relation).view(moved.shape).movedim(-2, 1)
        result: Tensor = x + self.feed(self.norm_feed(x))
        return result
