"""The directory of a run: what was asked for, what came of it, and whether it is whole."""

from __future__ import annotations

import hashlib
import json
import math
import numbers
import os
import platform
import re
import time
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "numpy", "pandas", "scipy", "simpy", "hydra-core", "pyarrow")
# Fields of run.json that two runs of the same configuration may differ in.
TIMING = ("started", "wall_s", "cpu_s", "events_per_s")


def write_atomically(path: Path, text: str) -> None:
    """Write aside, then rename: a reader finds the old text or the new, never half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


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
    """Name of a configured class as people write it: twin.policies.age_based.AgeBased is age_based."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", str(choice["_target_"]).rsplit(".", 1)[-1])
    return "_".join(word.lower() for word in words)


def fingerprint() -> str:
    """Of the code that a run's figures depend on: the plant, the twin, the loop. Reports and tables are left out."""
    digest = hashlib.sha256()
    for package, names in (("sim", "*.py"), ("sim.plants", "*.py"), ("twin", "*.py"), ("twin.surrogates", "*.py"),
                           ("twin.policies", "*.py"), ("twin.lab", "experiment.py"), ("twin.lab", "privileged.py")):  # fmt: skip
        for file in sorted(Path(str(files(package))).glob(names)):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


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
    """Of Tandem, Python and the packages that results depend on."""
    from twin import __version__

    found = {"tandem": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


class RunDirectory:
    """Creates a run's directory and keeps its run.json true: running, then finished, interrupted or failed.

    Raises FileExistsError where the directory holds something already.
    """

    def __init__(self, *, path: Path, config: str, facts: Mapping[str, Any]) -> None:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise FileExistsError(f"out = {path}: exists already and is not empty")
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._facts: dict[str, Any] = {
            "status": "running",
            "started": datetime.now().isoformat(timespec="seconds"),
            "versions": versions(),
            **facts,
        }
        self._start, self._cpu = time.perf_counter(), time.process_time()
        write_atomically(path / "config.yaml", config)
        self._write()

    def close(self, *, status: str, kpis: Mapping[str, float] | None, error: str = "", **facts: Any) -> None:
        """The run is over. kpis are written even when it was interrupted."""
        if kpis is not None:
            write_atomically(self.path / "kpis.json", dump(kpis))
        wall = time.perf_counter() - self._start
        self._facts |= {"status": status, "wall_s": round(wall, 3), "cpu_s": round(time.process_time() - self._cpu, 3)}
        self._facts |= facts | ({"error": error} if error else {})
        if "events" in self._facts:
            self._facts["events_per_s"] = round(self._facts["events"] / max(wall, 1e-9), 1)
        self._write()

    def _write(self) -> None:
        write_atomically(self.path / "run.json", dump(self._facts))


def fresh_path(base: Path, stem: str) -> Path:
    """A directory of its own for a run: base/<time>_<stem>, made now so that two runs never share one."""
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
