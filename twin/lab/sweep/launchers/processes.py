"""Runs in processes of this machine, a new one for every run, so that no run can end another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from twin.lab.sweep.launchers.base import Tell
from twin.lab.sweep.run_request import RunRequest

WORKER = "twin.lab.sweep.launchers.worker"
PATIENCE = 20.0  # s that a run has after Ctrl-C for its checkpoint and its partial report
GLANCE = 0.05  # s between two looks at the workers


class Processes:
    """workers: how many runs at once; by default as many as there are processors for their threads.

    Raises ValueError for a number that is not positive.
    """

    def __init__(self, *, workers: int | None = None, threads: int = 1) -> None:
        if workers is not None and (isinstance(workers, bool) or not isinstance(workers, int) or workers < 1):
            raise ValueError(f"workers = {workers!r}: must be a whole number >= 1")
        self.workers = workers or max(1, (os.cpu_count() or 1) // threads)
        self._busy: dict[subprocess.Popen[str], RunRequest] = {}

    def launch(self, requests: Sequence[RunRequest], tell: Tell) -> None:
        """Make the requested runs, see choosing.launch."""
        waiting = list(reversed(requests))
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            while waiting or self._busy:
                while waiting and len(self._busy) < self.workers:
                    request = waiting.pop()
                    self._busy[self._start(request)] = request
                time.sleep(GLANCE)
                for process in [p for p in self._busy if p.poll() is not None]:
                    tell(self._busy.pop(process), _ending(process))
        finally:
            self._stop()
            signal.signal(signal.SIGTERM, before)

    def _start(self, request: RunRequest) -> subprocess.Popen[str]:
        """Start a run in a session of its own: Ctrl-C reaches only this process, which passes it on once."""
        path = os.pathsep.join(p for p in sys.path if p)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert process.stdin
        process.stdin.write(request.encode() + "\n")
        process.stdin.flush()  # and left open: where it closes, this process has ended, and the run ends too
        return process

    def _stop(self) -> None:
        """Pass Ctrl-C on, and every further one; end what does not heed it."""
        give_up = time.monotonic() + PATIENCE
        self._signal(signal.SIGINT)
        while any(process.poll() is None for process in self._busy):
            try:
                time.sleep(GLANCE)
                if time.monotonic() > give_up:
                    self._signal(signal.SIGKILL)
            except KeyboardInterrupt:
                self._signal(signal.SIGINT)
        self._busy.clear()

    def _signal(self, number: int) -> None:
        for process in self._busy:
            process.send_signal(number)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _ending(process: subprocess.Popen[str]) -> str | None:
    """The last line of a process's errors, or its signal, where it failed; None where it did not."""
    assert process.stdin
    assert process.stderr
    process.stdin.close()
    with process.stderr as errors:
        lines = errors.read().strip().splitlines()
    code = process.returncode
    if code == 0:
        return None
    if code < 0:
        return f"its process was killed ({signal.Signals(-code).name})"
    return lines[-1] if lines else f"its process ended with code {code}"
