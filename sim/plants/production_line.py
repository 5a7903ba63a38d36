"""The production line: stations that wear, buffers, technicians, sensors, a network; one objective, profit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.contract import Bottleneck
from sim.engine.checks import number
from sim.engine.schedule import make_changing
from sim.line.accounts import LineAccounts
from sim.line.counters import LineCounters
from sim.line.deadlock import Deadlocks, Waits
from sim.line.description import describe
from sim.line.energy_meter import EnergyMeter
from sim.line.limit import limits
from sim.line.material import Material
from sim.line.measured import StationQuantities, make_banks, sampling_periods
from sim.line.resources import make_crew, make_spares
from sim.line.station_fields import merged
from sim.line.truth import LineTruth, line_truth
from sim.line.wiring import LineBuilder
from sim.line.work_in_process import WorkInProcess
from sim.maintenance.dispatcher import Dispatcher
from sim.plant import SimulatedPlant
from sim.units import MINUTE

NO_TARIFF = {"times": [0.0], "values": [0.0]}


class ProductionLine(SimulatedPlant):
    """A line of stations. Times in seconds, money in EUR.

    stations, common: see sim.line.wiring.LineBuilder; every station's fields are laid over `common`. operators, conwip:
    see there too. network: `uplink` and `downlink`, see sim.telemetry.channel.Channel. sensors: faults by signal key,
    see sim.telemetry.sensors.Sensor. economics: see sim.line.accounts.LineAccounts. tariff: `times`, `values`, `repeat`
    of the energy price per kWh. material: as times, values, repeat, how fast the material wears stations, times the
    usual; the twin is not told. speed: `low` and `high` of the setpoints. wear: False switches wear and failures off.
    shifts: technicians on duty, as times, values, repeat. crews: in place of `technicians`, `corrective_first` and
    `shifts`: these by crew, and its `skills` (all where it names none) and the time of `travel` to a job. spares: stock
    and lead_time by kind, see sim.maintenance.spares.Spares. tick: seconds between decisions. sample: seconds between
    samples, one number or one by quantity.

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
        material: Mapping[str, Any] | None = None,
        speed: Mapping[str, float] | None = None,
        wear: bool = True,
        tick: float = 600.0,
        sample: float | Mapping[str, float] = MINUTE,
    ) -> None:
        super().__init__(seed=seed, network=network)
        number("tick", tick, above=0)
        fields = {name: merged(common or {}, own or {}) for name, own in stations.items()}
        alone = {"technicians": technicians, "corrective_first": corrective_first, "shifts": shifts}
        line = self._build(
            seed=seed,
            stations=fields,
            crews={"": alone} if crews is None else crews,
            spares=spares or {},
            operators=operators,
            conwip=conwip,
            wear=wear,
        )
        self._feed(material)
        self._account_for(line, economics or {}, tariff or NO_TARIFF)
        self._measure(seed=seed, line=line, fields=fields, tick=tick, sample=sample, faults=sensors or {}, speed=speed)
        self._report_every(tick)
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

    def bottlenecks(self) -> list[Bottleneck]:
        """See sim.contract.Relievable: the stages that wait least."""
        return limits(self._stations, self._stages)

    def relieve(self, assets: Sequence[str], share: float) -> None:
        """See sim.contract.Relievable: shorter cycles."""
        for name in assets:
            self._stations[name].quicken(share)

    def truth(self) -> LineTruth:
        """Hidden state by station."""
        return line_truth(self._stations, self._banks, self.kernel.processed)

    # The constructor's steps. Components are made in this order: what comes first acts first at equal times.

    def _build(
        self,
        *,
        seed: int,
        stations: Mapping[str, Mapping[str, Any]],
        crews: Mapping[str, Mapping[str, Any]],
        spares: Mapping[str, Mapping[str, Any]],
        operators: Mapping[str, int] | None,
        conwip: int | Mapping[str, int] | None,
        wear: bool,
    ) -> LineBuilder:
        kernel = self.kernel
        self._crews = [make_crew(kernel, seed, name, own) for name, own in crews.items()]
        dispatcher = Dispatcher(kernel=kernel, name="dispatcher", crews=self._crews)
        self._wip = WorkInProcess(kernel=kernel, name="wip")
        line = LineBuilder(
            kernel=kernel,
            seed=seed,
            stations=stations,
            dispatcher=dispatcher,
            journal=self._journal,
            wip=self._wip,
            wear=wear,
            spares={kind: make_spares(kernel, seed, kind, own) for kind, own in spares.items()},
            operators=operators,
            conwip=conwip,
        )
        self._stations, self._stages = line.stations, line.stages()
        return line

    def _feed(self, material: Mapping[str, Any] | None) -> None:
        if material is None:
            return
        hardness = make_changing("material", "hardness", "1", material)
        wears = [station.wear for station in self._stations.values() if station.wear is not None]
        Material(kernel=self.kernel, name="material", wears=wears, hardness=hardness)

    def _account_for(self, line: LineBuilder, economics: Mapping[str, float], tariff: Mapping[str, Any]) -> None:
        members, price = list(self._stations.values()), make_changing("tariff", "price", "EUR/kWh", tariff)
        self._meter = EnergyMeter(kernel=self.kernel, name="meter", stations=members, tariff=price)
        self._accounts = LineAccounts(
            kernel=self.kernel,
            name="accounts",
            line=line,
            meter=self._meter,
            wip=self._wip,
            economics=dict(economics),
        )

    def _measure(
        self,
        *,
        seed: int,
        line: LineBuilder,
        fields: Mapping[str, Mapping[str, Any]],
        tick: float,
        sample: float | Mapping[str, float],
        faults: Mapping[str, Mapping[str, Any]],
        speed: Mapping[str, float] | None,
    ) -> None:
        kernel, members = self.kernel, list(self._stations.values())
        physics = StationQuantities(
            kernel=kernel, name="physics", stations=members, fields=list(fields.values()), report=self
        )
        periods = sampling_periods(fields, sample, faults)
        self._spec = describe(
            line=line,
            fields=fields,
            accounts=self._accounts,
            tick=tick,
            periods=periods,
            speed=speed,
            known_future=(self._meter.tariff, *(crew.shifts for crew in self._crews if crew.shifts is not None)),
        )
        index = self._spec.signal_index
        self._banks = make_banks(
            kernel=kernel, seed=seed, fields=fields, faults=faults, periods=periods, subject=physics, index=index
        )

    def _report_every(self, tick: float) -> None:
        members = list(self._stations.values())
        self._deadlocks = Deadlocks(kernel=self.kernel, name="deadlocks", stations=members)
        LineCounters(
            kernel=self.kernel,
            name="books",
            stations=members,
            accounts=self._accounts,
            meter=self._meter,
            wip=self._wip,
            deadlocks=self._deadlocks,
            journal=self._journal,
            spec=self._spec,
            period=tick,
            report=self,
        )
