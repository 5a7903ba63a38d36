"""tandem tune KEY=SPACE [KEY=SPACE ...] [key=value ...]

Search settings of a run (policy, surrogate, twin, ...) for the best mean of a figure over several seeds. Every trial meets
the same seeds (common random numbers) and is given up as soon as it is behind the best one (paired one-sided t test,
10 %). The best is then run beside the settings that stand in conf/ on fresh seeds, which the search has not seen: the
gain that is told is not the winner's luck. Needs the extra `opt`.

  tandem tune policy=condition_based surrogate=ewma 'policy.threshold=interval(1.2,3)'
  tandem tune surrogate=mlp 'surrogate.width=32,64,128' metric=crps.vibration.h6 direction=minimize days=10

  SPACE in Hydra's grammar of sweeps; a shell wants it quoted:
    interval(LOW,HIGH)            a real number           tag(log,interval(1e-4,1e-1))   one on a logarithmic scale
    int(interval(1,12))           a whole number          range(1,9,2)                   1, 3, 5, 7
    A,B,C                         one of these; a choice of a group too: policy=age_based,predictive
  key=value                       all trials have it, as in tandem run: scenario=... days=10 quick=true

  trials=20          in all; the first is what stands in conf/, where it lies in the space
  seeds=4 first=1000 number of tuning seeds, and the first of them: none that policies are compared on
  fresh=10           number of fresh seeds for the gain, from first + 1000 on; 0 leaves it out
  metric=            a figure of kpis.json or scores.json (default: the objective's)
  direction=         maximize or minimize (default: as the objective has it; another metric needs it)
  prune=true         false: every trial runs all seeds
  seed=0             of the search. With one worker, the same command gives the same trials
  workers=1          processes
  storage=FILE.db    SQLite (default: runs/tune/<policy>_<hash>.db). The same command, or one with more trials, goes on
                     after Ctrl-C, a kill, or the end; a trial that was cut off is made again. Another space, objective,
                     seeds, setting or code is refused
  json=FILE          trials, and the gain
"""

from __future__ import annotations

import fcntl
import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twin.lab.arguments import quote_paths
from twin.lab.errors import UserError
from twin.lab.extras import how_to_install

if TYPE_CHECKING:
    from twin.lab.tune.tuning import Tuning, TuningQuestion

OPTIONS = ("trials", "seeds", "first", "fresh", "metric", "direction", "prune", "seed", "workers", "storage", "json")
LEAST = {"trials": 1, "seeds": 2, "first": 0, "fresh": 0, "seed": 0, "workers": 1}
DEFAULTS = {"trials": 20, "seeds": 4, "first": 1000, "fresh": 10, "seed": 0, "workers": 1}
APART = 1000  # from the first tuning seed to the first fresh one
ASIDE = ("seed", "report", "checkpoint", "part", "out", "json", "choices.experiment")


def main(arguments: Sequence[str]) -> None:
    """Search, then say what the best is worth."""
    given = {a.partition("=")[0]: a.partition("=")[2] for a in arguments if a.partition("=")[0] in OPTIONS}
    numbers = {key: _whole(given, key) for key in DEFAULTS}
    if numbers["seeds"] > APART or numbers["fresh"] == 1:
        raise UserError(
            f"seeds = {numbers['seeds']}, fresh = {numbers['fresh']}: at most {APART} seeds; fresh 0, or 2 or more"
        )
    if given.get("prune", "true") not in ("true", "false"):
        raise UserError(f"prune = {given['prune']}: must be true or false")
    overrides = quote_paths([a for a in arguments if a.partition("=")[0] not in OPTIONS])
    for argument in overrides:
        if argument.startswith(("out=", "resume=", "-m", "--multirun")):
            raise UserError(f"{argument}: tune takes no such option; it leaves no runs, see tandem tune --help")
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise UserError(f"tune needs Optuna, the extra 'opt': {how_to_install('opt')}") from None
    _tune(overrides, given, numbers)


def _tune(overrides: Sequence[str], given: dict[str, str], numbers: dict[str, int]) -> None:
    from twin.lab.configure.checks import writable
    from twin.lab.tune.table import Told, print_trials, trial_rows
    from twin.lab.tune.tuning import Tuning

    if "json" in given:
        writable("json", Path(given["json"]))
    question, standing = _question(overrides, given, numbers)
    storage = Path(given["storage"]) if "storage" in given else _storage(question)
    writable("storage", storage)
    storage.parent.mkdir(parents=True, exist_ok=True)
    with _held(storage):
        told = Told(question, numbers["trials"])
        tuning = Tuning(
            question, storage=storage, prune=given.get("prune") != "false", tell=told.trial, standing=standing
        )
        try:
            told.begin(tuning, storage)
            tuning.run(numbers["trials"], workers=numbers["workers"])
            rows = trial_rows(tuning.ended(), question.space)
            print_trials(question, rows)
            rows += _gain(tuning, question, numbers, standing)
        except KeyboardInterrupt:
            print(f"\ntandem: the trials so far are in {storage}; the same command goes on", file=sys.stderr)
            raise
    from twin.lab.record.json_rows import write_rows

    write_rows(given.get("json"), rows)


def _question(
    overrides: Sequence[str], given: dict[str, str], numbers: dict[str, int]
) -> tuple[TuningQuestion, dict[str, Any] | None]:
    """What is asked, and the point of the space at which the configuration stands without any of it."""
    from twin.lab.core import build
    from twin.lab.record.identity import fingerprint
    from twin.lab.record.saved_run import flat
    from twin.lab.tune.replication import configuration
    from twin.lab.tune.search_space import read
    from twin.lab.tune.tuning import TuningQuestion

    try:
        space = read(overrides)
        config = configuration([*space.fixed, f"seed={numbers['first']}"])
        settings = {key: value for key, value in flat(config).items() if key not in ASIDE}
        plant, _ = build.pair(config, build.device(config["device"]))
        metric, sense = _objective(plant.spec.objective, given)
        seeds = tuple(range(numbers["first"], numbers["first"] + numbers["seeds"]))
        question = TuningQuestion(
            space=space, metric=metric, sense=sense, seeds=seeds, seed=numbers["seed"], settings=settings,
            code=fingerprint(),
        )  # fmt: skip
    except ValueError as error:
        raise UserError(str(error)) from None
    return question, space.standing(settings, config["choices"])


def _objective(objective: Any, given: dict[str, str]) -> tuple[str, int]:
    metric, direction = given.get("metric", objective.figure), given.get("direction")
    if not metric:
        raise UserError("metric: this plant names no figure of its own; give metric= and direction=")
    if direction is None and metric != objective.figure:
        raise UserError(
            f"metric = {metric}: is not the objective ({objective.figure}); give direction=maximize or minimize"
        )
    if direction not in (None, "maximize", "minimize"):
        raise UserError(f"direction = {direction}: must be maximize or minimize")
    return metric, objective.sense if direction is None else 1 if direction == "maximize" else -1


def _storage(question: TuningQuestion) -> Path:
    from twin.lab.record.run_directory import dump

    digest = hashlib.sha256(dump(question.facts()).encode()).hexdigest()[:12]
    return Path("runs") / "tune" / f"{question.settings.get('choices.policy', 'tuning')}_{digest}.db"


@contextmanager
def _held(storage: Path) -> Iterator[None]:
    """The file of trials is one process's while it searches."""
    with open(storage.with_name(f".{storage.name}.lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"storage = {storage}: another process is at work on it; workers= gives one more hands"
            ) from None
        except OSError:
            pass  # a file system without locks
        yield


def _whole(given: dict[str, str], key: str) -> int:
    text = given.get(key, str(DEFAULTS[key]))
    if not text.isdigit() or int(text) < LEAST[key]:
        raise UserError(f"{key} = {text}: must be a whole number >= {LEAST[key]}")
    return int(text)


def _gain(
    tuning: Tuning, question: TuningQuestion, numbers: dict[str, int], standing: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The best settings against those that stand, on seeds that the search has not seen: a row, or none."""
    from twin.lab import statistics
    from twin.lab.tune.table import print_gain

    settings = question.space.settings(tuning.best().params)
    stands = standing is not None and settings == question.space.settings(standing)
    print(f"best: {' '.join(settings)}{', which is what stands in conf/' if stands else ''}")
    if stands or not numbers["fresh"]:
        return []
    first = numbers["first"] + APART
    seeds = range(first, first + numbers["fresh"])
    print(f"now both on fresh seeds {seeds[0]} to {seeds[-1]}", file=sys.stderr)
    mine, theirs = tuning.compare([settings, ()], seeds, workers=numbers["workers"])
    found = statistics.difference(*statistics.pair(mine, theirs))
    row = {
        "metric": question.metric, "settings": list(settings), "mean": sum(mine.values()) / len(mine),
        "standing_mean": sum(theirs.values()) / len(theirs), "difference": found.value, "low": found.low,
        "high": found.high, "n": found.n, "fresh": [seeds[0], seeds[-1]],
    }  # fmt: skip
    print_gain(row, question.sense)
    return [row]
