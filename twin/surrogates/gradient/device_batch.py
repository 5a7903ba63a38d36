"""A batch as tensors on a device."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class DeviceBatch(NamedTuple):
    """What an update depends on, but for the weights and running means that it changes.

    An update that was recorded with one batch can be replayed with another of the same shapes.

    Fields as of twin.surrogates.batch.Batch, without the raw levels. pace: [] share by which running means move.
    """

    features: Tensor
    plan: Tensor
    anchor: Tensor
    target: Tensor
    at_risk: Tensor
    outcome: Tensor
    weight: Tensor
    pace: Tensor
    history: Tensor | None = None

    @property
    def residual(self) -> Tensor:
        """[B, H, T] truths less their anchor."""
        return self.target - self.anchor[:, None, :]

    @property
    def moments(self) -> Tensor:
        """[W, context, assets, channels]. Raises ValueError where rows were drawn one by one."""
        if self.history is None:
            raise ValueError("DeviceBatch: has no history: rows were drawn one by one")
        return self.history


def on(values: object, device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """An array as a tensor on a device. On CUDA it is copied from page-locked memory, without waiting."""
    host = torch.as_tensor(values, dtype=dtype)
    return host.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else host.to(device)
