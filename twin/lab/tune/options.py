"""The options of `tandem tune`, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from twin.lab.arguments import whole
from twin.lab.errors import UserError

OPTIONS = (
    "trials",
    "seeds",
    "first",
    "fresh",
    "metric",
    "direction",
    "prune",
    "seed",
    "workers",
    "storage",
    "record",
    "json",
)
LOWEST = {"trials": 1, "seeds": 2, "first": 0, "fresh": 0, "seed": 0, "workers": 1}
DEFAULTS = {"trials": 20, "seeds": 4, "first": 1000, "fresh": 10, "seed": 0, "workers": 1}
APART = 1000  # from the first tuning seed to the first fresh one
DIRECTIONS = ("maximize", "minimize")


@dataclass(frozen=True, slots=True)
class TuneOptions:
    """The options of a search beside its space.

    trials: in all. seeds, first: tuning seeds are first .. first + seeds - 1. fresh: number of fresh seeds for the
    gain. seed: of the search. workers: processes. metric, direction: None for those of the plant's objective. prune:
    whether trials are raced. storage: file of the trials, None for a name made from the question. record:
    file that says where the best settings are from, None for none.
    """

    trials: int
    seeds: int
    first: int
    fresh: int
    seed: int
    workers: int
    metric: str | None
    direction: str | None
    prune: bool
    storage: Path | None
    record: Path | None = None

    @property
    def tuning_seeds(self) -> tuple[int, ...]:
        return tuple(range(self.first, self.first + self.seeds))

    @property
    def fresh_seeds(self) -> range:
        return range(self.first + APART, self.first + APART + self.fresh)


def read_options(options: Mapping[str, str]) -> TuneOptions:
    """Options as typed. Raises UserError naming the option, its value and what is allowed."""
    numbers = {key: whole(key, options.get(key, f"{default}"), low=LOWEST[key]) for key, default in DEFAULTS.items()}
    if numbers["seeds"] > APART or numbers["fresh"] == 1:
        raise UserError(
            f"seeds = {numbers['seeds']}, fresh = {numbers['fresh']}: at most {APART} seeds; fresh 0, or 2 or more"
        )
    if options.get("prune", "true") not in ("true", "false"):
        raise UserError(f"prune = {options['prune']}: must be true or false")
    return TuneOptions(
        **numbers,
        metric=options.get("metric"),
        direction=options.get("direction"),
        prune=options.get("prune") != "false",
        storage=Path(options["storage"]) if "storage" in options else None,
        record=Path(options["record"]) if "record" in options else None,
    )
