"""The forecasts of one tick, stored until their truths are known."""

from __future__ import annotations

from dataclasses import dataclass

from twin.forecast import Floats


@dataclass(frozen=True, slots=True)
class IssuedForecast:
    """One tick's forecasts for the plan that was carried out, and those of the reference methods.

    quantiles, raw: [assets, horizons, targets, quantiles] as issued, and before calibration. persistence: [assets,
    targets]. ewma: [assets, horizons, targets]. levels: [assets, targets, spans]. probability, constant: [assets,
    leads] of failing within each lead. remaining: [assets] restricted mean life, ticks.
    """

    quantiles: Floats
    raw: Floats
    persistence: Floats
    ewma: Floats
    levels: Floats
    probability: Floats
    constant: Floats
    remaining: Floats
