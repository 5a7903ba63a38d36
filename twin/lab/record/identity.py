"""What a run is: a hash of the configuration that its results follow from, and apart from it one of the code."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

# Keys that cannot change a run's results: where they go, how tables are cut, what a choice is called, which study the
# run is a part of, whom its command trusts, what it is told beside. `quick` has no effect beyond the shortened `days`.
YARDSTICK = ("verdict", "practice", "reference", "ideal", "scored_from")
ASIDE = ("out", "json", "report", "checkpoint", "part", "quick", "choices", "study", "tensorboard", "trust", *YARDSTICK)
# The files of twin.lab that make a run's tables and figures; reports, comparisons and commands are not among them.
LAB = ("core/**/*.py", "record/recorder.py")
DIGITS = 12
ROOT = Path(str(files("sim"))).parent


def identity(config: Mapping[str, Any]) -> str:
    """Hash of a resolved configuration, 12 hex digits: the same for two runs that ask for the same results.

    config: as a run writes it to config.yaml, with `quick` resolved to a number of days.
    """
    deciding = _plain({key: value for key, value in config.items() if key not in ASIDE})
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:DIGITS]


def _plain(value: Any) -> Any:
    """Plain dicts and lists, with 1.0 as 1: `days=1` and `days=1.0` ask for the same results."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@functools.cache
def fingerprint() -> str:
    """Hash of the code that a run's figures depend on."""
    digest = hashlib.sha256()
    for file in sources():
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGITS]


def sources() -> list[Path]:
    """The files that a run's figures depend on: all of sim, all of twin but twin.lab, and those of LAB."""
    sim, twin = ROOT / "sim", ROOT / "twin"
    core = [file for file in twin.rglob("*.py") if twin / "lab" not in file.parents]
    return sorted([*sim.rglob("*.py"), *core, *(file for names in LAB for file in (twin / "lab").glob(names))])
