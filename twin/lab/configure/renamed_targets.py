"""Classes that a configuration of an older Tandem names by `_target_`, and what they are called now."""

from __future__ import annotations

from typing import Any

from twin.lab.configure.config_tree import dotted, nodes
from twin.lab.errors import UserError

TARGET = "_target_"
RENAMED = {
    "twin.lab.launchers.processes.Processes": "twin.lab.sweep.launchers.processes.Processes",
    "twin.lab.privileged.PrivilegedThreshold": "twin.lab.core.privileged.threshold.PrivilegedThreshold",
    "twin.lab.privileged_forks.PrivilegedForks": "twin.lab.core.privileged.forks.PrivilegedForks",
    "twin.lab.privileged_mpc.PrivilegedScout": "twin.lab.core.privileged.mpc.PrivilegedScout",
    "twin.lab.privileged_mpc.PrivilegedMPC": "twin.lab.core.privileged.mpc.PrivilegedMPC",
    "twin.policies.actuated.Actuated": "twin.policies.crossings.actuated.Actuated",
    "twin.policies.age_based.AgeBased": "twin.policies.maintenance.age_based.AgeBased",
    "twin.policies.condition_based.ConditionBased": "twin.policies.maintenance.condition_based.ConditionBased",
    "twin.policies.deferral.Deferral": "twin.policies.storage.deferral.Deferral",
    "twin.policies.delay_based.DelayBased": "twin.policies.crossings.delay_based.DelayBased",
    "twin.policies.fixed_time.FixedTime": "twin.policies.crossings.fixed_time.FixedTime",
    "twin.policies.max_pressure.MaxPressure": "twin.policies.crossings.max_pressure.MaxPressure",
    "twin.policies.mpc.DayPersistence": "twin.policies.storage.net_load.DayPersistence",
    "twin.policies.mpc.TwinForecast": "twin.policies.storage.net_load.TwinForecast",
    "twin.policies.mpc.MPC": "twin.policies.storage.mpc.MPC",
    "twin.policies.peak.PeakWatch": "twin.policies.storage.peak.PeakWatch",
    "twin.policies.predictive.Predictive": "twin.policies.maintenance.predictive.Predictive",
    "twin.policies.run_to_failure.RunToFailure": "twin.policies.maintenance.run_to_failure.RunToFailure",
    "twin.policies.self_consumption.SelfConsumption": "twin.policies.storage.self_consumption.SelfConsumption",
    "twin.policies.setpoints.SetpointSearch": "twin.policies.setpoints.search.SetpointSearch",
    "twin.policies.time_of_use.TimeOfUse": "twin.policies.storage.time_of_use.TimeOfUse",
    "twin.policies.trial.Trial": "twin.policies.setpoints.trial.Trial",
    "twin.policies.webster.Webster": "twin.policies.crossings.webster.Webster",
    "twin.surrogates.learned.Learned": "twin.surrogates.gradient.surrogate.GradientSurrogate",
    "twin.surrogates.learned.Linear": "twin.surrogates.gradient.linear.Linear",
    "twin.surrogates.learned.MLP": "twin.surrogates.gradient.mlp.MLP",
    "twin.surrogates.optimizer.Optimizer": "twin.surrogates.gradient.optimizer.Optimizer",
    "twin.surrogates.transformer.Transformer": "twin.surrogates.transformer.model.Transformer",
}


def refuse_renamed(config: Any, prefix: str = "") -> None:
    """Raises UserError for the first `_target_` in a configuration that has another name now, at whatever depth.

    config: plain mappings, sequences and values. prefix: what to write before the key, as in `plant.file=a.yaml: `.
    """
    for place, target in nodes(config):
        if place[-1:] == (TARGET,) and isinstance(target, str) and target in RENAMED:
            raise UserError(f"{prefix}{dotted(place)} = {target}: is now {RENAMED[target]}")
