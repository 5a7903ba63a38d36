"""Ctrl-C and SIGTERM, once and again: heeded at once, the status says so, and the run goes on to the same end."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.plant import SimulatedPlant
from tests.lab.running.faults import never_ends
from tests.lab.running.short_run import at_tick, ends_as, interrupt, run
from twin.lab.cli import main
from twin.lab.jobs import run as job
from twin.lab.running import interruption
from twin.lab.running.interruption import Interruption, Stopped
from twin.lab.running.tensorboard import Nowhere


@pytest.fixture(autouse=True)
def heeding() -> Iterator[None]:
    """A shell's jobs in the background are born deaf to Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def facts(path: Path) -> dict[str, Any]:
    return dict(json.loads((path / "run.json").read_text()))


def in_tick(number: int, then: Callable[[], Any]) -> pytest.MonkeyPatch:
    """Have something happen within a tick's advance."""
    patch, real = pytest.MonkeyPatch(), SimulatedPlant.advance

    def advance(self: SimulatedPlant, until: float) -> Any:
        messages = real(self, until)
        if round(until / 600) == number:
            then()
        return messages

    patch.setattr(SimulatedPlant, "advance", advance)
    return patch


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_tick_that_takes_long_is_left_after_a_moment(number: int, own: Path, whole: dict[str, Any]) -> None:
    sent = 0.0

    def send() -> None:
        nonlocal sent
        sent = time.monotonic()
        os.kill(os.getpid(), number)
        never_ends()

    patch = in_tick(35, send)
    with pytest.raises(KeyboardInterrupt):
        job.main([f"resume={own}"])
    patch.undo()
    assert sent
    assert time.monotonic() - sent < 15.0, "the tick would have taken 20 s"
    assert (facts(own)["status"], facts(own)["sim_s"]) == ("interrupted", 34 * 600)
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


def twice() -> None:
    interrupt()
    interrupt()


def test_a_second_one_ends_the_tick_in_hand_at_once(own: Path, whole: dict[str, Any]) -> None:
    patch = in_tick(35, twice)
    with pytest.raises(KeyboardInterrupt):
        job.main([f"resume={own}"])
    patch.undo()
    assert (facts(own)["status"], facts(own)["error"]) == ("interrupted", "interrupted at 0.24 of 0.3 days")
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


@pytest.mark.parametrize(
    "place", ["twin.lab.running.checkpoint.encode", "twin.lab.running.session.scores", "twin.lab.report.report.report"]
)
def test_a_second_one_while_the_run_is_closed_leaves_out_the_rest(
    place: str, own: Path, whole: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """At the checkpoint, the scores, the report."""

    def again(*_: Any) -> Any:
        assert facts(own)["status"] == "interrupted", "it says so before anything else"
        interrupt()
        never_ends()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, again)
        between = at_tick(32, interrupt)
        with pytest.raises(SystemExit) as stop:
            main(["run", f"resume={own}"])
        between.undo()
    assert stop.value.code == 130
    assert [line for line in capsys.readouterr().err.splitlines() if "interrupted" in line] == [
        f"tandem: interrupted at 0.22 of 0.3 days; what was recorded is in {own}; tandem run resume={own} goes on"
    ]
    assert facts(own)["status"] == "interrupted"
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


def test_a_finished_run_whose_report_takes_long_is_interrupted(own: Path, whole: dict[str, Any]) -> None:
    def slow(*_: Any) -> Any:
        interrupt()
        never_ends()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.lab.report.report.report", slow)
        patch.setattr(interruption, "GRACE", 0.05)
        with pytest.raises(KeyboardInterrupt):
            job.main([f"resume={own}"])
    assert facts(own)["status"] == "interrupted"
    job.main([f"resume={own}"])
    assert ends_as(whole, own)


def test_one_that_comes_before_the_first_tick_is_heeded_there(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("twin.lab.running.session.open_sink", lambda *_, **__: (interrupt(), Nowhere())[1])
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / "run", "checkpoint=null")
    assert (facts(tmp_path / "run")["status"], facts(tmp_path / "run")["sim_s"]) == ("interrupted", 0.0)
    assert not (tmp_path / "run" / "report.html").exists(), "nobody waits for a report of nothing"


def test_requests_are_counted_only_while_nobody_may_be_interrupted() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Interruption() as asked:
        for _ in range(3):
            interrupt()
        assert asked.asked == 3
        with pytest.raises(KeyboardInterrupt), asked.giving_up():
            raise AssertionError("two were enough")
        with pytest.raises(Stopped):
            asked.listen()
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interrupt_that_gets_lost_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "GRACE", 0.01)
    monkeypatch.setattr(interruption, "AGAIN", 0.01)
    lost = 0
    with Interruption() as asked:
        asked.listen()
        interrupt()
        while lost < 2:
            try:
                never_ends()
            except KeyboardInterrupt:
                lost += 1
        asked.taken()
        time.sleep(0.05)
    assert lost == 2
