"""Comparison of finished runs: arms, what pairs them, and what one gains over another."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from twin.lab import statistics
from twin.lab.record import identity
from twin.lab.record.run_directory import read_json
from twin.lab.statistics import Floats

# Differences between two runs that do not make them two arms.
ASIDE = ("seed", "threads", *identity.ASIDE)
# Figures of which less is better: costs, losses, delays, errors.
LESS = (
    r"(\w+_)?cost(_\w+)?|(downtime|failures)_\w+|(starved|blocked|delay|outage)_hours|scrap_parts|maintenance_corrective|"
    r"mttr_hours|lead_time_minutes|wip(_mean)?|energy_kwh|energy_per_good_part|(import|curtailed|unserved)_kwh|"
    r"(carbon|co2)_kg|peak_kw|fuel_litres|control_delay|time_loss|delay_per_trip|stops(_per_trip)?|(uplink|downlink)_lost|"
    r"(mae|mase|crps|crps_ratio|brier|width90|interval90|rul_rmse\w*|rul_phm08)(\.\S+)?"
)


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
Values = dict[str, dict[int, float]]  # of one figure, by arm and seed


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


def figures(found: Arms, metric: str) -> Values:
    """A figure of every run, by arm and seed. Raises ValueError where a run does not have it, or no number for it."""
    for entry in (entry for seeds in found.values() for entry in seeds.values()):
        if metric not in entry.figures:
            names = ", ".join(sorted(entry.figures))
            raise ValueError(f"metric = {metric}: {entry.path} has no such figure; there are {names}")
        if not math.isfinite(entry.figures[metric]):
            raise ValueError(f"metric = {metric}: {entry.path} has no number for it")
    return {arm: {seed: entry.figures[metric] for seed, entry in seeds.items()} for arm, seeds in found.items()}


def sense(found: Arms, metric: str, lower: Sequence[str] = ()) -> int:
    """-1 where less of the metric is better: it is in `lower`, the runs' objective says so, or it is one of LESS; else 1."""
    told = [entry.objective for seeds in found.values() for entry in seeds.values()]
    own = [o.get("sense") for o in told if o.get("figure") == metric]
    if metric not in lower and own:
        return -1 if -1 in own else 1
    return -1 if metric in lower or re.fullmatch(LESS, metric) else 1


def means(values: Values, metric: str) -> list[dict[str, Any]]:
    """A row per arm: mean over seeds with its Student interval (none for a single seed)."""
    rows = []
    for arm, own in values.items():
        row: dict[str, Any] = {"metric": metric, "policy": arm, "n": len(own)}
        if len(own) > 1:
            interval = statistics.mean(list(own.values()))
            row |= {"mean": interval.value, "low": interval.low, "high": interval.high}
        else:
            row |= {"mean": next(iter(own.values())), "low": None, "high": None}
        rows.append(row)
    return rows


def chances(values: Values, groups: Sequence[Sequence[str]], way: int) -> dict[str, float]:
    """By arm, the share of paired bootstrap resamples in which it is the best of its group; alone in one it has none.

    way: 1 where more is better, -1 where less is. Raises ValueError for arms of other seeds.
    """
    found: dict[str, float] = {}
    for group in groups:
        if len(group) < 2:
            continue
        table = [_pair(values, group[0], group[1])[0], *(_pair(values, other, group[0])[0] for other in group[1:])]
        found |= dict(zip(group, statistics.probability_best(table, higher=way > 0), strict=True))
    return found


def pairs(names: Sequence[str], baselines: Sequence[str], leave: Sequence[str] = ()) -> list[tuple[str, str]]:
    """(arm, baseline) of every difference, each pair once. Raises ValueError for an unknown baseline."""
    found: list[tuple[str, str]] = []
    for place, baseline in enumerate(baselines):
        if baseline not in names:
            raise ValueError(f"baseline = {baseline}: there is no such arm; arms are {', '.join(names)}")
        found += [(arm, baseline) for arm in names if arm not in (*leave, baseline, *baselines[:place])]
    return found


def differences(values: Values, metric: str, between: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """A row per (arm, baseline) of `between`: mean paired difference, its intervals and tests; p also as adjusted by Holm.

    The family of Holm's adjustment is all rows returned: every difference of this metric that is told. Raises ValueError
    for arms of other seeds.
    """
    rows: list[dict[str, Any]] = []
    for arm, baseline in between:
        both = _pair(values, arm, baseline)
        d, (higher, _) = statistics.difference(*both), statistics.probability_best(both)
        rows.append({
            "metric": metric, "policy": arm, "baseline": baseline, "difference": d.value, "low": d.low, "high": d.high,
            "n": d.n, "boot_low": d.boot_low, "boot_high": d.boot_high, "p": d.p_value, "wilcoxon_p": d.wilcoxon_p,
            "effect_size": d.effect_size, "probability_higher": higher,
        })  # fmt: skip
    adjusted = statistics.holm([float(row["p"]) for row in rows])
    reached = {row["policy"]: row for row in means(values, metric)}
    for row, p in zip(rows, adjusted, strict=True):
        own = reached[row["policy"]]
        row |= {"holm_p": p, "mean": own["mean"], "mean_low": own["low"], "mean_high": own["high"]}
        row["baseline_mean"] = reached[row["baseline"]]["mean"]
    return rows


def _pair(values: Values, first: str, second: str) -> tuple[Floats, Floats]:
    try:
        return statistics.pair(values[first], values[second])
    except ValueError as error:
        raise ValueError(f"{first} and {second}: {error}") from None


def excesses(
    values: Values, metric: str, reference: str, ideal: str, way: int = 1
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row per arm: (J - J_reference) / J_reference, J how much worse the arm is than the ideal; remarks on what has none.

    way: -1 where less of the metric is better. Raises ValueError where an arm is missing or the seeds do not pair.
    """
    rows: list[dict[str, Any]] = []
    remarks: list[str] = []
    for name, arm in (("reference", reference), ("ideal", ideal)):
        if arm not in values:
            raise ValueError(f"{name} = {arm}: there is no such arm; arms are {', '.join(values)}")
    loss = {arm: _pair(values, ideal, arm) for arm in values if arm != ideal}
    base = way * (loss[reference][0] - loss[reference][1])
    for arm, (best, earned) in loss.items():
        if arm == reference:
            continue
        try:
            e = statistics.excess(way * (best - earned), base)
        except ValueError as error:
            if (remark := f"no excess over {reference}: {error}") not in remarks:
                remarks.append(remark)
            continue
        rows.append({
            "metric": f"{metric}.excess_loss", "policy": arm, "baseline": reference, "difference": e.value, "low": e.low,
            "high": e.high, "n": e.n,
        })  # fmt: skip
    return rows, remarks
