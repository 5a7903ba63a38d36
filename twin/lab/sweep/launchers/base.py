"""What every launcher shares: how it tells that a job has ended, and what it takes to a worker and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twin.lab.sweep.run_request import RunRequest

# Called when a job has ended; with the reason where its worker did not come back.
Tell = Callable[[RunRequest, str | None], None]


def arguments(request: RunRequest) -> list[str]:
    """What Hydra takes to a worker."""
    return [f"+request='{request.encode()}'"]


def failure(result: Any) -> str | None:
    """The error that ended a job, of what Hydra returns of it; None where it did not fail."""
    error = result._return_value
    return f"{type(error).__name__}: {error}" if isinstance(error, Exception) else None
