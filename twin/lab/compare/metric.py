"""One figure of every run, by arm and seed, and whether more or less of it is better."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from twin.lab.compare.arms import Arms

# Figures of which less is better: costs, losses, delays, errors.
LESS = (
    r"(\w+_)?cost(_\w+)?|(downtime|failures)_\w+|(starved|blocked|delay|outage)_hours|scrap_parts|"
    r"maintenance_corrective|"
    r"mttr_hours|lead_time_minutes|wip(_mean)?|energy_kwh|energy_per_good_part|(import|curtailed|unserved)_kwh|"
    r"(carbon|co2)_kg|peak_kw|fuel_litres|control_delay|time_loss|delay_per_trip|stops(_per_trip)?|"
    r"(uplink|downlink)_lost|"
    r"(mae|mase|crps|crps_ratio|brier|width90|interval90|rul_rmse\w*)(\.\S+)?"
)
# Figures of which neither more nor less is better: what is right is a value between, or they only count.
NEITHER = (
    r"(coverage90|observed_expected|labels|independent|failures_seen)(\.\S+)?|decisions|"
    r"(uplink|downlink)_(sent|in_flight)"
)


Values = dict[str, dict[int, float]]  # of one figure, by arm and seed


def figures(by_arm: Arms, metric: str) -> Values:
    """A figure of every run, by arm and seed. Raises ValueError where a run does not have it, or no number for it."""
    for run in (run for seeds in by_arm.values() for run in seeds.values()):
        if metric not in run.figures:
            names = ", ".join(sorted(run.figures))
            raise ValueError(f"metric = {metric}: {run.path} has no such figure; there are {names}")
        if not math.isfinite(run.figures[metric]):
            raise ValueError(
                f"metric = {metric}: {run.path} has no number for it: it would be a mean or share of nothing"
            )
    return {arm: {seed: run.figures[metric] for seed, run in seeds.items()} for arm, seeds in by_arm.items()}


def sense(by_arm: Arms, metric: str, lower: Sequence[str] = ()) -> int:
    """-1 where less of the metric is better: it is in `lower` or LESS, or the runs' objective says so; else 1.

    0 where neither is, see NEITHER.
    """
    objectives = [run.objective for seeds in by_arm.values() for run in seeds.values()]
    senses = [o.get("sense") for o in objectives if o.get("figure") == metric]
    if metric not in lower and senses:
        return -1 if -1 in senses else 1
    if metric not in lower and re.fullmatch(NEITHER, metric):
        return 0
    return -1 if metric in lower or re.fullmatch(LESS, metric) else 1
