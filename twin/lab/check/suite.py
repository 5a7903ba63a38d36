"""The checks of each kind of choice."""

from __future__ import annotations

from collections.abc import Iterator

from twin.lab.check import plant_checks, policy_checks, surrogate_checks
from twin.lab.check.finding import Finding, findings
from twin.lab.check.subject import Subject

CHECKS = {"plant": plant_checks.CHECKS, "policy": policy_checks.CHECKS, "surrogate": surrogate_checks.CHECKS}


def check(subject: Subject) -> Iterator[Finding]:
    """Run every check that applies, one after another."""
    return findings(CHECKS[subject.kind], subject)
