"""Sensors: from the true state of stations to readings, with the faults that real sensors have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.checks import known, number
from sim.engine.instant import REPORTS
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.streams import borrowed_generator
from sim.units import DAY

Floats = NDArray[np.float64]
BLOCK, SHORT = 512, 128  # samples: of a block of noise; of a short first block, which is all that a short run needs
FAULTS = ("bias", "drift", "dropout", "stuck_after", "jump_time", "jump_factor", "jump_bias")


class Sensor:
    """One sensor's fixed properties. Signal = (true value x gain + bias + drift x days) + noise x normal.

    gain: of the sensor's response. drift: per day. dropout: chance that a reading is missing. stuck_after: days after
    which it repeats its last value, inf for never. At jump_time (days) the gain is multiplied by jump_factor and
    jump_bias is added to the bias.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(self, *, key: str, noise: float = 0.0, gain: float = 1.0, **faults: Any) -> None:
        known(f"sensor {key}", faults, FAULTS)
        self.key = key
        self.noise = number(f"{key}.noise", noise, low=0)
        self.gain = number(f"{key}.gain", gain)
        self.bias = number(f"{key}.bias", faults.get("bias", 0.0))
        self.drift = number(f"{key}.drift", faults.get("drift", 0.0))
        self.dropout = number(f"{key}.dropout", faults.get("dropout", 0.0), low=0, high=1)
        stuck = faults.get("stuck_after", math.inf)
        self.stuck_after = stuck if stuck == math.inf else number(f"{key}.stuck_after", stuck, low=0)
        jump = faults.get("jump_time", math.inf)
        self.jump_time = jump if jump == math.inf else number(f"{key}.jump_time", jump, low=0)
        self.jump_factor = number(f"{key}.jump_factor", faults.get("jump_factor", 1.0), above=0)
        self.jump_bias = number(f"{key}.jump_bias", faults.get("jump_bias", 0.0))


class Noise:
    """Rows of draws, one column a sensor. A copy makes its block again when it draws.

    scale: [sensors] of the normals. chancy: [sensors] whether uniforms are needed; where not, they are 1.
    """

    __slots__ = ("_block", "_chancy", "_keys", "_number", "_scale", "seed")

    def __init__(self, *, seed: int, keys: tuple[str, ...], scale: Floats, chancy: tuple[bool, ...]) -> None:
        self.seed, self._keys, self._scale, self._chancy, self._number = seed, keys, scale, chancy, -1
        self._block: tuple[Floats, Floats] | None = None

    def row(self, count: int) -> tuple[Floats, Floats]:
        """(normals times scale, uniforms), [sensors] each, of sample number `count`."""
        number, at = divmod(count, BLOCK)
        if self._block is None or number != self._number or at >= len(self._block[0]):
            rows = SHORT if number == 0 and at < SHORT else BLOCK
            normals, uniforms = _noise(self.seed, self._keys, self._chancy, number, rows)
            self._number, self._block = number, (self._scale * normals, uniforms)
        return self._block[0][at], self._block[1][at]

    def reseed(self, seed: int) -> None:
        """Other noise from the next sample on."""
        self.seed, self._block = seed, None

    def __getstate__(self) -> tuple[Any, ...]:
        return self.seed, self._keys, self._scale, self._chancy

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.seed, self._keys, self._scale, self._chancy = state
        self._number, self._block = -1, None


@lru_cache(maxsize=4)
def _noise(seed: int, keys: tuple[str, ...], chancy: tuple[bool, ...], block: int, rows: int) -> tuple[Floats, Floats]:
    """(normals, uniforms), [rows, sensors]: each column from its own sensor's key, so that no other sensor matters.

    The first rows of a block do not depend on how many are asked for.
    """
    draws, uniforms = np.empty((len(keys), rows)), np.ones((rows, len(keys)))
    for column, (key, chance) in enumerate(zip(keys, chancy, strict=True)):
        generator = borrowed_generator(seed, f"{key}.sensor#{block}")
        generator.standard_normal(out=draws[column])
        if chance:
            generator.standard_normal(BLOCK - rows)  # uniforms come after the whole block's normals
            uniforms[:, column] = generator.random(rows)
    normals = np.ascontiguousarray(draws.T)
    normals.setflags(write=False)
    uniforms.setflags(write=False)
    return normals, uniforms


class SensorBank(Component):
    """All sensors of one period: one event samples them together.

    subject: an object with `measure() -> [columns]` true values (NaN where there is nothing to measure), and
    `report(time, signals, values)`, both called at each sample. columns: [sensors] which of the true values each sensor
    measures. signals: [sensors] indices into the spec.
    """

    SHARED: ClassVar[tuple[str, ...]] = (
        "_keys",
        "_signals",
        "_columns",
        "_gain",
        "_bias",
        "_drift",
        "_dropout",
        "_stuck",
        "_jump",
        "_factor",
        "_shift",
    )

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        period: float,
        sensors: Sequence[Sensor],
        signals: Sequence[int],
        columns: Sequence[int],
        subject: Any,
    ) -> None:
        super().__init__(kernel, name)
        self.period = number(f"{name}.period", period, above=0)
        self._keys = tuple(s.key for s in sensors)
        self._signals = np.asarray(signals, dtype=np.int32)
        self._subject, self._count = subject, 0
        self._columns = np.asarray(columns, dtype=np.intp)
        self._straight = list(columns) == list(range(len(columns)))
        self._gain = np.array([s.gain for s in sensors])
        self._noise = Noise(
            seed=seed,
            keys=self._keys,
            scale=np.array([s.noise for s in sensors]),
            chancy=tuple(s.dropout > 0 for s in sensors),
        )
        self._bias = np.array([s.bias for s in sensors])
        self._drift = np.array([s.drift / DAY for s in sensors])
        self._dropout = np.array([s.dropout for s in sensors])
        self._stuck = np.array([s.stuck_after * DAY for s in sensors])
        self._jump = np.array([s.jump_time * DAY for s in sensors])
        self._factor = np.array([s.jump_factor for s in sensors])
        self._shift = np.array([s.jump_bias for s in sensors])
        faults = (np.isfinite(self._stuck), np.isfinite(self._jump), self._dropout, self._bias, self._drift)
        self._faulty = bool(np.any(faults))
        self._drifts, self._loses = bool(self._drift.any()), bool(self._dropout.any())
        self._sticks = bool(np.isfinite(self._stuck).any())
        self._answers, self._answers_until = (self._gain, self._bias), -math.inf
        self._last: Floats = np.full(len(sensors), np.nan)
        self._timer = Timer(kernel, self._sample, REPORTS)
        self._timer.set(self.period)

    def gains(self) -> dict[str, float]:
        """True gain of each sensor now (hidden)."""
        gain, _ = self._answers_at(self.kernel._now)
        return dict(zip(self._keys, gain.tolist(), strict=True))

    def _sample(self) -> None:
        self._timer.set(self.period)
        now = self.kernel._now
        noise, uniforms = self._noise.row(self._count)
        self._count += 1
        true: Floats = self._subject.measure()
        if not self._straight or len(true) > len(self._columns):
            true = true[self._columns]
        values = self._spoil(true, noise, uniforms) if self._faulty else true * self._gain + noise
        seen = np.isfinite(values)
        if np.logical_and.reduce(seen):
            self._subject.report(now, self._signals, values)
        else:
            self._subject.report(now, self._signals[seen], values[seen])

    def _spoil(self, true: Floats, noise: Floats, uniforms: Floats) -> Floats:
        """Readings of sensors that may be biased, drifting, stuck or missing."""
        now = self.kernel._now
        if now >= self._answers_until:
            self._answers = self._answers_at(now)
            self._answers_until = float(self._jump[self._jump > now].min(initial=math.inf))
        gain, bias = self._answers
        values: Floats = true * gain
        values += bias + self._drift * now if self._drifts else bias
        values += noise
        if self._sticks:
            stuck = (now >= self._stuck) & np.isfinite(self._last) & np.isfinite(values)
            values = np.where(stuck, self._last, values)
        if self._loses:
            values[uniforms < self._dropout] = np.nan
        if self._sticks:
            self._last = np.where(np.isfinite(values), values, self._last)
        return values

    def _answers_at(self, now: float) -> tuple[Floats, Floats]:
        """(gain, bias without drift), [sensors], at a time (s)."""
        jumped = now >= self._jump
        gain = np.where(jumped, self._gain * self._factor, self._gain)
        return gain, np.where(jumped, self._bias + self._shift, self._bias)

    def silence(self) -> None:
        """Sample no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def reseed(self, seed: int) -> None:
        """Other noise from the next sample on."""
        self._noise.reseed(seed)
