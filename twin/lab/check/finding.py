"""What came of a check, and how checks are run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from twin.checks import AnswerError
from twin.lab.errors import UserError

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
Subject = TypeVar("Subject")


class FaultError(Exception):
    """What is checked does not keep to its contract; the message says what is missing or wrong."""


class NotOfferedError(Exception):
    """What is checked says that it does not offer this; the message says why."""


@dataclass(frozen=True, slots=True)
class ContractCheck(Generic[Subject]):
    """title: what must hold. run: raises FaultError where it does not. vital: without it no later check makes sense."""

    title: str
    run: Callable[[Subject], None]
    vital: bool = False


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """verdict: OK, FAILED or SKIPPED. why: in words, empty where all is well."""

    title: str
    verdict: str
    why: str = ""


def outcomes(checks: Sequence[ContractCheck[Subject]], subject: Subject) -> Iterator[CheckOutcome]:
    """One for every check, in order. After a vital one has failed the others are skipped."""
    missing = ""
    for check in checks:
        if missing:
            yield CheckOutcome(check.title, SKIPPED, f"needs: {missing}")
            continue
        finding = _carry_out(check, subject)
        if check.vital and finding.verdict == FAILED:
            missing = check.title
        yield finding


def _carry_out(check: ContractCheck[Subject], subject: Subject) -> CheckOutcome:
    try:
        check.run(subject)
    except NotOfferedError as error:
        return CheckOutcome(check.title, SKIPPED, str(error))
    except (FaultError, UserError, AnswerError) as error:
        return CheckOutcome(check.title, FAILED, str(error))
    except Exception as error:  # a stranger's class can raise anything
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename}:{place.lineno}, in {place.name}"
        return CheckOutcome(check.title, FAILED, f"{type(error).__name__}: {' '.join(str(error).split())} ({where})")
    return CheckOutcome(check.title, OK)
