"""The terms of a comparison: which figures, against which baselines, from which day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.lab.record.history import kind
from twin.lab.sweep.study import Study

MSER = "mser"


@dataclass(frozen=True)
class Terms:
    """What is compared and how.

    metrics: figures of kpis.json or scores.json. baselines: arms that the others are compared with. reference, ideal:
    arms from which excess losses are counted, see differences.excesses; neither competes for being the best. varied:
    settings of the plant in which arms differ on purpose. lower: metrics of which less is better, beside those known.
    warmup: days of every run that are left out, or MSER. Raises ValueError for an empty or unknown metric, a reference
    without an ideal, and a warm-up that is no number of days.
    """

    metrics: Sequence[str]
    baselines: Sequence[str]
    reference: str | None = None
    ideal: str | None = None
    varied: Sequence[str] = ()
    lower: Sequence[str] = ()
    warmup: float | str = 0.0

    def __post_init__(self) -> None:
        if not self.metrics or "" in self.metrics:
            raise ValueError("metric: name one figure or more, separated by commas")
        if (self.reference is None) != (self.ideal is None):
            raise ValueError("reference and ideal go together")
        if self.warmup != MSER and not (isinstance(self.warmup, int | float) and 0 <= self.warmup < 1e9):
            raise ValueError(f"warmup = {self.warmup}: must be {MSER} or a number of days >= 0")
        for metric in self.metrics if self.warmup else ():
            kind(metric)
        if unknown := [name for name in self.lower if name not in self.metrics]:
            raise ValueError(f"lower = {unknown[0]}: is none of the metrics {', '.join(self.metrics)}")


def terms_of(options: Mapping[str, str], **default: Any) -> Terms:
    """Terms by the options of `tandem compare`; what they leave out is taken from `default`.

    default: terms of the runs or their study; option `varied` adds to the default's.

    Raises ValueError as Terms does.
    """
    fields = {"metric": "metrics", "baseline": "baselines", "lower": "lower"}
    terms: dict[str, Any] = {field: options[key].split(",") for key, field in fields.items() if key in options}
    terms |= {key: options[key] for key in ("reference", "ideal") if key in options}
    if "varied" in options:
        terms["varied"] = [*default.get("varied", ()), *options["varied"].split(",")]
    if "warmup" in options:
        terms["warmup"] = _warmup(options["warmup"])
    return Terms(**{**default, **terms})


def study_terms(study: Study) -> dict[str, Any]:
    """The arguments of Terms that a study fixes."""
    return {
        "metrics": study.metric.split(","),
        "baselines": study.baseline,
        "reference": study.reference,
        "ideal": study.ideal,
        "varied": study.varied,
    }


def _warmup(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
