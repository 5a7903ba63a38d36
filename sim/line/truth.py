"""The hidden state of a line, by station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.contract import Truth
from sim.line.machine import STATES
from sim.line.station import Station
from sim.line.wear import Wear
from sim.telemetry.sensors import SensorBank


class LineTruth(Truth):
    """What a line shows the lab beside what every plant does. All by station, but `gain`.

    rate: of wear in the present life, on the present material; 1 on average. threshold: wear at which this life
    fails. shock_rate: failures by shock per second of work. age: seconds of work in this life. life: its number.
    hazard: failures per second given wear and rate, but not the threshold. gain: of each sensor, by signal
    key.
    """

    threshold: dict[str, float]
    shock_rate: dict[str, float]
    age: dict[str, float]
    life: dict[str, int]
    hazard: dict[str, float]
    gain: dict[str, float]


def line_truth(stations: Mapping[str, Station], banks: Sequence[SensorBank], processed: int) -> LineTruth:
    """The hidden state now. processed: events so far."""
    for station in stations.values():
        station.accrue()
    worn = {name: s.wear for name, s in stations.items() if s.wear is not None}
    return {
        "wear": {name: wear.wear for name, wear in worn.items()},
        "rate": {name: wear.rate * wear.hardness for name, wear in worn.items()},
        "threshold": {name: wear.level for name, wear in worn.items()},
        "shock_rate": {name: 1.0 / wear.shock_life for name, wear in worn.items()},
        "age": {name: wear.worked for name, wear in worn.items()},
        "life": {name: wear.number for name, wear in worn.items()},
        "laws": {name: s.wear.law(s.cycle_time) for name, s in stations.items() if isinstance(s.wear, Wear)},
        "hazard": {name: s.hazard() for name, s in stations.items() if s.upkeep is not None},
        "gain": {key: gain for bank in banks for key, gain in bank.gains().items()},
        "state": {name: s.state_name for name, s in stations.items()},
        "state_seconds": {name: dict(zip(STATES, s.seconds, strict=True)) for name, s in stations.items()},
        "events_processed": processed,
    }
