"""A comparison: what was asked of some arms, and all that was reckoned from their runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twin.lab.compare import same_plant, warmup
from twin.lab.compare.arms import Arms, ComparedRun
from twin.lab.compare.differences import chances, differences, means, pairs
from twin.lab.compare.loss_rows import loss_rows
from twin.lab.compare.lower_bound import FIGURE, lower_bounds
from twin.lab.compare.metric import Values, figures, sense
from twin.lab.compare.terms import MSER, Terms
from twin.lab.compare.warmup import Cut
from twin.lab.record.history import History, histories, in_parts
from twin.units import DAY

FULL_POWER = 6  # seeds below which no signed-rank test reaches 5 %: its least p is 2 / 2^n


@dataclass(frozen=True)
class Result:
    """One metric. sense: -1 where less is better, 0 where neither is. values: by arm and seed.

    chances: by arm, of being the best. means, differences: rows, see twin.lab.compare.differences. excesses: rows, see
    twin.lab.compare.loss_rows. remarks: why a part is missing.
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
        return min(len(by_seed) for by_seed in self.values.values())

    @property
    def better(self) -> str:
        """What is better, in words."""
        return {1: "more is better", -1: "less is better"}.get(self.sense, "neither more nor less is better")

    def rows(self, days: float) -> list[dict[str, Any]]:
        """Of json=FILE: differences, excesses, then each arm's mean. days: left out as warm-up."""
        of_arms = [
            {**row, "baseline": None, "probability_best": self.chances.get(str(row["policy"]))} for row in self.means
        ]
        return [{**row, "warmup_days": days} for row in (*self.differences, *self.excesses, *of_arms)]


@dataclass(frozen=True)
class Comparison:
    """The runs of some arms, compared.

    arms: the runs. terms: on what terms. cut: what was left out of each run. results: one a metric. notes: on how the
    runs came about, such as when seeds were added.
    """

    arms: Arms
    terms: Terms
    cut: Cut
    results: Sequence[Result]
    notes: Sequence[str] = field(default=())

    @property
    def unlike(self) -> list[str]:
        """Differences between arms that differ in their plant, as declared: in words."""
        pairs_by_keys: dict[str, list[str]] = {}
        for arm, baseline in paired(self.arms, self.terms):
            unlike = same_plant.differing(_first_run(self.arms, arm), _first_run(self.arms, baseline))
            declared = [key for key in self.terms.varied if any(same_plant.under(one, [key]) for one in unlike)]
            keys = list(unlike) if len(unlike) <= same_plant.SHOWN else declared
            if keys:
                pairs_by_keys.setdefault(", ".join(keys), []).append(f"{arm} − {baseline}")
        return [
            f"as declared, the plant differs in {keys}: {', '.join(names)}" for keys, names in pairs_by_keys.items()
        ]

    @property
    def idle(self) -> list[str]:
        """Arms that sent no command in any run."""
        return [
            arm
            for arm, by_seed in self.arms.items()
            if all(run.figures.get("decisions") == 0 for run in by_seed.values())
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Of json=FILE, all metrics."""
        return [row for result in self.results for row in result.rows(self.cut.seconds / DAY)]


def _first_run(by_arm: Arms, arm: str) -> ComparedRun:
    return next(iter(by_arm[arm].values()))


def carry_out(by_arm: Arms, terms: Terms, notes: Sequence[str] = ()) -> Comparison:
    """Compare. Raises ValueError where arms are missing, do not pair, or had other plants than declared."""
    _comparable(by_arm, terms)
    cut, tables = after_warmup(by_arm, terms)
    results = [_result(by_arm, terms, metric, values) for metric, values in tables.items()]
    return Comparison(by_arm, terms, cut, results, notes)


def after_warmup(by_arm: Arms, terms: Terms) -> tuple[Cut, dict[str, Values]]:
    """What is left out of every run, and each metric by arm and seed without it."""
    if terms.warmup is None:
        return _as_scored(by_arm, terms)
    if terms.warmup == 0:
        return _whole(by_arm, terms)
    past = {metric: _histories(by_arm, metric) for metric in terms.metrics}
    if terms.warmup == MSER:
        cut = max(
            (warmup.proposed({a: list(o.values()) for a, o in p.items()}) for p in past.values()),
            key=lambda c: c.seconds,
        )
    else:
        cut = Cut(float(terms.warmup) * DAY, "as given")
    words = f"the first {cut.seconds / DAY:.4g} days of every run are left out, {cut.words}"
    values = {metric: _cut_off(table, cut.seconds) for metric, table in past.items()}
    return Cut(cut.seconds, words), values


def _whole(by_arm: Arms, terms: Terms) -> tuple[Cut, dict[str, Values]]:
    cut = Cut(0.0, "whole runs from their first day: no warm-up is left out")
    return cut, {metric: figures(by_arm, metric) for metric in terms.metrics}


def _as_scored(by_arm: Arms, terms: Terms) -> tuple[Cut, dict[str, Values]]:
    """From the day on from which the runs' scenario scores them, but for metrics that no part of a run has.

    Raises ValueError where the runs are scored from different days.
    """
    runs = [run for by_seed in by_arm.values() for run in by_seed.values()]
    days = sorted({float(run.settings.get("scored_from") or 0.0) for run in runs})
    if len(days) > 1:
        raise ValueError(f"the runs are scored from day {days[0]:g} and from day {days[-1]:g} on: give warmup=DAYS")
    seconds = days[0] * DAY
    if not 0 < seconds < min(float(run.settings.get("days") or 0.0) for run in runs) * DAY:
        return _whole(by_arm, terms)
    values = {}
    for metric in terms.metrics:
        parted = in_parts(metric)
        values[metric] = _cut_off(_histories(by_arm, metric), seconds) if parted else figures(by_arm, metric)
    left = [metric for metric in terms.metrics if not in_parts(metric)]
    but = f"; {', '.join(left)} as scores.json and kpis.json tell" if left else ""
    return Cut(seconds, f"the first {days[0]:g} days of every run are left out, as the scenario says{but}"), values


def _cut_off(past: Mapping[str, Mapping[int, History]], seconds: float) -> Values:
    return {arm: {seed: one.after(seconds) for seed, one in by_seed.items()} for arm, by_seed in past.items()}


def _histories(by_arm: Arms, metric: str) -> dict[str, dict[int, History]]:
    return {
        arm: dict(zip(by_seed, histories([run.path for run in by_seed.values()], metric), strict=True))
        for arm, by_seed in by_arm.items()
    }


def left(terms: Terms) -> tuple[str, ...]:
    """Arms that stand in no difference: the one without losses."""
    return (terms.ideal,) if terms.ideal else ()


def paired(by_arm: Arms, terms: Terms) -> list[tuple[str, str]]:
    """(arm, baseline) of every difference. An arm with a baseline of its own plant is compared with no other one.

    Raises ValueError for an unknown baseline.
    """
    every = pairs(list(by_arm), terms.baselines, left(terms))
    same = {(a, b) for a, b in every if not same_plant.differing(_first_run(by_arm, a), _first_run(by_arm, b))}
    at_home = {arm for arm, _ in same} | {baseline for _, baseline in same}
    return [pair for pair in every if pair in same or pair[0] not in at_home]


def known(terms: Terms, arms: Iterable[str]) -> None:
    """Raises ValueError where a baseline, the reference or the ideal is none of the arms."""
    there = list(arms)
    named = [("baseline", arm) for arm in terms.baselines]
    for what, arm in (
        *named,
        ("reference", terms.reference),
        ("ideal", terms.ideal),
        ("practice", terms.practice),
    ):
        if arm is not None and arm not in there:
            raise ValueError(f"{what} = {arm}: there is no such arm; arms are {', '.join(there)}")


def _comparable(by_arm: Arms, terms: Terms) -> None:
    names = list(by_arm)
    known(terms, names)
    same_plant.declared(by_arm, terms.varied)
    same_plant.require_same(by_arm, paired(by_arm, terms), terms.varied)
    if terms.reference:
        others = [(arm, terms.reference) for arm in names if arm not in (terms.ideal, terms.reference)]
        same_plant.require_same(by_arm, others, terms.varied)
    if terms.ideal:
        ideal = [(arm, terms.ideal) for arm in names if arm != terms.ideal]
        same_plant.require_same(by_arm, ideal, (*terms.varied, *same_plant.IDEAL))


def _result(by_arm: Arms, terms: Terms, metric: str, values: Values) -> Result:
    sign, of_arms = sense(by_arm, metric, terms.lower), means(values, metric)
    if min(len(of_seeds) for of_seeds in values.values()) < 2:
        return Result(metric, sign, values, of_arms, remarks=["an interval needs at least two seeds of every arm"])
    competing = [arm for arm in by_arm if arm not in (terms.reference, terms.ideal)]
    excess, remarks = list[dict[str, Any]](), list[str]()
    if terms.reference and sign:
        bounds = lower_bounds(by_arm[terms.reference]) if terms.bound and metric == FIGURE else None
        excess, remarks = loss_rows(values, metric, terms, sign, bounds)
    return Result(
        metric=metric,
        sense=sign,
        values=values,
        means=of_arms,
        differences=differences(values, metric, paired(by_arm, terms)),
        excesses=excess,
        chances=chances(values, same_plant.alike(by_arm, competing), sign) if sign else {},
        remarks=remarks,
    )
