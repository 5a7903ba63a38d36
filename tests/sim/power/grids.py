"""Microgrids for the tests: small, fast, everything on unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sim.contract import Action
from sim.plants.microgrid import Microgrid
from sim.units import HOUR

CONF = Path(__file__).parents[3] / "conf"


def load(name: str = "microgrid", seed: int = 1, network: Mapping[str, Any] | None = None, **changes: Any) -> Microgrid:
    """The plant of conf/plant/NAME.yaml, with other fields where `changes` say so."""
    fields = yaml.safe_load((CONF / "plant" / f"{name}.yaml").read_text())
    below = [default for default in fields.pop("defaults", []) if default != "_self_"]
    for default in below:
        fields = yaml.safe_load((CONF / "plant" / f"{default}.yaml").read_text()) | fields
    fields.pop("_target_")
    return Microgrid(seed=seed, network=network, **(fields | changes))


def bare(**changes: Any) -> Microgrid:
    """A grid that costs 0.2 EUR/kWh and a load of 10 kW, with what `changes` add; nothing random."""
    plain: dict[str, Any] = {
        "tariff": {"times": [0.0], "values": [0.2]},
        "loads": {"homes": {"profile": {"mean": 10.0, "shape": "flat", "noise": 0.0}}},
        "noise": dict.fromkeys(("power", "energy", "temperature", "vibration", "irradiance"), 0.0),
    }
    return Microgrid(seed=1, **(plain | changes))


def command(plant: Microgrid, actuator: str, value: float = 1.0) -> None:
    """Carried out at once: these plants have no network between."""
    plant.apply(Action(plant.now, actuator, value))


def hours(plant: Microgrid, count: float) -> Microgrid:
    """Let time pass."""
    plant.advance(plant.now + count * HOUR)
    return plant
