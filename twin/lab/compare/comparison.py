"""A comparison: what was asked of some arms, and all that was reckoned from their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twin.lab.compare import arms as compare
from twin.lab.compare import same_plant as environment
from twin.lab.compare import warmup
from twin.lab.compare.arms import Arms, ComparedRun, Values
from twin.lab.compare.warmup import DAY, Cut

MSER = "mser"
FULL_POWER = 6  # seeds below which no signed-rank test reaches 5 %: its least p is 2 / 2^n


@dataclass(frozen=True)
class Terms:
    """What is compared and how.

    metrics: figures of kpis.json or scores.json. baselines: arms that the others are compared with. reference, ideal: see
    `compare.excesses`; neither competes for being best. varied: settings of the plant in which arms differ on purpose.
    lower: metrics of which less is better, beside those known. warmup: days of every run that are left out, or MSER.
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
            warmup.kind(metric)
        if unknown := [name for name in self.lower if name not in self.metrics]:
            raise ValueError(f"lower = {unknown[0]}: is none of the metrics {', '.join(self.metrics)}")


@dataclass(frozen=True)
class Result:
    """One metric. sense: -1 where less is better. values: by arm and seed. chances: by arm, of being the best.

    means, differences, excesses: rows, see twin.lab.compare.arms. remarks: what could not be told.
    """

    metric: str
    sense: int
    values: Values
    means: Sequence[Mapping[str, Any]]
    differences: Sequence[Mapping[str, Any]] = field(default=())
    excesses: Sequence[Mapping[str, Any]] = field(default=())
    chances: Mapping[str, float] = field(default_factory=dict)
    remarks: Sequence[str] = field(default=())

    @property
    def seeds(self) -> int:
        """The fewest of any arm."""
        return min(len(own) for own in self.values.values())

    def rows(self, days: float) -> list[dict[str, Any]]:
        """Of json=FILE: differences, excesses, then each arm's mean. days: left out as warm-up."""
        own = [
            {**row, "baseline": None, "probability_best": self.chances.get(str(row["policy"]))} for row in self.means
        ]
        return [{**row, "warmup_days": days} for row in (*self.differences, *self.excesses, *own)]


@dataclass(frozen=True)
class Comparison:
    """arms: the runs. cut: what was left out of each. notes: on how the runs came about, such as when seeds were added."""

    arms: Arms
    terms: Terms
    cut: Cut
    results: Sequence[Result]
    notes: Sequence[str] = field(default=())

    @property
    def unlike(self) -> list[str]:
        """Differences between arms that differ in their plant, as declared: in words."""
        told: dict[str, list[str]] = {}
        for arm, baseline in paired(self.arms, self.terms):
            unlike = environment.differing(_any(self.arms, arm), _any(self.arms, baseline))
            declared = [key for key in self.terms.varied if any(environment.under(one, [key]) for one in unlike)]
            keys = list(unlike) if len(unlike) <= environment.SHOWN else declared
            if keys:
                told.setdefault(", ".join(keys), []).append(f"{arm} − {baseline}")
        return [f"as declared, the plant differs in {keys}: {', '.join(names)}" for keys, names in told.items()]

    def rows(self) -> list[dict[str, Any]]:
        """Of json=FILE, all metrics."""
        return [row for result in self.results for row in result.rows(self.cut.seconds / DAY)]


def _any(found: Arms, arm: str) -> ComparedRun:
    return next(iter(found[arm].values()))


def carry_out(found: Arms, terms: Terms, notes: Sequence[str] = ()) -> Comparison:
    """Compare. Raises ValueError where arms are missing, do not pair, or had other plants than declared."""
    _comparable(found, terms)
    cut, tables = after_warmup(found, terms)
    results = [_result(found, terms, metric, values) for metric, values in tables.items()]
    return Comparison(found, terms, cut, results, notes)


def after_warmup(found: Arms, terms: Terms) -> tuple[Cut, dict[str, Values]]:
    """What is left out of every run, and each metric by arm and seed without it."""
    if terms.warmup == 0:
        return Cut(0.0, "whole runs from their first day: no warm-up is left out"), {
            metric: compare.figures(found, metric) for metric in terms.metrics
        }
    past = {metric: _histories(found, metric) for metric in terms.metrics}
    if terms.warmup == MSER:
        cut = max(
            (warmup.proposed({a: list(o.values()) for a, o in p.items()}) for p in past.values()),
            key=lambda c: c.seconds,
        )
    else:
        cut = Cut(float(terms.warmup) * DAY, "as given")
    words = f"the first {cut.seconds / DAY:.4g} days of every run are left out, {cut.words}"
    values = {
        metric: {arm: {seed: one.after(cut.seconds) for seed, one in own.items()} for arm, own in table.items()}
        for metric, table in past.items()
    }
    return Cut(cut.seconds, words), values


def _histories(found: Arms, metric: str) -> dict[str, dict[int, warmup.History]]:
    return {
        arm: dict(zip(own, warmup.histories([entry.path for entry in own.values()], metric), strict=True))
        for arm, own in found.items()
    }


def left(terms: Terms) -> tuple[str, ...]:
    """Arms that stand in no difference: the one without losses."""
    return (terms.ideal,) if terms.ideal else ()


def paired(found: Arms, terms: Terms) -> list[tuple[str, str]]:
    """(arm, baseline) of every difference. An arm with a baseline of its own plant is compared with no other one.

    Raises ValueError for an unknown baseline.
    """
    every = compare.pairs(list(found), terms.baselines, left(terms))
    own = {(a, b) for a, b in every if not environment.differing(_any(found, a), _any(found, b))}
    at_home = {arm for arm, _ in own} | {baseline for _, baseline in own}
    return [pair for pair in every if pair in own or pair[0] not in at_home]


def known(terms: Terms, arms: Iterable[str]) -> None:
    """Raises ValueError where a baseline, the reference or the ideal is none of the arms."""
    there = list(arms)
    named = [("baseline", arm) for arm in terms.baselines]
    for what, arm in (*named, ("reference", terms.reference), ("ideal", terms.ideal)):
        if arm is not None and arm not in there:
            raise ValueError(f"{what} = {arm}: there is no such arm; arms are {', '.join(there)}")


def _comparable(found: Arms, terms: Terms) -> None:
    names = list(found)
    known(terms, names)
    environment.declared(found, terms.varied)
    environment.require_same(found, paired(found, terms), terms.varied)
    if terms.ideal and terms.reference:
        others = [(arm, terms.reference) for arm in names if arm not in (terms.ideal, terms.reference)]
        environment.require_same(found, others, terms.varied)
        ideal = [(arm, terms.ideal) for arm in names if arm != terms.ideal]
        environment.require_same(found, ideal, (*terms.varied, *environment.IDEAL))


def _result(found: Arms, terms: Terms, metric: str, values: Values) -> Result:
    way, means = compare.sense(found, metric, terms.lower), compare.means(values, metric)
    if min(len(own) for own in values.values()) < 2:
        return Result(metric, way, values, means, remarks=["an interval needs at least two seeds of every arm"])
    differences = compare.differences(values, metric, paired(found, terms))
    groups = environment.alike(found, [arm for arm in found if arm not in (terms.reference, terms.ideal)])
    excesses, remarks = (
        compare.excesses(values, metric, terms.reference, terms.ideal, way)
        if terms.reference and terms.ideal
        else ([], [])
    )
    return Result(metric, way, values, means, differences, excesses, compare.chances(values, groups, way), remarks)
