"""The directory of a run: its configuration, its status and facts, its figures; and who is at work in it."""

from __future__ import annotations

import fcntl
import json
import math
import numbers
import os
import platform
import re
import shutil
import time
import weakref
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twin.lab.record.durable import left_behind
from twin.lab.record.durable import write_atomically as write_atomically

PACKAGES = ("torch", "numpy", "pandas", "scipy", "simpy", "hydra-core", "pyarrow")
CONFIG, FACTS, KPIS, SCORES, REPORT = "config.yaml", "run.json", "kpis.json", "scores.json", "report.html"
VERDICT, OUTLOOK = "verdict.json", "outlook.json"
FILES = (CONFIG, FACTS, KPIS, SCORES, VERDICT, OUTLOOK, REPORT)
TREES = ("tables", "checkpoint", "tensorboard")
# Fields of run.json that two runs of the same configuration may differ in.
TIMING = ("started", "wall_s", "cpu_s", "events_per_s")


def dump(value: Any) -> str:
    """JSON with sorted keys; NaN and infinities become null."""
    return json.dumps(_plain(value), indent=1, sort_keys=True, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, numbers.Integral):  # numpy's too
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value) if math.isfinite(value) else None
    return value


def label(choice: Mapping[str, Any]) -> str:
    """Name of a configured class as people write it: twin.policies.maintenance.age_based.AgeBased is age_based."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", str(choice["_target_"]).rsplit(".", 1)[-1])
    return "_".join(word.lower() for word in words)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object. Raises ValueError in one line where the file is damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"{path}: must hold a JSON object")
    return value


def versions() -> dict[str, str]:
    """Versions of Tandem, Python and the packages that results depend on."""
    from twin import __version__

    versions = {"tandem": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "missing"
    return versions


class RunDirectory:
    """A run's directory, locked by one process. Its run.json says running, then finished, interrupted or failed.

    path: made where it is missing. config: the text of config.yaml. facts: what run.json is to say beside the status.
    before: run.json of a run that is resumed; its config.yaml stays as it is.
    spent: (wall, cpu) seconds that a resumed run has taken already.
    Raises FileExistsError where a new run's directory holds something already, BlockingIOError where another process
    is at work in it.
    """

    def __init__(
        self,
        *,
        path: Path,
        config: str,
        facts: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
        spent: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        if before is None:
            _refuse_full(path)
        path.mkdir(parents=True, exist_ok=True)
        self.path, self._unlock = path, weakref.finalize(self, os.close, lock(path))
        for file in left_behind(path, FILES):
            file.unlink()
        self.facts: dict[str, Any] = {
            "status": "running",
            "started": (before or {}).get("started", datetime.now().isoformat(timespec="seconds")),
            "versions": versions(),
            **facts,
        }
        self._start, self._cpu = time.perf_counter() - spent[0], time.process_time() - spent[1]
        if before is None:
            write_atomically(path / CONFIG, config)
        self._write()

    def spent(self) -> tuple[float, float]:
        """(wall, cpu) seconds so far."""
        return time.perf_counter() - self._start, time.process_time() - self._cpu

    def close_with(self, *, status: str, kpis: Mapping[str, float] | None, error: str = "", **facts: Any) -> None:
        """Set how the run ended and write its key figures, also of an interrupted one; `finish` writes run.json.

        status: finished, interrupted or failed. facts: further fields of run.json.
        """
        if kpis is not None:
            write_atomically(self.path / KPIS, dump(kpis))
        wall, cpu = self.spent()
        self.facts |= {"status": status, "wall_s": round(wall, 3), "cpu_s": round(cpu, 3)}
        self.facts |= facts | ({"error": error} if error else {})
        if "events" in self.facts:
            self.facts["events_per_s"] = round(self.facts["events"] / max(wall, 1e-9), 1)

    def finish(self) -> None:
        """Write run.json, when every other file is written."""
        self._write()

    def close(self, *, status: str, kpis: Mapping[str, float] | None, error: str = "", **facts: Any) -> None:
        """`close_with` and `finish`, where nothing else is to be written."""
        self.close_with(status=status, kpis=kpis, error=error, **facts)
        self.finish()

    def release(self) -> None:
        """Unlock the directory."""
        self._unlock()

    def _write(self) -> None:
        write_atomically(self.path / FACTS, dump(self.facts))


def _refuse_full(path: Path) -> None:
    if path.exists() and (not path.is_dir() or {*path.iterdir()} - {*left_behind(path, FILES)}):
        raise FileExistsError(f"out = {path}: exists already and is not empty")


def lock(path: Path, *, kind: int = fcntl.LOCK_EX) -> int:
    """Lock a directory until the process ends; on a file system without locks it stays unlocked.

    The kernel drops the lock with the process, however that ends. Returns the handle that holds the lock. Raises
    BlockingIOError where another process has it.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BlockingIOError(f"{path}: another process is at work on this run") from None
    except OSError:
        pass
    return handle


def busy(path: Path) -> bool:
    """Whether a process is at work in a directory. Any number may ask at once."""
    try:
        os.close(lock(path, kind=fcntl.LOCK_SH))
    except BlockingIOError:
        return True
    return False


def foreign(path: Path) -> str:
    """The name of the first entry of a directory that no run leaves; empty where there is none.

    `something` for what is no directory, and for one without any file that a run begins with.
    """
    if not path.is_dir():
        return "something"
    known = {*left_behind(path, FILES), *(path / name for name in (*FILES, *TREES))}
    strange = sorted(entry.name for entry in path.iterdir() if entry not in known)
    begun = [*path.glob(FACTS), *path.glob(CONFIG), *left_behind(path, FILES)]
    return strange[0] if strange else "" if begun else "something"


def refuse_links(path: Path) -> None:
    """Raises ValueError where a run's directory, or anything in it, is a link or no plain file or directory.

    What is written or deleted through a link lies elsewhere, and no run leaves one.
    """
    for place, folders, names in [("", [str(path)], []), *os.walk(path)]:
        for entry in (Path(place, name) for name in sorted((*folders, *names))):
            if entry.is_symlink():
                raise ValueError(f"{entry}: is a symbolic link to {os.readlink(entry)}; none is followed")
            if not (entry.is_file() or entry.is_dir()):
                raise ValueError(f"{entry}: is neither a file nor a directory")


def clear(path: Path) -> None:
    """Delete what a run has left in its directory, and nothing else.

    Raises BlockingIOError where a process is at work in it.
    """
    handle = lock(path)
    try:
        for name in TREES:
            shutil.rmtree(path / name, ignore_errors=True)
        # config.yaml goes last: where this is killed, the rest is still recognised as a run's.
        for file in (*left_behind(path, FILES), *(path / name for name in reversed(FILES))):
            file.unlink(missing_ok=True)
    finally:
        os.close(handle)


def fresh_path(base: Path, stem: str) -> Path:
    """A new directory base/<time>_<stem>, made now so that two runs never share one."""
    base.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{stem}"
    for attempt in range(1000):
        path = base / (name if not attempt else f"{name}_{attempt + 1}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{base / name}: a thousand runs of this name began in the same second")
