"""The configurations that are changed: every plant, every policy with a plant that it fits, every surrogate, twin."""

from __future__ import annotations

from typing import Any

from twin.lab.configure.choices import choices
from twin.lab.configure.compose import compose

BESIDE = ["surrogate=ewma", "policy=run_to_failure"]
CROSSINGS = ("actuated", "delay_based", "fixed_time", "max_pressure", "privileged_signals", "webster")
STORAGE = ("mpc", "mpc_serviced", "mpc_twin", "privileged_mpc", "privileged_site", "self_consumption", "time_of_use")


def plant_for(policy: str) -> str:
    """A small plant that a policy fits."""
    if policy.startswith("cells_"):
        return "cells"
    return "crossing" if policy in CROSSINGS else "microgrid" if policy in STORAGE else "line_small"


BASES: dict[str, list[str]] = {
    **{f"plant={name}": [f"plant={name}", *BESIDE] for name in choices("plant")},
    **{f"policy={p}": [f"plant={plant_for(p)}", "surrogate=ewma", f"policy={p}"] for p in choices("policy")},
    **{f"surrogate={s}": ["plant=line_small", "policy=run_to_failure", f"surrogate={s}"] for s in choices("surrogate")},
    **{f"network={n}": ["plant=line_small", *BESIDE, f"network={n}"] for n in choices("network")},
    **{f"twin={t}": ["plant=line_small", *BESIDE, f"twin={t}"] for t in choices("twin")},
}
WEIGHT = {"plant": 6, "twin": 3}  # times as many changes of these as of the others


def base(name: str) -> dict[str, Any]:
    """The resolved configuration of a base, unchecked."""
    from omegaconf import OmegaConf

    config: dict[str, Any] = OmegaConf.to_container(compose("run", BASES[name]), resolve=True)  # type: ignore[assignment]
    return config


def share(name: str, total: int) -> int:
    """How many changes a base gets of so many in all."""
    weights = {each: WEIGHT.get(each.partition("=")[0], 1) for each in BASES}
    return -(-total * weights[name] // sum(weights.values()))
