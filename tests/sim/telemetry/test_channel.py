"""Channels: accounts, delay, loss, retries, order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.kernel import Kernel
from sim.telemetry.channel import Channel


def channel(seed: int = 1, **settings: Any) -> Channel:
    return Channel(kernel=Kernel(), name="uplink", seed=seed, settings=settings)


def send(channel: Channel, count: int, gap: float = 1.0, *, reliable: bool = False) -> list[tuple[float, Any]]:
    """Send numbers at even times; all that arrives in the end."""
    for number in range(count):
        channel.kernel.advance(channel.kernel.now + gap)
        channel.send(number, reliable=reliable)
    return channel.arrived(1e12)


def test_a_perfect_channel_delivers_at_once_in_order() -> None:
    assert send(channel(), 5) == [(1.0, 0), (2.0, 1), (3.0, 2), (4.0, 3), (5.0, 4)]


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3), st.integers(1, 200), st.booleans(), st.floats(0, 300))
def test_every_message_is_accounted_for(
    loss: float, duplicate: float, retries: int, count: int, reliable: bool, until: float
) -> None:
    line = channel(loss=loss, duplicate=duplicate, retries=retries, latency={"law": "exponential", "mean": 50.0})
    for number in range(count):
        line.kernel.advance(line.kernel.now + 1.0)
        line.send(number, reliable=reliable)
    line.arrived(until)
    counts = line.counts()
    assert counts["uplink_sent"] == count
    total = counts["uplink_delivered"] + counts["uplink_lost"] + counts["uplink_in_flight"]
    assert counts["uplink_sent"] + counts["uplink_duplicated"] == total


def test_loss_duplicates_latency_and_reordering_are_as_configured() -> None:
    line = channel(loss=0.3, duplicate=0.1, latency={"law": "lognormal", "mean": 120.0, "cv": 1.5})
    arrived = send(line, 20_000)
    assert line.lost / 20_000 == pytest.approx(0.3, abs=0.015)
    assert line.duplicated / (20_000 - line.lost) == pytest.approx(0.1, abs=0.015)
    first: dict[int, float] = {}
    for time, number in arrived:
        first.setdefault(number, time - (number + 1.0))
    assert np.mean(list(first.values())) == pytest.approx(120.0, rel=0.05)
    numbers = [number for _, number in arrived]
    assert numbers != sorted(numbers)


def test_retries_turn_loss_into_delay() -> None:
    line = channel(loss=0.3, retries=5, timeout=10.0)
    arrived = send(line, 5000, reliable=True)
    assert line.lost <= 15  # .3^6 of 5000 is 3.6
    delays = [time - (number + 1.0) for time, number in arrived]
    assert set(delays) <= {0.0, 10.0, 20.0, 30.0, 40.0, 50.0}
    assert np.mean(delays) == pytest.approx(10.0 * 0.3 / 0.7, rel=0.1)


def test_what_becomes_of_one_message_changes_nothing_for_the_next() -> None:
    """Common random numbers: under another loss rate, the same messages have the same latencies."""
    mild, harsh = (channel(loss=loss, latency={"law": "gamma", "mean": 9.0, "cv": 0.5}) for loss in (0.0, 0.5))
    all_arrived = {number: time for time, number in send(mild, 200)}
    assert all(all_arrived[number] == time for time, number in send(harsh, 200))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"loss": -0.1}, "uplink.loss = -0.1"),
        ({"retries": 1.5}, "uplink.retries = 1.5"),
        ({"lag": 1}, "'lag' is unknown"),
        ({"latency": {"law": "x", "mean": 1.0}}, "uplink.latency: law = 'x'"),
        ({"timeout": 0}, "uplink.timeout = 0"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        channel(**settings)
