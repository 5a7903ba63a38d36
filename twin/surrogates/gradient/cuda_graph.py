"""An update recorded as a CUDA graph and replayed: one launch in place of a thousand small ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from twin.surrogates.gradient.device_batch import DeviceBatch

WARM = 3  # updates of a shape before it is recorded: libraries choose their kernels in the first


class CudaGraph:
    """Of a function that changes tensors in place and returns one; for every shape of batch one recording.

    It must not wait for the device, nor put numbers of the host into a computation: they would be recorded as well.
    generator: that from which it draws. See "CUDA Graphs" in PyTorch's notes on CUDA semantics.
    """

    def __init__(self, function: Callable[[DeviceBatch], Tensor], generator: torch.Generator) -> None:
        self._function, self._generator = function, generator
        self._warm: dict[Any, int] = {}
        self._recorded: dict[Any, tuple[torch.cuda.CUDAGraph, DeviceBatch, Tensor]] = {}

    def __call__(self, batch: DeviceBatch) -> Tensor:
        """What the function returns; the next call may write over it."""
        shapes = tuple(None if part is None else part.shape for part in batch)
        if shapes not in self._recorded:
            self._warm[shapes] = self._warm.get(shapes, 0) + 1
            if self._warm[shapes] <= WARM:
                return self._aside(batch)
            self._recorded[shapes] = self._record(batch)
        graph, held, found = self._recorded[shapes]
        for place, part in zip(held, batch, strict=True):
            if place is not None and part is not None:
                place.copy_(part, non_blocking=True)
        graph.replay()
        return found

    def _aside(self, batch: DeviceBatch) -> Tensor:
        """On a stream of its own, as recordings are made."""
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            found = self._function(batch)
        torch.cuda.current_stream().wait_stream(aside)
        return found

    def _record(self, batch: DeviceBatch) -> tuple[torch.cuda.CUDAGraph, DeviceBatch, Tensor]:
        """Nothing is computed yet."""
        held = DeviceBatch(*(None if part is None else part.clone() for part in batch))  # type: ignore[arg-type]
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self._generator)
        with torch.cuda.graph(graph):
            found = self._function(held)
        return graph, held, found

    def forget(self) -> None:
        """What it works on lies elsewhere now."""
        self._warm.clear()
        self._recorded.clear()
