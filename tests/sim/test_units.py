"""Units agree with each other."""

from __future__ import annotations

from sim.units import DAY, HOUR, KWH, MINUTE


def test_a_day_has_24_hours_of_60_minutes_of_60_seconds() -> None:
    assert MINUTE == 60.0
    assert HOUR == 60 * MINUTE
    assert DAY == 24 * HOUR


def test_a_kilowatt_hour_is_a_thousand_watts_for_an_hour() -> None:
    assert KWH == 1000 * HOUR
