"""Work orders beside dispatch: the policy for the one runs within the policy for the other."""

from __future__ import annotations

from collections.abc import Callable

from sim.contract import PlantSpec
from twin.policies.base import Policy
from twin.policies.maintenance.run_to_failure import RunToFailure

Upkeep = Callable[..., Policy] | None


def upkeep_of(make: Upkeep, spec: PlantSpec) -> Policy:
    """The policy that `make` builds for a spec; one that never acts for None."""
    return RunToFailure(spec=spec) if make is None else make(spec=spec)
