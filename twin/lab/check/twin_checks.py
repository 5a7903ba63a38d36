"""What policies and surrogates have in common: with their twin they are values that depend on their seed only."""

from __future__ import annotations

from typing import Any

from twin.lab.check.finding import FaultError
from twin.lab.check.short_runs import exact, turns_of
from twin.lab.check.subject import CheckedChoice
from twin.lab.core.build import connect
from twin.lab.running.archive import decode, encode
from twin.state import Stateful

TICKS = 40  # enough for something to fail and to be learned


def check_members(part: object, members: tuple[str, ...], what: str) -> None:
    """Raises FaultError naming the members that `part` lacks."""
    missing = [name for name in members if not hasattr(part, name)]
    if missing:
        raise FaultError(f"{type(part).__name__} lacks {', '.join(missing)}, see {what}")
    if not isinstance(part, Stateful):
        raise FaultError(
            f"{type(part).__name__} lacks state and load: inherit twin.state.SavedFields and fill STATE_FIELDS"
        )


def is_repeatable(subject: CheckedChoice) -> None:
    """Two twins of one seed on two plants of one seed do the same."""
    one, two = (exact(turns_of(*subject.pair(), TICKS // 2)) for _ in "12")
    if one != two:
        raise FaultError("two runs of the same seed differ: is there a random generator without the seed?")


def is_a_value(subject: CheckedChoice) -> int:
    """Saved and taken up with its plant, in objects made anew, a twin does the same, to the bit; returns lives seen."""
    plant, twin = subject.pair()
    turns_of(plant, twin, TICKS)
    try:
        data = encode(twin.state())
    except ValueError as error:
        raise FaultError(f"its state cannot be saved: {error}") from None
    fresh, again = subject.pair("seed=77")
    fresh = type(fresh).restore(plant.snapshot())
    again.load(decode(data))
    connect(fresh, again)
    if encode(again.state()) != data:
        raise FaultError("what load() takes up is not what state() gave: are all fields that change in STATE_FIELDS?")
    one, two = turns_of(plant, twin, TICKS), turns_of(fresh, again, TICKS)
    for number, (a, b) in enumerate(zip(one, two, strict=True)):
        if exact(a) != exact(b):
            raise FaultError(
                f"taken up from its saved state it goes on otherwise, {_what(a, b)} {number + 1} ticks later: are all "
                "fields that change in STATE_FIELDS?"
            )
    return len(twin.window.lives.finished)


def _what(a: Any, b: Any) -> str:
    for name in ("actions", "forecasts", "hazards"):
        if exact(getattr(a[0], name)) != exact(getattr(b[0], name)):
            return f"with other {name}"
    return "with other figures"
