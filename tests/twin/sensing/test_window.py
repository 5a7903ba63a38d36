import numpy as np
import pytest

from sim import contract
from sim.contract import Action, Event, Message
from tests.twin.toy import TICK, toy_spec
from twin.sensing.cleaning import Cleaner
from twin.sensing.window import Window

PROFIT = 3


@pytest.fixture
def window() -> Window:
    spec = toy_spec()
    return Window(spec=spec, cleaner=Cleaner(spec=spec), grace=1)


def message(sequence: int, rows: list[tuple[int, float, float]], events: tuple[Event, ...] = ()) -> Message:
    signals, times, values = (np.array(column) for column in zip(*rows, strict=True)) if rows else [np.zeros(0)] * 3
    return Message("telemetry", sequence, 0.0, 0.0, signals.astype(np.int32), times, values, events)


def test_a_frame_averages_the_tick_and_marks_what_is_missing(window: Window) -> None:
    window.add(message(0, [(0, 60.0, 1.0), (0, 600.0, 3.0), (1, 300.0, 5.0)]))
    frame = window.close(TICK)
    assert frame.value[0, 0] == 2.0
    assert frame.spread[0, 0] == 2.0
    assert frame.value[1, 0] == 5.0
    assert np.isnan(frame.value[2, 0])
    assert frame.staleness[2, 0] == 1.0


def test_a_counter_becomes_a_rate_also_over_a_gap(window: Window) -> None:
    window.add(message(0, [(PROFIT, TICK, 100.0)]))
    assert np.isnan(window.close(TICK).value[3, 1])
    window.close(2 * TICK)
    window.add(message(1, [(PROFIT, 3 * TICK, 160.0)]))
    assert window.close(3 * TICK).value[3, 1] == pytest.approx(30.0)


def test_late_readings_count_until_the_tick_closes_and_not_after(window: Window) -> None:
    window.add(message(0, [(0, 60.0, 1.0)]))
    window.close(TICK)
    assert window.final() is None
    window.add(message(1, [(0, 120.0, 3.0)]))
    window.close(2 * TICK)
    final = window.final()
    assert final is not None
    assert final[0] == 1
    assert final[1][0, 0] == 2.0
    window.add(message(2, [(0, 180.0, 9.0)]))
    window.close(3 * TICK)
    assert window.late_readings == 1


def test_what_is_measured_at_a_ticks_end_shows_in_the_next_frame(window: Window) -> None:
    """Over a network that takes time it always comes after the decision; it must not be lost to the features."""
    window.close(TICK)
    for k in range(1, 4):
        window.add(message(k, [(PROFIT, k * TICK, 30.0 * k), (0, k * TICK - 60.0, 5.0)]))
        frame = window.close((k + 1) * TICK)
        assert frame.staleness[3, 1] == 1.0
        assert frame.total[3, 1] == 30.0 * k
    assert frame.value[3, 1] == pytest.approx(30.0)
    assert frame.value[0, 0] == 5.0


def test_a_reading_is_shown_in_one_frame_only(window: Window) -> None:
    window.add(message(0, [(0, 60.0, 1.0)]))
    window.close(TICK)
    window.add(message(1, [(0, 120.0, 3.0)]))
    frame = window.close(2 * TICK)
    assert np.isnan(frame.value[0, 0])
    assert frame.staleness[0, 0] == 1.0


def test_a_tick_is_final_once(window: Window) -> None:
    window.close(TICK)
    window.close(2 * TICK)
    assert window.final() is not None
    assert window.final() is None


def test_setpoints_follow_what_the_plant_confirms(window: Window) -> None:
    applied = Event(10.0, "pump_1", contract.COMMAND_APPLIED, "pump_1.speed", 1.25)
    window.add(message(0, [], (applied,)))
    assert window.close(TICK).setpoints[1, 0] == 1.25


def test_actions_amount_to_a_plan(window: Window) -> None:
    window.close(TICK)
    plan = window.intend([Action(TICK, "pump_2.maintain"), Action(TICK, "pump_0.speed", 0.8)])
    assert plan.orders.tolist() == [np.inf, np.inf, 0.0, np.inf]
    assert plan.setpoints[0, 0] == 0.8
