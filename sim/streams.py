"""Random streams by name: adding a component, or acting differently, changes no other draw.

A stream is (seed, name, position): its draws are those of a Philox generator keyed by the two, made in blocks that
all copies share and that are made again when needed (Salmon et al. 2011, counter-based random numbers).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np

BLOCK = 256


def key_of(seed: int, name: str) -> int:
    """128-bit Philox key of a named stream."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest(), "little")


@lru_cache(maxsize=8192)
def _block(seed: int, name: str, law: str, parameter: float, number: int, size: int) -> tuple[float, ...]:
    generator = np.random.Generator(np.random.Philox(key=key_of(seed, f"{name}#{number}")))
    match law:
        case "uniform":
            draws = generator.random(size)
        case "normal":
            draws = generator.standard_normal(size)
        case "exponential":
            draws = generator.standard_exponential(size)
        case "gamma":
            draws = generator.standard_gamma(parameter, size)
        case _:
            raise ValueError(f"Stream: law = {law!r}: must be uniform, normal, exponential or gamma")
    return tuple(draws.tolist())


class Stream:
    """Standard draws of one law, one at a time.

    law: uniform on [0, 1), normal, exponential, or gamma with shape `parameter` (scale 1). block: draws made at once;
    small for a stream of which few are used.
    """

    __slots__ = ("_at", "_block", "law", "name", "number", "parameter", "seed", "size")

    def __init__(self, seed: int, name: str, law: str = "uniform", parameter: float = 1.0, block: int = BLOCK) -> None:
        self.seed, self.name, self.law, self.parameter, self.size = seed, name, law, parameter, block
        self.number, self._at = 0, 0
        self._block = _block(seed, name, law, parameter, 0, block)

    def draw(self) -> float:
        """The next draw."""
        at = self._at
        if at == self.size:
            self.number += 1
            self._block = _block(self.seed, self.name, self.law, self.parameter, self.number, self.size)
            at = 0
        self._at = at + 1
        return self._block[at]

    def reseed(self, seed: int) -> None:
        """Draw another future from here on."""
        self.seed = seed
        self._block = _block(seed, self.name, self.law, self.parameter, self.number, self.size)

    def __getstate__(self) -> tuple[Any, ...]:
        return self.seed, self.name, self.law, self.parameter, self.size, self.number, self._at

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.seed, self.name, self.law, self.parameter, self.size, self.number, self._at = state
        self._block = _block(self.seed, self.name, self.law, self.parameter, self.number, self.size)


def normal_block(seed: int, name: str, number: int, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Block `number` of a named stream of standard normals, as an array: for sensors that sample together."""
    return np.random.Generator(np.random.Philox(key=key_of(seed, f"{name}#{number}"))).standard_normal(shape)
