"""Forecasts by forks of the plant itself: the truth that surrogates are measured against. Privileged, and says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.contract import Plant
from twin.forecast import Floats, Forecast, Plan
from twin.lab.core.privileged.futures import Future, ahead, reseeds
from twin.layout import Masks
from twin.planning.encoder import PlanEncoder
from twin.sensing.features import Inputs
from twin.sensing.lives import UP
from twin.sensing.window import Window
from twin.state import SavedFields
from twin.surrogates.base import Shape, constant_hazard, levels_of_confidence
from twin.surrogates.batch import Batch

Fork = Callable[[int | None], Plant]


class PrivilegedForks(SavedFields):
    """Sends reseeded copies of the plant ahead under every plan, and forecasts what the twin will read of them.

    The messages of a copy go through a copy of the twin's window, so truths are those of the ledger. Quantiles are
    empirical over `replications` copies. A hazard is the share of first failures in a bin among the assets at risk,
    which nobody maintained until then (Kaplan & Meier 1958). Copy r has the same luck under every plan of a tick.
    A plan that does not say what the policy will do next counts as one that does nothing more. It learns nothing.

    shape: of the forecasts; needs a layout. every: ticks between two forecasts; at the others the quantiles are NaN,
    which nobody scores, and the newest hazards of the first plan are repeated.
    Raises ValueError for numbers below one and for a shape without a layout.
    """

    privileged = True
    context = windows = 0
    STATE_FIELDS = ("_hazard", "_seed")

    def __init__(self, *, shape: Shape, seed: int, device: str = "cpu", replications: int = 32, every: int = 6) -> None:
        del device
        for name, value in (("replications", replications), ("every", every)):
            if value < 1:
                raise ValueError(f"PrivilegedForks: {name} = {value}: must be >= 1")
        if shape.layout is None:
            raise ValueError("PrivilegedForks: shape has no layout: a plan is carried out by its actuators")
        self._shape, self._layout, self._seed = shape, shape.layout, seed
        self._replications, self._every = replications, every
        self._encoder = PlanEncoder(layout=shape.layout, horizons=shape.horizons)
        self._hazard: Floats = np.full((shape.assets, shape.bins, shape.modes), np.nan)
        self._known: dict[bytes, tuple[Floats, Floats]] = {}  # by plan, of the tick `_known_at`
        self._known_at = -1
        self._fork: Fork | None = None
        self._window: Window | None = None

    def send(self, fork: Fork, window: Window) -> None:
        """Take the plant's `fork` and the window of the twin that asks."""
        self._fork, self._window = fork, window

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """See Surrogate. Raises ValueError where there is no plant to send ahead."""
        if self._fork is None or self._window is None:
            raise ValueError("PrivilegedForks: has no plant to send ahead; only the lab can give one")
        constant = constant_hazard(self._shape, inputs.rate, 1)[0]
        if self._window.tick % self._every:
            return self._between(constant, len(plans))
        answers = [self._future(plan, constant) for plan in self._encoder.decode(plans)]
        return self._shape.forecast(np.stack([one for one, _ in answers]), np.stack([two for _, two in answers]))

    def note_issued(self, forecast: Forecast) -> None:
        """Remember the newest simulated hazards, to repeat them. See twin.surrogates.base.NotesIssued."""
        assert self._window is not None
        if self._window.tick % self._every == 0:
            self._hazard = forecast.hazard[0]

    def learn(self, batch: Batch) -> dict[str, float]:
        """Do nothing; returns no loss."""
        return {}

    def _future(self, plan: Plan, constant: Floats) -> tuple[Floats, Floats]:
        """(quantiles, hazards) of one plan; those of this tick are remembered by plan."""
        assert self._fork is not None
        assert self._window is not None
        tick, key = self._window.tick, plan.orders.tobytes() + plan.setpoints.tobytes()
        if tick != self._known_at:
            self._known_at, self._known = tick, {}
        if key not in self._known:
            seeds, alive = reseeds(self._seed, tick, self._replications), self._window.lives.state == UP
            futures = [ahead(self._fork(seed), self._window, plan, self._shape) for seed in seeds]
            quantiles = empirical(np.stack([future.truth for future in futures]))
            self._known[key] = quantiles, shares(futures, alive, self._shape, constant)
        return self._known[key]

    def _between(self, constant: Floats, plans: int) -> Forecast:
        shape = self._shape
        hazard = np.where(np.isnan(self._hazard), constant, self._hazard)
        nothing = (plans, shape.assets, len(shape.horizons), len(shape.targets), len(levels_of_confidence()))
        return shape.forecast(np.full(nothing, np.nan), np.repeat(hazard[None], plans, axis=0))


def empirical(truths: Floats) -> Floats:
    """[..., quantiles] of truths [forks, ...], without the forks that are NaN; NaN where all are.

    Plotting positions of Weibull (1939): a further draw lies below a quantile as often as its level says.
    """
    known = np.asarray(np.isfinite(truths).any(0))
    levels = levels_of_confidence()
    quantiles = np.nanquantile(np.where(known, truths, 0.0), levels, axis=0, method="weibull")
    result: Floats = np.moveaxis(np.where(known, quantiles, np.nan), 0, -1)
    return result


def shares(futures: list[Future], alive: Masks, shape: Shape, otherwise: Floats) -> Floats:
    """[assets, bins, modes] share of forks whose first failure falls in a bin, among the forks at risk in it.

    alive: [assets] whether the asset is up now. otherwise: [assets, bins, modes], for bins in which no fork is at risk.
    """
    end = np.stack([future.end for future in futures])[:, :, None]
    mode = np.stack([future.mode for future in futures])[:, :, None]
    low, high = np.asarray(shape.edges[:-1]), np.asarray(shape.edges[1:])
    failed = (mode >= 0) & (end > low) & (end <= high)
    at_risk = alive[:, None] & (end > low) & ((end >= high) | failed)
    by_mode = (failed & at_risk)[..., None] & (mode[..., None] == np.arange(shape.modes))
    count = at_risk.sum(0)[..., None]
    return np.where(count > 0, by_mode.sum(0) / np.maximum(count, 1), otherwise)
