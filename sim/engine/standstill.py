"""Whether time passes, and whose events repeat where it does not."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

from sim.contract import StandstillError

EVENTS, EVENTS_PER_COMPONENT = 100_000, 200  # so many in a row within TOO_SHORT are a loop
TOO_SHORT = 1e-6  # s
WATCHED, SHOWN = 2_000, 4  # events that are looked at for the names; names in the message


def allowed(components: int) -> int:
    """How many events a plant of so many components may have in a row within TOO_SHORT."""
    return EVENTS + EVENTS_PER_COMPONENT * components


def standstill(now: float, events: int, callers: Counter[str]) -> StandstillError:
    """The error for a plant whose time stands still at `now` (s).

    events: how many there were in a row. callers: how often each name came up among the last of them.
    """
    names = [name for name, _ in callers.most_common()]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return StandstillError(
        f"time stands still at t = {now:g} s: {events:,} events in a row within {TOO_SHORT:g} s, of "
        f"{', '.join(names[:SHOWN])}{more}: their times (between arrivals, of a cycle, of a repair ...) must not all "
        f"be 0, nor below {max(math.ulp(now), TOO_SHORT / events):.1g} s, which counts as 0"
    )


def caller(action: Callable[[], Any] | Any) -> str:
    """Who is called: `press.source (arrive)`; a SimPy event has its own name."""
    owner = getattr(action, "__self__", action)
    name = str(getattr(owner, "name", type(owner).__name__))
    method = getattr(action, "__name__", "").strip("_")
    return f"{name} ({method.replace('_', ' ')})" if method else name
