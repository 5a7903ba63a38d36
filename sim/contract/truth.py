"""The hidden state that a plant shows the lab: what the lab and its privileged references read of it."""

from __future__ import annotations

from typing import Required, TypedDict


class Truth(TypedDict, total=False):
    """Keys of `Plant.truth()`. A plant may add keys of its own (a TypedDict that inherits from this one).

    Only `events_processed` is owed; what a plant leaves out, the lab does without. A new dict at every call.
    """

    events_processed: Required[int]
    """Events that the simulation has processed so far, for the figures of speed."""
    state: dict[str, str]
    """Asset → the state that it is in now."""
    state_seconds: dict[str, dict[str, float]]
    """Asset → state → seconds spent in it so far; they add up to `now`. The report draws its timeline from it."""
    wear: dict[str, float]
    """Asset → true wear now, 1 = the mean level at which it fails. `privileged_threshold` reads it."""
    net_energy: float
    """kWh so far that loads wanted beyond what sun and wind could have given. `privileged_mpc` reads it."""
    stored: dict[str, float]
    """Asset → energy that it holds now, kWh. The linear programme (perfect foresight) reads it."""
