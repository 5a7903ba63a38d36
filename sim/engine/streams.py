"""Random streams by name: adding a component, or acting differently, changes no other draw.

A stream is (seed, name, position): its draws are those of Philox generators keyed by seed, name and block number, made
in blocks that all copies share and that are made again when needed (Salmon et al. 2011, counter-based random numbers).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Law = Callable[..., Floats]
BLOCK, SHORT, CHUNK = 256, 64, 64  # draws: of a block; of a short first block; handed out at a time
# Draws of each law: (generator, size, *parameters). scipy takes a name and (parameter, value) pairs.
LAWS: dict[str, Law] = {
    "uniform": lambda g, n, low=0.0, width=1.0: low + width * g.random(n),
    "normal": lambda g, n: g.standard_normal(n),
    "exponential": lambda g, n, mean=1.0: mean * g.standard_exponential(n),
    "gamma": lambda g, n, shape, scale=1.0: scale * g.standard_gamma(shape, n),
    "lognormal": lambda g, n, mu, sigma: np.exp(mu + sigma * g.standard_normal(n)),
    "weibull": lambda g, n, scale, power: scale * g.standard_exponential(n) ** power,
    "scipy": lambda g, n, name, *pairs: np.asarray(getattr(scipy.stats, name).ppf(g.random(n), **dict(pairs))),
    "geometric": lambda g, n, p: g.geometric(p, n).astype(float),
    "deterministic": lambda _, n, value: np.full(n, value),
}


def generator_of(seed: int, name: str) -> np.random.Generator:
    """A Philox generator whose 128-bit key is hashed from seed and name."""
    return np.random.Generator(np.random.Philox(key=int.from_bytes(_key(seed, name), "little")))


def _key(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed}\0{name}".encode(), digest_size=16).digest()


class _Scratch:
    """One generator that is set to any key: making one asks the system for entropy, and takes seven times as long."""

    def __init__(self) -> None:
        self._bits = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._bits)
        self._counters: dict[str, Any] = {"counter": (0,) * 4, "key": (0, 0)}
        # As of a new one. In tuples, of which numpy reads the numbers faster than of arrays.
        self._fresh: Any = self._bits.state | {"state": self._counters, "buffer": (0,) * 4}

    def at(self, seed: int, name: str) -> np.random.Generator:
        """As `generator_of` would make it; good until the next call."""
        self._counters["key"] = struct.unpack("<QQ", _key(seed, name))
        self._bits.state = self._fresh
        return self._generator


_scratch = _Scratch()


def borrowed_generator(seed: int, name: str) -> np.random.Generator:
    """The same draws as of `generator_of`, at a fifth of its time, but good only until anybody draws again."""
    return _scratch.at(seed, name)


@lru_cache(maxsize=512)
def _block(seed: int, name: str, law: str, parameters: tuple[Any, ...], number: int, size: int) -> Floats:
    """The first `size` draws of a block; they do not depend on how many there are."""
    draws = LAWS[law](_scratch.at(seed, f"{name}#{number}"), size, *parameters)
    draws.setflags(write=False)
    return draws


class Stream:
    """Draws of one law, one at a time or by number. law, parameters: see LAWS. Raises ValueError for an unknown law.

    draws: the next few, the next one last; who cannot afford a call to `draw` pops it from there and calls `refill`
    when it is empty. Few, so that what many streams hold stays in the processor's cache. A copy loads its block only
    when it draws.
    """

    __slots__ = ("_array", "_at", "_held", "_number", "draws", "law", "name", "parameters", "seed")

    def __init__(self, seed: int, name: str, law: str = "uniform", parameters: tuple[Any, ...] = ()) -> None:
        if law not in LAWS:
            raise ValueError(f"Stream {name}: law = {law!r}: must be one of {', '.join(LAWS)}")
        self.seed, self.name, self.law, self.parameters = seed, name, law, parameters
        self._number, self._at = -1, BLOCK  # _at: how much of the block has gone into `draws`
        self._array: Floats | None = None
        self._held: tuple[int, Floats] | None = None  # the block that `at` read last, and its number
        self.draws: list[float] = []

    def draw(self) -> float:
        """The next draw."""
        draws = self.draws
        return draws.pop() if draws else self.refill()

    def refill(self) -> float:
        """Load what comes next and draw from it."""
        at = self._at
        if at == BLOCK:
            self._number += 1
            self._array, at = None, 0
        if self._array is None:
            self._array = _block(self.seed, self.name, self.law, self.parameters, self._number, BLOCK)
        self._at = min(at + CHUNK, BLOCK)
        self.draws.extend(self._array[at : self._at][::-1].tolist())
        return self.draws.pop()

    def at(self, index: int) -> float:
        """Draw number `index`, whatever was drawn before: for luck that belongs to the n-th life or job."""
        number, at = divmod(index, BLOCK)
        held = self._held
        if held is None or held[0] != number or at >= len(held[1]):
            size = SHORT if number == 0 and at < SHORT else BLOCK  # most streams of lives and jobs need only a few
            block = _block(self.seed, self.name, self.law, self.parameters, number, size)
            self._held = held = number, block
        return float(held[1][at])

    def beyond(self, elapsed: float, tries: int = 200) -> float | None:
        """The next draw that exceeds `elapsed`: the law given that it lasts so long (by rejection); None if none."""
        return next((draw for _ in range(tries) if (draw := self.draw()) > elapsed), None)

    def again(self, label: str, elapsed: float) -> float | None:
        """A duration that has lasted `elapsed` already, drawn again from its own stream; None if it cannot last."""
        return Stream(self.seed, f"{self.name}.again/{label}", self.law, self.parameters).beyond(elapsed)

    def reseed(self, seed: int) -> None:
        """Draw another future from here on."""
        self._at = self._used()
        self.draws.clear()
        self.seed, self._array, self._held = seed, None, None

    def reshape(self, parameters: tuple[Any, ...]) -> None:
        """Go on with the same luck under other parameters of the law."""
        self._at = self._used()
        self.draws.clear()
        self.parameters, self._array = parameters, None

    def _used(self) -> int:
        return self._at - len(self.draws)

    def __getstate__(self) -> tuple[Any, ...]:
        return self.seed, self.name, self.law, self.parameters, self._number, self._used()

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.seed, self.name, self.law, self.parameters, self._number, self._at = state
        self._array, self._held, self.draws = None, None, []
