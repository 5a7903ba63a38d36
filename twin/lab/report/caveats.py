"""What a reader must know before he trusts a figure: too few data behind it, no failure, more than was planned."""

from __future__ import annotations

import math
from collections.abc import Mapping

from twin.lab.draw.words import counted, number

Figures = Mapping[str, float]
FEW_LABELS = 30  # that do not overlap, below which a coverage of 90 % is known to ± 11 % at best
FEW_FAILURES = 10  # below which a rate or a share of failures is known to half its size at best
OPERATING = ("busy_hours", "starved_hours", "blocked_hours")
SKILL = "Skill: 1 - MAE / MAE of the reference; above 0 is better, 0 is as good."
LABELS = f"Labels: truths; independent: those that do not overlap; few: under {FEW_LABELS}, too few to judge by."
NO_FAILURE = "Where no failure was seen there is no precision and no recall"
FAILURES = f"Failures: each counted once; few: under {FEW_FAILURES}. {NO_FAILURE}."
FASTER = (
    "performance is above 1: parts were made faster than planned. The planned cycle is a mean (ISO 22400-2), so luck, "
    "setpoints of speed above 1 and parts that were scrapped before the slowest station can do that."
)


def cell(name: str, kpis: Figures) -> str:
    """A key figure as tables write it. Without a failure there is no mean time between them, but a time without one."""
    hours = sum(kpis.get(part, 0.0) for part in OPERATING)
    if name == "mtbf_hours" and kpis.get("maintenance_corrective") == 0 and hours > 0:
        return f"no failure in {number(hours)} h"
    return number(kpis[name])


def about_figures(kpis: Figures) -> list[str]:
    """Sentences on key figures that mislead without them."""
    failures = kpis.get("maintenance_corrective", 0.0)
    lines = [FASTER] if kpis.get("performance", 0.0) > 1 else []
    if "mtbf_hours" in kpis and 0 < failures < FEW_FAILURES:
        lines.append(f"MTBF and MTTR are those of {counted(failures, 'failure')}: too few to judge by.")
    if kpis.get("decisions") == 0:
        lines.append("The policy sent no command: the plant ran as if it were left alone.")
    return lines


def of_labels(name: str, scores: Figures) -> tuple[str, str]:
    """How many labels a target's scores rest on, and how many of them are independent, marked where they are few."""
    return number(scores.get(f"labels.{name}")), _marked(scores.get(f"independent.{name}", math.nan), FEW_LABELS)


def of_failures(lead: str, scores: Figures) -> str:
    """How many failures the scores of a lead (h6) rest on, marked where they are few."""
    return _marked(scores.get(f"failures_seen.{lead}", math.nan), FEW_FAILURES)


def _marked(count: float, enough: int) -> str:
    return f"{number(count)} few" if count < enough else number(count)
