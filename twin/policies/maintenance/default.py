"""The maintenance policy that runs beside dispatch: the one configured, or none."""

from __future__ import annotations

from collections.abc import Callable

from sim.contract import PlantSpec
from twin.policies.base import Policy
from twin.policies.maintenance.run_to_failure import RunToFailure

MaintenanceFactory = Callable[..., Policy] | None


def build_maintenance(make: MaintenanceFactory, spec: PlantSpec) -> Policy:
    """The policy that `make(spec=spec)` builds; for None run to failure, which orders no work."""
    return RunToFailure(spec=spec) if make is None else make(spec=spec)
