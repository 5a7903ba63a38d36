"""The least that a site can cost: a linear programme over all that comes, in which nothing wears."""

from __future__ import annotations

from sim.contract import Plant
from twin.lab.core.privileged.foresight import foresee
from twin.lab.core.privileged.site_model import SiteModel
from twin.lab.core.privileged.site_programme import solve


def lower_bound(plant: Plant, ticks: int) -> float:
    """Currency that the next `ticks` of `plant`, one whose wear is switched off, cost at least under any policy.

    It counts energy, carbon of imports, peaks, fuel and what is not served. Each of its rules is looser than the
    plant's: flows are means over a tick (all rules are convex and prices constant within one), jobs are split at will
    within the time that they may wait, the generator has no least load, start or carbon and burns at its best rate, the
    battery has no reserve. Wear and failures only take light, capacity and efficiency away. Maintenance and fade cost
    at least nothing.
    Raises ValueError for a plant without a battery, or whose truth() does not tell what comes.
    """
    model = SiteModel.of(plant.spec)
    ahead = foresee(plant.fork(), ticks)
    stored = plant.truth()["stored"][model.site.asset.name]
    return solve(model.task(ahead, stored=stored)).cost
