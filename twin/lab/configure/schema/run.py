"""What a run is told beside its plant and its twin."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.lab.configure.schema.fields import Fields
from twin.lab.configure.schema.quantities import Number, Quantity, Switch, Text, Whole, Word, refusal

LONGEST = 1e9  # no number of days or seconds reaches it


class VerdictWanted(Quantity):
    """Whether a run is told beside the standard practice: true, false, or full, with the reference too."""

    kind: ClassVar[str] = "boolean"

    def check(self, value: Any) -> Any:
        if not isinstance(value, bool) and value != "full":
            raise refusal(f"must be {self.allowed()}")
        return value

    def allowed(self) -> str:
        return "true, false or full"

    def json(self) -> dict[str, Any]:
        return {"enum": [True, False, "full"]}


Overrides = list[Annotated[str, Text("an option such as policy=age_based")]]


class RunFields(Fields):
    """The top level of a configuration, without its groups."""

    what = "a run's options"
    seed: Annotated[int, Whole(0, 2**63 - 1)] = Field(0, description="of all luck")
    threads: Annotated[int, Whole(1, 4096)] = Field(1, description="of torch; more change a result's last bits")
    device: Annotated[str, Word("auto", "cpu", "cuda")] = Field("auto", description="of torch")
    days: Annotated[float, Number("d", above=0, below=LONGEST)] = Field(30.0, description="simulated time")
    quick: Annotated[bool, Switch()] = Field(False, description="a look of a few seconds: 144 ticks")
    report: Annotated[bool, Switch()] = Field(True, description="write report.html")
    tensorboard: Annotated[bool, Switch()] = Field(False, description="write DIR/tensorboard (an extra)")
    part: Annotated[float, Number("s", above=0, below=LONGEST)] = Field(
        86400.0, description="simulated time in one part of a table"
    )
    checkpoint: Annotated[float, Number("s", low=0, below=LONGEST)] | None = Field(
        432000.0, description="simulated time between two checkpoints; null or 0: none"
    )
    verdict: Annotated[Any, VerdictWanted()] | None = Field(
        True, description="play the standard practice on the same luck; full: the reference too; null: neither"
    )
    practice: Overrides | None = Field(None, description="the standard practice, as options laid over the run's own")
    reference: Overrides | None = Field(None, description="what sees hidden state, as options laid over the run's own")
    ideal: Overrides | None = Field(None, description="the plant without losses, as options laid over the run's own")
    scored_from: Annotated[float, Number("d", low=0, below=LONGEST)] = Field(
        0.0, description="figures are compared from this time on"
    )


class ReplayFields(Fields):
    """The top level of a replay's configuration, without its groups and what only one dataset has."""

    what = "a replay's options"
    seed: Annotated[int, Whole(0, 2**63 - 1)] = Field(0, description="the first one")
    seeds: Annotated[int, Whole(1, 100_000)] = Field(1, description="how many")
    threads: Annotated[int, Whole(1, 4096)] = Field(1, description="of torch")
    processes: Annotated[int, Whole(1, 4096)] | None = Field(None, description="seeds side by side; null: one per CPU")
    device: Annotated[str, Word("auto", "cpu", "cuda")] = Field("cpu", description="of torch")
    report: Annotated[bool, Switch()] = Field(True, description="write report.html")
    slots: Annotated[int, Whole(1, 100_000)] = Field(100, description="engines that run at the same time (cmapss)")
    ages: list[Annotated[bool, Switch()]] = Field(
        default_factory=lambda: [True, False], description="with and without elapsed cycle as an input (cmapss)"
    )
    targets: list[Annotated[str, Text("the name of a sensor")]] = Field(
        default_factory=list, description="sensors that are forecast (cmapss)"
    )
