"""The worker of a sweep: the task of Hydra's launchers, and a process that reads its request from standard input."""

from __future__ import annotations

import sys
from typing import Any

from twin.lab.sweep.carry_out import make
from twin.lab.sweep.run_request import RunRequest


def task(config: Any) -> None:
    """Make the run that Hydra's configuration holds as `request`."""
    make(RunRequest.decode(config.request))


if __name__ == "__main__":
    try:
        make(RunRequest.decode(sys.stdin.read()))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
