"""What a run is: a hash of the configuration that its results follow from, and apart from it one of the code."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

# What cannot change a run's results: where they go, how they are cut and kept, what a choice is called, of what study
# the run is a part. `quick` has done its work once `days` is shortened.
ASIDE = ("out", "json", "report", "checkpoint", "part", "quick", "choices", "study")
# Of twin.lab, what makes a run's tables and figures; reports, comparisons and commands are left out.
LAB = ("build.py", "experiment.py", "privileged*.py", "record.py", "scores.py")
DIGITS = 12


def identity(config: Mapping[str, Any]) -> str:
    """Hash of a resolved configuration, 12 hex digits: the same for two runs that ask for the same results.

    config: as a run writes it to config.yaml, with `quick` resolved to a number of days.
    """
    kept = {key: value for key, value in config.items() if key not in ASIDE}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:DIGITS]


@functools.cache
def fingerprint() -> str:
    """Hash of the code that a run's figures depend on: all of the plant and the twin, and of the lab what is in LAB."""
    digest = hashlib.sha256()
    sim, twin = (Path(str(files(package))) for package in ("sim", "twin"))
    lab = twin / "lab"
    core = [file for file in twin.rglob("*.py") if lab not in file.parents]
    for file in sorted([*sim.rglob("*.py"), *core, *(file for names in LAB for file in lab.glob(names))]):
        digest.update(file.relative_to(sim.parent).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:DIGITS]
