"""The reference of a site: forecasts that come true, and work orders by the true state of things. Privileged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sim.contract import Action, Plant, PlantSpec, Truth
from twin.forecast import Floats, Predict
from twin.lab.core.privileged.foresight import Foresight
from twin.lab.core.privileged.outlook import Outlook
from twin.lab.core.privileged.roles import TruthReader
from twin.lab.core.privileged.site_model import SiteModel
from twin.lab.core.privileged.site_programme import SitePlan, SiteTask, part, solve
from twin.lab.core.privileged.upkeep import SiteUpkeep
from twin.policies.storage.site import Storage
from twin.sensing.window import Window
from twin.state import SavedFields, State
from twin.units import HOUR

CAP_STEP = 0.05  # kW: smaller changes of the cap are not sent


class PrivilegedSite(SavedFields):
    """Runs a site by a linear programme over what is to come, and orders its upkeep by what nobody can see.

    Once in `renew` ticks a copy of the plant is sent ahead to the end of the billing period: it tells loads, sun, wind,
    outages and rain. The programme of the whole rest of the period sets the highest import; that of the next `horizon`
    ticks, solved anew in every tick, sets the battery and how long jobs wait.

    island: share of the battery's capacity to be left in an outage, below which the site starts its generator. buffer:
    share to be left at other times, for what comes and goes within a tick.
    cycle_price: currency per kWh discharged that cells wear. capacity_value, retry: see SiteUpkeep.
    Raises ValueError for a plant without a battery.
    """

    privileged = True
    STATE_FIELDS = ("_site", "_upkeep")

    def __init__(
        self,
        *,
        spec: PlantSpec,
        horizon: int = 36,
        renew: int = 48,
        island: float = 0.2,
        buffer: float = 0.03,
        cycle_price: float = 0.02,
        capacity_value: float = 0.1,
        retry: int = 12,
    ) -> None:
        if horizon < 1 or renew < 1:
            raise ValueError(f"PrivilegedSite: horizon = {horizon}, renew = {renew}: must be >= 1 tick")
        self._model, self._horizon, self._renew = SiteModel.of(spec), horizon, renew
        self._spec, self._site = spec, self._model.site
        self._island, self._buffer, self._cycle_price = island, buffer, cycle_price
        self._upkeep = SiteUpkeep(spec=spec, capacity_value=capacity_value, retry=retry)
        self._truth: TruthReader | None = None
        self._fork: Callable[[], Plant] | None = None
        self._outlook: Outlook | None = None

    def connect(self, truth: TruthReader) -> None:
        """Take the plant's hidden state."""
        self._truth = truth

    def foresee(self, fork: Callable[[], Plant]) -> None:
        """Take what makes a copy of the plant to send ahead."""
        self._fork = fork

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """The battery, the peak cap, how long jobs wait, and work orders."""
        if self._truth is None or self._fork is None:
            raise ValueError("PrivilegedSite: sees no plant; only the lab can show it")
        truth = self._truth()
        if self._outlook is None or window.tick - self._outlook.tick >= self._renew:
            self._outlook = self._look(self._fork(), window, truth)
        outlook, now = self._outlook, window.tick - self._outlook.tick
        task = self._near(outlook, now, truth)
        plan = solve(task)
        bought = max(outlook.highest, float(plan.flows["imported"][0]))
        upkeep = self._upkeep.act(
            window, truth, outlook.ahead.since(now, len(outlook.value)), outlook.value[now:], outlook.battery[now:]
        )
        battery = self._battery(window, plan, float(task.price[0]))
        return [*battery, *self._cap(window, bought), *self._jobs(window, outlook, plan, now), *upkeep]

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"outlook": self._outlook.state() if self._outlook is not None else {}}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._outlook = Outlook.restored(state["outlook"]) if state["outlook"] else None

    def _look(self, fork: Plant, window: Window, truth: Truth) -> Outlook:
        for name in self._model.slack:
            fork.apply(Action(fork.now, f"{name}.defer", 0.0))

        def task_of(ahead: Foresight) -> SiteTask:
            return replace(self._task(ahead, truth), peak=self._paid(truth, ahead.begin))

        begun = sum(truth["wanted"][name] for name in self._model.slack)
        return Outlook.look(fork, self._model, tick=window.tick, task_of=task_of, begun=begun)

    def _task(self, ahead: Foresight, truth: Truth) -> SiteTask:
        """The programme of what comes, with the battery as it truly is and charge left for outages."""
        site, name = self._site, self._site.asset.name
        plain, health = site.storage, truth["health"][name]
        storage = Storage(plain.capacity * health, plain.power, plain.efficiency)
        task = self._model.task(ahead, stored=float(np.clip(truth["stored"][name], 0.0, storage.capacity)))
        out = task.connected < 1.0
        return replace(
            task,
            storage=storage,
            floor=np.where(out, self._island, self._buffer) * storage.capacity,
            generator=task.generator * out,
            cycle_price=self._cycle_price,
        )

    def _near(self, outlook: Outlook, now: int, truth: Truth) -> SiteTask:
        """The part of the programme that begins now, with the jobs that wait now and the peak that is paid anyway."""
        task, names = self._task(outlook.ahead, truth), self._model.slack
        come = float(task.arrivals[:now].sum())
        begun = sum(truth["wanted"][name] for name in names) - outlook.begun
        most = float(task.most_waiting[now - 1]) if now else 0.0
        peak = max(outlook.highest, self._paid(truth, outlook.ahead.begin + now * self._spec.tick))
        return replace(part(task, now, self._horizon), waiting=float(np.clip(come - begun, 0.0, most)), peak=peak)

    def _battery(self, window: Window, plan: SitePlan, price: float) -> list[Action]:
        """Have the battery hold the planned exchange with the grid, or its planned power where that cannot be set."""
        bought, sold = float(plan.flows["imported"][0]), float(plan.flows["exported"][0])
        why = f"{bought:.1f} kW bought, {sold:.1f} kW sold at {price:.3f}"
        if abs(sold - bought) > self._site.storage.power:
            battery = float(plan.flows["discharge"][0] - plan.flows["charge"][0])
            return self._site.commands(window, why, follow=0.0, power=battery, reserve=0.0)
        return self._site.commands(window, why, follow=1.0, power=sold - bought, reserve=0.0)

    def _paid(self, truth: Truth, now: float) -> float:
        """kW of import that the billing period has to pay for already; a period begins at 0."""
        return truth["billed_peak"] if now % self._model.period > 0 else 0.0

    def _cap(self, window: Window, highest: float) -> list[Action]:
        """Cap the import at `highest`, kW."""
        actions = []
        for actuator in self._spec.actuators:
            if actuator.name == "peak_cap":
                slot = window.setpoints[
                    self._spec.asset_index[actuator.asset], window.layout.setpoints.index("peak_cap")
                ]
                value = float(np.clip(highest, actuator.low, actuator.high))
                if abs(slot - value) > CAP_STEP:
                    actions.append(Action(window.now, actuator.key, value, f"{highest:.1f} kW is the highest planned"))
        return actions

    def _jobs(self, window: Window, outlook: Outlook, plan: SitePlan, now: int) -> list[Action]:
        """How long jobs wait, so that at the end of the tick as much of them waits as planned."""
        actions, names = [], self._model.slack
        most = {name: self._model.most_waiting(name, outlook.ahead.wanted[name]) for name in names}
        share = float(plan.flows["waiting"][0]) / max(sum(float(m[now]) for m in most.values()), 1e-9)
        for name in names:
            wait = waiting_time(outlook.ahead.wanted[name][: now + 1], share * float(most[name][now]), self._spec.tick)
            wait = min(wait, self._model.slack[name]) / HOUR
            setpoint = window.layout.setpoints.index("defer")
            if abs(window.setpoints[self._spec.asset_index[name], setpoint] - wait) > 1e-3:
                actions.append(Action(window.now, f"{name}.defer", wait, f"{share:.0%} of what can wait is to wait"))
        return actions


def waiting_time(drawn: Floats, waiting: float, tick: float) -> float:
    """s that jobs must wait for `waiting` kWh of them to wait at the end of the last tick.

    drawn: [ticks] kW that they would have drawn at once. Where nothing would have been drawn for a while, the middle of
    it.
    """
    total = np.concatenate([[0.0], np.cumsum(drawn)]) * tick / HOUR
    if waiting <= 1e-6:
        return 0.0
    target = total[-1] - waiting
    before = np.flatnonzero(total <= target + 1e-6)
    if len(before) == 0 or total[-1] <= 1e-6:
        return np.inf
    last = int(before[-1])
    if abs(total[last] - target) <= 1e-6:  # a stretch without draw: its middle
        first = int(np.flatnonzero(total >= target - 1e-6)[0])
        return float(np.inf if first == 0 else (len(drawn) - (first + last) / 2) * tick)
    return float((len(drawn) - last - (target - total[last]) / (total[last + 1] - total[last])) * tick)
