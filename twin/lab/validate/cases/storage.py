"""A battery that trades on prices known ahead: the linear programme is its exact optimum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from twin.lab.configure.located import located
from twin.lab.core.privileged.dispatch import privileged_plan, replay, run_policy
from twin.lab.core.privileged.mpc import PrivilegedMPC
from twin.lab.validate.cases.case import Case
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import NumberParameter, WholeParameter
from twin.policies.storage.self_consumption import SelfConsumption

EXACT, NEARLY = 1e-6, 0.02
MPC_DAYS = 30  # at most: a programme at every tick takes its time
REPLAYED, SHARE = "cost of the plan", "share of the saving, perfect 24 h forecasts"


def microgrid_lp(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """The programme's plan, replayed in the plant, costs what it says; MPC with perfect forecasts is hardly dearer."""
    del precision  # nothing is random: the weather's seed is a parameter
    short = dict(values) | {"days": min(values["days"], MPC_DAYS)}
    whole, part = StorageCase(values, REPLAYED), StorageCase(short, SHARE)
    return [
        Check("microgrid_lp", values, "", (Target(REPLAYED, whole.optimum(), EXACT),), whole, least=1),
        Check("microgrid_lp", short, "mpc", (Target(SHARE, 1.0, NEARLY),), part, least=1),
    ]


@dataclass(frozen=True)
class StorageCase:
    """One year of conf/plant/microgrid_reference.yaml, or part of it. figure: REPLAYED or SHARE."""

    values: Mapping[str, Any]
    figure: str

    def __call__(self, seed: int) -> Mapping[str, float]:
        """Figures; the seed is the weather's, and a parameter."""
        if self.figure == REPLAYED:
            return {REPLAYED: replay(self.plant(), privileged_plan(self.plant(), self.ticks))}
        greedy, mpc = (run_policy(self.plant(), make, self.ticks) for make in (SelfConsumption, PrivilegedMPC))
        return {SHARE: (greedy - mpc) / (greedy - self.optimum())}

    @property
    def ticks(self) -> int:
        """Of an hour."""
        return int(self.values["days"]) * 24

    def optimum(self) -> float:
        """EUR, of the programme."""
        return privileged_plan(self.plant(), self.ticks).cost

    def plant(self) -> Any:
        """A fresh one, with the battery of the parameters."""
        path = files("conf") / "plant" / "microgrid_reference.yaml"
        fields: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        kind = located(fields.pop("_target_"), "plant", (), "_target_")
        battery = {key: self.values[key] for key in ("capacity", "power", "efficiency")}
        fields["battery"] = fields["battery"] | battery
        return kind(seed=int(self.values["weather"]), **fields)


CASES = (
    Case(
        "microgrid_lp",
        "a battery and the grid, prices known ahead: linear programme with perfect foresight",
        (
            NumberParameter("capacity", above=0.0),
            NumberParameter("power", above=0.0),
            NumberParameter("efficiency", above=0.0, high=1.0),
            WholeParameter("weather", 0, 1_000_000),
            WholeParameter("days", 1, 3650),
        ),
        ({"capacity": 32.0, "power": 25.0, "efficiency": 0.95, "weather": 0, "days": 365},),
        microgrid_lp,
        quick=False,
    ),
)
