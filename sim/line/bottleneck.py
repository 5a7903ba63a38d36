"""How fast a line could go at best: the largest flow that its routing and mean cycle times allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog


@dataclass(frozen=True, slots=True)
class FlowStage:
    """One station's place in the flow. cycle: mean seconds per part. to: next stations, none for the end of the line.

    shares: fixed split among them, empty where it is free. assembles: it takes one part from each feeder per cycle.
    """

    cycle: float
    to: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    assembles: bool = False


def best_rate(stages: Mapping[str, FlowStage], without: str = "") -> float:
    """Parts per second that leave the line when nothing fails and nothing is scrapped; `without` one station.

    A linear programme: maximise what leaves, subject to cycle x flow <= 1 at each station, conservation at each
    station, fixed shares, equal inputs of an assembly. Stations that nothing feeds have an endless supply.
    """
    names = list(stages)
    links = [(a, b) for a in names for b in stages[a].to]
    if is_serial(stages):
        return 0.0 if without else 1.0 / max(stage.cycle for stage in stages.values())
    station = {name: i for i, name in enumerate(names)}
    link = {pair: len(names) + i for i, pair in enumerate(links)}
    rows: list[dict[int, float]] = []
    for name in names:
        rows += _balance(name, stages, station, link)
    matrix = np.zeros((len(rows), len(names) + len(links)))
    for i, row in enumerate(rows):
        for column, weight in row.items():
            matrix[i, column] = weight
    gain = np.zeros(matrix.shape[1])
    gain[[station[name] for name in names if not stages[name].to]] = -1.0
    bounds = [(0.0, 0.0 if name == without else 1.0 / stages[name].cycle) for name in names] + [(0.0, None)] * len(
        links
    )
    solved = linprog(gain, A_eq=matrix if rows else None, b_eq=np.zeros(len(rows)) if rows else None, bounds=bounds)
    return max(-float(solved.fun or 0.0), 0.0)


def _balance(
    name: str, stages: Mapping[str, FlowStage], station: Mapping[str, int], link: Mapping[tuple[str, str], int]
) -> list[dict[int, float]]:
    """Equations (column → weight, right side 0) of one station."""
    stage, here, rows = stages[name], station[name], []
    if stage.shares:
        total = sum(stage.shares)
        rows += [{link[name, to]: 1.0, here: -share / total} for to, share in zip(stage.to, stage.shares, strict=True)]
    elif stage.to:
        rows.append({here: -1.0} | {link[name, to]: 1.0 for to in stage.to})
    feeds = [column for (_, target), column in link.items() if target == name]
    if stage.assembles:
        rows += [{here: -1.0, column: 1.0} for column in feeds]
    elif feeds:
        rows.append({here: -1.0} | dict.fromkeys(feeds, 1.0))
    return rows


def is_serial(stages: Mapping[str, FlowStage]) -> bool:
    """Whether every part visits every station."""
    targets: Sequence[str] = [to for stage in stages.values() for to in stage.to]
    ends = sum(not stage.to for stage in stages.values())
    return (
        ends == 1
        and len(targets) == len(set(targets)) == len(stages) - 1
        and all(len(s.to) < 2 for s in stages.values())
    )


def losses(stages: Mapping[str, FlowStage], most: int = 60) -> dict[str, float]:
    """Parts per second lost while a station is out of service. Beyond `most` stations, the whole flow for each."""
    whole = best_rate(stages)
    if is_serial(stages) or len(stages) > most:
        return dict.fromkeys(stages, whole)
    return {name: max(whole - best_rate(stages, without=name), 0.0) for name in stages}
