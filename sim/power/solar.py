"""Photovoltaics: panels that soil, and the inverter behind them that wears."""

from __future__ import annotations

import math
from typing import Any

from sim.engine.checks import known, number
from sim.engine.kernel import Kernel
from sim.power import sun
from sim.power.machine import PowerAsset
from sim.power.weather import Sky
from sim.telemetry.journal import Journal
from sim.units import HOUR

PANEL_NUMBERS = {
    "tilt": 30.0,
    "facing": 180.0,
    "warm_loss": 0.004,
    "noct": 45.0,
    "soiling": 0.0,
    "soiling_most": 0.3,
    "washing": 0.7,
}
INVERTER_NUMBERS = {"own_use": 0.0, "efficiency": 1.0, "wear_loss": 0.0, "rise": 30.0, "wear_rise": 15.0, "lag": 0.5}


class Panels(PowerAsset):
    """Panels on a plane. They never fail; the work order cleans them, while they go on working.

    rated: kW at 1000 W/m2 and 25 deg C. tilt, facing: degrees, 180 is south. warm_loss: per deg C of the cells, whose
    warmth follows from noct (IEC 61215). soiling: share of the light lost per dry day, up to soiling_most (hidden);
    washing: share of it that an hour of rain takes away. upkeep: of cleaning.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self, *, kernel: Kernel, name: str, seed: int, journal: Journal, wear: bool = True, **fields: Any
    ) -> None:
        known(name, fields, ("rated", "upkeep", *PANEL_NUMBERS))
        self.rated = number(f"{name}.rated", fields.get("rated", 0.0), above=0)
        values = {key: number(f"{name}.{key}", fields.get(key, value), low=0) for key, value in PANEL_NUMBERS.items()}
        self._tilt, self._facing, self._warm_loss = values["tilt"], values["facing"], values["warm_loss"]
        self._noct, self._rate, self._most = values["noct"], values["soiling"] if wear else 0.0, values["soiling_most"]
        self._washing = number(f"{name}.washing", values["washing"], low=0, high=1)
        number(f"{name}.soiling_most", self._most, low=0, high=0.9)
        super().__init__(kernel=kernel, name=name, seed=seed, journal=journal, ageing=None, upkeep=fields.get("upkeep"))
        self.soiling, self.irradiance, self.available = 0.0, 0.0, 0.0

    def see(self, sky: Sky, irradiance: float | None, generation: float | None, hours: float) -> None:
        """The next input step: the sky, or what was recorded of the plane's irradiance (W/m2) or the panels' kW."""
        self._soil(sky.rain, hours)
        if irradiance is None:
            light = sky.beam, sky.diffuse, sky.cosine, sky.azimuth
            irradiance = sun.on_plane(*light, tilt=self._tilt, facing=self._facing)
        self.irradiance = irradiance
        if generation is None:
            warmth = sky.temperature + (self._noct - 20.0) / 800.0 * self.irradiance
            generation = self.rated * self.irradiance / 1000.0 * max(1.0 - self._warm_loss * (warmth - 25.0), 0.0)
        self.available = generation * (1.0 - self.soiling)

    def _soil(self, rain: bool, hours: float) -> None:
        if rain:
            self.soiling *= (1.0 - self._washing) ** hours
        else:
            self.soiling = min(self.soiling + self._rate * hours / 24.0, max(self._most, self.soiling))

    def renew(self) -> None:
        """Clean."""
        super().renew()
        self.soiling = 0.0


class Inverter(PowerAsset):
    """From the panels to the bus. Power in kW at the bus.

    rated: kW, None for no limit. own_use: share of rated that it takes while it works; efficiency of the rest, less
    wear_loss x damage. Heat sink: `rise` over the air at rated power, deg C, and wear_rise x damage more, with a `lag`
    in h. ageing: exposure in hours at rated power, which goes with the square of the load.
    Raises ValueError for an unknown key or a value out of range.
    """

    def __init__(
        self,
        *,
        kernel: Kernel,
        name: str,
        seed: int,
        journal: Journal,
        panels: Panels,
        wear: bool = True,
        **fields: Any,
    ) -> None:
        known(name, fields, ("rated", "ageing", "upkeep", *INVERTER_NUMBERS))
        rated = fields.get("rated")
        self.rated = math.inf if rated is None else number(f"{name}.rated", rated, above=0)
        values = {key: number(f"{name}.{key}", fields.get(key, v), low=0) for key, v in INVERTER_NUMBERS.items()}
        self._efficiency = number(f"{name}.efficiency", values["efficiency"], above=0, high=1)
        self._own_use = values["own_use"] * self.rated if values["own_use"] else 0.0
        self._wear_loss, self._rise, self._wear_rise, self._lag = (
            values["wear_loss"],
            values["rise"],
            values["wear_rise"],
            number(f"{name}.lag", values["lag"], above=0),
        )
        super().__init__(
            kernel=kernel,
            name=name,
            seed=seed,
            journal=journal,
            ageing=fields.get("ageing") if wear else None,
            upkeep=fields.get("upkeep"),
        )
        self.panels = panels
        self.flow, self.temperature, self.ambient = 0.0, 25.0, 25.0
        self.energy = self.losses = self.curtailed = self.gathered = 0.0
        self._loss, self._idle, self._way, self._damage = 0.0, 0.0, self._efficiency, 0.0

    def offer(self) -> float:
        """kW that it could give now."""
        self._damage = self.wear()
        self._way = max(self._efficiency - self._wear_loss * self._damage, 0.05)
        if not self.up or self.panels.available <= self._own_use:
            return 0.0
        return min((self.panels.available - self._own_use) * self._way, self.rated)

    def set_flow(self, flow: float) -> None:
        """Power from now on; what the panels could give beyond it is curtailed."""
        self.flow = flow
        drawn = flow / self._way + self._own_use if flow > 0 else 0.0
        self._loss, self._idle = drawn - flow, self.panels.available - drawn
        load = flow / self.rated if self.rated < math.inf else 0.0
        self.expose(load * load / HOUR)

    def pass_time(self, hours: float) -> None:
        """Let the flow of now go on."""
        self.energy += self.flow * hours
        self.losses += self._loss * hours
        self.curtailed += self._idle * hours
        self.gathered += self.panels.available * hours
        load = self.flow / self.rated if self.rated < math.inf else 0.0
        target = self.ambient + (self._rise + self._wear_rise * self._damage) * load
        self.temperature -= (target - self.temperature) * math.expm1(-hours / self._lag)

    def residual(self) -> float:
        """kW missing at the panels' side: 0 where what they give is used, lost or curtailed."""
        return self.panels.available - self.flow - self._loss - self._idle
