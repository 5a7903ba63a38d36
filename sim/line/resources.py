"""Crews and spare parts of a line, from their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known
from sim.engine.distribution import Distribution
from sim.engine.kernel import Kernel
from sim.engine.schedule import make_schedule
from sim.maintenance.crew import Crew
from sim.maintenance.spares import Spares

CREW = ("technicians", "corrective_first", "shifts", "skills", "travel")


def make_crew(kernel: Kernel, seed: int, name: str, fields: Mapping[str, Any]) -> Crew:
    """A crew; the only one of a line has no name. Raises ValueError naming the field."""
    title = f"crew.{name}" if name else "crew"
    known(f"crews.{name}" if name else "crew", fields, CREW)
    shifts, travel = fields.get("shifts"), fields.get("travel")
    duty = make_schedule(f"{name}_shifts" if name else "shifts", "technicians", "people", shifts) if shifts else None
    return Crew(
        kernel=kernel,
        name=title,
        technicians=fields.get("technicians", 1),
        corrective_first=fields.get("corrective_first", True),
        shifts=duty,
        skills=fields.get("skills") or (),
        travel=Distribution(travel, seed=seed, field=f"{title}.travel") if travel else None,
    )


def make_spares(kernel: Kernel, seed: int, kind: str, fields: Mapping[str, Any]) -> Spares:
    """Spare parts of one kind: `stock` (1 by default) and `lead_time` (s). Raises ValueError naming the field."""
    name = f"spares.{kind}"
    known(name, fields, ("stock", "lead_time"))
    lead_time = Distribution(fields.get("lead_time"), seed=seed, field=f"{name}.lead_time")
    return Spares(kernel=kernel, name=name, stock=fields.get("stock", 1), lead_time=lead_time)
