"""Who carries out the commands for a signal, a stage, or an asset under maintenance."""

from __future__ import annotations

from sim.road.signal import TrafficSignal
from sim.road.upkeep import RoadUpkeep

SIGNAL = ("cycle", "offset", "extension")
STAGE = ("split", "min_green", "max_green", "request")


class RoadCommands:
    """Takes work orders for a detector station or a road."""

    def __init__(self, upkeep: RoadUpkeep) -> None:
        self._upkeep = upkeep

    def command(self, actuator: str, value: float) -> str:
        """Order the work."""
        del actuator, value
        return self._upkeep.order()


class SignalOrder:
    """Takes the setpoints of a signal and work orders for its controller."""

    def __init__(self, signal: TrafficSignal, upkeep: RoadUpkeep | None) -> None:
        self._signal, self._upkeep = signal, upkeep

    def command(self, actuator: str, value: float) -> str:
        """Refused while the controller is out of order."""
        if actuator not in SIGNAL:
            return self._upkeep.order() if self._upkeep is not None else "it has no maintenance"
        if self._signal.dark or self._signal.frozen:
            return "the controller does not answer"
        self._signal.change(**{actuator: value})
        return ""


class StageOrder:
    """Takes the setpoints of stage number `index`."""

    def __init__(self, signal: TrafficSignal, index: int) -> None:
        self._signal, self._index = signal, index

    def command(self, actuator: str, value: float) -> str:
        """Refused while the controller is out of order, or where the least green would exceed the most."""
        signal, stage = self._signal, self._signal.stages[self._index]
        if signal.dark or signal.frozen:
            return "the controller does not answer"
        if actuator == "request":
            if value > 0.5:
                signal.ask(self._index)
            else:
                signal.withdraw(self._index)
            return ""
        if actuator == "min_green" and value > stage.max_green:
            return f"value = {value:g}: must be at most max_green = {stage.max_green:g}"
        if actuator == "max_green" and value < stage.min_green:
            return f"value = {value:g}: must be at least min_green = {stage.min_green:g}"
        setattr(stage, actuator, value)
        signal.change()
        return ""
