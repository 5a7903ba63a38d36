"""Everything that a site can be told to do, as one linear programme over what is known to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from twin.forecast import Floats
from twin.policies.storage.site import Storage

FLOWS = (
    "charge",
    "discharge",
    "stored",
    "imported",
    "exported",
    "generated",
    "unserved",
    "spilled",
    "drawn",
    "waiting",
    "short",
)
SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class SiteTask:
    """What comes to a site and what each flow costs there. Series are [steps]; powers in kW, energies in kWh.

    hours: of a step. net: steady loads less sun and wind. wanted: most that all loads together may want; they are shed
    without the grid, or where its limit may be reached within the step, not by choice. price, export_price: currency
    per kWh. connected: share of the step with the grid. arrivals: kWh of the jobs that come in a step. most_waiting:
    kWh of jobs that may wait at its end. period: number of the billing period.
    stored: kWh at the start. floor: kWh that should be stored at a step's end; each that is short costs unserved_price.
    waiting: kWh of jobs that wait at the start. generator: kW that it can give. peak: import that costs no peak, kW.
    peak_price: currency per kW of the highest import in each period. cycle_price: per kWh discharged. fuel_price,
    unserved_price: per kWh.
    """

    hours: float
    net: Floats
    wanted: Floats
    price: Floats
    export_price: Floats
    connected: Floats
    arrivals: Floats
    most_waiting: Floats
    period: NDArray[np.int64]
    storage: Storage
    stored: float
    floor: Floats
    generator: Floats
    import_limit: float = np.inf
    export_limit: float = np.inf
    fuel_price: float = 0.0
    unserved_price: float = 0.0
    cycle_price: float = 0.0
    peak: float = 0.0
    peak_price: float = 0.0
    waiting: float = 0.0


@dataclass(frozen=True, slots=True)
class SitePlan:
    """cost: of the whole plan. peaks: kW by period, in their order. flows: by name, see FLOWS, [steps] each."""

    cost: float
    peaks: Floats
    flows: Mapping[str, Floats]


def solve(task: SiteTask) -> SitePlan:
    """The cheapest plan. Raises ValueError where the programme has no solution."""
    steps, periods = len(task.net), np.unique(task.period)
    matrix, least, most = _rows(task, periods)
    low, high = _bounds(task, len(periods))
    cost = _cost(task, len(periods))
    solution = milp(cost, bounds=Bounds(low, high), constraints=LinearConstraint(matrix, least, most))
    if not solution.success:
        raise ValueError(f"SiteProgramme: no solution: {solution.message}")
    flows = dict(zip(FLOWS, solution.x[: len(FLOWS) * steps].reshape(len(FLOWS), steps), strict=True))
    peaks = solution.x[len(FLOWS) * steps :]
    return SitePlan(float(solution.fun), peaks, flows)


def part(task: SiteTask, skipped: int, ticks: int) -> SiteTask:
    """The `ticks` steps of a task after the first `skipped`."""
    series = {f.name: getattr(task, f.name) for f in fields(task)}
    cut: dict[str, Any] = {n: v[skipped : skipped + ticks] for n, v in series.items() if isinstance(v, np.ndarray)}
    return replace(task, **cut)


def _rows(task: SiteTask, periods: NDArray[np.int64]) -> tuple[sparse.csc_array, Floats, Floats]:
    """Balances of power, stored energy and waiting jobs; stored energy from its floor on; import up to the peak."""
    steps, hours, way = len(task.net), task.hours, task.storage.efficiency
    terms = [
        *((0, name, 1.0, 0) for name in ("discharge", "imported", "generated", "unserved")),
        *((0, name, -1.0, 0) for name in ("charge", "exported", "spilled", "drawn")),
        (1, "stored", 1.0, 0),
        (1, "stored", -1.0, 1),
        (1, "charge", -way * hours, 0),
        (1, "discharge", hours / way, 0),
        (2, "waiting", 1.0, 0),
        (2, "waiting", -1.0, 1),
        (2, "drawn", hours, 0),
        (3, "stored", 1.0, 0),
        (3, "short", 1.0, 0),
        (4, "imported", 1.0, 0),
    ]
    each = np.arange(steps)
    rows = [block * steps + each[late:] for block, _, _, late in terms] + [4 * steps + each]
    columns = [FLOWS.index(name) * steps + each[: steps - late] for _, name, _, late in terms]
    columns.append(len(FLOWS) * steps + np.searchsorted(periods, task.period))
    values = [np.full(steps - late, value) for _, _, value, late in terms] + [-task.connected]
    place = np.concatenate(rows), np.concatenate(columns)
    matrix = sparse.csc_array((np.concatenate(values), place), (5 * steps, len(FLOWS) * steps + len(periods)))
    first = np.zeros(steps)
    first[0] = 1.0
    right = [task.net, task.stored * first, task.arrivals + task.waiting * first]
    least = np.concatenate([*right, task.floor, np.full(steps, -np.inf)])
    most = np.concatenate([*right, np.full(steps, np.inf), np.zeros(steps)])
    return matrix, least, most


def _bounds(task: SiteTask, periods: int) -> tuple[Floats, Floats]:
    steps, storage, here = len(task.net), task.storage, np.ones(len(task.net))
    low = np.zeros(len(FLOWS) * steps + periods)
    high = {
        "charge": storage.power * here,
        "discharge": storage.power * here,
        "stored": storage.capacity * here,
        "imported": _through_grid(task.import_limit, task.connected),
        "exported": _through_grid(task.export_limit, task.connected),
        "generated": task.generator,
        "unserved": np.where(task.wanted > task.import_limit / 2, task.wanted, task.wanted * (1.0 - task.connected)),
        "spilled": np.inf * here,
        "drawn": np.inf * here,
        "waiting": task.most_waiting,
        "short": np.inf * here,
    }
    low[len(FLOWS) * steps :] = task.peak
    return low, np.concatenate([*(high[name] for name in FLOWS), np.full(periods, np.inf)])


def _through_grid(limit: float, connected: Floats) -> Floats:
    """[steps] most kW on average over a step. The limit may be inf."""
    return np.multiply(limit, connected, where=connected > SMALL, out=np.zeros(len(connected)))


def _cost(task: SiteTask, periods: int) -> Floats:
    nothing, here = np.zeros(len(task.net)), np.full(len(task.net), task.hours)
    price = {
        "discharge": task.cycle_price * here,
        "imported": task.price * here,
        "exported": -task.export_price * here,
        "generated": task.fuel_price * here,
        "unserved": task.unserved_price * here,
        "short": task.unserved_price * np.ones(len(here)),
    }
    return np.concatenate([*(price.get(name, nothing) for name in FLOWS), np.full(periods, task.peak_price)])
