"""The file of a search's trials: its name unless one is given, and its lock."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twin.lab.errors import UserError
from twin.lab.record.run_directory import dump
from twin.lab.tune.question import TuningQuestion

FOLDER = Path("runs") / "tune"


def default_storage(question: TuningQuestion) -> Path:
    """FOLDER/<policy>_<hash>.db; the hash is of all that the trials rest on."""
    digest = hashlib.sha256(dump(question.facts()).encode()).hexdigest()[:12]
    return FOLDER / f"{question.settings.get('choices.policy', 'tuning')}_{digest}.db"


@contextmanager
def locked(storage: Path) -> Iterator[None]:
    """Hold the file of trials for this process. Raises UserError where another process holds it."""
    with open(storage.with_name(f".{storage.name}.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"storage = {storage}: another process is at work on it; workers= gives one more hands"
            ) from None
        except OSError:
            pass  # a file system without locks
        yield
