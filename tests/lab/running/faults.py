"""Faults at the writes of a run: a full disk, the end of the process, signals."""

from __future__ import annotations

import errno
import os
import pathlib
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.running.short_run import Killed

Fault = Callable[[int, int], None]  # called before each write with its number, from 1, and that of the fault


def full(count: int, at: int) -> None:
    """The disk is full from the fault on."""
    if count >= at:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full_once(count: int, at: int) -> None:
    """There is room again after the fault."""
    if count == at:
        full(count, at)


def killed(count: int, at: int) -> None:
    """From the fault on the process does nothing more, as far as the disk can tell."""
    if count >= at:
        raise Killed


def ctrl_c(count: int, at: int) -> None:
    if count == at:
        signal.raise_signal(signal.SIGINT)


def term(count: int, at: int) -> None:
    if count == at:
        signal.raise_signal(signal.SIGTERM)


def ctrl_c_twice(count: int, at: int) -> None:
    """The second comes as the first is being dealt with: at the next write."""
    if at <= count <= at + 1:
        signal.raise_signal(signal.SIGINT)


def at_write(at: int, fault: Fault) -> tuple[pytest.MonkeyPatch, Callable[[], int]]:
    """Have a fault at the `at`-th write, renaming, flush or new folder.

    Returns the patch, to be undone, and what tells how many there were.
    """
    patch, count = pytest.MonkeyPatch(), 0

    def before(real: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            fault(count, at)
            return real(*arguments, **options)

        return faulty

    for owner, name in ((os, "replace"), (os, "fsync"), (os, "mkdir"), (pathlib.Path, "write_bytes")):
        patch.setattr(owner, name, before(getattr(owner, name)))
    return patch, lambda: count


def never_ends() -> None:
    """A tick that takes long; ends by itself, where nothing does it, so that a test fails rather than hangs."""
    end = time.monotonic() + 20.0
    while time.monotonic() < end:
        pass
