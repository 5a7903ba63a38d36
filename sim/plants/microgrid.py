"""The microgrid: sun, wind, a battery, a generator, a grid that may fail, loads; one objective, what a day costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import number
from sim.plant import SimulatedPlant
from sim.power.accounts import SiteAccounts
from sim.power.building import build_site, load_fields, machines_of, make_tariffs
from sim.power.description import describe, peak_cap
from sim.power.load import Jobs
from sim.power.meters import Gauges, SiteCounters, make_bank
from sim.power.recordings import read
from sim.power.truth import SiteTruth, site_truth
from sim.telemetry.actuation import Receiver
from sim.units import HOUR, MINUTE


class Microgrid(SimulatedPlant):
    """A site behind one meter. Times in seconds, power in kW, energy in kWh, money in EUR.

    panels, inverter, wind, battery, generator: fields of sim.power.solar.Panels and so on; None where there is none.
    grid: see sim.power.grid.UtilityGrid. loads: name → `priority` and a profile (see sim.power.demand.LoadDemand) or
    `jobs` (see sim.power.load.Jobs). inputs: None to generate weather and demand, or recorded files, see
    sim.power.recordings.read; recorded loads need no entry in `loads` and take the place of all that have a profile.
    weather: see sim.power.weather.Weather. tariff, export_tariff, carbon: times, values, repeat of EUR/kWh, EUR/kWh and
    kg/kWh, on the inputs' steps; what was recorded goes before. economics: see sim.power.accounts.SiteAccounts. wear:
    False switches wear, failures, fade and soiling off. tick: seconds between decisions. sample: seconds between sensor
    samples. noise, sensors: of the sensors, by quantity and faults by signal.

    Raises ValueError in one line that names the field, the value and what is allowed.
    """

    def __init__(
        self,
        *,
        seed: int,
        loads: Mapping[str, Mapping[str, Any]] | None = None,
        panels: Mapping[str, Any] | None = None,
        inverter: Mapping[str, Any] | None = None,
        wind: Mapping[str, Any] | None = None,
        battery: Mapping[str, Any] | None = None,
        generator: Mapping[str, Any] | None = None,
        grid: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        weather: Mapping[str, float] | None = None,
        tariff: Mapping[str, Any] | None = None,
        export_tariff: Mapping[str, Any] | None = None,
        carbon: Mapping[str, Any] | None = None,
        economics: Mapping[str, float] | None = None,
        network: Mapping[str, Any] | None = None,
        sensors: Mapping[str, Mapping[str, Any]] | None = None,
        noise: Mapping[str, float] | None = None,
        wear: bool = True,
        tick: float = HOUR,
        sample: float = 15 * MINUTE,
    ) -> None:
        super().__init__(seed=seed, network=network)
        number("tick", tick, above=0)
        number("sample", sample, above=0)
        records = read(inputs) if inputs else None
        self._site = build_site(
            kernel=self.kernel,
            seed=seed,
            journal=self._journal,
            records=records,
            loads=load_fields(loads or {}, records),
            weather=weather or {},
            grid=grid or {},
            tariffs=make_tariffs(records, tariff, export_tariff, carbon),
            machines={
                "panels": panels,
                "inverter": inverter,
                "wind": wind,
                "battery": battery,
                "generator": generator,
            },
            wear=wear,
        )
        self._site.grid.peak_cap = peak_cap(self._site)
        self._machines = machines_of(self._site)
        self._accounts = SiteAccounts(
            kernel=self.kernel,
            name="accounts",
            site=self._site,
            machines=self._machines,
            economics=dict(economics or {}),
        )
        self._measure(seed=seed, tick=tick, sample=sample, faults=sensors or {}, noise=noise or {})

    def figures(self) -> dict[str, float]:
        """Of the site, see sim.power.accounts.SiteAccounts."""
        return self._accounts.figures()

    def truth(self) -> SiteTruth:
        """Hidden state by asset."""
        return site_truth(self._site, self._machines, self._bank, self.kernel.processed)

    def _measure(
        self,
        *,
        seed: int,
        tick: float,
        sample: float,
        faults: Mapping[str, Mapping[str, Any]],
        noise: Mapping[str, float],
    ) -> None:
        """Sensors and counters, then the spec that names their signals."""
        kernel, site, accounts = self.kernel, self._site, self._accounts
        gauges = Gauges(kernel=kernel, name="gauges", site=site, report=self)
        measured = gauges.signals(sample)
        self._bank = make_bank(
            kernel=kernel, seed=seed, gauges=gauges, signals=measured, period=sample, faults=faults, noise=noise
        )
        counters = SiteCounters(kernel=kernel, name="books", site=site, accounts=accounts, period=tick, report=self)
        counters.number(len(measured))
        signals = [*measured, *counters.signals()]
        spec = describe(site=site, machines=self._machines, accounts=accounts, signals=signals, tick=tick)
        self._open(spec, self._receivers())

    def _receivers(self) -> dict[str, Receiver]:
        jobs = [load for load in self._site.loads if isinstance(load, Jobs)]
        receivers: list[Any] = [*self._machines, self._site.grid, *jobs]
        return {receiver.name: receiver for receiver in receivers}
