"""What a site's reference knows until it looks ahead again: what comes, and the plan of the whole billing period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.contract import Plant
from twin.forecast import Floats
from twin.lab.core.privileged.foresight import Foresight, foresee
from twin.lab.core.privileged.site_model import SiteModel
from twin.lab.core.privileged.site_programme import SiteTask, solve
from twin.policies.storage.deferral import marginal_price
from twin.state import State
from twin.units import DAY

BEYOND = 2 * DAY  # s past the billing period, so that its last days are not planned as the last of all


@dataclass(frozen=True, slots=True)
class Outlook:
    """tick: at which it was made. ahead: what comes. value: [ticks] of energy under the plan of the period, currency
    per kWh. battery: [ticks] kW of that plan, positive where it discharges. highest: import of that plan in the period
    under way, kW. begun: kWh that the jobs had drawn when it was made.
    """

    tick: int
    ahead: Foresight
    value: Floats
    battery: Floats
    highest: float
    begun: float

    @classmethod
    def look(cls, fork: Plant, model: SiteModel, *, tick: int, task_of: Any, begun: float) -> Outlook:
        """Send `fork` ahead to the end of the billing period. task_of: (Foresight) → SiteTask of the period."""
        spec = model.site.spec
        left = model.period - fork.now % model.period + BEYOND
        ahead = foresee(fork, round(left / spec.tick))
        task: SiteTask = task_of(ahead)
        plan = solve(task)
        value = marginal_price(task.price, task.export_price, plan.flows["exported"])
        battery = plan.flows["discharge"] - plan.flows["charge"]
        return cls(tick, ahead, value, battery, float(plan.peaks[0]), begun)

    def state(self) -> State:
        """Plain values and arrays, see twin.state.Stateful."""
        ahead = self.ahead
        return {
            "tick": self.tick,
            "value": self.value,
            "battery": self.battery,
            "highest": self.highest,
            "begun": self.begun,
            "ahead": {
                "begin": ahead.begin,
                "wanted": dict(ahead.wanted),
                "offered": ahead.offered,
                "connected": ahead.connected,
                "soiling": dict(ahead.soiling),
            },
        }

    @classmethod
    def restored(cls, state: State) -> Outlook:
        """The inverse of `state`."""
        plain: dict[str, Any] = {**state, "ahead": Foresight(**state["ahead"])}
        return cls(**plain)
