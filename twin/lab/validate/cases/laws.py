"""Conservation: of parts, of time, and of parts in time (Little), on lines with every component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.lab.validate.cases.case import Case
from twin.lab.validate.cases.line_run import configuration, make, observe
from twin.lab.validate.gate import Check, Target

HOURS = 50.0
REPLICATIONS = 4
ROUNDING = 1e-9
PARTS, TIMES, LITTLE = "parts in = out + WIP + scrap", "state times = horizon", "L = lambda W"


@dataclass(frozen=True)
class LawRun:
    """One replication: each law as the quotient of its sides, which has to be 1.

    plant: of conf/validation. little: whether a part's time in the line is one, which it is not after an assembly.
    Little's law holds over any horizon where parts still in the line count with their time so far.
    """

    plant: str
    little: bool

    def __call__(self, seed: int) -> dict[str, float]:
        horizon = HOURS * 3600.0
        plant = make(configuration(self.plant), seed)
        plant.advance(horizon)
        seen, ages = observe(plant), [horizon - entered for entered in _inside(plant)]
        joined = sum(getattr(component, "joined", 0) for component in plant.kernel.components.values())
        laws = {
            PARTS: (seen["good"] + len(ages) + joined + plant.kpis()["scrap_parts"]) / seen["entered"],
            TIMES: max((sum(s.values()) / horizon for s in plant.truth()["state_seconds"].values()), key=_gap),
        }
        if self.little:
            laws[LITTLE] = seen["area"] / (seen["sojourn"] + sum(ages))
        return laws


def _inside(plant: Any) -> Iterator[float]:
    """When each part entered that is there to be seen: in a buffer, on a conveyor, on a station."""
    for component in plant.kernel.components.values():
        parts = [*getattr(component, "parts", ()), *(entry[2] for entry in getattr(component, "_moving", ()))]
        if getattr(component, "_part", None) is not None:
            parts.append(component._part)
        for part in parts:
            yield part[0]


def _gap(quotient: float) -> float:
    return abs(quotient - 1.0)


def conservation(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Three lines: serial, with every component at once, with an assembly."""
    checks = []
    for plant in ("serial", "everything", "assembly"):
        little = plant != "assembly"
        targets = [Target(PARTS, 1.0, tolerance=0.0), Target(TIMES, 1.0, tolerance=ROUNDING)]
        targets += [Target(LITTLE, 1.0, tolerance=ROUNDING)] if little else []
        checks.append(
            Check(
                "conservation",
                values,
                plant,
                tuple(targets),
                LawRun(plant, little),
                precision,
                least=REPLICATIONS,
            )
        )
    return checks


CASES = (Case("conservation", "parts, state times, Little's law", (), ({},), conservation),)
