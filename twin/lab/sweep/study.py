"""A named study: the same seeds under several arms. Its runs are made as those of any sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from twin.lab.configure.choices import choices
from twin.lab.configure.resolve import configurations
from twin.lab.configure.trust import refuse_in_file, split_trust
from twin.lab.record.frozen import frozen
from twin.lab.sweep.run_request import RunRequest, run_request

# Overrides of every run of a study: its figures are wanted, not a page for each.
USUAL = ("report=false",)
FROZEN = "frozen"  # as first_seed


@dataclass(frozen=True)
class Study:
    """A named study, as conf/experiment describes it.

    name: of its yaml. seeds: how many, from `first_seed` on; `frozen` stands for the first test seed, see
    twin.lab.record.frozen. metric: the figure to compare, or several with commas.
    common: overrides that all arms have. arms: further ones by name, which win. baseline, practice, reference, ideal:
    names of arms, see twin.lab.compare.terms. bound: losses are counted from the lower bound of each seed's plant
    instead of an ideal.
    extra: further overrides of every run. varied: settings of the plant in which arms differ on purpose, see
    twin.lab.compare.same_plant. Raises ValueError for no seed and for an arm that does not exist.
    """

    name: str
    seeds: int
    metric: str
    arms: Mapping[str, Sequence[str]]
    baseline: Sequence[str]
    reference: str | None = None
    ideal: str | None = None
    practice: str | None = None
    bound: bool = False
    extra: Sequence[str] = field(default=())
    varied: Sequence[str] = field(default=())
    first_seed: int | str = 0
    common: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise ValueError(f"seeds = {self.seeds}: must be a whole number >= 1")
        for what, arm in (
            ("reference", self.reference),
            ("ideal", self.ideal),
            ("practice", self.practice),
            *(("baseline", b) for b in self.baseline),
        ):
            if arm is not None:
                self.arm(arm, what)
        first = self.first_seed
        if first != FROZEN and not (isinstance(first, int) and first >= 0):
            raise ValueError(f"first_seed = {first}: must be {FROZEN} or a whole number >= 0")

    def seed_range(self, count: int | None = None) -> range:
        """The seeds of every arm; count: how many, the study's own by default."""
        first = frozen().first_seed if self.first_seed == FROZEN else int(self.first_seed)
        return range(first, first + (self.seeds if count is None else count))

    def arm(self, name: str, what: str = "arm") -> Sequence[str]:
        """The overrides of an arm. Raises ValueError where there is none of this name."""
        if name not in self.arms:
            raise ValueError(f"{what} = {name}: there is no such arm; arms are {', '.join(self.arms)}")
        return self.arms[name]

    def overrides(self, arm: str, seed: int) -> list[str]:
        """The overrides of one run; `extra` comes last and wins.

        Raises UserError where the arm names a class that `extra` would have to trust.
        """
        return [*USUAL, *self.trusted_arm(arm, self.extra), f"seed={seed}", *self.extra]

    def trusted_arm(self, name: str, typed: Sequence[str]) -> Sequence[str]:
        """The overrides of an arm: they stand in a file and may name no class that the typed ones do not trust."""
        overrides = [*self.common, *self.arm(name)]
        refuse_in_file(overrides, split_trust(typed)[1], f"experiment = {self.name}, arm {name}")
        return overrides

    def requests(
        self, base: Path, *, arms: Sequence[str] | None = None, seeds: Sequence[int] | None = None
    ) -> list[RunRequest]:
        """The runs base/<arm>_seed<k> of all arms and seeds, or of some, seed by seed.

        Raises ValueError for an unknown arm, UserError for a mistake in the configuration of any run.
        """
        pairs = [
            (arm, seed)
            for seed in (self.seed_range() if seeds is None else seeds)
            for arm in (self.arms if arms is None else arms)
        ]
        configs = configurations([self.overrides(arm, seed) for arm, seed in pairs])
        return [
            run_request(config, run_path(base, arm, seed), f"{arm} seed {seed}", experiment=self.name, arm=arm)
            for config, (arm, seed) in zip(configs, pairs, strict=True)
        ]


def is_study(name: str) -> bool:
    """Whether conf/experiment/NAME.yaml has arms; other experiments are choices like any."""
    return bool(_study(name))


def named(
    name: str, *, seeds: int | None = None, first_seed: int | str | None = None, extra: Sequence[str] = ()
) -> Study:
    """The study of conf/experiment/NAME.yaml, with other seeds where they are given.

    Raises ValueError where there is none.
    """
    study = _study(name)
    if not study:
        raise ValueError(f"experiment = {name}: is not a study; it has no arms")
    given = {key: value for key, value in (("seeds", seeds), ("first_seed", first_seed)) if value is not None}
    return Study(**{**study, **given, "extra": tuple(extra)})


def _study(name: str) -> dict[str, Any]:
    if name not in choices("experiment"):
        raise ValueError(
            f"experiment = {name}: there is no such experiment; there are {', '.join(choices('experiment'))}"
        )
    text = (files("conf") / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text).get("study") or {}


def run_path(base: Path, arm: str, seed: int) -> Path:
    """Where a run of a study lies."""
    return base / f"{arm}_seed{seed}"
