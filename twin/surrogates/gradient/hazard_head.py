"""Chances of failing within each bin of time, from a trunk's raw outputs, and their losses."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from twin.forecast import Floats
from twin.surrogates.base import Shape
from twin.surrogates.gradient.device_batch import DeviceBatch
from twin.surrogates.gradient.nets import BASIS

LEAST_CHANCE = 1e-12  # keeps the logarithm of a chance finite


class HazardHead:
    """Reads raw outputs [B, opinions x BASIS x modes] as chances [B, bins, 1 + modes] of survival and of each mode.

    A trunk may have several opinions of a hazard, one after the other. Each is trained by itself. What is forecast is
    the mean of their chances (the linear opinion pool, Stone 1961); the mean of their logits would lie below it where
    failures are rare. The loss is cross-entropy over (survives, mode 1, mode 2 ...); a censored bin has no part in it.
    """

    def __init__(self, *, shape: Shape, device: torch.device) -> None:
        self._modes, self._longest = shape.modes, shape.edges[-1]
        self._width = torch.as_tensor(np.diff(shape.edges), dtype=torch.float32, device=device)
        self._trend = _time_basis(shape, device)

    def opinions(self, raw: Tensor) -> int:
        """How many opinions raw outputs [B, n] hold."""
        return raw.shape[-1] // (BASIS * self._modes)

    def logits(self, raw: Tensor) -> Tensor:
        """[B, opinions, bins, 1 + modes] logits; an output of zero means a mean life of twice the longest bin edge.

        Not the observed rate: that falls when maintenance works, while the hazard of a worn asset does not.
        """
        prior = torch.logit(-torch.expm1(-self._width / (2 * self._longest))) - np.log(self._modes)
        each = raw.reshape(len(raw), -1, BASIS, self._modes)
        logits = torch.einsum("boum,uk->bokm", each, self._trend) + prior[:, None]
        return torch.cat([torch.zeros_like(logits[..., :1]), logits], -1)

    def chances(self, raw: Tensor) -> Tensor:
        """[B, bins, 1 + modes] the mean of all opinions."""
        return self.logits(raw).softmax(-1).mean(1)

    def loss(self, raw: Tensor, batch: DeviceBatch) -> Tensor:
        """[] mean loss of the opinions, each by itself."""
        logits = self.logits(raw)
        outcome = batch.outcome[:, None].expand(logits.shape[:-1])
        loss = functional.cross_entropy(logits.flatten(0, 2), outcome.flatten(), reduction="none")
        share = batch.at_risk * batch.weight[:, None]
        return (loss.view(outcome.shape).mean(1) * share).sum() / batch.weight.sum()

    def row_losses(self, raw: Tensor, batch: DeviceBatch) -> Tensor:
        """[B, bins] log losses of what is forecast, NaN where a row says nothing about the bin."""
        entropy = -self.chances(raw).clamp(min=LEAST_CHANCE).log().gather(-1, batch.outcome[..., None])[..., 0]
        return torch.where(batch.at_risk > 0, entropy, torch.nan)


def _time_basis(shape: Shape, device: torch.device) -> Tensor:
    """[BASIS, bins]: a constant, the standardised logarithm of the bin's middle, and its square less one."""
    edges = torch.as_tensor(shape.edges, dtype=torch.float32, device=device)
    middle = torch.log((edges[1:] + edges[:-1]) / 2)
    spread = middle.std(correction=0).clamp(min=1e-6)  # of a single bin it is zero
    trend = (middle - middle.mean()) / spread
    return torch.stack([torch.ones_like(middle), trend, trend.square() - 1.0])


def pool_with_paths(chance: Floats, path: Floats, share: float) -> Floats:
    """Chances [plans, assets, bins, modes] pooled with those that degradation paths give.

    path: [assets, bins, modes], NaN where a path gives no chance; empty where there are no paths. share: weight of the
    paths in [0, 1]. Where a bin's modes would then sum to more than one, the modes without a path shrink to fit.
    """
    if not path.size:
        return chance
    known = np.isfinite(path)
    pooled = np.where(known, (1 - share) * chance + share * path, chance)
    others = np.where(known, 0.0, chance).sum(-1, keepdims=True)
    room = 1 - np.where(known, pooled, 0.0).sum(-1, keepdims=True)
    fits = np.divide(room, others, out=np.ones_like(room), where=others > room)
    result: Floats = np.where(known, pooled, pooled * np.clip(fits, 0.0, 1.0))
    return result
