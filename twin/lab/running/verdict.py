"""Whether a run was worth it: its objective beside that of the standard practice on the same luck, and what to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.contract import Objective
from twin.lab import statistics
from twin.lab.draw.words import number, percent
from twin.lab.losses import ERRORS, share
from twin.lab.record.history import History, in_parts
from twin.lab.record.verdict_file import COMMAND
from twin.lab.statistics import Floats
from twin.units import DAY, HOUR, MINUTE

PARTS = 10  # of the scored time; fewer than 30 lose little (Schmeiser 1982)
WHOLE = (
    "Figures count from day {days} on; this run is told as a whole, since it ends before or its figure has no parts."
)
LEAST = 40  # ticks that they are made from
SPANS = {"hour": ("h", HOUR), "day": ("day", DAY)}  # of a figure's `_per_`: as units write it, s
LENGTHS = {"day": DAY, "hour": HOUR, "minute": MINUTE}  # of runs, told where there are two or more
EARNED = {"profit": "earned", "cost": "cost"}  # the verb for what a figure is, before `_per_`


@dataclass(frozen=True)
class Yardstick:
    """What a run is told beside. name: of its policy. value: of the figure over the scored time."""

    name: str
    value: float


@dataclass(frozen=True)
class Verdict:
    """A run against the standard practice.

    figure, sense, unit: of the objective, the unit per hour or day where the figure is. subject: the run's policy.
    own: its figure over the scored time, which begins at `since` (s) and ends at `until`. practice, reference, ideal:
    what it is told beside. half_width: of the 95 % interval of the difference by PARTS batch means, None where the run
    is too short. share: of what the reference gains over practice, None where that is not told from nothing. seed: of
    the run. remarks: on what stands for what.
    """

    figure: str
    sense: int
    unit: str
    subject: str
    own: float
    practice: Yardstick
    since: float
    until: float
    seed: int
    half_width: float | None = None
    reference: Yardstick | None = None
    ideal: Yardstick | None = None
    share: float | None = None
    alike: bool = False  # the run plays the practice itself
    remarks: Sequence[str] = field(default=())

    @property
    def difference(self) -> float:
        """Own figure - the practice's, in the figure's unit."""
        return self.own - self.practice.value

    @property
    def total(self) -> float | None:
        """The difference over the whole scored time, None where the figure is no rate; of a total, itself."""
        what, _, per = self.figure.partition("_per_")
        return self.difference * (self.until - self.since) / SPANS[per][1] if what and per in SPANS else None

    def json(self) -> dict[str, Any]:
        """What verdict.json holds."""
        told = {
            name: vars(one) if one else None for name, one in (("reference", self.reference), ("ideal", self.ideal))
        }
        return {
            "figure": self.figure,
            "sense": self.sense,
            "unit": self.unit,
            "from_days": self.since / DAY,
            "hours": (self.until - self.since) / HOUR,
            "seed": self.seed,
            "twin": self.own,
            "practice": vars(self.practice),
            "difference": self.difference,
            "half_width": self.half_width,
            "total": self.total,
            **told,
            "share": self.share,
            "words": words(self),
            "command": COMMAND,
        }


def judge(
    own: History,
    beside: Mapping[str, tuple[str, History]],
    *,
    objective: Objective,
    subject: str,
    seed: int,
    since: float = 0.0,
    alike: bool = False,
    remarks: Sequence[str] = (),
) -> Verdict:
    """The verdict on a run.

    own: the course of its figure. beside: by role (practice, reference, ideal) the policy's name and the course of the
    same figure. since: s; the whole run is told where it ends before that, or where the figure has no parts.
    """
    parted = in_parts(own.figure)
    start = since if parted and since < own.time[-1] else 0.0
    values = {role: Yardstick(name, _over(course, start)) for role, (name, course) in beside.items()}
    courses = {role: course for role, (_, course) in beside.items()}
    long = parted and int(np.sum(own.time > start)) >= LEAST
    gap = _parts(own, courses["practice"], start) if long and not alike else None
    what, _, per = own.figure.partition("_per_")
    return Verdict(
        figure=own.figure,
        sense=objective.sense,
        unit=f"{objective.unit}/{SPANS[per][0]}" if what and per in SPANS else objective.unit,
        subject=subject,
        own=_over(own, start),
        practice=values["practice"],
        since=start,
        until=float(own.time[-1]),
        seed=seed,
        half_width=_half_width(gap),
        reference=values.get("reference"),
        ideal=values.get("ideal"),
        share=_share(own, courses, start, objective.sense) if long and "reference" in courses else None,
        alike=alike,
        remarks=[*remarks, *([WHOLE.format(days=number(since / DAY))] if since and not start else [])],
    )


def _over(course: History, start: float) -> float:
    return course.after(start) if start else float(course.value[-1])


def _parts(one: History, other: History, start: float) -> Floats:
    return one.parts(start, PARTS) - other.parts(start, PARTS)


def _half_width(parts: Floats | None) -> float | None:
    if parts is None:
        return None
    interval = statistics.mean(parts)
    return (interval.high - interval.low) / 2


def _share(own: History, courses: Mapping[str, History], start: float, sense: int) -> float | None:
    """Of what the reference gains over practice, the share that the run gains."""
    practice, reference = (courses[role].parts(start, PARTS) for role in ("practice", "reference"))
    return share(own.parts(start, PARTS), practice, reference, sense)


def words(verdict: Verdict) -> list[str]:
    """Sentences: the verdict first, the reference where it was played, last how far one seed goes."""
    return [_first(verdict), *verdict.remarks, *_beyond(verdict), _one_seed(verdict)]


def _first(v: Verdict) -> str:
    own, practice, span = _told(v, v.own), _told(v, v.practice.value), _span(v)
    if v.alike:
        return (
            f"Verdict: this run is standard practice ({v.practice.name}) itself, nothing to compare: it {own}{span[1]}."
        )
    both = f"{v.subject} {own}, {v.practice.name} {_amount(v, v.practice.value)} on the same luck"
    if v.difference == 0:
        return (
            f"Verdict: the twin and standard practice came out the same: {v.subject} and {v.practice.name} {practice}."
        )
    gain = v.sense * v.difference
    head = "came out ahead of standard practice" if gain > 0 else "LOST to standard practice"
    more = "more" if v.difference > 0 else "less"
    total = f", {number(abs(v.total))} {v.unit.partition('/')[0]} {more} {span[0]}" if v.total is not None else span[1]
    return f"Verdict: the twin {head}. {both}: {_amount(v, abs(v.difference))} {more}{total}."


def _told(v: Verdict, value: float) -> str:
    verb = EARNED.get(v.figure.partition("_per_")[0], f"had {v.figure.replace('_', ' ')}")
    return f"{verb} {_amount(v, value)}"


def _amount(v: Verdict, value: float) -> str:
    return f"{number(value)} {v.unit}".rstrip()


def _span(v: Verdict) -> tuple[str, str]:
    """(the scored time after an amount, the same after a rate; empty for a whole run)."""
    if v.since:
        span = f"in days {number(v.since / DAY)} to {number(v.until / DAY)}"
        return span, f" {span}"
    name, size = next(((name, size) for name, size in LENGTHS.items() if v.until >= 2 * size), ("minute", MINUTE))
    count = number(v.until / size)
    return f"in {count} {name}{'s' * (count != '1')}", ""


def _one_seed(v: Verdict) -> str:
    if v.alike or not v.difference:
        return f"This is one seed ({v.seed}). For thirty:"
    if v.half_width is None:
        return f"This is one seed ({v.seed}) and short: luck alone may have decided it. For thirty seeds:"
    known = abs(v.difference) > v.half_width
    means = "in this run it is hardly chance" if known else "luck alone may have decided it"
    return (
        f"This is one seed ({v.seed}). By batch means of {PARTS} parts the difference is {number(v.difference)} ± "
        f"{number(v.half_width)} {v.unit} (95 %), so {means}. For thirty seeds:"
    )


def _beyond(v: Verdict) -> list[str]:
    lines = []
    if v.reference is not None:
        head = f"{v.reference.name}, which sees hidden state, {_told(v, v.reference.value)}: "
        error = f"practice and reference differ by no more than {ERRORS:g} standard errors, so no share is told"
        lines.append(
            head + (error if v.share is None else f"{percent(v.share, 0)} of its gain over practice was reached") + "."
        )
    if v.ideal is not None:
        loss = {"twin": v.own, "practice": v.practice.value} | ({"reference": v.reference.value} if v.reference else {})
        told = ", ".join(f"{name} {number(v.sense * (v.ideal.value - value))}" for name, value in loss.items())
        lines.append(
            f"Without wear and failures the plant {_told(v, v.ideal.value)}; lost against that: {told} {v.unit}."
        )
    return lines
