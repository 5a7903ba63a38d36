"""From a station's fields, as a yaml has them, to its parts: wear, quality, failure modes, maintenance, plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.engine.checks import known, number
from sim.engine.distribution import Distribution
from sim.engine.kernel import Kernel
from sim.engine.streams import Stream
from sim.line.discrete_wear import DiscreteWear
from sim.line.failure_mode import FailureMode
from sim.line.failure_modes import Failures
from sim.line.quality import Quality
from sim.line.standing_plan import StandingPlan
from sim.line.station import Station
from sim.line.station_upkeep import Maintenance
from sim.line.wear import Wear

GAMMA = ("life", "rate_cv", "noise_cv", "level_sd", "speed_exponent", "shock_life", "imperfect")
MARKOV = ("states", "step", "speed_exponent", "imperfect")
MODE = ("time", "mttf", "clock", "repair", "mttr", "skill", "minor", "spare", "cost")
MAINTENANCE = ("preventive", "corrective", "preventive_cost", "corrective_cost", "spare", "skill", "interrupts", "plan")


def make_wear(seed: int, name: str, fields: Mapping[str, Any], cycle: float) -> Wear | DiscreteWear:
    """A gamma process, or discrete states where `states` is given. cycle: mean seconds."""
    if "states" in fields:
        known(f"{name}.wear", fields, MARKOV)
        if "step" not in fields:
            raise ValueError(f"{name}.wear.step: is missing")
        return DiscreteWear(seed=seed, name=name, cycle=cycle, **fields)
    known(f"{name}.wear", fields, (*GAMMA, *MARKOV[:2]))
    if "life" not in fields:
        raise ValueError(f"{name}.wear.life: is missing")
    return Wear(seed=seed, name=name, **{"shock_life": math.inf, **fields})


def make_quality(seed: int, name: str, fields: Mapping[str, Any]) -> Quality:
    """The chance of a defect."""
    known(f"{name}.quality", fields, ("base", "wear_effect", "speed_effect"))
    return Quality(field=f"{name}.quality", stream=Stream(seed, f"{name}.quality"), **fields)


def make_maintenance(
    seed: int, name: str, fields: Mapping[str, Any], *, worn: bool = True, modes: Mapping[str, Any] | None = None
) -> Maintenance:
    """Times, costs and skill of work on a station. worn: whether it wears. modes: fields of its failure modes.

    Without `preventive` there is no planned work. Raises ValueError for a time that is missing.
    """
    field = f"{name}.maintenance"
    known(field, fields, MAINTENANCE)
    left = [m for m, own in (modes or {}).items() if own and own.get("repair") is None and own.get("mttr") is None]
    if not fields and (worn or left):
        what = "wear" if worn else "failures without repair"
        raise ValueError(f"{field}: a station with {what} needs maintenance times")
    if fields.get("corrective") is None and (worn or left or fields.get("preventive") is not None):
        raise ValueError(f"{field}.corrective: is missing")
    if fields.get("preventive") is None and fields.get("plan"):
        raise ValueError(f"{field}.preventive: is missing: a plan needs to know how long planned work takes")
    times = {
        key: None
        if fields.get(key) is None
        else Distribution(fields[key], seed=seed, field=f"{field}.{key}", zero=True)
        for key in MAINTENANCE[:2]
    }
    return Maintenance(
        preventive=times["preventive"],
        corrective=times["corrective"],
        preventive_cost=number(f"{field}.preventive_cost", fields.get("preventive_cost", 0.0), low=0),
        corrective_cost=number(f"{field}.corrective_cost", fields.get("corrective_cost", 0.0), low=0),
        skill=str(fields.get("skill") or ""),
        interrupts=truth(f"{field}.interrupts", fields.get("interrupts", False)),
    )


def make_failures(
    seed: int, kernel: Kernel, station: Station, fields: Mapping[str, Any], turn: float = 0.0
) -> Failures:
    """The failure modes beside wear. turn: the station's, see sim.engine.instant."""
    modes = [_mode(seed, f"{station.name}.failures.{mode}", mode, spec) for mode, spec in fields.items() if spec]
    return Failures(kernel=kernel, name=f"{station.name}.failures", station=station, modes=modes, turn=turn)


def _mode(seed: int, field: str, name: str, fields: Mapping[str, Any]) -> FailureMode:
    if not isinstance(fields, Mapping):
        raise ValueError(f"{field} = {fields!r}: must have {', '.join(MODE)}")
    known(field, fields, MODE)
    time, repair = (_law(field, fields, *keys) for keys in (("time", "mttf"), ("repair", "mttr")))
    if time is None:
        raise ValueError(f"{field}.time: is missing")
    return FailureMode(
        field=field,
        name=name,
        time=Distribution(time, seed=seed, field=f"{field}.time"),
        clock=fields.get("clock", "operation"),
        repair=None if repair is None else Distribution(repair, seed=seed, field=f"{field}.repair", zero=True),
        skill=fields.get("skill"),
        minor=truth(f"{field}.minor", fields.get("minor", False)),
        spare=truth(f"{field}.spare", fields.get("spare", True)),
        cost=number(f"{field}.cost", fields["cost"], low=0) if fields.get("cost") is not None else None,
    )


def _law(field: str, fields: Mapping[str, Any], law: str, mean: str) -> Any:
    """The distribution that a mode gives as `law`, or, exponential, by its `mean`; None for neither."""
    if fields.get(mean) is None:
        return fields.get(law)
    if fields.get(law) is not None:
        raise ValueError(f"{field}.{mean} = {fields[mean]}: {law} says it already; give one of them")
    return {"law": "exponential", "mean": fields[mean]}


def make_plan(kernel: Kernel, station: Station, rules: Mapping[str, Any], turn: float = 0.0) -> StandingPlan:
    """The standing rule. turn: the station's, see sim.engine.instant."""
    return StandingPlan(kernel=kernel, name=f"{station.name}.maintenance.plan", station=station, rules=rules, turn=turn)


def truth(field: str, value: Any) -> bool:
    """`value`, which must be true or false."""
    if not isinstance(value, bool):
        raise ValueError(f"{field} = {value!r}: must be true or false")
    return value
