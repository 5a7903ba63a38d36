"""What a station does to parts: the cycle that is written out twice is the same both times."""

from __future__ import annotations

import inspect
import textwrap

from sim.line.processing import Processing

BEGIN = "if self.wear is not None:"


def work(method: object) -> list[str]:
    """A method's lines from the wear of a cycle on, without comments."""
    text = textwrap.dedent(inspect.getsource(method))  # type: ignore[arg-type]
    lines = [line.partition("  #")[0].strip() for line in text[text.index(BEGIN) :].splitlines()]
    return [line for line in lines if line]


def test_a_cycle_taken_at_once_is_worked_like_any_other() -> None:
    """`_take` has the lines of `_work` written out, because a call would cost a tenth of a cycle."""
    assert work(Processing._take) == work(Processing._work)
