"""An ensemble of surrogates of one class, which differ in their seeds and in the weights of their rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.forecast import Floats, Forecast
from twin.sensing.features import Inputs
from twin.state import State
from twin.surrogates.base import Contested, LearnsOutcomes, NotesIssued, Released, Restarted, Shape, Surrogate
from twin.surrogates.batch import Batch


class Ensemble:
    """`size` surrogates of one class, built with different seeds.

    Each update of a batch draws new weights of its rows for every member (the Bayesian bootstrap, Rubin 1981), so that
    members differ where data are few. Forecasts: quantiles averaged level by level (Vincent 1912; Lichtendahl et al.
    2013), hazards averaged.

    member: factory, called with shape=, seed= and device=. Raises ValueError for size < 1.

    >>> from functools import partial
    >>> from twin.surrogates.gradient.mlp import MLP
    >>> sizes = {"assets": 2, "features": 3, "plan": 1, "orders": 1, "condition": (0,), "targets": ("x",), "modes": 1}
    >>> shape = Shape(**sizes, horizons=(1, 6), edges=(0.0, 6.0))
    >>> ensemble = Ensemble(shape=shape, seed=0, member=partial(MLP, width=16), size=2)
    >>> look = Inputs(np.zeros((2, 3)), np.zeros((2, 1, 4)), np.zeros((2, 1)), np.ones(2), np.full(2, 0.01))
    >>> ensemble.forecast(look, np.zeros((5, 2, 1), np.float32)).quantiles.shape  # plans, assets, horizons, ...
    (5, 2, 2, 1, 5)
    """

    def __init__(
        self, *, shape: Shape, seed: int, device: str = "cpu", member: Callable[..., Surrogate], size: int = 3
    ) -> None:
        if size < 1:
            raise ValueError(f"Ensemble: size = {size}: must be >= 1")
        self._shape = shape
        self._random = np.random.Generator(np.random.Philox([seed, size]))
        seeds = np.random.SeedSequence(seed).generate_state(size)
        self.members = [member(shape=shape, seed=int(drawn), device=device) for drawn in seeds]
        self.context, self.windows = self.members[0].context, self.members[0].windows

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """See Surrogate."""
        members = tuple(member.forecast(inputs, plans) for member in self.members)
        quantiles = np.mean([member.quantiles for member in members], axis=0)
        return self._shape.forecast(quantiles, np.mean([member.hazard for member in members], axis=0), members)

    def learn(self, batch: Batch) -> dict[str, float]:
        """One update of every member; the mean of their losses."""
        losses: list[dict[str, float]] = []
        for member in self.members:
            weight = self._random.standard_exponential(len(batch.weight)).astype(np.float32)
            losses.append(member.learn(replace(batch, weight=batch.weight * weight)))
        return {name: float(np.mean([one[name] for one in losses])) for name in losses[0]}

    def is_contested(self) -> bool:
        """See Contested: False where no member has weights."""
        return bool(self._contested())

    def freeze(self) -> None:
        """See Contested: all members become candidates together."""
        for member in self._contested():
            member.freeze()

    def promote(self) -> None:
        """See twin.surrogates.base.Contested."""
        for member in self._contested():
            member.promote()

    def shadow(self, batch: Batch) -> tuple[Floats, Floats]:
        """See Contested: the mean of the members' losses. Raises ValueError for members without weights."""
        differences = [member.shadow(batch) for member in self._contested()]
        if not differences:
            raise ValueError("Ensemble.shadow: no member has weights to test")
        signals, hazards = zip(*differences, strict=True)
        return np.mean(signals, axis=0), np.mean(hazards, axis=0)

    def restart(self, *, rate: float, shrink: float, perturb: float) -> None:
        """See twin.surrogates.base.Restarted."""
        for member in self.members:
            if isinstance(member, Restarted):
                member.restart(rate=rate, shrink=shrink, perturb=perturb)

    def calm(self) -> None:
        """See twin.surrogates.base.Restarted."""
        for member in self.members:
            if isinstance(member, Restarted):
                member.calm()

    def _contested(self) -> list[Contested]:
        return [member for member in self.members if isinstance(member, Contested)]

    def note_issued(self, forecast: Forecast) -> None:
        """See NotesIssued: each member is handed its own part."""
        for member, part in zip(self.members, forecast.members, strict=True):
            if isinstance(member, NotesIssued):
                member.note_issued(part)

    def learn_outcomes(self, tick: int, released: Released, *, learns: bool = True) -> None:
        """See LearnsOutcomes: handed on to the members that want it."""
        for member in self.members:
            if isinstance(member, LearnsOutcomes):
                member.learn_outcomes(tick, released, learns=learns)

    def state(self) -> State:
        """See twin.state.Stateful."""
        members: list[Any] = [member.state() for member in self.members]
        return {"members": members, "random": self._random.bit_generator.state}

    def load(self, state: State) -> None:
        """See twin.state.Stateful. Raises ValueError for the state of another size."""
        if len(state["members"]) != len(self.members):
            raise ValueError(f"state: Ensemble has {len(state['members'])} members: must have {len(self.members)}")
        for member, saved in zip(self.members, state["members"], strict=True):
            member.load(saved)
        self._random.bit_generator.state = state["random"]
