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

    metrics: figures of kpis.json or scores.json. baselines: arms that the others are compared with. reference: arm over
    whose loss the others' are told, which are counted from the arm `ideal` or from the `bound` of each plant; neither
    reference nor ideal competes for being the best. practice: arm from which shares of the gap to the reference are
    told. See twin.lab.losses. varied: settings of the plant in which arms differ on purpose. lower: metrics of which
    less is better, beside those known. warmup: days of every run that are left out, or MSER, or None for what the runs'
    scenario leaves out. Raises ValueError for an empty or unknown metric, an ideal, bound or practice without a
    reference, an ideal beside a bound, and a warm-up that is no number of days.
    """

    metrics: Sequence[str]
    baselines: Sequence[str]
    reference: str | None = None
    ideal: str | None = None
    practice: str | None = None
    bound: bool = False
    varied: Sequence[str] = ()
    lower: Sequence[str] = ()
    warmup: float | str | None = None

    def __post_init__(self) -> None:
        if not self.metrics or "" in self.metrics:
            raise ValueError("metric: name one figure or more, separated by commas")
        told = [name for name in ("ideal", "bound", "practice") if getattr(self, name)]
        if told and self.reference is None:
            raise ValueError(f"{told[0]}: goes with reference=ARM, over which losses and shares are told")
        if self.ideal and self.bound:
            raise ValueError("ideal and bound: losses are counted from one of them")
        if self.warmup not in (None, MSER) and not (isinstance(self.warmup, int | float) and 0 <= self.warmup < 1e9):
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
    terms |= {key: options[key] for key in ("reference", "ideal", "practice") if key in options}
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
        "practice": study.practice,
        "bound": study.bound,
        "varied": study.varied,
    }


def _warmup(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
