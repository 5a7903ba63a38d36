"""Storage dispatch with perfect foresight over the whole horizon: the linear programme, and its replay in the plant.

On a case of battery and grid only (no peak charge, no outages, no fade, import no cheaper than export) the programme's
cost is the least that any policy can reach, and its plan costs the same in the plant. Elsewhere it is a lower bound of
what energy and carbon cost with the loads as they come: who makes loads wait, or runs a generator, may go below.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.contract import Action, Plant
from twin.lab.core.build import connect
from twin.lab.core.closed_loop import step
from twin.lab.core.privileged.mpc import wished
from twin.policies.base import Policy
from twin.policies.storage.linear_programme import Dispatch, DispatchProgram
from twin.policies.storage.site import StorageSite
from twin.unaided import Unaided
from twin.units import HOUR

Row = dict[str, Any]
MakePlant = Callable[[], Plant]
TOLERANCE = 1e-6  # relative, between the programme's cost and the plant's


def privileged_plan(plant: Plant, ticks: int) -> Dispatch:
    """The best dispatch of the next `ticks`, from what is stored now. Raises ValueError where there is no battery."""
    site = StorageSite(spec=plant.spec)
    stored = plant.truth()["stored"][site.asset.name]
    price, export_price = site.prices(plant.now, ticks)
    program = DispatchProgram(steps=ticks, hours=plant.spec.tick / HOUR, storage=site.storage)
    return program.solve(net=wished(plant.fork(), ticks), price=price, export_price=export_price, stored=stored)


def replay(plant: Plant, plan: Dispatch) -> float:
    """Carry a plan out, tick by tick; returns the rise of the plant's counter of cost."""
    site, tick = StorageSite(spec=plant.spec), plant.spec.tick
    before, name = plant.kpis()["cost"], site.asset.name
    plant.apply(Action(plant.now, f"{name}.follow", 0.0, "replay"))
    for power in plan.battery:
        value = float(np.clip(power, -site.storage.power, site.storage.power))
        plant.apply(Action(plant.now, f"{name}.power", value, "replay"))
        plant.advance(plant.now + tick)
    return plant.kpis()["cost"] - before


def run_policy(plant: Plant, make: Callable[..., Policy], ticks: int) -> float:
    """Let a policy that needs no surrogate run the plant; returns what it cost.

    Raises UserError where it asks for a forecast.
    """
    controller = Unaided(spec=plant.spec, policy=make)
    connect(plant, controller)
    for number in range(1, ticks + 1):
        step(plant, controller, number * plant.spec.tick)
    return plant.kpis()["cost"]


def lp_rows(make: MakePlant, *, case: str, ticks: int = 8760) -> list[Row]:
    """One row: reference = the programme's cost, mean = what its plan costs in the plant."""
    plan = privileged_plan(make(), ticks)
    cost = replay(make(), plan)
    row = {"case": case, "quantity": "privileged LP, replayed", "reference": plan.cost, "mean": cost}
    return [{**row, "tolerance": TOLERANCE, "error": abs(cost / plan.cost - 1.0), "n": 1}]


def policy_rows(
    make: MakePlant, policies: dict[str, Callable[..., Policy]], *, case: str, ticks: int = 8760
) -> list[Row]:
    """A row per policy: its cost, and its share of the saving from the first of them to the programme's optimum."""
    best, costs = privileged_plan(make(), ticks).cost, dict[str, float]()
    for name, policy in policies.items():
        costs[name] = run_policy(make(), policy, ticks)
    start = next(iter(costs.values()))
    costs["privileged LP"] = best
    return [
        {"case": case, "policy": name, "cost": cost, "share_of_saving": (start - cost) / (start - best)}
        for name, cost in costs.items()
    ]
