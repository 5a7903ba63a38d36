"""The worker of a sweep: the task of Hydra's launchers, and a process that reads its request from standard input."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from twin.lab.errors import StorageError
from twin.lab.sweep.carry_out import make
from twin.lab.sweep.run_request import RunRequest


def task(config: Any) -> None:
    """Make the run that Hydra's configuration holds as `request`."""
    make(RunRequest.decode(config.request))


def main() -> None:
    """Make the run whose request is the first line of standard input, for as long as that stays open."""
    with open(0, "rb", buffering=0, closefd=False) as requests:
        request = RunRequest.decode(requests.readline().decode().strip())
    threading.Thread(target=_end_with_sweep, daemon=True).start()
    make(request)


def _end_with_sweep() -> None:
    """A sweep that is killed passes no Ctrl-C on: its run stops by itself, with a checkpoint."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except StorageError as error:
        raise SystemExit(str(error)) from None
