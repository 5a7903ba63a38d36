"""Receding-horizon dispatch of storage: a linear programme at every tick, only its first step carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.maintenance.default import MaintenanceFactory, build_maintenance
from twin.policies.storage.deferral import Deferral, marginal_price
from twin.policies.storage.linear_programme import Dispatch, DispatchProgram
from twin.policies.storage.peak import PeakWatch
from twin.policies.storage.site import HOUR, StorageSite
from twin.sensing.window import Window
from twin.state import Kept, Stateful

SMALL = 1e-6


class NetForecast(Stateful, Protocol):
    """Net load of the next ticks."""

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW, None while nothing is known."""
        ...


class DayPersistence(Kept):
    """Tomorrow is like today: the value of the same tick a day ago, moved by the last tick's deviation from its own.

    memory: ticks after which that deviation has faded to 1/e, 0 for none. Raises ValueError where it is negative.
    """

    KEPT = ("_past",)

    def __init__(self, *, site: StorageSite, memory: float = 0.0) -> None:
        if memory < 0:
            raise ValueError(f"DayPersistence: memory = {memory}: must be >= 0 ticks")
        self._site, self._memory = site, memory
        self._day = max(round(86_400.0 / site.spec.tick), 1)
        self._past: list[float] = []

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW."""
        seen = self._site.net(window)
        past = self._past
        if not np.isfinite(seen) and past:
            seen = past[-self._day] if len(past) >= self._day else past[-1]
        if np.isfinite(seen):
            past.append(seen)
        del past[: -2 * self._day]
        if not past:
            return None
        day = np.array(past[-self._day :] if len(past) >= self._day else [past[-1]] * self._day)
        ahead: Floats = np.resize(day, steps)
        if self._memory > 0 and len(past) > self._day:
            gap = past[-1] - past[-1 - self._day]
            ahead = ahead + gap * np.exp(-np.arange(1, steps + 1) / self._memory)
        return ahead


class TwinForecast(Kept):
    """The surrogate's medians of the powers that net load is made of, on top of the shape of yesterday.

    At the horizons that the twin forecasts it is the twin's forecast; between them its correction of DayPersistence is
    drawn straight. memory: see DayPersistence, which is taken while the surrogate says nothing.
    """

    KEPT = ("_shape",)

    def __init__(self, *, site: StorageSite, memory: float = 0.0) -> None:
        self._site, self._shape = site, DayPersistence(site=site, memory=memory)

    def next(self, window: Window, predict: Predict, steps: int) -> Floats | None:
        """[steps] kW."""
        shape = self._shape.next(window, predict, steps)
        forecast = predict([window.hold()])
        if shape is None or "power" not in forecast.targets:
            return shape
        sign, power = self._site.balance, forecast.median[0, :, :, forecast.targets.index("power")]
        told = (sign[:, None] * np.where(sign[:, None] != 0, power, 0.0)).sum(0)
        near = [
            (h, value) for h, value in zip(forecast.horizons, told, strict=True) if h <= steps and np.isfinite(value)
        ]
        if not near:
            return shape
        at, value = (np.array(column, dtype=float) for column in zip(*near, strict=True))
        gap = value - shape[at.astype(int) - 1]
        corrected: Floats = shape + np.interp(np.arange(1, steps + 1), at, gap)
        return corrected


class MPC(Kept):
    """Plans `horizon` ticks ahead with prices that are known and a net load that is forecast.

    forecast: factory of a NetForecast, called with site=; by default DayPersistence. tracking: True has the battery
    hold the planned import, so that what the forecast missed is met on the spot (zero import: it follows; no discharge
    planned: it keeps what it has and takes what is left over); False commands the planned power and nothing else.
    Where the objective prices a peak, the highest import is planned for and the plant's peak cap set. defer: whether
    loads that can wait are made to, see Deferral.
    upkeep: a policy for work orders, or None. Raises ValueError for horizon < 1 and where the plant has no battery.
    """

    KEPT = ("_site", "_maintenance", "_peaks", "forecast")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        horizon: int = 24,
        tracking: bool = True,
        forecast: Callable[..., NetForecast] = DayPersistence,
        defer: bool = True,
        upkeep: MaintenanceFactory = None,
    ) -> None:
        if horizon < 1:
            raise ValueError(f"MPC: horizon = {horizon}: must be >= 1 tick")
        self._site, self._maintenance, self._horizon = StorageSite(spec=spec), build_maintenance(upkeep, spec), horizon
        self._tracking = tracking
        self.forecast = forecast(site=self._site)
        self._peaks, self._deferral = PeakWatch(spec=spec), Deferral(spec=spec) if defer else None
        self._program = DispatchProgram(
            steps=horizon, hours=spec.tick / HOUR, storage=self._site.storage, peaks=self._peaks.price > 0
        )

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The first step of the best plan."""
        orders = self._maintenance.act(window, predict)
        self._peaks.update(window)
        net, stored = self.forecast.next(window, predict, self._horizon), self._site.stored(window)
        if net is None or not np.isfinite(stored):
            return orders
        price, export_price = self._site.prices(window.now, self._horizon)
        stored = float(np.clip(stored, 0.0, self._site.storage.capacity))
        plan = self._program.solve(
            net=net,
            price=price,
            export_price=export_price,
            stored=stored,
            peak=self._peaks.peak,
            peak_price=self._peaks.weight(window.now, self._horizon),
        )
        orders += self._peaks.command(window, float(plan.imported.max()))
        if self._deferral is not None:
            orders += self._deferral.act(window, marginal_price(price, export_price, plan.exported))
        return self._carry_out(window, plan, float(price[0])) + orders

    def _carry_out(self, window: Window, plan: Dispatch, price: float) -> list[Action]:
        storage, site = self._site.storage, self._site
        battery, bought, sold = float(plan.battery[0]), float(plan.imported[0]), float(plan.exported[0])
        why = f"{battery:+.1f} kW planned at {price:.3f}"
        if not self._tracking:
            return site.commands(window, why, follow=0.0, power=battery, reserve=storage.floor)
        if bought > SMALL and -SMALL <= battery <= SMALL:
            return site.commands(window, f"keep: {why}", follow=1.0, power=0.0, reserve=storage.capacity)
        if bought > SMALL and battery < -SMALL:
            return site.commands(window, f"charge: {why}", follow=0.0, power=battery, reserve=storage.floor)
        target = -bought if bought > SMALL else sold if battery > SMALL else 0.0
        return site.commands(window, why, follow=1.0, power=target, reserve=storage.floor)
