"""The site: the bus that joins everything, and the local controller that decides how power flows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.engine.kernel import Component, Kernel, Timer
from sim.power.battery import Battery
from sim.power.generator import Generator
from sim.power.grid import UtilityGrid
from sim.power.inputs import SiteInputs
from sim.power.load import Load
from sim.power.solar import Inverter, Panels
from sim.power.wind import Turbine
from sim.units import HOUR

START, STOP = 0.2, 0.6  # of the battery's charge, between which the generator is started and stopped in an outage


class Site(Component):
    """A site with one bus. All flows are constant between events and computed anew at each.

    So energy is conserved at every bus and instant. With the grid the battery's power is its `follow` x (loads -
    generation) + its `setpoint`, within its limits, above its `reserve`, and more where the import would exceed the
    grid's `peak_cap`; the generator gives its `dispatch`. Controllers outside may move these. Without the grid the
    battery carries what it can, the generator is started when that is not enough, and what is still missing is shed,
    loads of least priority first. What nobody takes is curtailed, and dumped where even that is not enough.

    residual: the largest imbalance of any bus so far, kW. wish: kWh so far that loads wanted beyond what sun and wind
    could have given. dumped: kWh so far. light: Wh/m2 so far on the panels' plane.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        inputs: SiteInputs,
        grid: UtilityGrid,
        loads: Sequence[Load],
        panels: Panels | None,
        inverter: Inverter | None,
        turbine: Turbine | None,
        battery: Battery | None,
        generator: Generator | None,
    ) -> None:
        super().__init__(kernel, name)
        self._inputs, self.grid, self.panels, self.inverter = inputs, grid, panels, inverter
        self.turbine, self.battery, self.generator = turbine, battery, generator
        self.loads = list(loads)
        self._shed_first = sorted(loads, key=lambda load: (load.priority, load.name))
        self.sources = [source for source in (inverter, turbine) if source is not None]
        self._parts = [part for part in (*self.sources, battery, generator, grid, *loads) if part is not None]
        self.dumped, self.residual, self.wish, self._dump, self._net = 0.0, 0.0, 0.0, 0.0, 0.0
        self._step, self._at, self._pending = -1, 0.0, False
        self.temperature, self.light, self._irradiance = 0.0, 0.0, 0.0
        self._next, self._turn = Timer(kernel, self._take_step), Timer(kernel, self.change)
        for part in (inverter, panels, turbine, battery, generator, grid, *loads):
            if part is not None:
                part.connect(self)
        self._take_step()

    def accrue(self) -> None:
        """Count what has flowed since the last time."""
        now = self.kernel._now
        hours = (now - self._at) / HOUR
        if hours <= 0.0:
            return
        self._at = now
        for part in self._parts:
            part.pass_time(hours)
        if self.battery is not None:
            self.battery.snap(self._levels(self.battery))
        self.dumped += self._dump * hours
        self.wish += self._net * hours
        self.light += self._irradiance * hours

    def change(self) -> None:
        """Compute the flows anew, after what is going on now."""
        if not self._pending:
            self._pending = True
            self.kernel.soon(self._resolve)

    def _take_step(self) -> None:
        """The next step of the inputs."""
        self.accrue()
        self._step = step = self._step + 1
        self._next.set(self._inputs.step)
        sky = self._inputs.sky(step)
        self.temperature = sky.temperature
        self.grid.see()
        if self.panels is not None:
            hours = self._inputs.step / HOUR
            self.panels.see(sky, self._inputs.irradiance(step), self._inputs.generation(step), hours)
            self._irradiance = self.panels.irradiance
        if self.inverter is not None:
            self.inverter.ambient = sky.temperature
        if self.turbine is not None:
            self.turbine.see(sky.wind)
        if self.battery is not None:
            self.battery.ambient = sky.temperature
        for load in self.loads:
            if load.steady:
                load.wanted = self._inputs.load(load.name, step)
        self.change()

    def _levels(self, battery: Battery) -> tuple[float, ...]:
        """Stored energies (kWh) at which something changes."""
        if self.grid.up:
            return (battery.reserve,)
        return (0.0,) if self.generator is None else (0.0, START * battery.capacity, STOP * battery.capacity)

    def _resolve(self) -> None:
        self._pending = False
        self.accrue()
        offers = [source.offer() for source in self.sources]
        self._net = net = sum(load.wanted for load in self.loads) - sum(offers)
        generated, stored, imported = (self._connected if self.grid.up else self._island)(net)
        missing = net - generated - stored - imported
        curtailed = self._curtail(offers, max(-missing, 0.0))
        self._dump = max(-missing - curtailed, 0.0)
        self._shed(max(missing, 0.0))
        self.grid.set_flow(imported)
        if self.battery is not None:
            self.battery.set_flow(stored)
        if self.generator is not None:
            self.generator.set_flow(generated)
        self._check(generated + stored + imported)
        self._await_turn()

    def _connected(self, net: float) -> tuple[float, float, float]:
        """(generator, battery, grid) in kW with the grid there; net: loads less sun and wind."""
        generated = 0.0
        if self.generator is not None:
            self.generator.call(self.generator.dispatch > 0.0)
            generated = self.generator.output(self.generator.dispatch)
        rest, stored, grid = net - generated, 0.0, self.grid
        if self.battery is not None:
            most_in, most_out = self.battery.limits(self.battery.reserve)
            asked = self.battery.follow * rest + self.battery.setpoint
            asked = max(asked, rest - min(grid.peak_cap, grid.import_limit))
            asked = min(asked, max(rest + grid.export_limit, 0.0))
            stored = min(max(asked, -most_in), most_out)
        return generated, stored, min(max(rest - stored, -grid.export_limit), grid.import_limit)

    def _island(self, net: float) -> tuple[float, float, float]:
        """(generator, battery, 0) in kW without the grid."""
        most_in, most_out = self.battery.limits(0.0) if self.battery is not None else (0.0, 0.0)
        generated = 0.0
        if self.generator is not None:
            self._call(self.generator, net > most_out, net)
            generated = self.generator.output(net + (most_in if self._low() else 0.0))
        return generated, min(max(net - generated, -most_in), most_out), 0.0

    def _call(self, generator: Generator, needed: bool, net: float) -> None:
        """Start where the battery is not enough or low, stop where it is enough and well charged."""
        if self.battery is None:
            generator.call(needed or net > 0)
            return
        charge = self.battery.energy / self.battery.capacity
        if needed or (net > 0 and charge <= START + 1e-12):
            generator.call(True)
        elif not self._low():
            generator.call(False)

    def _low(self) -> bool:
        return self.battery is not None and self.battery.energy < (STOP - 1e-12) * self.battery.capacity

    def _curtail(self, offers: Sequence[float], surplus: float) -> float:
        """Take `surplus` kW off what the sources offer, as far as they go, and set them; returns what was taken."""
        left = surplus
        for source, offer in zip(self.sources, offers, strict=True):
            cut = min(left, offer)
            left -= cut
            source.set_flow(offer - cut)
        return surplus - left

    def _shed(self, missing: float) -> None:
        for load in self._shed_first:
            cut = min(missing, load.wanted)
            missing -= cut
            load.served = load.wanted - cut

    def _check(self, others: float) -> None:
        """Kirchhoff: what goes into a bus comes out of it."""
        flows = others + sum(source.flow for source in self.sources)
        gaps = [abs(flows - self._dump - sum(load.served for load in self.loads))]
        gaps += [abs(self.inverter.residual())] if self.inverter is not None else []
        self.residual = max(self.residual, *gaps)

    def _await_turn(self) -> None:
        """The next time at which the battery is full, empty, or at a level that matters."""
        hours = math.inf if self.battery is None else self.battery.hours_to(self._levels(self.battery))
        if hours < math.inf:
            self._turn.set(hours * HOUR)
        else:
            self._turn.cancel()
