"""A twin's window, cleaning, features, memory and learner. Lengths are in ticks of its plant."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from twin.lab.configure.schema.fields import Fields, PartialPart, rising
from twin.lab.configure.schema.quantities import Number, Switch, Whole, Word

LONG = 1_000_000  # ticks, at most
Ticks = Annotated[int, Whole(1, LONG)]
TicksOrNone = Annotated[int, Whole(0, LONG)]
Share = Annotated[float, Number(low=0, below=1)]
UpToOne = Annotated[float, Number(low=0, high=1)]
AnyTrue = Annotated[bool, Switch()]


class WindowFields(Fields):
    """When a tick is closed."""

    what = "the window"
    grace: Annotated[int, Whole(0, 10_000)] = Field(1, description="ticks to wait for late readings")


class CleaningFields(Fields):
    """What is done to readings."""

    what = "cleaning"
    stuck: Annotated[int, Whole(2, LONG)] = Field(10, description="exact repeats after which a signal counts as stuck")
    filter: Annotated[str, Word("none", "median", "exponential")] = Field("none", description="over the last readings")
    width: Annotated[int, Whole(1, 10_000)] = Field(5, description="readings of the filter")


class FeaturesFields(Fields):
    """What a surrogate is told of each asset."""

    what = "features"
    spans: list[Ticks] = Field(default_factory=lambda: [6, 36, 144], description="of the moving means, ticks, rising")
    baseline: Ticks = Field(12, description="ticks after a renewal that are a life's beginning")
    age: AnyTrue = Field(True, description="whether the time since renewal is an input")
    condition: Annotated[str, Word("change", "level")] = Field(
        "change", description="signals by their change since the life's beginning, or by their level"
    )

    @model_validator(mode="after")
    def in_order(self) -> FeaturesFields:
        """Spans rise."""
        rising("spans", self.spans)
        return self


class MemoryFields(Fields):
    """What is remembered and what of it is learned."""

    what = "memory"
    capacity: Annotated[int, Whole(1, 10_000_000)] = Field(8640, description="ticks")
    rare: Share = Field(0.0, description="share of a batch from the last rows before failures")
    recent: Share = Field(0.0, description="share of what is learned that is from the newest ticks")
    span: Ticks = Field(144, description="how many newest ticks that is")
    reservoir: Share = Field(0.0, description="share of the rest from a sample of all that was forgotten")
    reserve: Annotated[int, Whole(0, LONG)] = Field(0, description="ticks that the sample holds")


class LearnerFields(Fields):
    """How much is learned and when."""

    what = "the learner"
    updates: Annotated[int, Whole(1, 10_000)] = Field(1, description="updates when it learns")
    batch: Annotated[int, Whole(1, 1_000_000)] = Field(256, description="rows of an update")
    every: Ticks = Field(1, description="ticks between two times that it learns")
    start: Ticks = Field(256, description="rows in memory before the first update")


class PromotionFields(Fields):
    """Shadow tests of averaged weights."""

    what = "promotion"
    every: TicksOrNone = Field(12, description="ticks of a test; 0: no tests")
    free: Annotated[int, Whole(0)] = Field(1000, description="updates before the first")
    moments: Ticks = Field(24, description="forecast anew in a test")
    doubt: Annotated[float, Number(low=-100, high=100)] = Field(0.0, description="standard errors to win by")


class DriftFields(Fields):
    """The watch for a plant that has changed."""

    what = "drift"
    active: AnyTrue = Field(True, description="whether it is watched for")
    start: TicksOrNone = Field(720, description="ticks before it is watched for")
    block: Ticks = Field(36, description="ticks whose mean is tested")
    warm: Annotated[int, Whole(2, 100_000)] = Field(10, description="blocks from which the usual is learned")
    allowance: Annotated[float, Number(above=0, high=1000)] = Field(
        0.5, description="standard deviations of a block by which a mean may shift"
    )
    threshold: Annotated[float, Number(above=0, high=1e6)] = Field(
        12.0, description="standard deviations, of the sum beyond that"
    )


class RecoveryFields(Fields):
    """What is done after a drift."""

    what = "recovery"
    ticks: Ticks = Field(288, description="how long")
    rate: Annotated[float, Number(above=0, high=1000)] = Field(2.0, description="times the learning rate")
    recent: Share = Field(0.5, description="see memory.recent")
    shrink: UpToOne = Field(0.9, description="of the weights in training, once")
    perturb: UpToOne = Field(0.05, description="share of freshly drawn weights added to them")
    every: Ticks = Field(6, description="see promotion.every")


class ConvergenceFields(Fields):
    """When learning pauses."""

    what = "convergence"
    threshold: Annotated[float, Number(low=0, high=1e9)] = Field(0.0, description="pause below this loss")
    patience: Annotated[int, Whole(0)] = Field(0, description="pause after so many labels without gain; 0: never")
    tolerance: Annotated[float, Number(low=0, high=1e6)] = Field(0.01, description="what counts as no gain")
    rise: Annotated[float, Number(low=0, high=1e6)] = Field(0.1, description="of the loss at which it goes on")
    span: Ticks = Field(144, description="over which the loss is averaged")


class CalibrationFields(Fields):
    """How quantiles are corrected by what came true."""

    what = "calibration"
    window: Annotated[int, Whole(0, 100_000)] = Field(720, description="ticks whose labels count; 0: never")
    pace: Share = Field(0.005, description="of a level's adaptation per label, divided by the horizon")
    enough: Annotated[float, Number(low=0, high=1e9)] = Field(
        100.0, description="labels against which the correction is shrunk"
    )


class DegradationFields(Fields):
    """Hazards from how signals rise towards failure."""

    what = "degradation"
    active: AnyTrue = Field(True, description="whether hazards rest on it where a signal rises so")


class TwinFields(PartialPart):
    """A twin."""

    path = "twin.twin.Twin"
    what = "a twin"
    horizons: list[Annotated[int, Whole(1, 100_000)]] = Field(
        default_factory=lambda: [1, 6, 36, 144], description="of forecasts, ticks, rising"
    )
    edges: list[Annotated[float, Number(low=1, high=100_000)]] = Field(
        default_factory=lambda: [1.0, 3.0, 6.0, 12.0, 24.0, 36.0, 72.0, 144.0],
        description="ends of the hazard's bins, ticks, rising",
    )
    leads: list[Annotated[int, Whole(1, 100_000)]] = Field(
        default_factory=lambda: [6, 36, 144], description="horizons at which failures are scored, ticks, rising"
    )
    window: WindowFields | None = Field(None, description="when a tick is closed")
    cleaning: CleaningFields | None = Field(None, description="of readings")
    features: FeaturesFields | None = Field(None, description="of each asset")
    memory: MemoryFields | None = Field(None, description="of ticks")
    learner: LearnerFields | None = Field(None, description="when and how much")
    promotion: PromotionFields | None = Field(None, description="of averaged weights to those that serve")
    drift: DriftFields | None = Field(None, description="the watch for it")
    recovery: RecoveryFields | None = Field(None, description="from a drift")
    convergence: ConvergenceFields | None = Field(None, description="when learning pauses")
    calibration: CalibrationFields | None = Field(None, description="of quantiles")
    degradation: DegradationFields | None = Field(None, description="hazards from rising signals")

    @model_validator(mode="after")
    def in_order(self) -> TwinFields:
        """Horizons, edges and leads rise."""
        for name in ("horizons", "edges", "leads"):
            rising(name, getattr(self, name))
        return self
