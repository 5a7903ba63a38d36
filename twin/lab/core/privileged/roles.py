"""What a privileged reference must offer to receive hidden state. Without `privileged = True` it receives none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from sim.contract import Plant, Truth
from twin.sensing.window import Window

TruthReader = Callable[[], Truth]


@runtime_checkable
class Privileged(Protocol):
    """A policy or surrogate that says of itself that it sees what no twin could."""

    privileged: bool


@runtime_checkable
class SeesTruth(Privileged, Protocol):
    """A policy that reads the plant's hidden state."""

    def connect(self, truth: TruthReader) -> None:
        """Take the plant's `truth`; it is called anew at every decision."""
        ...


@runtime_checkable
class PlansOnForks(Privileged, Protocol):
    """A policy that sends copies of the plant ahead before it decides."""

    def foresee(self, fork: Callable[[], Plant]) -> None:
        """Take the plant's `fork`: a copy with the same future at every call."""
        ...


@runtime_checkable
class ForecastsByForks(Privileged, Protocol):
    """A surrogate that sends copies of the plant ahead under every plan."""

    def send(self, fork: Callable[[int | None], Plant], window: Window) -> None:
        """Take the plant's `fork`, reseeded or not, and the window of the twin that asks."""
        ...
