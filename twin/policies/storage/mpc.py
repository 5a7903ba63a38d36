"""Receding-horizon dispatch of storage: a linear programme at every tick, only its first step carried out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Floats, Predict
from twin.policies.maintenance.default import MaintenanceFactory, build_maintenance
from twin.policies.prospect import Prospect, prospects_of
from twin.policies.storage.deferral import Deferral, marginal_price
from twin.policies.storage.linear_programme import Dispatch, DispatchProgram
from twin.policies.storage.net_load import DayPersistence, NetForecast
from twin.policies.storage.peak import PeakWatch
from twin.policies.storage.site import StorageSite
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.units import HOUR

SMALL = 1e-6  # kW: the solver leaves such remainders of zero


class MPC(SavedFields):
    """Model predictive control of a battery: plans with known prices and a forecast net load, carries out one step.

    horizon: ticks ahead. forecast: factory of a NetForecast, called with site=. defer: whether loads that can wait are
    made to, see Deferral. upkeep: factory of the policy for work orders, None for no work orders.

    tracking: True has the battery hold the planned import, so that it makes up for errors of the forecast as they occur
    (zero import planned: it follows the net load; no discharge planned: it keeps its charge and takes any surplus).
    False commands the planned power and nothing else.

    Where the objective prices a peak, the highest import is a cost of the plan, and the plant's peak cap is set to it.
    demand_limit: kW that the site is never to import more than: the cap stays there until more has been imported, and
    only what goes beyond it is a cost. 0 for none: each plan's highest import is the cap.
    Raises ValueError for horizon < 1 and where the plant has no battery.
    """

    STATE_FIELDS = ("_site", "_maintenance", "_peaks", "forecast")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        horizon: int = 24,
        tracking: bool = True,
        forecast: Callable[..., NetForecast] = DayPersistence,
        defer: bool = True,
        demand_limit: float = 0.0,
        upkeep: MaintenanceFactory = None,
    ) -> None:
        if horizon < 1:
            raise ValueError(f"MPC: horizon = {horizon}: must be >= 1 tick")
        self._site, self._maintenance, self._horizon = StorageSite(spec=spec), build_maintenance(upkeep, spec), horizon
        self._tracking = tracking
        self._ahead: tuple[Floats, Floats] = np.zeros(0), np.zeros(0)  # kW and price of each step of the last plan
        self.forecast = forecast(site=self._site)
        self._peaks, self._deferral = PeakWatch(spec=spec, limit=demand_limit), Deferral(spec=spec) if defer else None
        self._program = DispatchProgram(
            steps=horizon, hours=spec.tick / HOUR, storage=self._site.storage, peaks=self._peaks.price > 0
        )

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The first step of the best plan, the peak cap, deferral and work orders."""
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
            peak=self._peaks.paid,
            peak_price=self._peaks.weight(window.now, self._horizon),
        )
        self._ahead = plan.battery, price
        orders += self._peaks.command(window, float(plan.imported.max()))
        if self._deferral is not None:
            orders += self._deferral.act(window, marginal_price(price, export_price, plan.exported))
        return self._carry_out(window, plan, float(price[0])) + orders

    def prospects(self, window: Window, predict: Predict) -> list[Prospect]:
        """See twin.policies.prospect.HasProspects: the plan's next change of the battery, and what the upkeep tells."""
        battery, price = self._ahead
        ways = np.sign(np.where(np.abs(battery) > SMALL, battery, 0.0))
        steps = np.flatnonzero(ways != ways[:1])[:1]
        return [
            *(self._step(k, float(battery[k] * (ways[k] != 0)), float(price[k])) for k in map(int, steps)),
            *prospects_of(self._maintenance, window, predict),
        ]

    def _step(self, k: int, battery: float, price: float) -> Prospect:
        """The battery's power in step k of the plan, as what may come next."""
        spec, asset = self._site.spec, self._site.asset.name
        what = f"{'charge' if battery < 0 else 'discharge'} {abs(battery):.1f} kW" if battery else "rest"
        reason = f"{what} in {k * spec.tick / HOUR:.3g} h, at {price:.3f} {spec.objective.unit}/kWh, as planned"
        return Prospect(asset, f"{asset}.power", 1.0 - k / self._horizon, reason)

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
