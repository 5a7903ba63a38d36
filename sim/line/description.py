"""What a controller may know of a line beforehand: its PlantSpec."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.contract import Actuator, Asset, Link, Objective, OrderCost, PlantSpec, Schedule, Signal
from sim.engine.checks import known, number
from sim.line.accounts import LineAccounts
from sim.line.measured import QUANTITIES, UNITS
from sim.line.station_fields import names_of
from sim.line.wiring import LineBuilder

LINE = "line"  # the asset that stands for the whole line
SPEED = {"low": 0.7, "high": 1.3}  # times the designed speed, where the yaml says nothing

Fields = Mapping[str, Mapping[str, Any]]


def describe(
    *,
    line: LineBuilder,
    fields: Fields,
    accounts: LineAccounts,
    tick: float,
    periods: Mapping[str, float],
    speed: Mapping[str, float] | None,
    known_future: tuple[Schedule, ...],
) -> PlantSpec:
    """Assets are stations and the line itself; links follow the parts, those to rework included.

    fields: of each station. periods: seconds between samples by signal key. speed: `low` and `high` of the setpoints.
    known_future: the tariff first. Raises ValueError naming the field.
    """
    stations = [Asset(name, str(station_fields.get("type", "station"))) for name, station_fields in fields.items()]
    prices = {"energy": known_future[0].at(0.0)}
    orders = tuple(_orders(line, accounts.margin))
    return PlantSpec(
        assets=(*stations, Asset(LINE, LINE)),
        links=tuple(dict.fromkeys(_links(fields))),
        signals=(*_station_signals(fields, periods, tick), *_line_signals(tick)),
        actuators=tuple(_actuators(line, fields, speed)),
        objective=Objective(f"{LINE}.profit", "EUR", 1, prices, orders, "profit_per_hour"),
        tick=tick,
        modes=accounts.modes,
        known_future=known_future,
        technicians=sum(crew.most for crew in line.crews.values()),
    )


def _links(stations: Fields) -> Iterator[Link]:
    """From each station to all that take its parts: to every station of a queue, and to rework."""
    for name, fields in stations.items():
        for target in (*names_of(fields.get("to")), *names_of(fields.get("rework"))):
            queue = stations[target].get("queue")
            members = [one for one, other in stations.items() if queue is not None and other.get("queue") == queue]
            yield from (Link(name, member) for member in members or [target])


def _station_signals(stations: Iterable[str], periods: Mapping[str, float], tick: float) -> Iterator[Signal]:
    for name in stations:
        for quantity in QUANTITIES:
            period = periods.get(f"{name}.{quantity}")
            if period is None:  # nobody asked for this sensor
                continue
            unit, low, high = UNITS[quantity]
            yield Signal(name, quantity, quantity, unit, period, low, high, forecast=quantity != "power")
        yield Signal(name, "count", "count", "parts", tick, 0.0, cumulative=True)
        yield Signal(name, "level", "level", "parts", tick, 0.0)


def _line_signals(tick: float) -> tuple[Signal, ...]:
    return (
        Signal(LINE, "good_parts", "output", "parts", tick, 0.0, cumulative=True),
        Signal(LINE, "scrap_parts", "scrap", "parts", tick, 0.0, cumulative=True),
        Signal(LINE, "energy", "energy", "kWh", tick, 0.0, cumulative=True),
        Signal(LINE, "wip", "level", "parts", tick, 0.0),
        Signal(LINE, "profit", "profit", "EUR", tick, cumulative=True, forecast=True),
    )


def _actuators(line: LineBuilder, fields: Fields, speed: Mapping[str, float] | None) -> Iterator[Actuator]:
    """Of each station: its speed, its shares of parts where these are setpoints, its work order."""
    low, high = _speed_limits(speed)
    for name, station in line.stations.items():
        yield Actuator(name, "speed", "setpoint", "", low, high, 1.0)
        for target in _set_targets(fields[name]):
            yield Actuator(name, f"to_{target}", "setpoint", "", 0.0, 1.0, 1.0)
        if station.upkeep is not None and station.upkeep.renews:
            yield Actuator(name, "maintain", "work_order", "", 1.0, 1.0, 1.0)


def _speed_limits(speed: Mapping[str, float] | None) -> tuple[float, float]:
    known("speed", speed or {}, tuple(SPEED))
    limits = SPEED | dict(speed or {})
    return number("speed.low", limits["low"], above=0), number("speed.high", limits["high"], low=1)


def _set_targets(fields: Mapping[str, Any]) -> list[str]:
    targets = names_of(fields.get("to"))
    return targets if fields.get("routing") == "setpoint" and len(targets) > 1 else []


def _orders(line: LineBuilder, margin: float) -> Iterator[OrderCost]:
    """What renewing each station costs. margin: EUR lost per part that could have left meanwhile."""
    for name, station in line.stations.items():
        work = station.upkeep.maintenance if station.upkeep is not None else None
        if work is not None and work.preventive is not None and work.corrective is not None:
            yield OrderCost(
                asset=name,
                actuator=f"{name}.maintain",
                preventive_cost=work.preventive_cost,
                corrective_cost=work.corrective_cost,
                preventive_time=work.preventive.mean,
                corrective_time=work.corrective.mean,
                downtime_cost=margin * line.losses.get(name, 0.0),
            )
