"""Storage dispatch as a linear programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from twin.forecast import Floats
from twin.policies.storage import Storage


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A plan. cost: EUR. battery: [steps] kW, positive where it discharges. imported, exported: [steps] kW.

    stored: [steps] kWh at the end of each step.
    """

    cost: float
    battery: Floats
    imported: Floats
    exported: Floats
    stored: Floats


class DispatchProgram:
    """min sum price x import - export price x export, over charge, discharge, stored energy, import and export >= 0:

    import - export = net + charge - discharge, stored' = stored + (efficiency x charge - discharge / efficiency) h.

    With export prices no higher than import prices and losses it needs no binary: charging and discharging at once
    never pays, but where energy has no value (then it is netted; what is left over is exported for nothing).
    steps: of `hours` each. Sparse matrices are built once; HiGHS solves (Huangfu & Hall 2018).
    Raises ValueError for steps < 1 or hours <= 0.
    """

    def __init__(self, *, steps: int, hours: float, storage: Storage) -> None:
        if steps < 1 or not hours > 0:
            raise ValueError(f"DispatchProgram: steps = {steps}, hours = {hours}: must be >= 1 and > 0")
        self._steps, self._hours, self._storage = steps, hours, storage
        one = sparse.eye_array(steps, format="csr")
        none = sparse.csr_array((steps, steps))
        rise = one - sparse.eye_array(steps, k=-1, format="csr")
        way = storage.efficiency * hours
        balance = sparse.hstack([-one, one, none, one, -one])
        store = sparse.hstack([-way * one, hours / storage.efficiency * one, rise, none, none])
        self._matrix = sparse.vstack([balance, store]).tocsc()
        low, high = np.zeros((5, steps)), np.full((5, steps), np.inf)
        high[:2], low[2], high[2] = storage.power, storage.floor, storage.capacity
        self._low, self._high = low, high

    def solve(
        self, *, net: Floats, price: Floats, export_price: Floats, stored: float, floor: float | None = None
    ) -> Dispatch:
        """The best plan from `stored` kWh on. net: [steps] kW of load beyond sun and wind. prices: [steps] EUR/kWh.

        floor: kWh not to fall below, by default the storage's. Where less than that is stored it may be kept.
        Raises ValueError where the programme has no solution.
        """
        steps, hours, storage = self._steps, self._hours, self._storage
        least = min(storage.floor if floor is None else floor, stored)
        self._low[2] = least
        self._high[2] = max(storage.capacity, stored)
        right = np.concatenate([net, np.zeros(steps)])
        right[steps] = stored
        cost = np.concatenate([np.zeros(3 * steps), price * hours, -export_price * hours])
        bounds, equal = Bounds(self._low.ravel(), self._high.ravel()), LinearConstraint(self._matrix, right, right)
        found = milp(
            cost, bounds=bounds, constraints=equal
        )  # without integers: a plain programme, less ado than linprog
        if not found.success:
            raise ValueError(f"DispatchProgram: no solution: {found.message}")
        charge, discharge, level, imported, exported = found.x.reshape(5, steps)
        return Dispatch(float(found.fun), discharge - charge, imported, exported, level)
