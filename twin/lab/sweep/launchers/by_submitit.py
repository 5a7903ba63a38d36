"""Runs through Hydra's submitit launchers: on Slurm, or in processes of this machine.

The loop of those launchers gives up all runs when one job is lost, and starts all local jobs at once. This one goes on
with the other runs, and starts a local job when another has ended.
"""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from typing import Any

from twin.lab.sweep.launchers.base import Tell, arguments, failure
from twin.lab.sweep.run_request import RunRequest

TIMES = 3  # a local run gets this many SIGTERMs
PATIENCE = 8.0  # s after each of them, for the checkpoint and the partial report
GLANCE = 0.2  # s between two looks at the jobs


def launch(launcher: Any, requests: Sequence[RunRequest], tell: Tell) -> None:
    """Make the requested runs, see choosing.launch. Slurm gets all as one array; local jobs start as others end."""
    slurm, params = launcher._EXECUTOR == "slurm", dict(launcher.params)
    room = len(requests) if slurm else params.pop("array_parallelism", None) or os.cpu_count() or 1
    executor = _executor(launcher, params)
    waiting, busy = [*enumerate(requests)][::-1], dict[Any, RunRequest]()
    try:
        while waiting or busy:
            with executor.batch() if slurm and waiting else _deaf():
                while waiting and len(busy) < room:
                    number, request = waiting.pop()
                    busy[executor.submit(launcher, *_call(number, request))] = request
            time.sleep(GLANCE)
            for job in [job for job in busy if job.done()]:
                tell(busy.pop(job), _ending(job))
    except BaseException:
        _end(list(busy), slurm)
        raise


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started within ignore Ctrl-C: on a terminal it would reach a run twice, and end it at once."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(jobs: Sequence[Any], slurm: bool) -> None:
    if slurm:
        for job in jobs:
            with suppress(Exception):  # one that has not got its number yet
                job.cancel()
        return
    # The job passes a SIGTERM on to its run; `cancel` would kill the run a second later. A run that has not begun yet
    # misses the first, since submitit ignores it.
    for _ in range(TIMES):
        for job in jobs:
            job._process.terminate()
        give_up = time.monotonic() + PATIENCE
        while any(job._process.poll() is None for job in jobs) and time.monotonic() < give_up:
            time.sleep(GLANCE)


def _executor(launcher: Any, params: dict[str, Any]) -> Any:
    """As hydra_plugins.hydra_submitit_launcher sets it up."""
    import submitit

    config = importlib.import_module("hydra_plugins.hydra_submitit_launcher.config")
    kind, shared = launcher._EXECUTOR, {field.name for field in fields(config.BaseQueueConf)}
    first = {f"{kind}_max_num_timeout": params.pop("max_num_timeout")} if "max_num_timeout" in params else {}
    executor = submitit.AutoExecutor(cluster=kind, folder=params.pop("submitit_folder"), **first)
    executor.update_parameters(**{key if key in shared else f"{kind}_{key}": value for key, value in params.items()})
    return executor


def _call(number: int, request: RunRequest) -> tuple[Any, ...]:
    from hydra.core.singleton import Singleton

    return arguments(request), "hydra.sweep.dir", number, f"job_id_for_{number}", Singleton.get_state()


def _ending(job: Any) -> str | None:
    try:
        return failure(job.results()[0])
    except Exception as lost:
        return f"its job {job.job_id} was lost: {type(lost).__name__}: {str(lost).strip().splitlines()[0]}"
