"""The checks of each kind of choice."""

from __future__ import annotations

from collections.abc import Iterator

from twin.lab.check import plant_checks, policy_checks, surrogate_checks
from twin.lab.check.finding import CheckOutcome, outcomes
from twin.lab.check.subject import CheckedChoice

CHECKS = {"plant": plant_checks.CHECKS, "policy": policy_checks.CHECKS, "surrogate": surrogate_checks.CHECKS}


def check(subject: CheckedChoice) -> Iterator[CheckOutcome]:
    """Run every check that applies, one after another."""
    return outcomes(CHECKS[subject.kind], subject)
