import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.contract import Message
from twin.sensing.inbox import Inbox


def message(sequence: int, channel: str = "telemetry") -> Message:
    empty = np.zeros(0)
    return Message(channel, sequence, 0.0, 0.0, empty.astype(np.int32), empty, empty)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=120))
def test_every_message_is_accounted_for_in_any_order_with_losses_and_copies(arrivals: list[int]) -> None:
    inbox = Inbox()
    accepted = [n for n in arrivals if inbox.accept(message(n))]
    assert sorted(accepted) == sorted(set(arrivals))
    assert inbox.accepted + inbox.duplicates == len(arrivals)
    assert inbox.missing == max(arrivals) + 1 - len(set(arrivals))


def test_channels_are_numbered_apart() -> None:
    inbox = Inbox()
    assert inbox.accept(message(0, "telemetry"))
    assert inbox.accept(message(0, "events"))
    assert inbox.missing == 0
