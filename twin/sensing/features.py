"""From frames to the numbers a surrogate sees: one row per asset and tick, recursive and causal.

Per slot: the newest value, exponentially weighted means over several spans (while the asset is up), their
differences (slopes), their distance from the beginning of the life, the spread within the tick, the long-run mean, the
staleness. Per asset: state, age, neighbours, setpoints, clock, what is known ahead, type.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from twin.checks import rising_ticks, whole
from twin.columns import FeatureColumns
from twin.forecast import Floats
from twin.layout import Layout, Masks
from twin.sensing.tuned_ewma import LEVEL_SPANS
from twin.sensing.window import Frame
from twin.state import SavedFields
from twin.units import DAY

BLEND = 0.3  # weight of a life's beginning in what beginnings usually look like


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a surrogate may condition on at one tick.

    features: [assets, features] raw, NaN where not observed. levels: [assets, targets, spans] EWMA of each target at
    LEVEL_SPANS. anchor: [assets, targets] the level that learned forecasts start from. up: [assets]. rate: [assets] the
    constant-rate hazard per tick. channels: [assets, channels] the tick itself, for a model that sees sequences: each
    slot's value, NaN where none was read, then STATE_CHANNELS and the setpoints. history: [context, assets, channels]
    of the ticks up to this one, NaN before the first; None for a model that wants none. path: [assets, bins, modes]
    hazard by Degradation, NaN where it says nothing; empty where it is not asked.
    """

    features: Floats
    levels: Floats
    anchor: Floats
    up: Floats
    rate: Floats
    channels: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    history: NDArray[np.float32] | None = None
    path: Floats = field(default_factory=lambda: np.zeros((0, 0, 0)))


class Features(SavedFields):
    """Recursive feature builder.

    spans: EWMA spans in ticks, rising. baseline: ticks of a life's beginning that its later readings are compared
    with. age: whether the asset's age is an input. horizons: where known-future schedules are looked up.
    condition: what a hazard may rest on: `change` within the life; `level`, means and slopes, where lives are many and
    their levels comparable; or `all`.
    Raises ValueError for spans that do not rise, a baseline below one tick or an unknown condition.
    """

    STATE_FIELDS = (
        "_mean",
        "_levels",
        "_base",
        "_base_count",
        "_base_history",
        "_long",
        "_long_count",
        "_last",
        "_was_up",
    )

    def __init__(
        self,
        *,
        layout: Layout,
        horizons: Sequence[int],
        spans: Sequence[int],
        baseline: int = 12,
        age: bool = True,
        condition: str = "change",
    ) -> None:
        rising_ticks("Features", 1, spans=spans)
        whole("Features", 1, baseline=baseline)
        self.columns = FeatureColumns.of(layout, horizons=horizons, spans=spans, age=age, condition=condition)
        self._layout, self._horizons, self._baseline, self._age = layout, tuple(horizons), baseline, age
        self._weights = 2.0 / (np.asarray(spans, dtype=float) + 1.0)
        self._level_weights = 2.0 / (np.asarray(LEVEL_SPANS, dtype=float) + 1.0)
        self._gauges = np.flatnonzero(~np.asarray(layout.cumulative, dtype=bool))
        shape = layout.table.shape
        self._mean: Floats = np.full((*shape, len(spans)), np.nan)
        self._levels: Floats = np.full((*shape, len(LEVEL_SPANS)), np.nan)
        self._base: Floats = np.full(shape, np.nan)
        self._base_count: Floats = np.zeros(shape)
        self._base_history: Floats = np.full(shape, np.nan)
        self._long: Floats = np.full(shape, np.nan)
        self._long_count: Floats = np.zeros(shape)
        self._last: Floats = np.full(shape, np.nan)
        self._was_up = np.ones(shape[0], dtype=bool)
        kinds = [asset.type for asset in layout.spec.assets]
        self._types = np.array([[float(kind == name) for name in layout.types] for kind in kinds])

    @property
    def rise_columns(self) -> int:
        """Number of columns of `rises`."""
        return 4 * len(self._gauges)

    def update(self, frame: Frame, rate: Floats) -> Inputs:
        """Take one tick's frame; rate: [assets] constant-rate hazard per tick."""
        renewed = frame.up & ~self._was_up
        self._renew(renewed)
        self._was_up = frame.up.copy()
        observed = np.isfinite(frame.value)
        self._last = np.where(observed, frame.value, self._last)
        settled = (frame.up & (frame.age >= 0.9))[:, None] & observed
        self._mean = _blend(self._mean, frame.value, self._weights, settled)
        self._levels = _blend(self._levels, frame.value, self._level_weights, observed)
        self._learn_baseline(frame.value, settled)
        targets = list(self._layout.targets)
        features = self.columns.join(self._slot_features(frame), self._asset_features(frame))
        running = np.where(np.isfinite(self._mean[..., 0]), self._mean[..., 0], self._last)
        anchor = np.where(frame.up[:, None], running, self._last)[:, targets]
        channels = self._channels(frame)
        return Inputs(features, self._levels[:, targets], anchor, frame.up.astype(float), rate, channels)

    def rises(self) -> Floats:
        """[assets, 4 x gauges] how far every gauge's shortest mean has moved since the life began, and from what
        beginnings of this asset usually look like; then both as shares of those levels. NaN where unknown."""
        now, base, history = (part[:, self._gauges] for part in (self._mean[..., 0], self._base, self._base_history))
        usual = np.where(np.isfinite(history), history + BLEND * (base - history), base)
        level = np.concatenate([base, usual], 1)
        rise = np.concatenate([now, now], 1) - level
        share = np.divide(rise, level, out=np.full_like(rise, np.nan), where=level > 0)
        return np.concatenate([rise, share], 1)

    def _channels(self, frame: Frame) -> Floats:
        """[assets, channels], see Inputs."""
        clock = np.broadcast_to(2 * np.pi * frame.time / DAY, frame.age.shape)
        state = np.stack([frame.up, np.log1p(frame.age), np.log1p(frame.idle), np.sin(clock), np.cos(clock)], axis=1)
        return np.concatenate([frame.value, state, self._layout.normalised(frame.setpoints)], axis=1)

    def _renew(self, renewed: Masks) -> None:
        """A new life begins: forget the old one's level, remember what beginnings look like."""
        done = renewed[:, None] & (self._base_count >= self._baseline)
        known = np.isfinite(self._base_history)
        blended = np.where(known, self._base_history + BLEND * (self._base - self._base_history), self._base)
        self._base_history = np.where(done, blended, self._base_history)
        self._base_count = np.where(renewed[:, None], 0.0, self._base_count)
        gauges = renewed[:, None] & ~self._layout.cumulative
        self._base = np.where(renewed[:, None], np.nan, self._base)
        self._mean = np.where(gauges[..., None], np.nan, self._mean)

    def _learn_baseline(self, value: Floats, settled: Masks) -> None:
        young = settled & (self._base_count < self._baseline)
        self._base_count = self._base_count + young
        step = np.where(young, 1.0 / np.maximum(self._base_count, 1.0), 0.0)
        base = np.where(np.isfinite(self._base), self._base, 0.0)
        grown = base + step * (np.where(young, value, 0.0) - base)
        self._base = np.where(young, grown, self._base)
        self._long_count = np.minimum(self._long_count + settled, 2000.0)
        long = np.where(np.isfinite(self._long), self._long, 0.0)
        step = np.where(settled, 1.0 / np.maximum(self._long_count, 1.0), 0.0)
        self._long = np.where(settled, long + step * (np.where(settled, value, 0.0) - long), self._long)

    def _slot_features(self, frame: Frame) -> dict[str, Floats]:
        """[assets, slots, columns] by the key of their block, see FeatureColumns."""
        mean, base = self._mean, self._base
        staleness = np.where(self._layout.table >= 0, np.log1p(frame.staleness), np.nan)
        single = {
            "value": frame.value,
            "jump": frame.value - mean[..., 0],
            "ratio": mean[..., 0] / np.where(base > 0, base, np.nan),
            "beginning": base - self._base_history,
            "above_usual": mean[..., 0] - self._long,
            "usual": self._long,
            "spread": frame.spread,
            "staleness": staleness,
        }
        several = {"mean": mean, "slope": mean[..., :-1] - mean[..., 1:], "rise": mean - base[..., None]}
        return several | {key: values[..., None] for key, values in single.items()}

    def _asset_features(self, frame: Frame) -> dict[str, Floats]:
        """[assets, columns] by the key of their block, see FeatureColumns."""
        layout, down = self._layout, 1.0 - frame.up
        clock = 2 * np.pi * frame.time / DAY
        ahead = [
            schedule.at(frame.time + h * layout.spec.tick)
            for schedule in layout.spec.known_future
            for h in (0, *self._horizons)
        ]
        state = [down, np.log1p(frame.idle), layout.upstream @ down, layout.downstream @ down]
        age = [np.log1p(frame.age), np.sqrt(frame.age)]
        return {
            "state": np.stack(state, 1),
            "age": np.stack(age, 1)[:, : len(age) if self._age else 0],
            "setpoint": layout.normalised(frame.setpoints),
            "plant": _for_all(len(down), [down.mean(), np.sin(clock), np.cos(clock)]),
            "ahead": _for_all(len(down), ahead),
            "type": self._types,
        }


def _for_all(assets: int, values: Sequence[float]) -> Floats:
    """[assets, values] the same for every asset."""
    return np.broadcast_to(np.array(values, dtype=float), (assets, len(values)))


def _blend(mean: Floats, value: Floats, weights: Floats, where: Masks) -> Floats:
    """EWMA step of [assets, slots, spans] towards [assets, slots]; a first value is taken whole."""
    fresh = value[..., None]
    stepped = np.where(np.isfinite(mean), mean + weights * (fresh - mean), fresh)
    result: Floats = np.where(where[..., None], stepped, mean)
    return result
