"""What every surrogate offers: it forecasts under plans and learns from rows whose truths are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from twin.columns import FeatureColumns, PlanColumns
from twin.forecast import QUANTILES, Floats, Forecast
from twin.layout import Layout
from twin.sensing.features import Inputs
from twin.state import Stateful
from twin.surrogates.batch import Batch


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes and names that a surrogate is built for.

    assets: how many. features: columns of Inputs.features. plan: columns of an encoded plan, of which the first
    `orders` hold work orders. condition: positions of the features that a hazard may rest on. targets: names of the
    signals that are forecast. horizons: ticks, rising. edges: of the hazard's bins, ticks, the first 0. modes: number
    of failure modes.

    feature_names, plan_columns, layout: of the plant, for a model that uses names, kinds, types and links; empty and
    None where there is none. per_slot: columns of each slot, which come first among the features, slot by slot; newest:
    places among them of what is newest.
    """

    assets: int
    features: int
    plan: int
    orders: int
    condition: tuple[int, ...]
    targets: tuple[str, ...]
    horizons: tuple[int, ...]
    edges: tuple[float, ...]
    modes: int
    feature_names: tuple[str, ...] = ()
    per_slot: int = 0
    newest: tuple[int, ...] = ()
    plan_columns: PlanColumns | None = None
    layout: Layout | None = None

    @classmethod
    def of(
        cls,
        *,
        layout: Layout,
        features: FeatureColumns,
        plan: PlanColumns,
        horizons: Sequence[int],
        edges: Sequence[float],
    ) -> Self:
        """The shape of a plant's surrogate for these columns. horizons, edges: as of Shape, ticks."""
        return cls(
            assets=len(layout.spec.assets),
            features=len(features.names),
            plan=len(plan),
            orders=plan.orders,
            condition=features.condition,
            targets=layout.target_names,
            horizons=tuple(horizons),
            edges=tuple(edges),
            modes=max(len(layout.spec.modes), 1),
            feature_names=features.names,
            per_slot=features.per_slot,
            newest=features.newest,
            plan_columns=plan,
            layout=layout,
        )

    @property
    def bins(self) -> int:
        return len(self.edges) - 1

    @property
    def heeds_hazard(self) -> bool:
        """Whether anybody uses a hazard: it is scored where failures have modes, acted on where there are actuators."""
        return self.layout is None or bool(self.layout.spec.modes or self.layout.spec.actuators)

    def forecast(self, quantiles: Floats, hazard: Floats, members: tuple[Forecast, ...] = ()) -> Forecast:
        """A Forecast with this shape's names. quantiles, hazard: as of Forecast. members: of a pooled forecast."""
        return Forecast(self.horizons, self.targets, self.edges, quantiles, hazard, members=members)


class Surrogate(Stateful, Protocol):
    """A model of the plant. Surrogates are interchangeable: nothing after them knows which one it has.

    context: ticks of history that it sees, 0 for none. windows: moments, of all assets each, from which an update of a
    model with a context is made.
    """

    context: int
    windows: int

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """Distributions under plans [plans, assets, columns]; inputs' features are scaled.

        A question: asking changes no state, so that the order and number of what-ifs changes no answer.
        """
        ...

    def learn(self, batch: Batch) -> dict[str, float]:
        """One update from a batch. Returns its losses by name."""
        ...


Released = list[tuple[int, int, Floats]]  # (tick, horizon's index, truths [assets, targets], NaN where unknown)


@runtime_checkable
class NotesIssued(Protocol):
    """A surrogate that must remember what it forecast for the plan that is carried out."""

    def note_issued(self, forecast: Forecast) -> None:
        """Take the forecast, as this surrogate returned it, whose first plan is entered in the ledger; once a tick."""
        ...


@runtime_checkable
class LearnsOutcomes(Protocol):
    """A surrogate that learns from what became of the forecasts it issued, beside the rows of the memory."""

    def learn_outcomes(self, tick: int, released: Released, *, learns: bool = True) -> None:
        """`tick` begins. released: truths that have arrived since then. learns: whether to learn from them."""
        ...


@runtime_checkable
class Contested(Protocol):
    """A surrogate whose weights may be replaced by newer ones after a shadow test of champion against candidate."""

    def is_contested(self) -> bool:
        """Whether there are such weights, so that a test makes sense."""
        ...

    def freeze(self) -> None:
        """The newest averaged weights become the candidate of a test."""
        ...

    def promote(self) -> None:
        """The candidate serves from now on."""
        ...

    def shadow(self, batch: Batch) -> tuple[Floats, Floats]:
        """Losses of the candidate less those of the champion, NaN where the truth is unknown.

        Pinball losses [B, horizons, targets] in units of the scale; log losses of the hazard [B, bins] times its
        weight.
        """
        ...


@runtime_checkable
class Restarted(Protocol):
    """A surrogate whose training can begin anew."""

    def restart(self, *, rate: float, shrink: float, perturb: float) -> None:
        """Begin training anew: the learning rate's schedule starts again, times `rate`.

        Weights in training become `shrink` x themselves + `perturb` x freshly drawn ones (Ash & Adams 2020).
        """
        ...

    def calm(self) -> None:
        """End the factor on the learning rate that `restart` set."""
        ...


def constant_hazard(shape: Shape, rate: Floats, plans: int) -> Floats:
    """[plans, assets, bins, modes] hazard of a constant rate, shared evenly by the modes.

    rate: [assets] failures per tick. plans: how many.
    """
    width = np.diff(np.asarray(shape.edges))
    per_bin = -np.expm1(-rate[:, None] * width)
    spread = np.repeat(per_bin[..., None] / shape.modes, shape.modes, axis=-1)
    return np.broadcast_to(spread, (plans, *spread.shape)).copy()


def levels_of_confidence() -> Floats:
    """[quantiles] the levels that every forecast carries."""
    return np.asarray(QUANTILES, dtype=float)
