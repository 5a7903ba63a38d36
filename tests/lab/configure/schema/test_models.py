"""The models and the classes that they configure cannot drift apart."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest
from omegaconf import OmegaConf

from twin.lab.configure.choices import choices
from twin.lab.configure.compose import compose
from twin.lab.configure.schema.checked import checked, unusual
from twin.lab.configure.schema.fields import Fields, Part
from twin.lab.configure.schema.models import by_name, model_of
from twin.lab.configure.schema.policies import DayPersistenceFields, TwinForecastFields
from twin.lab.configure.schema.surrogates import OptimizerFields
from twin.lab.configure.schema.twin import TwinFields
from twin.lab.configure.schema.upkeep_policies import SetpointSearchFields, SpeedRulesFields

GROUPS = ("plant", "policy", "surrogate", "twin", "network")
FROM_RUN = {"spec", "shape", "seed", "device", "network", "site", "surrogate", "policy"}
PARTS = [model for model in by_name().values() if issubclass(model, Part)]
PLAIN = (type(None), bool, int, float, str)
OF_TWIN = {
    "window": "twin.sensing.window.Window",
    "cleaning": "twin.sensing.cleaning.Cleaner",
    "features": "twin.sensing.features.Features",
    "memory": "twin.memory.memory.Memory",
    "learner": "twin.learning.learner.Learner",
    "promotion": "twin.learning.promotion.Promotion",
    "drift": "twin.scoring.drift.Drift",
    "recovery": "twin.learning.recovery.Recovery",
    "convergence": "twin.learning.convergence.Convergence",
    "calibration": "twin.scoring.calibration.Calibration",
    "degradation": "twin.reliability.failure_paths.FailurePaths",
}
BY_TWIN = {  # what the twin passes to its parts
    *("spec", "cleaner", "layout", "horizons", "assets", "edges", "seed", "context", "surrogate", "memory", "scaler"),
    *("targets", "parts", "promotion", "columns", "tick", "modes"),
}


def imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def arguments(kind: type[Any]) -> dict[str, inspect.Parameter]:
    """Of a class and, where it passes **rest on, of the classes that it extends."""
    found: dict[str, inspect.Parameter] = {}
    for base in kind.__mro__:
        if "__init__" not in vars(base) and not hasattr(base, "__dataclass_fields__"):
            continue
        given = list(inspect.signature(base.__init__).parameters.values())[1:]
        found = {p.name: p for p in given if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)} | found
        if not any(p.kind is p.VAR_KEYWORD and p.name != "_" for p in given):
            break
    return found


def agree(model: type[Fields], kind: type[Any], left_out: set[str]) -> None:
    wanted = {name: p for name, p in arguments(kind).items() if name not in left_out}
    fields = {name: info for name, info in model.model_fields.items() if name not in ("target", "partial")}
    assert fields.keys() == wanted.keys()
    for name, parameter in wanted.items():
        if parameter.default is parameter.empty:
            assert fields[name].is_required(), name
        elif isinstance(parameter.default, PLAIN) and parameter.default is not None:
            assert fields[name].default == parameter.default, name


@pytest.mark.parametrize(
    "model", [*PARTS, OptimizerFields, DayPersistenceFields, TwinForecastFields], ids=lambda m: m.__name__
)
def test_a_model_has_the_arguments_of_its_class(model: type[Part]) -> None:
    if model is TwinFields:
        kind = imported("twin.parts.TwinOptions")
        assert model.model_fields.keys() - {"target", "partial"} == arguments(kind).keys()
        return
    agree(model, imported(model.path), FROM_RUN)


@pytest.mark.parametrize("group", OF_TWIN)
def test_the_models_of_a_twins_parts_have_their_arguments(group: str) -> None:
    (model,) = (m for m in TwinFields.model_fields[group].annotation.__args__ if m is not type(None))  # type: ignore[union-attr]
    wanted = {name: p for name, p in arguments(imported(OF_TWIN[group])).items() if name not in BY_TWIN}
    assert model.model_fields.keys() == wanted.keys()


def test_the_search_for_setpoints_has_its_arguments() -> None:
    wanted = arguments(imported("twin.policies.setpoints.search.SetpointSearch")).keys()
    wanted |= arguments(imported("twin.policies.setpoints.trial.Trial")).keys()
    assert SetpointSearchFields.model_fields.keys() == wanted - {"spec"}
    speeds = arguments(imported("twin.lab.core.privileged.speeds.SpeedRules"))
    assert SpeedRulesFields.model_fields.keys() == speeds.keys() - {"spec"}


@pytest.mark.parametrize(("group", "choice"), [(g, c) for g in GROUPS for c in choices(g)])
def test_every_choice_passes_as_it_is(group: str, choice: str) -> None:
    """It has a model; nothing in it is refused, changed, or odd enough for a warning."""
    config: Any = OmegaConf.to_container(compose("run", [f"{group}={choice}"]), resolve=True)
    assert model_of(group, config[group]) is not None
    assert repr(checked(config)) == repr(config)
    assert unusual(config) == []
