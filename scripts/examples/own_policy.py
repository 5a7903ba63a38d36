"""A policy of one's own: renew a machine once its chance of failing within six hours is above a limit.

python scripts/examples/own_policy.py [DAYS]
"""

import sys
from functools import partial

import numpy as np

from sim.contract import Action, PlantSpec
from twin.forecast import Predict
from twin.lab import run
from twin.policies.base import WorkOrders
from twin.sensing.window import Window
from twin.state import SavedFields


class RenewAtRisk(SavedFields):
    """Orders the renewal of every asset whose forecast risk is above `limit`.

    ahead: ticks within which the failure is expected. No field changes: STATE_FIELDS is left empty.
    """

    def __init__(self, *, spec: PlantSpec, limit: float = 0.2, ahead: float = 36.0) -> None:
        if not 0.0 < limit < 1.0:
            raise ValueError(f"RenewAtRisk: limit = {limit}: must lie between 0 and 1")
        self._work, self._limit, self._ahead = WorkOrders(spec=spec), limit, ahead

    def act(self, window: Window, predict: Predict) -> list[Action]:
        """window: what is known now. predict: forecasts of plans, here of going on as now."""
        risk = predict([window.hold()]).failure_within(self._ahead)[0][self._work.assets]
        due = np.flatnonzero(self._work.ready(window) & (risk > self._limit))
        return [self._work.issue(window, int(i), f"fails within 6 h with {risk[i]:.0%}") for i in due]


if __name__ == "__main__":
    days = float(sys.argv[1]) if len(sys.argv) > 1 else 6.0
    for policy in ("run_to_failure", RenewAtRisk, partial(RenewAtRisk, limit=0.1)):
        done = run("manufacturing", days=days, policy=policy, report=False)
        limit = done.config["policy"].get("limit", "")
        figures = f"{done.kpis['profit_per_hour']:6.1f} EUR/h, {len(done.decisions)} orders"
        print(f"{done.run['policy']:15s} {limit:4} {figures}, {done.path}")
