"""Up, down, in maintenance: the time in each adds up."""

from __future__ import annotations

import pytest

from sim.engine.kernel import Kernel
from sim.maintenance.condition import DOWN, MAINTENANCE, UP, Condition


class Pump(Condition):
    def fail(self) -> None:
        self._enter(DOWN)

    def maintain(self) -> None:
        self._enter(MAINTENANCE)

    def release(self) -> None:
        self._enter(UP)


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


def test_it_is_up_at_first(kernel: Kernel) -> None:
    pump = Pump(kernel, "pump")
    assert pump.up
    assert pump.state_name == "up"
    assert pump.seconds_by_name() == {"up": 0.0, "down": 0.0, "maintenance": 0.0}


def test_each_condition_has_the_seconds_spent_in_it(kernel: Kernel) -> None:
    pump = Pump(kernel, "pump")
    for until, change in ((10.0, pump.fail), (13.0, pump.release), (20.0, pump.maintain), (25.0, pump.release)):
        kernel.advance(until)
        change()
    assert pump.up
    assert pump.seconds_by_name() == {"up": 17.0, "down": 3.0, "maintenance": 5.0}


def test_time_is_counted_at_a_change_or_when_asked(kernel: Kernel) -> None:
    pump = Pump(kernel, "pump")
    pump.fail()
    kernel.advance(7.0)
    assert pump.seconds[DOWN] == 0.0
    pump.accrue()
    pump.accrue()
    assert pump.seconds[DOWN] == 7.0
    assert not pump.up


def test_a_copy_goes_on_counting_by_itself(kernel: Kernel) -> None:
    Pump(kernel, "pump").fail()
    kernel.advance(4.0)
    copy = kernel.copy().components["pump"]
    assert isinstance(copy, Condition)
    copy.kernel.advance(9.0)
    copy.accrue()
    assert copy.seconds_by_name() == {"up": 0.0, "down": 9.0, "maintenance": 0.0}
    assert kernel.now == 4.0
