"""The file of a search's trials: its name unless one is given, and its lock."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optuna.storages import RDBStorage
from sqlalchemy import event

from twin.lab.errors import UserError
from twin.lab.record.run_directory import dump
from twin.lab.tune.question import TuningQuestion

FOLDER = Path("runs") / "tune"


def default_storage(question: TuningQuestion) -> Path:
    """FOLDER/<policy>_<hash>.db; the hash is of all that the trials rest on."""
    digest = hashlib.sha256(dump(question.facts()).encode()).hexdigest()[:12]
    return FOLDER / f"{question.settings.get('choices.policy', 'tuning')}_{digest}.db"


def opened(storage: Path) -> RDBStorage:
    """The file as Optuna's. What was written survives a kill; it does not wait for the disk, which may take longer than
    drawing a trial: only a machine that loses power can lose trials."""
    opened = RDBStorage(f"sqlite:///{storage}")
    event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    opened.engine.dispose()  # the connection that it has begun with
    return opened


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
