"""JSON Schema and pages: made from the models, valid, and as committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from omegaconf import OmegaConf

from twin.lab.cli import main
from twin.lab.configure.choices import choices
from twin.lab.configure.compose import compose
from twin.lab.configure.schema.models import by_name, model_of
from twin.lab.configure.schema.pages import json_schema
from twin.lab.configure.schema.reference import page_of, pages

GROUPS = ("plant", "policy", "surrogate", "twin", "network")


@pytest.mark.parametrize("name", by_name())
def test_a_schema_is_valid_json_schema(name: str) -> None:
    schema = json_schema(name, by_name()[name])
    json.dumps(schema, allow_nan=False)
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("group", GROUPS)
def test_every_choice_is_valid_by_its_schema(group: str) -> None:
    for choice in choices(group):
        config: Any = OmegaConf.to_container(compose("run", [f"{group}={choice}"]), resolve=True)
        model = model_of(group, config[group])
        assert model is not None
        found = list(jsonschema.Draft202012Validator(json_schema(choice, model)).iter_errors(config[group]))
        assert not found, f"{choice}: {found[0].message}"


def test_a_schema_refuses_what_the_model_refuses() -> None:
    schema = jsonschema.Draft202012Validator(json_schema("", by_name()["plant.production_line"]))
    for stations in ({"saw": {"cycle": -1}}, {"saw": {"cylce": 40.0}}, {"saw": {"cycle": 40.0, "buffer": 1.5}}):
        assert not schema.is_valid({"stations": stations})
    assert schema.is_valid({"stations": {"saw": {"cycle": "40 s"}}, "common": {"wear": {"rate_cv": 0.4}}})


@pytest.mark.parametrize(("path", "name"), pages().items())
def test_the_committed_pages_are_those_that_the_models_make(path: str, name: str, root: Path) -> None:
    assert (root / "conf" / path).read_text() == page_of(name), f"tandem schema {name} as=page > conf/{path}"


def test_the_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["schema"])
    assert capsys.readouterr().out.split() == list(by_name())
    main(["schema", "policy.predictive", f"json={tmp_path / 'a.json'}"])
    assert json.loads((tmp_path / "a.json").read_text())["title"] == "policy.predictive"
    main(["schema", "network", "as=page"])
    assert "| `loss` | a number >= 0 and <= 1 | `0.0` |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["plant.production_lin"], "did you mean plant.production_line?"),
        (["network", "as=xml"], "as = xml: must be json or page"),
        (["twin", "network"], "must be one name"),
    ],
)
def test_a_mistake_gets_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["schema", *words])
    assert message in capsys.readouterr().err
