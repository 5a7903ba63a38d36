"""An update recorded as a CUDA graph and replayed: one launch in place of a thousand small ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from twin.surrogates.gradient.device_batch import DeviceBatch

WARM = 3  # updates of a shape before it is recorded: libraries choose their kernels in the first


class CudaGraph:
    """Records a function on the first batches of each shape and replays it on the later ones.

    function: changes tensors in place and returns one. It must not wait for the device, nor use numbers of the host
    in a computation: they would be recorded as well. generator: that from which it draws. Source: "CUDA Graphs" in
    PyTorch's notes on CUDA semantics.
    """

    def __init__(self, function: Callable[[DeviceBatch], Tensor], generator: torch.Generator) -> None:
        self._function, self._generator = function, generator
        self._warm: dict[Any, int] = {}
        self._recorded: dict[Any, tuple[torch.cuda.CUDAGraph, DeviceBatch, Tensor]] = {}

    def __call__(self, batch: DeviceBatch) -> Tensor:
        """The function's result, in memory that the next call may overwrite."""
        shapes = tuple(None if part is None else part.shape for part in batch)
        if shapes not in self._recorded:
            self._warm[shapes] = self._warm.get(shapes, 0) + 1
            if self._warm[shapes] <= WARM:
                return self._aside(batch)
            self._recorded[shapes] = self._record(batch)
        graph, inputs, result = self._recorded[shapes]
        for place, part in zip(inputs, batch, strict=True):
            if place is not None and part is not None:
                place.copy_(part, non_blocking=True)
        graph.replay()
        return result

    def _aside(self, batch: DeviceBatch) -> Tensor:
        """Call the function on a stream of its own, as recordings are made."""
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            result = self._function(batch)
        torch.cuda.current_stream().wait_stream(aside)
        return result

    def _record(self, batch: DeviceBatch) -> tuple[torch.cuda.CUDAGraph, DeviceBatch, Tensor]:
        """Record the function on a copy of the batch; nothing is computed yet."""
        inputs = DeviceBatch(*(None if part is None else part.clone() for part in batch))  # type: ignore[arg-type]
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(self._generator)
        with torch.cuda.graph(graph):
            result = self._function(inputs)
        return graph, inputs, result

    def forget(self) -> None:
        """Drop all recordings, since the tensors that they refer to have moved."""
        self._warm.clear()
        self._recorded.clear()
