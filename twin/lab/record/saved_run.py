"""Reading a run's directory back, apart from its tables: run.json, config.yaml, kpis.json, scores.json."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from twin.lab.record.run_directory import CONFIG, FACTS, KPIS, SCORES, busy, read_json

# Of every run's config.yaml.
KEYS = ("scenario", "plant", "twin", "surrogate", "policy", "device", "seed", "days", "choices", "checkpoint")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a sweep reads hundreds; the one in C is 8 times as fast


class SavedRun:
    """The files of a run's directory. Each is read when it is asked for, once.

    path: the directory, which need not be a run's. A property raises ValueError in one line that names the file where
    that file is damaged; `facts`, `text` and `config` also where it is missing.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    @classmethod
    def read(cls, path: str | Path) -> SavedRun:
        """The run in a directory, with its run.json read.

        Raises FileNotFoundError where there is no run.json, ValueError where it is damaged; each in one line.
        """
        run = cls(path)
        if not run.exists:
            raise FileNotFoundError(f"{path}: is not a run directory (it has no {FACTS})")
        run.facts  # noqa: B018 (raises where it is damaged)
        return run

    @property
    def exists(self) -> bool:
        """Whether the directory has a run.json."""
        return (self.path / FACTS).is_file()

    @cached_property
    def facts(self) -> dict[str, Any]:
        """run.json."""
        return read_json(self.path / FACTS)

    @property
    def facts_if_readable(self) -> dict[str, Any]:
        """run.json; empty where it is missing or damaged."""
        try:
            return self.facts
        except ValueError:
            return {}

    @property
    def status(self) -> str:
        """running, finished, interrupted, failed or killed; empty where run.json says nothing.

        killed: run.json says that it is running, and no process is at work on it.
        """
        status = str(self.facts.get("status") or "")
        return "killed" if status == "running" and not busy(self.path) else status

    @cached_property
    def text(self) -> str:
        """config.yaml as it is."""
        file = self.path / CONFIG
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{file}: cannot be read: {_one_line(error)}") from None

    @cached_property
    def config(self) -> dict[str, Any]:
        """config.yaml as a mapping."""
        text = self.text
        try:
            return parsed(text)
        except ValueError as error:
            raise ValueError(f"{self.path / CONFIG}: {error}") from None

    @property
    def run_config(self) -> dict[str, Any]:
        """config.yaml as a mapping. Raises ValueError also where a key is missing that every run has."""
        missing = [key for key in KEYS if key not in self.config]
        if missing:
            raise ValueError(f"{CONFIG} is not that of a run: it has no {missing[0]}")
        return self.config

    @cached_property
    def kpis(self) -> dict[str, float]:
        """kpis.json, NaN for a figure without a number; empty where the run left none."""
        return _figures(self.path / KPIS)

    @cached_property
    def scores(self) -> dict[str, float]:
        """scores.json, NaN for a score without a number; empty where the run left none."""
        return _figures(self.path / SCORES)

    @property
    def figures(self) -> dict[str, float]:
        """kpis and scores."""
        return self.kpis | self.scores


def parsed(text: str) -> dict[str, Any]:
    """The text of a config.yaml as a mapping, without `trust`, which no file can give.

    Raises ValueError in one line where it is none.
    """
    try:
        config = yaml.load(text, Loader=LOADER)
    except yaml.YAMLError as error:
        raise ValueError(f"cannot be read: {_one_line(error)}") from None
    if not isinstance(config, dict):
        raise ValueError("must hold a mapping")
    return {key: value for key, value in config.items() if key != "trust"}


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A nested configuration as one mapping with dotted keys; lists are values."""
    if not isinstance(value, Mapping):
        return {prefix.removesuffix("."): value}
    return {key: item for name, inner in value.items() for key, item in flat(inner, f"{prefix}{name}.").items()}


def _figures(file: Path) -> dict[str, float]:
    if not file.is_file():
        return {}
    figures = {name: math.nan if value is None else value for name, value in read_json(file).items()}
    for name, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{file}: is damaged: {name} = {value!r}: must be a number or null")
    return figures


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
