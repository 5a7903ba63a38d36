"""The true condition of assets that wear: how likely each is to fail, and what its renewals cost in the long run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from sim.contract import PlantSpec, Truth, WearOfLives
from twin.forecast import Floats
from twin.policies.base import WorkOrders

LIMITS = np.linspace(0.02, 1.5, 149)  # of wear, among which the best one is sought


class WearLaws:
    """The laws of wear of the assets with work orders, as arrays [orders]; nan for one whose wear has no such law."""

    def __init__(self, laws: Mapping[str, WearOfLives], names: list[str]) -> None:
        nothing: WearOfLives = {
            "life": np.nan,
            "rate_cv": 0.0,
            "grain": 0.0,
            "level_sd": 0.1,
            "speed_exponent": 0.0,
            "shock_life": np.inf,
        }
        of_each = [laws.get(name, nothing) for name in names]
        self.life: Floats = np.array([law["life"] for law in of_each])
        self.rate_cv: Floats = np.array([law["rate_cv"] for law in of_each])
        self.grain: Floats = np.array([law["grain"] for law in of_each])
        self.level_sd: Floats = np.maximum([law["level_sd"] for law in of_each], 1e-3)
        self.speed_exponent: Floats = np.array([law["speed_exponent"] for law in of_each])
        self.shock_life: Floats = np.array([law["shock_life"] for law in of_each])


class TrueCondition:
    """What the hidden state says of the assets with work orders. names: of these assets.

    wear, rate: [orders] now. busy: [orders] share of its time that an asset has worked so far.
    """

    def __init__(self, truth: Truth, *, names: list[str], now: float) -> None:
        wear, rate, spent = truth.get("wear", {}), truth.get("rate", {}), truth.get("state_seconds", {})
        self.laws = WearLaws(truth.get("laws", {}), names)
        self.wear: Floats = np.array([wear.get(name, np.nan) for name in names])
        self.rate: Floats = np.array([rate.get(name, np.nan) for name in names])
        busy = np.array([spent.get(name, {}).get("busy", 0.0) for name in names])
        self.busy: Floats = (busy + BEFORE * USUAL) / (now + BEFORE)

    def fails_within(self, seconds: float, speed: Floats) -> Floats:
        """[orders] probability of failing within `seconds` of calendar time at a speed, given that it stands.

        Wear grows by a gamma process (van Noortwijk 2009), here with normal growth of the same mean and variance; the
        level is normal beyond the wear reached; shocks are exponential. nan where an asset has no law.
        """
        laws, work = self.laws, seconds * self.busy
        haste = self.rate * speed**laws.speed_exponent / laws.life
        growth = haste * work
        spread = np.sqrt(laws.level_sd**2 + laws.grain * self.rate * speed**laws.speed_exponent * growth)
        stands = np.maximum(ndtr((1.0 - self.wear) / laws.level_sd), 1e-12)
        lasts = ndtr((1.0 - self.wear - growth) / spread)
        survives = np.clip(lasts / stands, 0.0, 1.0) * np.exp(-work / laws.shock_life)
        return np.asarray(1.0 - survives)


BEFORE, USUAL = 86_400.0, 0.75  # s, and share of it at work: what is taken for granted before anything has run


def cost_rates(condition: TrueCondition, orders: WorkOrders, speed: Floats) -> Floats:
    """[orders] EUR (or the objective's unit) per second of calendar time at each asset's own best limit of wear.

    Renewal reward: [c_p S(w) + c_f (1 - S(w))] / E[time to min(w, failure)], least over w (Barlow & Proschan 1965),
    where S is the chance of reaching wear w, and time per wear is that of a mean life.
    """
    laws = condition.laws
    pace = laws.life / (speed**laws.speed_exponent * condition.busy) * (1.0 + laws.rate_cv**2)  # s per unit of wear
    reach = ndtr((1.0 - LIMITS) / laws.level_sd[:, None])
    shocks = np.exp(-LIMITS * (laws.life / laws.shock_life)[:, None])
    survival = reach * shocks
    time = np.cumsum(survival, axis=1) * (LIMITS[1] - LIMITS[0]) * pace[:, None]
    cost = orders.preventive[:, None] * survival + orders.corrective[:, None] * (1.0 - survival)
    return np.asarray((cost / time).min(axis=1))


def named_orders(spec: PlantSpec, orders: WorkOrders) -> list[str]:
    """[orders] the assets' names."""
    return [spec.assets[asset].name for asset in orders.assets]
