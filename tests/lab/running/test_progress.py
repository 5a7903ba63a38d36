import io
import re

import pytest
from rich.console import Console

from sim.contract import Objective
from twin.lab.core.loop import Tick
from twin.lab.running.progress import Progress


def tick(now: float, **kpis: float) -> Tick:
    return Tick(now=now, events=100, kpis=kpis, losses={"pinball.h1": 0.25, "pinball.h6": 0.75}, decisions=1)


OBJECTIVE = Objective("line.profit", "EUR", 1, {}, figure="profit_per_hour")


def watch(*, terminal: bool, quiet: bool = False, ticks: int = 400, width: int = 150) -> str:
    told = io.StringIO()
    console = Console(file=told, force_terminal=terminal, width=width)
    with Progress(horizon=600.0 * ticks, quiet=quiet, console=console, objective=OBJECTIVE) as progress:
        for number in range(1, ticks + 1):
            progress.update(tick(600.0 * number, profit_per_hour=12.34))
    return told.getvalue()


def test_away_from_a_terminal_there_is_a_line_per_tenth() -> None:
    lines = watch(terminal=False).splitlines()
    assert len(lines) == 10
    assert lines[-1].startswith("day   2.8 of 2.778")
    for said in ("events/s", "loss 0.500", "1 decision", "profit 12.34 EUR/hour"):
        assert said in lines[-1]
    assert "\x1b" not in "".join(lines)


def test_on_a_terminal_the_last_look_is_at_the_last_tick() -> None:
    told = watch(terminal=True)
    assert "day   2.8 of 2.778" in told
    assert told.endswith("\x1b[?25h")  # the cursor is back


@pytest.mark.parametrize("width", [40, 60, 80, 119, 120, 200])
def test_the_time_left_is_told_however_narrow_the_terminal(width: int) -> None:
    lines = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", watch(terminal=True, width=width)).replace("\r", "\n").splitlines()
    last = next(line for line in reversed(lines) if line.strip())
    assert re.match(r"(0:00:00|-:--:--) ", last)
    assert len(last.rstrip()) <= width
    assert "day   2.8 of 2.778" in last
    assert "…" not in last
    assert ("events/s" in last) == (width >= 119)
    assert ("profit 12.34 EUR/hour" in last) == (width >= 60)


@pytest.mark.parametrize(
    ("ticks", "said"),
    [(432, "day   3.0 of 3"), (144, "hour  24.0 of 24"), (6, "minute  60.0 of 60"), (2.4, "minute  20.0 of 24")],
)
def test_a_run_is_told_in_the_unit_of_its_length(ticks: float, said: str) -> None:
    told = io.StringIO()
    with Progress(horizon=600.0 * ticks, console=Console(file=told, width=150)) as progress:
        progress.update(tick(600.0 * int(ticks)))
    assert told.getvalue().startswith(said)


def test_quiet_says_nothing() -> None:
    assert watch(terminal=True, quiet=True) == watch(terminal=False, quiet=True) == ""


def test_a_run_of_a_few_ticks_tells_no_more_than_it_has() -> None:
    assert len(watch(terminal=False, ticks=3).splitlines()) == 3


def test_nothing_known_yet_is_no_trouble() -> None:
    told = io.StringIO()
    with Progress(horizon=600.0, console=Console(file=told, width=150)) as progress:
        progress.update(Tick(now=600.0, events=0, kpis={}, losses={}, decisions=0))
    assert "loss -" in told.getvalue()


def test_an_interrupted_run_gives_the_terminal_back() -> None:
    told = io.StringIO()
    console = Console(file=told, force_terminal=True, width=150)

    def run() -> None:
        with Progress(horizon=600.0, console=console) as progress:
            progress.update(tick(60.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert told.getvalue().endswith("\x1b[?25h")


def test_a_horizon_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="horizon = 0"):
        Progress(horizon=0)
