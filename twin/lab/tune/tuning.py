"""A search for good settings: trials over the same seeds, raced against the best, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from twin.lab.errors import UserError
from twin.lab.tune.question import TuningQuestion
from twin.lab.tune.race import Race
from twin.lab.tune.replication import replicate
from twin.lab.tune.storage import opened
from twin.lab.workers import Workers

STARTUP = 8  # trials before the sampler models what it saw
Values = dict[int, float]
Job = Callable[[Sequence[str], int, str], float]


class Tuning:
    """Trials of a question, in an SQLite file that the same question goes on with.

    prune: whether trials are raced. tell: called with each trial that ended. job: gives the figure of a replication.
    Raises UserError where the file holds another question or is none.
    """

    def __init__(
        self,
        question: TuningQuestion,
        *,
        storage: Path,
        prune: bool = True,
        tell: Callable[[FrozenTrial], None],
        standing: Mapping[str, Any] | None = None,
        job: Job = replicate,
    ) -> None:
        self._question, self._prune, self._tell, self._job = question, prune, tell, job
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            self.study = optuna.create_study(
                storage=opened(storage),
                study_name="tandem",
                direction=question.direction,
                load_if_exists=True,
                pruner=Race(question.sense),
            )
            self._claim(storage)
        except (SQLAlchemyError, optuna.exceptions.StorageInternalError, RuntimeError) as error:
            raise UserError(f"storage = {storage}: is no file of trials: {str(error).splitlines()[0]}") from None
        if standing is not None and not self.study.get_trials(deepcopy=False):
            self.study.enqueue_trial(dict(standing))

    def run(self, trials: int, *, workers: int) -> None:
        """Go on until `trials` were made in all; those that were cut off before are made again first."""
        for cut_off in self.study.get_trials(states=(TrialState.RUNNING,)):
            self.study.tell(cut_off.number, state=TrialState.FAIL)
            self.study.enqueue_trial(cut_off.params)
        with Workers(workers) as pool:
            running: dict[Future[float], tuple[Trial, list[float]]] = {}
            while True:
                while len(running) < workers and self._count() < trials:
                    trial = self._ask()
                    running[self._submit(pool, trial, [])] = trial, []
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda future: running[future][0].number):
                    trial, values = running.pop(future)
                    if self._hear(trial, values, future):
                        running[self._submit(pool, trial, values)] = trial, values

    def ended(self) -> list[FrozenTrial]:
        """Trials that came to an end, of whatever kind, in their order; not those that were cut off."""
        return [t for t in self.study.get_trials(deepcopy=False) if t.state.is_finished() and _counts(t)]

    def best(self) -> FrozenTrial:
        """Of the trials that went through all seeds. Raises UserError where none did."""
        done = [t for t in self.ended() if t.state == TrialState.COMPLETE]
        if not done:
            why = next((t.user_attrs["why"] for t in self.ended() if "why" in t.user_attrs), "none came to its end")
            raise UserError(f"no trial can be judged: {why}")
        return max(done, key=lambda t: (self._question.sense * float(t.value or 0.0), -t.number))

    def compare(self, settings: Sequence[Sequence[str]], seeds: Sequence[int], *, workers: int) -> list[Values]:
        """The figure at each of `seeds` under each of `settings`; what the file holds of them is not made again."""
        names = ["fresh " + " ".join(each) for each in settings]
        figures = [{int(k): float(v) for k, v in self.study.user_attrs.get(name, {}).items()} for name in names]
        missing = [(i, seed) for seed in seeds for i in range(len(settings)) if seed not in figures[i]]
        with Workers(workers) as pool:
            futures = {
                pool.submit(self._job, [*self._question.space.fixed, *settings[i]], seed, self._question.metric): (
                    i,
                    seed,
                )
                for i, seed in missing
            }
            while futures:
                for future in wait(futures, return_when=FIRST_COMPLETED).done:
                    i, seed = futures.pop(future)
                    figures[i][seed] = future.result()
                    self.study.set_user_attr(names[i], {str(k): v for k, v in sorted(figures[i].items())})
        return [{seed: values[seed] for seed in seeds} for values in figures]

    def _claim(self, storage: Path) -> None:
        """Make the file this question's, or see that it is."""
        asked = json.loads(json.dumps(self._question.facts()))
        held = self.study.user_attrs.get("question")
        if held is None:
            self.study.set_user_attr("question", asked)
        elif held != asked:
            raise UserError(
                f"storage = {storage}: holds trials of another tuning: {_difference(held, asked)}; give another file"
            )

    def _count(self) -> int:
        states = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL, TrialState.RUNNING)
        return sum(_counts(t) for t in self.study.get_trials(deepcopy=False, states=states))

    def _ask(self) -> Trial:
        """The next trial; what is drawn for it depends on the trials before it, not on when the search was begun."""
        seed = np.random.SeedSequence([self._question.seed, self._count()]).generate_state(1)[0]
        self.study.sampler = TPESampler(seed=int(seed), n_startup_trials=STARTUP)
        return self.study.ask(self._question.space.distributions())

    def _submit(self, pool: Workers, trial: Trial, values: Sequence[float]) -> Future[float]:
        space, seed = self._question.space, self._question.seeds[len(values)]
        return pool.submit(self._job, [*space.fixed, *space.settings(trial.params)], seed, self._question.metric)

    def _hear(self, trial: Trial, values: list[float], future: Future[float]) -> bool:
        """Take a replication's figure; whether the trial goes on with its next seed."""
        try:
            values.append(future.result())
        except UserError as error:
            trial.set_user_attr("why", str(error))
            self._end(trial, TrialState.FAIL)
            return False
        trial.set_user_attr("values", values)
        trial.report(float(np.mean(values)), len(values) - 1)
        if len(values) == len(self._question.seeds):
            self._end(trial, TrialState.COMPLETE, float(np.mean(values)))
            return False
        if self._prune and trial.should_prune():
            self._end(trial, TrialState.PRUNED)
            return False
        return True

    def _end(self, trial: Trial, state: TrialState, value: float | None = None) -> None:
        self._tell(self.study.tell(trial, value, state=state))


def _counts(trial: FrozenTrial) -> bool:
    """Whether it is a trial of its own: one that was cut off is made again under another number."""
    return trial.state != TrialState.FAIL or "why" in trial.user_attrs


def _difference(held: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """What another tuning has that this one has not."""
    name = next(name for name in asked if held.get(name) != asked[name])
    if name != "settings":
        old = held.get(name)
        return f"its {name} is {' '.join(old) if isinstance(old, list) else old}"
    old, new = held["settings"], asked["settings"]
    key = next(key for key in (*old, *new) if old.get(key) != new.get(key))
    return f"its {key} is {old.get(key)}, not {new.get(key)}"
