"""What crosses the border between a plant and its controller, and nothing else.

A controller (the digital twin, or any other) knows the plant only through its `PlantSpec`, the `Message`s that its
network delivers and the `Action`s that it sends back. Times are seconds of simulated time, money is in the
objective's unit. Everything here is immutable and picklable.
"""

from __future__ import annotations

from sim.contract.events import (
    COMMAND_APPLIED,
    COMMAND_LATE,
    COMMAND_REFUSED,
    DEADLOCK,
    FAILED,
    MAINTAINED,
    MAINTENANCE_STARTED,
    REPAIR_STARTED,
    REPAIRED,
    Event,
)
from sim.contract.exchange import Action, Message
from sim.contract.objective import Objective, OrderCost
from sim.contract.parts import Actuator, Asset, Link, Signal
from sim.contract.plant import Controller, Plant, Silenceable
from sim.contract.relief import Bottleneck, Relievable
from sim.contract.schedule import Schedule
from sim.contract.spec import PlantSpec
from sim.contract.standstill import StandstillError
from sim.contract.truth import Truth, WearOfLives

__all__ = [
    "COMMAND_APPLIED",
    "COMMAND_LATE",
    "COMMAND_REFUSED",
    "DEADLOCK",
    "FAILED",
    "MAINTAINED",
    "MAINTENANCE_STARTED",
    "REPAIRED",
    "REPAIR_STARTED",
    "Action",
    "Actuator",
    "Asset",
    "Bottleneck",
    "Controller",
    "Event",
    "Link",
    "Message",
    "Objective",
    "OrderCost",
    "Plant",
    "PlantSpec",
    "Relievable",
    "Schedule",
    "Signal",
    "Silenceable",
    "StandstillError",
    "Truth",
    "WearOfLives",
]
