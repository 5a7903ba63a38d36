"""What a search is asked: its space, figure and seeds, and all that its trials rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.contract import Objective
from twin.lab.configure.compose import compose
from twin.lab.configure.resolve import resolved
from twin.lab.configure.trust import normalised
from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.record.identity import fingerprint
from twin.lab.record.saved_run import flat
from twin.lab.tune.options import DIRECTIONS, TuneOptions
from twin.lab.tune.search_space import Space, read

# Settings of a run that no trial's figure rests on.
ASIDE = ("seed", "report", "checkpoint", "part", "out", "json", "choices.experiment", "trust")


@dataclass(frozen=True, slots=True)
class TuningQuestion:
    """What is asked of a tuning.

    space: settings to search. metric: figure to optimise. sense: 1 where more is better, -1 where less is. seeds: that
    every trial is run with, in this order. seed: of the sampler. settings: the configuration beside the space, by
    dotted key. code: fingerprint of the code. Raises ValueError for fewer than 2 seeds.
    """

    space: Space
    metric: str
    sense: int
    seeds: tuple[int, ...]
    seed: int
    settings: Mapping[str, Any]
    code: str

    def __post_init__(self) -> None:
        if len(self.seeds) < 2:
            raise ValueError(f"seeds = {len(self.seeds)}: must be a whole number >= 2")

    def facts(self) -> dict[str, Any]:
        """What another tuning must share to go on with this one's trials."""
        return {
            "space": self.space.written(),
            "objective": f"{self.metric}, {self.direction}",
            "code": self.code,
            "seeds": f"{self.seeds[0]} to {self.seeds[-1]}",
            "seed": self.seed,
            "settings": dict(self.settings),
        }

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """As Optuna names it."""
        return "maximize" if self.sense > 0 else "minimize"


def question_of(overrides: Sequence[str], options: TuneOptions) -> tuple[TuningQuestion, dict[str, Any] | None]:
    """The question of `tandem tune`, and the point of its space at which the configuration is without any of it.

    overrides: KEY=SPACE and key=value as typed; the point is None where the configuration lies outside the space.
    Raises UserError for a bad space, setting, metric or direction.
    """
    try:
        space = read(normalised(overrides))
        config = resolved(compose("run", [*space.fixed, f"seed={options.first}"]))
        settings = {key: value for key, value in flat(config).items() if key not in ASIDE}
        plant, _ = build.pair(config, build.device(config["device"]))
        metric, sense = _objective(plant.spec.objective, options)
        question = TuningQuestion(
            space=space,
            metric=metric,
            sense=sense,
            seeds=options.tuning_seeds,
            seed=options.seed,
            settings=settings,
            code=fingerprint(),
        )
    except ValueError as error:
        raise UserError(str(error)) from None
    return question, space.standing(settings, config["choices"])


def _objective(objective: Objective, options: TuneOptions) -> tuple[str, int]:
    """(metric, sense) that the options ask for, the plant's own by default. Raises UserError."""
    metric, direction = options.metric or objective.figure, options.direction
    if not metric:
        raise UserError("metric: this plant names no figure of its own; give metric= and direction=")
    if direction is None and metric != objective.figure:
        raise UserError(
            f"metric = {metric}: is not the objective ({objective.figure}); give direction=maximize or minimize"
        )
    if direction not in (None, *DIRECTIONS):
        raise UserError(f"direction = {direction}: must be {' or '.join(DIRECTIONS)}")
    return metric, objective.sense if direction is None else 1 if direction == "maximize" else -1
