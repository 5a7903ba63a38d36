"""What a worker does: the task of Hydra's launchers, and a process of its own that reads its order."""

from __future__ import annotations

import sys
from typing import Any

from twin.lab.sweep.carry_out import make
from twin.lab.sweep.run_request import RunRequest


def task(config: Any) -> None:
    """Carry out the order that Hydra has brought."""
    make(RunRequest.decode(config.order))


if __name__ == "__main__":
    try:
        make(RunRequest.decode(sys.stdin.read()))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
