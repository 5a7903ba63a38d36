"""What a plant raises whose simulated time does not pass."""

from __future__ import annotations


class StandstillError(RuntimeError):
    """Events follow each other without time between them, so that `advance` would never end.

    The message is one line: the time, the components whose events repeat, and what to change.
    """
