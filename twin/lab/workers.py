"""Work spread over processes; Ctrl-C and SIGTERM end all of them."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context, parent_process
from types import FrameType, TracebackType
from typing import Any, Self

Tell = Callable[[int, int, float], None]


class Workers:
    """A pool of processes, used with `with`.

    processes: how many, each started when it is needed. With 1 there is none, and the work is done in this process.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.processes > 1:
            self._before = signal.signal(signal.SIGTERM, _interrupt)
            self._pool = ProcessPoolExecutor(self.processes, mp_context=get_context("spawn"), initializer=_begin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is None:
            return
        if error is not None:
            self.end()
        self._pool.shutdown(cancel_futures=True)
        signal.signal(signal.SIGTERM, self._before)

    def end(self) -> None:
        """End the processes, whatever they are at."""
        for child in active_children():
            child.terminate()

    def submit(self, job: Callable[..., Any], *case: Any) -> Future[Any]:
        """Start `job(*case)` as soon as a process is free; without processes it is done when this returns."""
        if self._pool is not None:
            return self._pool.submit(job, *case)
        future: Future[Any] = Future()
        try:
            future.set_result(job(*case))
        except Exception as error:
            future.set_exception(error)
        return future

    def run(self, job: Callable[..., Any], cases: Sequence[tuple[Any, ...]], tell: Tell) -> list[Any]:
        """The results of `job(*case)`, in the order of the cases. tell: called after each with (done, all, seconds)."""
        start, results = time.perf_counter(), dict[int, Any]()
        if self._pool is None:
            for number, case in enumerate(cases):
                results[number] = job(*case)
                tell(len(results), len(cases), time.perf_counter() - start)
        else:
            futures = {self._pool.submit(job, *case): number for number, case in enumerate(cases)}
            for future in as_completed(futures):
                results[futures[future]] = future.result()
                tell(len(results), len(cases), time.perf_counter() - start)
        return [results[number] for number in range(len(cases))]


def _begin() -> None:
    """In a worker: ignore Ctrl-C, which reaches the whole process group (the parent ends the workers); end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A parent that is killed can end nobody."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
