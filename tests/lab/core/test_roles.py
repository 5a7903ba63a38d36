"""Hidden state goes to who declares what it takes and says that it is privileged, and to nobody else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from twin.lab.core.build import connect
from twin.lab.core.privileged.forks import PrivilegedForks
from twin.lab.core.privileged.mpc import PrivilegedMPC
from twin.lab.core.privileged.roles import ForecastsByForks, PlansOnForks, SeesTruth
from twin.lab.core.privileged.threshold import PrivilegedThreshold


class Curious:
    """Has a method of that name, but does not say privileged."""

    taken: Any = None

    def connect(self, truth: Any) -> None:
        self.taken = truth


class Open(Curious):
    privileged = True


def given(policy: Any) -> Any:
    plant = SimpleNamespace(truth=dict, fork=None)
    connect(plant, SimpleNamespace(policy=policy, surrogate=object(), window=None))  # type: ignore[arg-type]
    return policy.taken


def test_only_who_says_privileged_sees_hidden_state() -> None:
    assert given(Curious()) is None
    assert given(Open()) is dict


def test_the_references_declare_what_they_take() -> None:
    for kind, role in (
        (PrivilegedThreshold, SeesTruth),
        (PrivilegedMPC, PlansOnForks),
        (PrivilegedForks, ForecastsByForks),
    ):
        assert isinstance(kind.__new__(kind), role)
