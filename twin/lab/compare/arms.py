"""Arms: finished runs that differ in their seed only, read from their directories and grouped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.lab.draw.terminal import printable
from twin.lab.record import identity
from twin.lab.record.saved_run import SavedRun, flat
from twin.lab.sweep.typed_order import as_typed

# Differences between two runs that do not make them two arms.
ASIDE = ("seed", "threads", *identity.ASIDE)


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """A finished run.

    path: its directory. seed: its seed. figures: kpis and scores by name. choices: the choice of each configuration
    group. settings: the whole configuration by dotted key. code: fingerprint of the code that made it. objective: what
    the plant was run for (figure, sense). study, arm: what the run was made for, if anything.
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


Arms = dict[str, dict[int, ComparedRun]]  # by name of the arm, then by seed


def read(path: Path) -> ComparedRun:
    """The run in a directory. Raises ValueError where it is none, is damaged, or did not finish."""
    try:
        run = SavedRun.read(path)
    except FileNotFoundError as error:
        raise ValueError(str(error)) from None
    if run.status != "finished":
        way = f"; tandem run resume={path} goes on with it" if run.status in ("killed", "interrupted") else ""
        raise ValueError(f"{path}: status is {run.status}; only finished runs can be compared{way}")
    facts = run.facts
    try:
        seed = int(facts["seed"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: is damaged: {type(error).__name__}: {error}") from None
    return ComparedRun(
        path=path,
        seed=seed,
        figures=run.figures,
        choices=facts.get("choices", {}),
        settings=flat(run.config),
        code=facts.get("code", ""),
        objective=facts.get("objective") or {},
        study=str(facts.get("experiment") or ""),
        arm=str(facts.get("arm") or ""),
    )


def find(paths: Sequence[str | Path]) -> list[Path]:
    """Run directories: each path that is one, and those in a directory of runs, in the order of their sweep.

    Raises ValueError where there is none.
    """
    runs: list[Path] = []
    for path in map(Path, paths):
        inside = [path] if SavedRun(path).exists else as_typed(sorted(p.parent for p in path.glob("*/run.json")))
        if not inside:
            raise ValueError(f"{path}: is no run directory and holds none")
        runs += [run for run in inside if run not in runs]
    return as_typed(runs) if all(run in map(Path, paths) for run in runs) else runs


def arms(runs: Sequence[ComparedRun]) -> Arms:
    """Runs by arm and seed.

    An arm is named as its study names it, or by the choices and settings in which the runs differ, control characters
    written out. Raises ValueError
    for two runs of one arm and seed.
    """
    by_arm: Arms = {}
    of_one_study = all(run.arm for run in runs) and len({run.study for run in runs}) == 1
    names = [run.arm for run in runs] if of_one_study else _names(runs)
    for name, run in zip(names, runs, strict=True):
        add(by_arm, printable(name), run)
    return by_arm


def add(by_arm: Arms, name: str, run: ComparedRun) -> None:
    """Put a run under its arm and seed. Raises ValueError where there is one already."""
    by_seed = by_arm.setdefault(name, {})
    if run.seed in by_seed:
        raise ValueError(f"{run.path}: the same arm ({name}) and seed ({run.seed}) as {by_seed[run.seed].path}")
    by_seed[run.seed] = run


def _names(runs: Sequence[ComparedRun]) -> list[str]:
    """Of each run, the choices and settings in which it differs from others, its policy first."""
    groups = [g for g in _varying([run.choices for run in runs]) if g != "device"]
    told_by_choice = [g for g in groups if _choice_fixes_settings(runs, g)]
    aside = (*ASIDE, "scenario", *told_by_choice)
    keys = [key for key in _varying([run.settings for run in runs]) if key.split(".")[0] not in aside]
    ordered = sorted(groups, key=lambda g: (g != "policy", g))
    names = []
    for run in runs:
        parts = [run.choices.get(g, "none") for g in ordered]
        parts += [f"{key}={run.settings[key]}" for key in keys if key in run.settings]
        names.append(" ".join(parts) or run.choices.get("policy", "run"))
    return names


def _varying(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    """Keys whose value is not the same in all tables, in order of appearance."""
    keys = dict.fromkeys(key for table in tables for key in table)
    return [key for key in keys if len({repr(table.get(key)) for table in tables}) > 1]


def _choice_fixes_settings(runs: Sequence[ComparedRun], group: str) -> bool:
    """Whether runs with the same choice of a group agree in all its settings."""
    by_choice: dict[str | None, list[Mapping[str, Any]]] = {}
    for run in runs:
        settings = {key: value for key, value in run.settings.items() if key.startswith(f"{group}.")}
        by_choice.setdefault(run.choices.get(group), []).append(settings)
    return all(not _varying(tables) for tables in by_choice.values())
