"""The kernel: timers, order, SimPy beside it, copies and snapshots."""

from __future__ import annotations

import pickle
from collections.abc import Generator
from typing import Any

import pytest
import simpy

from sim.engine.flat_pickle import _bind
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.sealing import MAGIC, seal, unseal


class Clock(Component):
    """Notes the time every `period`."""

    def __init__(self, kernel: Kernel, name: str, period: float) -> None:
        super().__init__(kernel, name)
        self.period, self.noted = period, list[float]()
        self.timer = Timer(kernel, self.strike)
        self.timer.set(period)

    def strike(self) -> None:
        self.noted.append(self.kernel.now)
        self.timer.set(self.period)


def test_advance_includes_its_end() -> None:
    clock = Clock(kernel := Kernel(), "clock", 10.0)
    kernel.advance(30.0)
    assert clock.noted == [10.0, 20.0, 30.0]
    assert kernel.now == 30.0


def test_a_timer_set_again_fires_once_and_a_cancelled_one_never() -> None:
    clock = Clock(kernel := Kernel(), "clock", 10.0)
    clock.timer.set(4.0)
    kernel.advance(5.0)
    clock.timer.cancel()
    kernel.advance(100.0)
    assert clock.noted == [4.0]


def test_soon_runs_at_the_same_time_in_order_without_recursion() -> None:
    kernel, order = Kernel(), list[int]()

    class Chain(Component):
        left = 5000

        def go(self) -> None:
            order.append(self.left)
            self.left -= 1
            if self.left:
                self.kernel.soon(self.go)

    kernel.soon(Chain(kernel, "chain").go)
    kernel.advance(0.0)
    assert order == list(range(5000, 0, -1))


def test_simpy_processes_work_but_cannot_be_forked() -> None:
    clock, kernel = None, Kernel()
    clock = Clock(kernel, "clock", 10.0)
    woken: list[float] = []

    def process() -> Generator[simpy.Event, Any, None]:
        while True:
            yield kernel.timeout(7.0)
            woken.append(kernel.now)

    kernel.process(process())
    kernel.advance(21.0)
    assert woken == [7.0, 14.0, 21.0]
    assert clock.noted == [10.0, 20.0]
    with pytest.raises(ValueError, match="cannot be forked"):
        kernel.save()


def test_simpy_run_and_step_drive_timers_too() -> None:
    clock = Clock(kernel := Kernel(), "clock", 10.0)
    kernel.run(until=25.0)
    assert clock.noted == [10.0, 20.0]


def test_the_past_is_refused_and_a_name_is_taken_once() -> None:
    kernel = Kernel(5.0)
    Clock(kernel, "clock", 1.0)
    with pytest.raises(ValueError, match="until = 4"):
        kernel.advance(4.0)
    with pytest.raises(ValueError, match="'clock'"):
        Clock(kernel, "clock", 1.0)


def test_a_copy_goes_on_alone() -> None:
    clock = Clock(kernel := Kernel(), "clock", 10.0)
    kernel.advance(25.0)
    copy = kernel.copy()
    copy.advance(45.0)
    twin = copy.components["clock"]
    assert isinstance(twin, Clock)
    assert (clock.noted, twin.noted) == ([10.0, 20.0], [10.0, 20.0, 30.0, 40.0])
    assert twin.timer.kernel is copy


def test_what_cannot_be_copied_is_named() -> None:
    kernel = Kernel()
    clock = Clock(kernel, "clock", 1.0)
    clock.noted = lambda: None  # type: ignore[assignment]
    with pytest.raises(ValueError, match="cannot be copied"):
        kernel.save()


def snapshot() -> bytes:
    kernel = Kernel()
    kernel.advance(5.0)
    return seal(kernel.save())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a Tandem snapshot"),
        (b"PK\x03\x04 some other file", "not a Tandem snapshot"),
        (snapshot()[:-3], "truncated"),
        (snapshot()[:-1] + b"?", "truncated or damaged"),
        (MAGIC + b"999 3 1\nabc", "version = 999"),
        (MAGIC + b"what\n", "header is damaged"),
    ],
)
def test_a_bad_snapshot_gets_one_line(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        unseal(data)
    assert "\n" not in str(caught.value)


class Bomb:
    def __init__(self, call: Any, *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call, self.arguments


def reached(module: str, attribute: str) -> bytes:
    """A pickle that reaches for a module's `attribute` (protocol 4 walks dots)."""
    texts = [b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, attribute)]
    return b"\x80\x04" + b"".join(texts) + b"\x93."


@pytest.mark.parametrize(
    "data",
    [
        pickle.dumps(Bomb(eval, "1 + 1")),
        pickle.dumps(Bomb(print, "executed")),
        pickle.dumps(Bomb(getattr, [], "append")),
        reached("sim.engine.flat_pickle", "pickle.loads"),
        reached("sim.engine.kernel", "heappop"),
        reached("sim.engine.kernel", "simpy.Environment"),
        pickle.dumps(Bomb(type, "Fresh", (), {})),
        pickle.dumps(Bomb(Bomb, print, "executed")),
        pickle.dumps([(Bomb, "plant")]),
        pickle.dumps([(Kernel, "plant")]),
        pickle.dumps([(Clock, "plant")]),
        pickle.dumps([(Component, "plant")]),
        pickle.dumps(Bomb(_bind, Bomb(Component), "register")),
        pickle.dumps([(Component, "plant")]) + pickle.dumps((Bomb(print, "executed"), 0, 0, 0, [], [])),
        pickle.dumps([(Component, "plant")]) + pickle.dumps(Bomb(_bind, "text", "upper")),
        pickle.dumps([]) + pickle.dumps(([], 0.0, 0, 0, [], []))[:-2],
        pickle.dumps(42),
        b"garbage",
        b"",
    ],
)
def test_a_crafted_snapshot_executes_nothing(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        Kernel.load(data)
    assert capsys.readouterr().out == ""


def test_a_snapshot_cut_anywhere_or_with_any_bit_turned_gets_one_line() -> None:
    kernel = Kernel()
    kernel.advance(5.0)
    whole = seal(kernel.save())
    spoilt = [whole[:cut] for cut in range(len(whole))]
    spoilt += [whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in range(len(whole))]
    for data in spoilt:
        with pytest.raises(ValueError, match="snapshot: ") as caught:
            unseal(data)
        assert "\n" not in str(caught.value)


def test_a_foreign_pickle_cannot_change_a_class() -> None:
    """BUILD with slot state sets attributes on whatever it finds on the stack, a class as well."""
    for change in (b"N}(X\x04\x00\x00\x00evilK\x01u\x86b.", b"N}(X\x07\x00\x00\x00__doc__K\x01u\x86b."):
        before = dict(Component.__dict__)
        with pytest.raises(ValueError, match="it would change Component"):
            Kernel.load(b"\x80\x02csim.engine.kernel\nComponent\n" + change)
        assert dict(Component.__dict__) == before
