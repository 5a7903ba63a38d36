"""Recorded buildings with one pooled battery: what a year costs under each policy, as published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any

import yaml

from twin.lab.configure.located import located
from twin.lab.core.privileged.dispatch import privileged_plan, run_policy
from twin.lab.core.privileged.mpc import PrivilegedMPC
from twin.lab.validate.cases.case import Case
from twin.lab.validate.gate import Check, Target
from twin.lab.validate.parameters import Folder
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.policies.storage.self_consumption import SelfConsumption
from twin.policies.storage.time_of_use import TimeOfUse

HOURS = 8760
# EUR of the year for the five buildings of CityLearn 2022, phase 1, together: 32 kWh, 25 kW, no export value.
# Computed by an independent simulator of the challenge's rules; `time_of_use` is its stock rule.
PUBLISHED = {
    "no battery": 8278.0,
    "self_consumption": 5237.0,
    "time_of_use": 8980.0,
    "privileged_mpc, known=1": 4754.0,
    "privileged_mpc": 4485.0,
    "privileged LP": 4483.0,
}
POLICIES: dict[str, Callable[..., Any]] = {
    "no battery": RunToFailure,
    "self_consumption": SelfConsumption,
    "time_of_use": TimeOfUse,
    "privileged_mpc, known=1": partial(PrivilegedMPC, known=1),
    "privileged_mpc": PrivilegedMPC,
}


@dataclass(frozen=True)
class Year:
    """The cost of the recorded year under every policy, EUR; nothing in it is random."""

    data: str

    def __call__(self, seed: int) -> Mapping[str, float]:
        """Figures; the seed changes nothing."""
        costs = {name: run_policy(self.plant(name), make, HOURS) for name, make in POLICIES.items()}
        return costs | {"privileged LP": privileged_plan(self.plant(""), HOURS).cost}

    def plant(self, policy: str) -> Any:
        """A fresh one of conf/plant/microgrid_reference.yaml on the recorded buildings."""
        path = files("conf") / "plant" / "microgrid_reference.yaml"
        fields: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        kind = located(fields.pop("_target_"), "plant", (), "_target_")
        fields |= {"inputs": {"citylearn": self.data}} | ({"battery": None} if policy == "no battery" else {})
        return kind(seed=0, **fields)


def citylearn(values: Mapping[str, Any], precision: float) -> Sequence[Check]:
    """Each policy within 1 % of what was published."""
    del precision  # nothing is random
    year = Year(Folder("data", FORMAT).read(values["data"]))
    year.plant("")  # refuses what is not in the format
    targets = tuple(Target(name, cost, 0.01) for name, cost in PUBLISHED.items())
    return [Check("citylearn", values, "", targets, year, least=1)]


def _never() -> bool:
    return False


FORMAT = "the buildings' CSV files in CityLearn's format"
CASES = (
    Case(
        "citylearn",
        "five recorded buildings, one battery: a year's cost of each policy (CityLearn challenge 2022)",
        (Folder("data", FORMAT),),
        ({"data": ""},),
        citylearn,
        quick=False,
        ready=_never,
    ),
)
