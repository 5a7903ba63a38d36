"""Positions of a plant's assets, signals and setpoints in the arrays of the twin.

Signals get a *slot* by kind (the second signal of a kind on one asset gets a second slot), setpoints by name, so that
assets of one plant, or of two plants, share weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.contract import PlantSpec
from twin.forecast import Floats

Masks = NDArray[np.bool_]


class Layout:
    """Index tables derived from a spec; never changed once made.

    slots: names of the signal slots. signal_slot: [signals] slot of each signal. signal_asset: [signals].
    table: [assets, slots] signal index or -1. cumulative: [slots]. targets: slots that are forecast; target_table:
    [assets, targets] whether an asset has the target. types: names of the asset types. setpoints: names of the setpoint
    slots. setpoint_table: [assets, setpoints] actuator index or -1. able: [assets] whether it has actuators. upstream,
    downstream: [assets, assets] averaging matrices over neighbours.
    """

    def __init__(self, spec: PlantSpec) -> None:
        self.spec = spec
        self.slots, self.signal_slot = _slots(spec)
        self.signal_asset = np.array([spec.asset_index[s.asset] for s in spec.signals], dtype=np.intp)
        place = self.signal_asset, self.signal_slot
        self.table: NDArray[np.intp] = np.full((len(spec.assets), len(self.slots)), -1, dtype=np.intp)
        self.table[place] = np.arange(len(spec.signals))
        wanted = np.zeros(self.table.shape, dtype=bool)
        wanted[place] = [s.forecast for s in spec.signals]
        self.targets = tuple(int(i) for i in np.flatnonzero(wanted.any(0)))
        self.target_table: Masks = wanted[:, list(self.targets)]
        self.cumulative: Masks = np.zeros(len(self.slots), dtype=bool)
        self.cumulative[self.signal_slot] = [s.cumulative for s in spec.signals]
        self.types = tuple(sorted({a.type for a in spec.assets}))
        self.setpoints = tuple(sorted({a.name for a in spec.actuators if a.kind == "setpoint"}))
        self.setpoint_table = _setpoints(spec, self.setpoints)
        self.able: Masks = np.isin([a.name for a in spec.assets], [a.asset for a in spec.actuators])
        low, high, default = self.setpoint_bounds()
        self._low, self._high, self._default = low, high, default
        self._range = np.where(high > low, high - low, 1.0)
        self.upstream = _neighbours(spec, of="target")
        self.downstream = _neighbours(spec, of="source")

    @property
    def target_names(self) -> tuple[str, ...]:
        """Slot names of the targets, in the order of Forecast.quantiles' target axis."""
        return tuple(self.slots[i] for i in self.targets)

    def setpoint_bounds(self) -> tuple[Floats, Floats, Floats]:
        """(low, high, default), each [assets, setpoints], NaN where there is no actuator."""
        result = np.full((3, *self.setpoint_table.shape), np.nan)
        for (asset, slot), index in np.ndenumerate(self.setpoint_table):
            if index >= 0:
                actuator = self.spec.actuators[index]
                result[:, asset, slot] = actuator.low, actuator.high, actuator.default
        return result[0], result[1], result[2]

    def normalised(self, setpoints: Floats) -> Floats:
        """[..., assets, setpoints] from the default in units of the range; NaN where there is no actuator."""
        result: Floats = (setpoints - self._default) / self._range
        return result

    def natural(self, normalised: Floats) -> Floats:
        """The setpoints, in natural units and within their bounds, from the output of `normalised`."""
        result: Floats = np.clip(self._default + normalised * self._range, self._low, self._high)
        return result


def _slots(spec: PlantSpec) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    seen: dict[tuple[str, str], int] = {}
    names: list[str] = []
    for signal in spec.signals:
        ordinal = seen[signal.asset, signal.kind] = seen.get((signal.asset, signal.kind), 0) + 1
        names.append(signal.kind if ordinal == 1 else f"{signal.kind}#{ordinal}")
    slots = tuple(dict.fromkeys(names))
    return slots, np.array([slots.index(name) for name in names], dtype=np.intp)


def _setpoints(spec: PlantSpec, names: tuple[str, ...]) -> NDArray[np.intp]:
    table = np.full((len(spec.assets), len(names)), -1, dtype=np.intp)
    for index, actuator in enumerate(spec.actuators):
        if actuator.kind == "setpoint":
            table[spec.asset_index[actuator.asset], names.index(actuator.name)] = index
    return table


def _neighbours(spec: PlantSpec, of: str) -> Floats:
    """[assets, assets] row-normalised adjacency: row a averages over the assets linked into (or out of) a."""
    matrix = np.zeros((len(spec.assets), len(spec.assets)))
    for link in spec.links:
        source, target = spec.asset_index[link.source], spec.asset_index[link.target]
        row, column = (target, source) if of == "target" else (source, target)
        matrix[row, column] = 1.0
    averaging: Floats = matrix / np.maximum(matrix.sum(1, keepdims=True), 1.0)
    return averaging
