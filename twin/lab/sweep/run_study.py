"""A study of one run: its configuration, and what it is told beside, over many seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twin.lab.sweep.run_request import RunRequest, run_request
from twin.lab.sweep.study import run_path


@dataclass(frozen=True)
class RunStudy:
    """Arms that are whole configurations rather than options.

    name: of the study. seeds: how many, from 0. configs: by arm, resolved. extra: a launcher's options. Raises
    ValueError for no seed.
    """

    name: str
    seeds: int
    configs: Mapping[str, Mapping[str, Any]]
    extra: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise ValueError(f"seeds = {self.seeds}: must be a whole number >= 1")

    def requests(self, base: Path) -> list[RunRequest]:
        """The runs base/<arm>_seed<k>, seed by seed; none writes a page or is told beside another."""
        usual = {"report": False, "verdict": None}
        return [
            run_request(
                {**config, **usual, "seed": seed},
                run_path(base, arm, seed),
                f"{arm} seed {seed}",
                experiment=self.name,
                arm=arm,
            )
            for seed in range(self.seeds)
            for arm, config in self.configs.items()
        ]
