"""The hidden state that a plant shows the lab: what the lab and its privileged references read of it."""

from __future__ import annotations

from typing import Required, TypedDict


class WearOfLives(TypedDict):
    """The parameters of a gamma process of wear, see sim.line.wear.Wear: what is the same in every life.

    life: s of work until the mean failure level at a rate of 1. rate_cv: of the rate, from life to life. grain: wear in
    one cycle's growth at a rate of 1 times its squared coefficient of variation, so that growth of mean m has variance
    m x grain x rate x speed^speed_exponent. level_sd: of the failure level. speed_exponent: of growth. shock_life: s
    of work.
    """

    life: float
    rate_cv: float
    grain: float
    level_sd: float
    speed_exponent: float
    shock_life: float


class Truth(TypedDict, total=False):
    """Keys of `Plant.truth()`. A plant may add keys of its own (a TypedDict that inherits from this one).

    Only `events_processed` is owed; what a plant leaves out, the lab does without. A new dict at every call.
    """

    events_processed: Required[int]
    """Events that the simulation has processed so far, for the figures of speed."""
    state: dict[str, str]
    """Asset → the state that it is in now."""
    state_seconds: dict[str, dict[str, float]]
    """Asset → state → seconds spent in it so far; they add up to `now`. The report draws its timeline from it."""
    wear: dict[str, float]
    """Asset → true wear now, 1 = the mean level at which it fails. `privileged_threshold` reads it."""
    rate: dict[str, float]
    """Asset → rate of its wear in the present life, 1 on average. `privileged_full_state` reads it."""
    laws: dict[str, WearOfLives]
    """Asset → the law of its wear. `privileged_full_state` reads it."""
    net_energy: float
    """kWh so far that loads wanted beyond what sun and wind could have given. `privileged_mpc` reads it."""
    stored: dict[str, float]
    """Asset → energy that it holds now, kWh. The linear programme (perfect foresight) reads it."""
    wanted: dict[str, float]
    """Load → kWh that it has wanted so far, served or not. `privileged_site` and a site's lower bound read it."""
    outage_seconds: float
    """Seconds so far without the public grid. `privileged_site` and a site's lower bound read it."""
    billed_peak: float
    """Highest import so far in the billing period, kW. `privileged_site` reads it."""
    wear_law: dict[str, dict[str, float]]
    """Asset → `rate` of wear in the present life, 1 on average, and its coefficient of variation over lives, `rate_cv`;
    `pace`, wear per second of a life of rate 1 under the mean stress so far; `level_sd` of the wear at which lives end.
    `privileged_site` reads it."""
    soiling: dict[str, float]
    """Panels → share of the light that dirt takes now."""
    health: dict[str, float]
    """Battery → share of its nominal capacity that it has now."""
