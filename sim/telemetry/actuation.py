"""Commands arriving from the downlink: applied within bounds, or refused with an event."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Protocol

from sim import contract
from sim.contract import Action, Actuator
from sim.engine.instant import COMMANDS
from sim.engine.kernel import Component, Kernel, Timer
from sim.telemetry.channel import Channel
from sim.telemetry.journal import Journal


class Receiver(Protocol):
    """What carries out the commands for an asset."""

    def command(self, actuator: str, value: float) -> str:
        """Do what the actuator of this name is for. Returns why it is refused, or an empty string."""
        ...


class Actuation(Component):
    """Takes commands from `channel` when they arrive. A command is carried out once, however often it arrives.

    late: seconds of travel beyond which a command counts as late (it is applied all the same).
    """

    SHARED: ClassVar[tuple[str, ...]] = ("_actuators",)

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        channel: Channel,
        journal: Journal,
        receivers: Mapping[str, Receiver],
        actuators: Mapping[str, Actuator],
        late: float,
    ) -> None:
        super().__init__(kernel, name)
        self._channel, self._journal, self._late = channel, journal, late
        self._receivers, self._actuators = dict(receivers), dict(actuators)
        self._timer = Timer(kernel, self._arrive, COMMANDS)
        self._number = 0
        self._done: dict[int, None] = {}
        self.applied = self.refused = self.late = 0

    def send(self, action: Action) -> None:
        """Put a command on the downlink."""
        self._number += 1
        self._channel.send((self._number, action), reliable=True)
        self._await()

    def counts(self) -> dict[str, float]:
        """Of commands carried out, refused, late."""
        return {
            "commands_applied": float(self.applied),
            "commands_refused": float(self.refused),
            "commands_late": float(self.late),
        }

    def _await(self) -> None:
        due = self._channel.next_arrival
        if due < math.inf:
            self._timer.set_at(due)

    def _arrive(self) -> None:
        for _, (number, action) in self._channel.arrived(self.kernel._now):
            if number not in self._done:
                self._done[number] = None
                self._carry_out(action)
        while len(self._done) > 1000:
            del self._done[next(iter(self._done))]
        self._await()

    def _carry_out(self, action: Action) -> None:
        now, actuator = self.kernel._now, self._actuators.get(action.actuator)
        why = self._refusal(action, actuator)
        if not why and actuator is not None:
            why = self._receivers[actuator.asset].command(actuator.name, action.value)
        asset = actuator.asset if actuator else ""
        if why:
            self.refused += 1
            self._journal.note(asset, contract.COMMAND_REFUSED, f"{action.actuator}: {why}", action.value)
            return
        self.applied += 1
        self._journal.note(asset, contract.COMMAND_APPLIED, action.actuator, action.value)
        if now - action.time > self._late:
            self.late += 1
            self._journal.note(asset, contract.COMMAND_LATE, action.actuator, now - action.time)

    def _refusal(self, action: Action, actuator: Actuator | None) -> str:
        if actuator is None:
            return "there is no such actuator"
        if actuator.kind == "setpoint" and not actuator.low <= action.value <= actuator.high:
            return f"value = {action.value:g}: must be in [{actuator.low:g}, {actuator.high:g}]"
        return ""
