"""Speeds by tariff, shift and the state of assets: a few factors on standing setpoints."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from sim.contract import PlantSpec
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.units import DAY

SPEED = "speed"
PRICE = "price"  # kind of the schedules that tell what energy costs


class SpeedRules:
    """Factors on each asset's standing speed; those that apply at a time are multiplied, within the setpoint's bounds.

    peak: while energy costs at least `dear` times its mean over a day. night: while nobody is on duty. partner: while
    another asset of the same type stands still. cautious: while nobody is on duty and the asset is likely, by at least
    `risk`, to fail before somebody comes. Raises ValueError for a factor <= 0.
    """

    def __init__(
        self,
        *,
        spec: PlantSpec,
        peak: float = 1.0,
        night: float = 1.0,
        partner: float = 1.0,
        cautious: float = 1.0,
        risk: float = 0.3,
        dear: float = 1.5,
    ) -> None:
        for name, value in {"peak": peak, "night": night, "partner": partner, "cautious": cautious}.items():
            if not value > 0:
                raise ValueError(f"SpeedRules: {name} = {value}: must be > 0, a factor")
        self.risk = risk
        self._peak, self._night, self._partner, self._cautious, self._dear = peak, night, partner, cautious, dear
        self._prices = [schedule for schedule in spec.known_future if schedule.kind == PRICE]
        self._types = {asset.name: asset.type for asset in spec.assets}
        self._speeds = {a.asset: a for a in spec.actuators if a.kind == "setpoint" and a.name == SPEED}
        self._tick = spec.tick

    def wanted(
        self, window: Window, base: Mapping[str, float], *, alone: bool, at_risk: Collection[str]
    ) -> dict[str, float]:
        """By actuator key, the speeds that are right now. base: standing setpoints by actuator key.

        alone: nobody is on duty. at_risk: assets that are likely to fail before somebody comes.
        """
        common = (self._peak if self._is_dear(window.now) else 1.0) * (self._night if alone else 1.0)
        standing = [self._types[window.spec.assets[i].name] for i in np.flatnonzero(window.lives.state != UP)]
        result = dict(base)
        for asset, actuator in self._speeds.items():
            factor = common * (self._partner if self._types[asset] in standing else 1.0)
            factor *= self._cautious if alone and asset in at_risk else 1.0
            speed = base.get(actuator.key, actuator.default) * factor
            result[actuator.key] = float(np.clip(speed, actuator.low, actuator.high))
        return result

    def _is_dear(self, now: float) -> bool:
        if not self._prices:
            return False
        day = now - now % DAY
        mean = np.mean([self._prices[0].at(t) for t in np.arange(day, day + DAY, self._tick)])
        return bool(self._prices[0].at(now) >= self._dear * mean)
