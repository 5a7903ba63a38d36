"""Comparison of finished runs: arms, what pairs them, and what one gains over another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from twin.lab.record import identity
from twin.lab.record.run_directory import read_json

# Differences between two runs that do not make them two arms.
ASIDE = ("seed", "threads", *identity.ASIDE)


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A finished run: its seed, its figures (kpis and scores), what was chosen, its whole configuration, flat.

    objective: what the plant was run for, as run.json tells it (figure, sense). study, arm: what the run was made for, if
    anything.
    """

    path: Path
    seed: int
    figures: Mapping[str, float]
    choices: Mapping[str, str]
    settings: Mapping[str, Any]
    code: str
    objective: Mapping[str, Any] = field(default_factory=dict)
    study: str = ""
    arm: str = ""


Arms = dict[str, dict[int, ComparedRun]]


def read(path: Path) -> ComparedRun:
    """The run in a directory. Raises ValueError where it is none, is damaged, or did not finish."""
    if not (path / "run.json").is_file():
        raise ValueError(f"{path}: is not a run directory (it has no run.json)")
    facts = read_json(path / "run.json")
    if facts.get("status") != "finished":
        raise ValueError(f"{path}: status is {facts.get('status')}; only finished runs can be compared")
    figures = read_json(path / "kpis.json")
    if (path / "scores.json").is_file():
        figures |= read_json(path / "scores.json")
    try:
        settings = flat(yaml.safe_load((path / "config.yaml").read_text(encoding="utf-8")))
        numbers = {name: float("nan") if value is None else float(value) for name, value in figures.items()}
        chosen, code, objective = facts.get("choices", {}), facts.get("code", ""), facts.get("objective") or {}
        of = {"study": str(facts.get("experiment") or ""), "arm": str(facts.get("arm") or "")}
        return ComparedRun(path, int(facts["seed"]), numbers, chosen, settings, code, objective, **of)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: is damaged: {type(error).__name__}: {error}") from None


def find(paths: Sequence[str | Path]) -> list[Path]:
    """Run directories: each path that is one, and those in a directory of runs. Raises ValueError where there is none."""
    found: list[Path] = []
    for path in map(Path, paths):
        inside = [path] if (path / "run.json").is_file() else sorted(p.parent for p in path.glob("*/run.json"))
        if not inside:
            raise ValueError(f"{path}: is no run directory and holds none")
        found += [run for run in inside if run not in found]
    return found


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A nested configuration as dotted keys."""
    if not isinstance(value, Mapping):
        return {prefix.removesuffix("."): value}
    return {key: item for name, inner in value.items() for key, item in flat(inner, f"{prefix}{name}.").items()}


def arms(entries: Sequence[ComparedRun]) -> Arms:
    """Runs by arm and seed. An arm is named as its study names it, or by the choices and settings in which the runs differ.

    Raises ValueError for two runs of one arm and seed.
    """
    if all(entry.arm for entry in entries) and len({entry.study for entry in entries}) == 1:
        named: Arms = {}
        for entry in entries:
            add(named, entry.arm, entry)
        return named
    groups = [g for g in _varying([e.choices for e in entries]) if g != "device"]
    own = {g: _alike(entries, g) for g in groups}
    rest = [
        key
        for key in _varying([e.settings for e in entries])
        if key.split(".")[0] not in (*ASIDE, "scenario", *(g for g in groups if own[g]))
    ]
    result: Arms = {}
    for entry in entries:
        parts = [entry.choices.get(g, "none") for g in sorted(groups, key=lambda g: (g != "policy", g))]
        parts += [f"{key}={entry.settings[key]}" for key in rest if key in entry.settings]
        add(result, " ".join(parts) or entry.choices.get("policy", "run"), entry)
    return result


def add(to: Arms, name: str, entry: ComparedRun) -> None:
    """Put a run under its arm and seed. Raises ValueError where there is one already."""
    seeds = to.setdefault(name, {})
    if entry.seed in seeds:
        raise ValueError(f"{entry.path}: the same arm ({name}) and seed ({entry.seed}) as {seeds[entry.seed].path}")
    seeds[entry.seed] = entry


def _varying(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """Keys whose value is not the same in all tables, in order of appearance."""
    keys = dict.fromkeys(key for table in tables for key in table)
    return [key for key in keys if len({repr(table.get(key)) for table in tables}) > 1]


def _alike(entries: Sequence[ComparedRun], group: str) -> bool:
    """Whether runs with the same choice of a group agree in all its settings, so that the choice says it all."""
    by_choice: dict[str | None, list[Mapping[str, Any]]] = {}
    for entry in entries:
        own = {key: value for key, value in entry.settings.items() if key.startswith(f"{group}.")}
        by_choice.setdefault(entry.choices.get(group), []).append(own)
    return all(not _varying(tables) for tables in by_choice.values())
