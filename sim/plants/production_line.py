"""The production line: stations that wear, buffers, technicians, sensors, a network; one objective, profit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.contract import (
    DEADLOCK,
    Actuator,
    Asset,
    Link,
    Objective,
    OrderCost,
    PlantSpec,
    Signal,
)  # fmt: skip
from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Component, Kernel, Timer
from sim.engine.schedule import make_schedule
from sim.line.accounts import LineAccounts
from sim.line.deadlock import Deadlocks, Waits, told
from sim.line.energy_meter import EnergyMeter
from sim.line.measured import QUANTITIES, UNITS, StationQuantities, make_banks, sampling_periods
from sim.line.truth import LineTruth, line_truth
from sim.line.wiring import LineBuilder, merged, names_of
from sim.line.work_in_process import WorkInProcess
from sim.maintenance.crew import Crew
from sim.maintenance.dispatcher import Dispatcher
from sim.maintenance.spares import Spares
from sim.plant import SimulatedPlant


class ProductionLine(SimulatedPlant):
    """A line of stations. Times in seconds, money in EUR.

    stations, common: see sim.line.wiring.LineBuilder; every station's fields are laid over `common`. network: `uplink` and
    `downlink`, see sim.telemetry.channel.Channel. sensors: faults by signal key, see sim.telemetry.sensors.Sensor. economics: see
    sim.line.accounts.LineAccounts. tariff: times, values, repeat of the energy price per kWh. speed: low and high of the setpoints.
    wear: False switches wear and failures off.
    shifts: technicians on duty, as times, values, repeat. crews: in place of `technicians`, `corrective_first` and
    `shifts`: these by crew, and its `skills` (all where it names none) and the time of `travel` to a job.
    operators, conwip: see sim.line.wiring.LineBuilder. spares: stock and lead_time by kind, see sim.maintenance.spares.Spares.
    sample: seconds between samples, one number or one by quantity.
    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    def __init__(
        self,
        *,
        seed: int,
        stations: Mapping[str, Mapping[str, Any]],
        common: Mapping[str, Any] | None = None,
        technicians: int = 2,
        corrective_first: bool = True,
        shifts: Mapping[str, Any] | None = None,
        crews: Mapping[str, Mapping[str, Any]] | None = None,
        operators: Mapping[str, int] | None = None,
        conwip: int | Mapping[str, int] | None = None,
        spares: Mapping[str, Mapping[str, Any]] | None = None,
        network: Mapping[str, Any] | None = None,
        sensors: Mapping[str, Mapping[str, Any]] | None = None,
        economics: Mapping[str, float] | None = None,
        tariff: Mapping[str, Any] | None = None,
        speed: Mapping[str, float] | None = None,
        wear: bool = True,
        tick: float = 600.0,
        sample: float | Mapping[str, float] = 60.0,
    ) -> None:
        super().__init__(seed=seed, network=network)
        kernel = self.kernel
        number("tick", tick, above=0)
        fields = {name: merged(common or {}, own or {}) for name, own in stations.items()}
        if crews is None:
            crews = {"": {"technicians": technicians, "corrective_first": corrective_first, "shifts": shifts}}
        self._crews = [make_crew(kernel, seed, name, own) for name, own in crews.items()]
        dispatcher = Dispatcher(kernel=kernel, name="dispatcher", crews=self._crews)
        self._wip = WorkInProcess(kernel=kernel, name="wip")
        line = LineBuilder(
            kernel=kernel,
            seed=seed,
            stations=fields,
            dispatcher=dispatcher,
            journal=self._journal,
            wip=self._wip,
            wear=wear,
            spares={kind: _spares(kernel, seed, kind, own) for kind, own in (spares or {}).items()},
            operators=operators,
            conwip=conwip,
        )
        self._stations = line.stations
        members = list(self._stations.values())
        price = make_schedule("tariff", "price", "EUR/kWh", tariff or {"times": [0.0], "values": [0.0]})
        self._meter = EnergyMeter(kernel=kernel, name="meter", stations=members, tariff=price)
        self._accounts = LineAccounts(
            kernel=kernel, name="accounts", line=line, meter=self._meter, wip=self._wip, economics=dict(economics or {})
        )
        self._physics = StationQuantities(
            kernel=kernel, name="physics", stations=members, fields=list(fields.values()), report=self
        )
        periods = sampling_periods(fields, sample, sensors or {})
        self._spec = _spec(self, line, fields, tick, periods, speed)
        self._banks = make_banks(
            kernel=kernel, seed=seed, fields=fields, faults=sensors or {}, periods=periods, subject=self._physics,
            index=self._spec.signal_index,
        )  # fmt: skip
        self._deadlocks = Deadlocks(kernel=kernel, name="deadlocks", stations=members)
        self._books = LineCounters(kernel=kernel, name="books", plant=self, period=tick)
        self._open(self._spec, self._stations)

    def figures(self) -> dict[str, float]:
        """Of the line, see sim.line.accounts.LineAccounts; and how many of its stations are in deadlock."""
        return self._accounts.figures() | {"deadlocked_stations": float(len(self.deadlock()))}

    def cycles(self) -> dict[str, int]:
        """Parts that each station has finished."""
        return {name: station.cycles for name, station in self._stations.items()}

    def deadlock(self) -> Waits:
        """Which stations are in deadlock now, and for whom each waits; empty where the line can move."""
        return self._deadlocks.find()

    def truth(self) -> LineTruth:
        """Hidden state by station."""
        return line_truth(self._stations, self._banks, self.kernel.processed)


class LineCounters(Component):
    """The counters that a line's own systems keep, reported every tick without error: parts, levels, energy, profit.

    A deadlock is noted as an event when the first tick finds it.
    """

    def __init__(self, *, kernel: Kernel, name: str, plant: ProductionLine, period: float) -> None:
        super().__init__(kernel, name)
        self._plant, self._period = plant, period
        spec = plant.spec
        self._signals = np.array(
            [i for i, s in enumerate(spec.signals) if s.name not in QUANTITIES], dtype=np.int32
        )  # fmt: skip
        self._stalled = False
        self._timer = Timer(kernel, self._report)
        self._timer.set(period)

    def silence(self) -> None:
        """Report no more: for a copy of the plant whose readings nobody will see."""
        self._timer.cancel()

    def _report(self) -> None:
        self._timer.set(self._period)
        plant = self._plant
        stalled = plant.deadlock()
        if stalled and not self._stalled:
            plant._journal.note("line", DEADLOCK, told(stalled))
        self._stalled = bool(stalled)
        stations, accounts = plant._stations.values(), plant._accounts
        profit = accounts.profit()
        levels = [float(sum(b.level for b in s.inputs)) for s in stations]
        values = [x for s, level in zip(stations, levels, strict=True) for x in (float(s.cycles), level)]
        values += [float(accounts.good), float(accounts.scrap), plant._meter.kwh, float(plant._wip.count), profit]
        plant.send_readings(self.kernel._now, self._signals, np.array(values))


def make_crew(kernel: Kernel, seed: int, name: str, given: Mapping[str, Any]) -> Crew:
    """A crew from its fields; the only one of a line has no name of its own."""
    field, title = (f"crews.{name}", f"crew.{name}") if name else ("crew", "crew")
    known(field, given, ("technicians", "corrective_first", "shifts", "skills", "travel"))
    shifts, travel = given.get("shifts"), given.get("travel")
    duty = make_schedule(f"{name}_shifts" if name else "shifts", "technicians", "people", shifts) if shifts else None
    return Crew(
        kernel=kernel,
        name=title,
        technicians=given.get("technicians", 1),
        corrective_first=given.get("corrective_first", True),
        shifts=duty,
        skills=given.get("skills") or (),
        travel=Distribution(travel, seed=seed, field=f"{title}.travel") if travel else None,
    )


def _spares(kernel: Kernel, seed: int, kind: str, given: Mapping[str, Any]) -> Spares:
    field = f"spares.{kind}"
    known(field, given, ("stock", "lead_time"))
    lead_time = Distribution(given.get("lead_time"), seed=seed, field=f"{field}.lead_time")
    return Spares(kernel=kernel, name=field, stock=given.get("stock", 1), lead_time=lead_time)


def _set_targets(fields: Mapping[str, Any]) -> list[str]:
    targets = names_of(fields.get("to"))
    return targets if fields.get("routing") == "setpoint" and len(targets) > 1 else []


def _spec(
    plant: ProductionLine,
    line: LineBuilder,
    fields: Mapping[str, Mapping[str, Any]],
    tick: float,
    periods: Mapping[str, float],
    speed: Mapping[str, float] | None,
) -> PlantSpec:
    limits = dict(speed or {})
    known("speed", limits, ("low", "high"))
    low, high = (
        number("speed.low", limits.get("low", 0.7), above=0),
        number("speed.high", limits.get("high", 1.3), low=1),
    )
    signals, actuators, orders = [], [], []
    for name in fields:
        signals += [
            Signal(name, q, q, UNITS[q][0], periods[f"{name}.{q}"], UNITS[q][1], UNITS[q][2], forecast=q != "power")
            for q in QUANTITIES
        ]
        signals += [
            Signal(name, "count", "count", "parts", tick, 0.0, cumulative=True),
            Signal(name, "level", "level", "parts", tick, 0.0),
        ]
        actuators.append(Actuator(name, "speed", "setpoint", "", low, high, 1.0))
        actuators += [Actuator(name, f"to_{to}", "setpoint", "", 0.0, 1.0, 1.0) for to in _set_targets(fields[name])]
        care = plant._stations[name].upkeep
        if care is not None:
            upkeep = care.maintenance
            actuators.append(Actuator(name, "maintain", "work_order", "", 1.0, 1.0, 1.0))
            rate = plant._accounts.margin * line.losses.get(name, 0.0)
            orders.append(OrderCost(
                name, f"{name}.maintain", upkeep.preventive_cost, upkeep.corrective_cost, upkeep.preventive.mean,
                upkeep.corrective.mean, rate,
            ))  # fmt: skip
    signals += [
        Signal("line", "good_parts", "output", "parts", tick, 0.0, cumulative=True),
        Signal("line", "scrap_parts", "scrap", "parts", tick, 0.0, cumulative=True),
        Signal("line", "energy", "energy", "kWh", tick, 0.0, cumulative=True),
        Signal("line", "wip", "level", "parts", tick, 0.0),
        Signal("line", "profit", "profit", "EUR", tick, cumulative=True, forecast=True),
    ]
    assets = (*(Asset(name, str(own.get("type", "station"))) for name, own in fields.items()), Asset("line", "line"))
    links = [Link(n, t) for n, own in fields.items() for t in (*names_of(own.get("to")), *names_of(own.get("rework")))]
    return PlantSpec(
        assets=assets,
        links=tuple(links),
        signals=tuple(signals),
        actuators=tuple(actuators),
        objective=Objective(
            "line.profit", "EUR", 1, {"energy": plant._meter.tariff.at(0.0)}, tuple(orders), "profit_per_hour"
        ),
        tick=tick,
        modes=plant._accounts.modes,
        known_future=(plant._meter.tariff, *(crew.shifts for crew in plant._crews if crew.shifts is not None)),
    )
