"""Surrogates: what forecasts, and how it learns."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Part, PartialPart, one_part, rising
from twin.lab.configure.schema.quantities import Number, Switch, Whole, Word

Share = Annotated[float, Number(low=0, below=1)]
Width = Annotated[int, Whole(1, 8192)]
Rate = Annotated[float, Number(above=0, high=1e6)]
Updates = Annotated[float, Number(above=0, high=1e9)]


class OptimizerFields(Part):
    """Gradient steps and their learning rate."""

    path = "twin.surrogates.gradient.optimizer.Optimizer"
    what = "an optimiser"
    name: Annotated[str, Word("sgd", "momentum", "adam", "adamw")] = Field("adamw", description="of the algorithm")
    lr: Annotated[float, Number(above=0, high=10)] = Field(2e-3, description="learning rate")
    weight_decay: Annotated[float, Number(low=0, high=1000)] = Field(1e-2, description="per step, times the rate")
    momentum: Annotated[float, Number(low=0, below=1)] = Field(0.9, description="of the optimiser of that name")
    schedule: Annotated[str, Word("constant", "cosine", "inverse_sqrt", "step")] = Field(
        "constant", description="of the learning rate"
    )
    warmup: Annotated[float, Number(low=0, high=1e9)] = Field(50, description="updates of linear rise")
    period: Updates = Field(4000, description="updates, of the schedule")
    floor: Annotated[float, Number(low=0, high=1)] = Field(0.1, description="least factor of cosine and step")
    clip: Annotated[float, Number(above=0, high=1e9)] = Field(1.0, description="largest norm of the gradient")


class GradientFields(PartialPart):
    """What all surrogates with weights have."""

    loss: Annotated[str, Word("pinball", "mse")] = Field("pinball", description="of the quantiles; mse: of the centre")
    hazard_weight: Annotated[float, Number(low=0, high=1e6)] = Field(1.0, description="of the hazard's loss")
    ema: Annotated[float, Number(low=0, below=1)] = Field(0.99, description="of the averaged weights")
    graph: Annotated[bool, Switch()] = Field(False, description="on CUDA updates are recorded once and replayed")
    optimizer: one_part(OptimizerFields) | None = Field(None, description="gradient steps")  # type: ignore[valid-type]


class LinearFields(GradientFields):
    """Linear quantiles and hazard."""

    path = "twin.surrogates.gradient.linear.Linear"
    what = "a linear surrogate"


class MLPFields(GradientFields):
    """A multilayer perceptron."""

    path = "twin.surrogates.gradient.mlp.MLP"
    what = "a multilayer perceptron"
    width: Width = Field(128, description="of a layer")
    depth: Annotated[int, Whole(1, 64)] = Field(2, description="layers")
    hazard_width: Width = Field(32, description="of the hazard's layer")
    straight_hazard: Annotated[bool, Switch()] = Field(True, description="a linear map as a second opinion")
    dropout: Share = Field(0.0, description="share of a layer left out while training")
    blindness: Share = Field(0.0, description="share of the hazard's inputs left out while training")
    wide: Annotated[int, Whole(1)] = Field(
        16, description="targets beyond which the linear map sees, of each, its own signal only"
    )


class TransformerFields(GradientFields):
    """A transformer over assets and time."""

    path = "twin.surrogates.transformer.model.Transformer"
    what = "a transformer"
    tier: Annotated[str, Word("nano", "s", "m", "l", "xl")] = Field(
        "nano", description="about 0.1 to 200 million weights"
    )
    context: Annotated[int, Whole(1, 100_000)] = Field(144, description="ticks of history, a multiple of patch")
    patch: Annotated[int, Whole(1, 100_000)] = Field(24, description="ticks of one token")
    windows: Annotated[int, Whole(1, 10_000)] = Field(8, description="moments in an update")
    hazard_width: Width = Field(32, description="of the hazard's layer")
    dropout: Share = Field(0.0, description="share of a layer left out while training")
    blindness: Share = Field(0.0, description="share of the hazard's inputs left out while training")

    @model_validator(mode="after")
    def whole_patches(self) -> TransformerFields:
        """The context is a number of patches."""
        if self.context < self.patch or self.context % self.patch:
            raise ValueError(f"context = {self.context}: must be a multiple of patch = {self.patch}")
        return self


class PersistenceFields(PartialPart):
    """What was last observed stays."""

    path = "twin.surrogates.smoothing.Persistence"
    what = "persistence"
    rate: Rate = Field(0.02, description="of the quantiles' adaptation")


class EWMAFields(PersistenceFields):
    """An exponentially weighted mean."""

    path = "twin.surrogates.smoothing.EWMA"
    what = "an exponentially weighted mean"
    spans: list[Annotated[int, Whole(1, 100_000)]] = Field(
        default_factory=lambda: [1, 2, 4, 8, 16, 32, 64, 144, 288], description="ticks, rising; one is chosen online"
    )

    @model_validator(mode="after")
    def in_order(self) -> EWMAFields:
        """Spans rise."""
        rising("spans", self.spans)
        return self


class NoForecastFields(PartialPart):
    """No forecasts: the policy runs without a twin."""

    path = "twin.surrogates.no_forecast.NoForecast"
    what = "no forecasts"


class ForksFields(PartialPart):
    """Reseeded forks of the plant itself (privileged)."""

    path = "twin.lab.core.privileged.forks.PrivilegedForks"
    what = "forecasts by forks"
    replications: Annotated[int, Whole(1, 100_000)] = Field(32, description="forks of every plan")
    every: Annotated[int, Whole(1, 100_000)] = Field(6, description="ticks between two forecasts")


MemberPart = one_part(MLPFields, TransformerFields, LinearFields, PersistenceFields, EWMAFields)


class EnsembleFields(PartialPart):
    """Several surrogates whose forecasts are averaged."""

    path = "twin.surrogates.ensemble.Ensemble"
    what = "an ensemble"
    size: Annotated[int, Whole(1, 1000)] = Field(3, description="members")
    member: MemberPart = Field(  # type: ignore[valid-type]
        description="each of them"
    )


SURROGATES = (
    EnsembleFields,
    EWMAFields,
    ForksFields,
    LinearFields,
    MLPFields,
    NoForecastFields,
    PersistenceFields,
    TransformerFields,
)
