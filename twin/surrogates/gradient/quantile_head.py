"""Quantiles of signals that cannot cross, from a trunk's raw outputs, and their losses."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from twin.forecast import QUANTILES
from twin.surrogates.base import Shape
from twin.surrogates.gradient.device_batch import DeviceBatch

LOSSES = ("pinball", "mse")
MEDIAN = QUANTILES.index(0.5)
LEAST_SCALE = 1e-9  # of a target that has never moved, in its own unit: keeps the division defined


class QuantileHead:
    """Reads raw outputs [B, H x T x Q] as quantiles [B, H, T, Q], in units of `scale` around the anchor.

    Letters: B rows, H horizons, T targets, Q quantile levels.

    loss: `pinball` for all quantiles (Koenker & Bassett 1978), or `mse` for the centre with pinball for the others.
    scale: [H, T] mean absolute distance of truths from their anchor, 0 until one has been seen.
    outputs: number of raw outputs that a trunk owes. Raises ValueError for an unknown loss.
    """

    def __init__(self, *, shape: Shape, loss: str, owner: str, device: torch.device) -> None:
        if loss not in LOSSES:
            raise ValueError(f"{owner}: loss = {loss!r}: must be one of {', '.join(LOSSES)}")
        self._loss = loss
        self._levels = torch.tensor(QUANTILES, device=device)
        self.scale = torch.zeros(len(shape.horizons), len(shape.targets), device=device)
        self.outputs = len(shape.targets) * len(shape.horizons) * len(QUANTILES)

    def quantiles(self, raw: Tensor) -> Tensor:
        """[B, H, T, Q]: a centre and positive steps outwards from it, so that levels cannot cross."""
        raw = raw.reshape(-1, *self.scale.shape, len(QUANTILES))
        centre = raw[..., MEDIAN : MEDIAN + 1]
        down = functional.softplus(raw[..., :MEDIAN]).flip(-1).cumsum(-1).flip(-1)
        up = functional.softplus(raw[..., MEDIAN + 1 :]).cumsum(-1)
        return torch.cat([centre - down, centre, centre + up], -1)

    def values(self, quantiles: Tensor, anchor: Tensor) -> Tensor:
        """[..., H, T, Q] in natural units. anchor: [..., T], of as many dimensions as `quantiles` less two."""
        return anchor[..., None, :, None] + quantiles * self.scale[:, :, None]

    def loss(self, quantiles: Tensor, residual: Tensor, weight: Tensor) -> Tensor:
        """[] mean loss. residual: [B, H, T] truths less their anchor, NaN where unknown. weight: [B]."""
        known = torch.isfinite(residual)
        truth = torch.where(known, residual / self.scale.clamp(min=LEAST_SCALE), 0.0)
        loss = self._pinball(quantiles, truth)
        if self._loss == "mse":
            loss[..., MEDIAN] = 0.5 * (truth - quantiles[..., MEDIAN]) ** 2
        share = known * weight[:, None, None]
        return (loss.mean(-1) * share).sum() / share.sum().clamp(min=1.0)

    def row_losses(self, quantiles: Tensor, residual: Tensor) -> Tensor:
        """[B, H, T] pinball losses in units of the scale, NaN where the truth is unknown."""
        return self._pinball(quantiles, residual / self.scale.clamp(min=LEAST_SCALE)).mean(-1)

    def _pinball(self, quantiles: Tensor, truth: Tensor) -> Tensor:
        """[B, H, T, Q] of quantiles [B, H, T, Q] for truths [B, H, T]."""
        gap = truth[..., None] - quantiles
        return torch.maximum(self._levels * gap, (self._levels - 1) * gap)

    def learn_scale(self, batch: DeviceBatch) -> None:
        """Move the scale towards the batch's mean absolute distance from the anchor, in place."""
        residual = batch.residual
        known = torch.isfinite(residual)
        size = torch.where(known, residual.abs(), 0.0).sum(0) / known.sum(0).clamp(min=1)
        moved = torch.where(self.scale > 0, self.scale + batch.pace * (size - self.scale), size)
        self.scale.copy_(torch.where(known.any(0), moved, self.scale))
