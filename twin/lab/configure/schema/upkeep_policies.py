"""Policies of maintenance: what decides on work orders, and setpoints that go with it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from twin.lab.configure.schema.fields import Fields, PartialPart, named, one_part
from twin.lab.configure.schema.quantities import Number, Switch, Text, Whole

Ticks = Annotated[int, Whole(1, 1_000_000)]
Failures = Annotated[int, Whole(1, 100_000)]
UpToOne = Annotated[float, Number(low=0, high=1)]
On = Annotated[bool, Switch()]
Factor = Annotated[float, Number(above=0, high=100)]
Share = Annotated[float, Number(above=0, high=1)]
Hours = Annotated[float, Number(above=0, high=1e6)]
Ratio = Annotated[float, Number(above=1, high=1e6)]
ByName = Annotated[dict[str, Annotated[float, Number(low=-1e9, high=1e9)]], named("setpoints")]


class RunToFailureFields(PartialPart):
    """No maintenance before failure."""

    path = "twin.policies.maintenance.run_to_failure.RunToFailure"
    what = "run to failure"


class OccasionFields(PartialPart):
    """When planned work is cheap, and setpoints that stand."""

    join: Share = Field(1.0, description="share of the limit that suffices while another asset stands")
    dusk: Share = Field(1.0, description="share of the limit that suffices before the last technician leaves")
    dusk_ticks: Ticks = Field(18, description="ticks before that")
    setpoints: Annotated[dict[str, ByName], named("types of assets")] | None = Field(
        None, description="by type of asset and name, given at the first tick"
    )


class AgeBasedFields(OccasionFields):
    """Renewal at the optimal age of a Weibull life fitted online."""

    path = "twin.policies.maintenance.age_based.AgeBased"
    what = "age replacement"
    enough: Failures = Field(4, description="failures before the first fit")
    intervals: Annotated[dict[str, Hours], named("types of assets")] | None = Field(
        None, description="between renewals by type of asset, as a manual states them"
    )
    refit: On = Field(True, description="whether lives are fitted online")
    retry: Ticks = Field(12, description="ticks after which an order is sent again")


class ConditionBasedFields(OccasionFields):
    """Renewal when an indicator crosses a threshold."""

    path = "twin.policies.maintenance.condition_based.ConditionBased"
    what = "a condition threshold"
    threshold: Annotated[float, Number(above=0, high=1e6)] = Field(description="of the indicator over its beginning")
    thresholds: Annotated[dict[str, Ratio], named("types of assets")] | None = Field(
        None, description="by type of asset, of those that have one of their own"
    )
    kind: Annotated[str, Text("a kind of signal")] = Field("vibration", description="of the signal that is watched")
    span: Ticks = Field(6, description="ticks of its moving mean")
    baseline: Ticks = Field(12, description="ticks of a life's beginning")
    retune: On = Field(True, description="whether thresholds are tuned online")
    enough: Failures = Field(8, description="lives before it is")
    retry: Ticks = Field(12, description="ticks after which an order is sent again")


class SetpointSearchFields(Fields):
    """Setpoints by the forecast objective, tried on the plant."""

    what = "the search for setpoints"
    every: Ticks = Field(36, description="ticks in a block")
    step: UpToOne = Field(0.1, description="share of a setpoint's range")
    margin: Annotated[float, Number(low=0, high=1e6)] = Field(0.01, description="that a forecast must promise")
    explore: UpToOne = Field(0.1, description="share of the reviews at which a random move is tried")
    rest: Ticks = Field(40, description="reviews for which a move that did not pay is left alone")
    rounds: Annotated[int, Whole(1, 10_000)] = Field(4, description="of four blocks, at most, in a trial")
    confidence: Annotated[float, Number(low=0.5, below=1)] = Field(0.95, description="at which a move is adopted")


class PredictiveFields(PartialPart):
    """Renewal when the forecast hazard makes waiting dearer than renewing."""

    path = "twin.policies.maintenance.predictive.Predictive"
    what = "predictive maintenance"
    lead: Ticks = Field(36, description="ticks over which the hazard counts")
    enough: Failures = Field(6, description="failures before the first order")
    retry: Ticks = Field(12, description="ticks after which an order is sent again")
    setpoints: SetpointSearchFields | None = Field(None, description="null: work orders only")


class PrivilegedThresholdFields(PartialPart):
    """Renewal at a threshold of the true wear (privileged)."""

    path = "twin.lab.core.privileged.threshold.PrivilegedThreshold"
    what = "a threshold of the true wear"
    threshold: Annotated[float, Number(above=0, high=10)] = Field(description="of the mean failure level")
    retry: Ticks = Field(12, description="ticks after which an order is sent again")


class SpeedRulesFields(Fields):
    """Speeds by tariff, shift and the state of assets."""

    what = "factors on standing speeds"
    peak: Factor = Field(1.0, description="while energy is dear")
    night: Factor = Field(1.0, description="while nobody is on duty")
    partner: Factor = Field(1.0, description="while another asset of the type stands still")
    cautious: Factor = Field(1.0, description="while nobody is on duty and the asset is likely to fail")
    risk: UpToOne = Field(0.3, description="of failing before somebody comes, from which on it is likely")
    dear: Factor = Field(1.5, description="times its mean over a day, from which on energy is dear")


class PrivilegedFullStateFields(PartialPart):
    """A marginal rule on true condition, speeds by time and state (privileged)."""

    path = "twin.lab.core.privileged.full_state.PrivilegedFullState"
    what = "the reference of assets that wear"
    limit: Factor = Field(1.0, description="of what waiting costs over what it saves")
    join: Share = Field(1.0, description="share of it that suffices while another asset stands")
    lead: Ticks = Field(6, description="ticks over which waiting is weighed")
    before: Ticks = Field(18, description="ticks before the last technician leaves")
    setpoints: Annotated[dict[str, ByName], named("types of assets")] | None = Field(
        None, description="by type of asset and name, given at the first tick"
    )
    speeds: SpeedRulesFields | None = Field(None, description="factors on them, null for none")
    retry: Ticks = Field(12, description="ticks after which an order is sent again")


Upkeep = one_part(
    RunToFailureFields,
    AgeBasedFields,
    ConditionBasedFields,
    PredictiveFields,
    PrivilegedThresholdFields,
    PrivilegedFullStateFields,
)
