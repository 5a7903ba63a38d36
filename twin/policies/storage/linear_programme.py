"""Storage dispatch as a linear programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from twin.forecast import Floats
from twin.policies.storage.site import Storage


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The plan of a solved programme.

    cost: of the whole plan, currency. battery: [steps] kW, positive where it discharges. imported, exported: [steps]
    kW. stored: [steps] kWh at the end of each step.
    """

    cost: float
    battery: Floats
    imported: Floats
    exported: Floats
    stored: Floats


class DispatchProgram:
    """The linear programme of storage dispatch, built once and solved for many forecasts.

    min sum price x import - export price x export, over charge, discharge, stored energy, import and export >= 0:
    import - export = net + charge - discharge, stored' = stored + (efficiency x charge - discharge / efficiency) h.

    It needs no binaries: with export prices no higher than import prices, charging and discharging at once never pays,
    but where energy has no value (then only their difference counts, and the surplus is exported for nothing).

    steps: number of steps. hours: length of a step, h. storage: the battery. peaks: whether the highest import above a
    given one has a price; it is then one more variable. HiGHS solves (Huangfu & Hall 2018). Raises ValueError for
    steps < 1 or hours <= 0.
    """

    def __init__(self, *, steps: int, hours: float, storage: Storage, peaks: bool = False) -> None:
        if steps < 1 or not hours > 0:
            raise ValueError(f"DispatchProgram: steps = {steps}, hours = {hours}: must be >= 1 and > 0")
        self._steps, self._hours, self._storage, self._peaks = steps, hours, storage, peaks
        one = sparse.eye_array(steps, format="csr")
        none = sparse.csr_array((steps, steps))
        rise = one - sparse.eye_array(steps, k=-1, format="csr")
        way = storage.efficiency * hours
        balance = sparse.hstack([-one, one, none, one, -one])
        store = sparse.hstack([-way * one, hours / storage.efficiency * one, rise, none, none])
        rows = [balance, store]
        if peaks:
            rows = [sparse.hstack([row, sparse.csr_array((steps, 1))]) for row in rows]
            rows.append(sparse.hstack([none, none, none, one, none, sparse.csr_array(-np.ones((steps, 1)))]))
        self._matrix = sparse.vstack(rows).tocsc()
        self._low, self._high = np.zeros(5 * steps + peaks), np.full(5 * steps + peaks, np.inf)
        self._high[: 2 * steps] = storage.power

    def solve(
        self,
        *,
        net: Floats,
        price: Floats,
        export_price: Floats,
        stored: float,
        peak: float = 0.0,
        peak_price: float = 0.0,
    ) -> Dispatch:
        """The best plan that begins with `stored` kWh.

        net: [steps] kW of load beyond sun and wind. price, export_price: [steps] currency per kWh. peak_price: currency
        per kW of the highest import beyond `peak` kW. Less than the storage's floor may be stored only where it is so
        already. Raises ValueError where the programme has no solution.
        """
        steps, hours, storage = self._steps, self._hours, self._storage
        level = slice(2 * steps, 3 * steps)
        self._low[level], self._high[level] = min(storage.floor, stored), max(storage.capacity, stored)
        right = np.concatenate([net, np.zeros(steps)])
        right[steps] = stored
        cost = np.concatenate([np.zeros(3 * steps), price * hours, -export_price * hours])
        least = right
        if self._peaks:
            cost, right = np.append(cost, peak_price), np.append(right, np.full(steps, peak))
            least = np.append(least, np.full(steps, -np.inf))
        bounds, rows = Bounds(self._low, self._high), LinearConstraint(self._matrix, least, right)
        # Without integers milp solves a plain programme, with less overhead than linprog.
        solution = milp(cost, bounds=bounds, constraints=rows)
        if not solution.success:
            raise ValueError(f"DispatchProgram: no solution: {solution.message}")
        charge, discharge, level_after, imported, exported = solution.x[: 5 * steps].reshape(5, steps)
        return Dispatch(float(solution.fun), discharge - charge, imported, exported, level_after)
