"""Reading a run's directory back, whole, half-written and damaged."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.lab.runs import make_run
from twin.lab.record.saved_run import KEYS, SavedRun, flat, parsed


@pytest.fixture
def run(tmp_path: Path) -> SavedRun:
    return SavedRun.read(make_run(tmp_path / "run", ticks=3))


def test_a_whole_run(run: SavedRun) -> None:
    assert run.status == run.facts["status"] == "finished"
    assert run.config == {"seed": 3, "policy": {"lead": 6}}
    assert run.text.startswith("seed: 3")
    assert run.kpis["profit_per_hour"] == 100.5
    assert math.isnan(run.kpis["mtbf_hours"])
    (run.path / "scores.json").write_text('{"brier.h6": 0.25}')
    assert run.scores == {"brier.h6": 0.25}
    assert run.figures.keys() == {"profit_per_hour", "oee", "mtbf_hours", "brier.h6"}


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none: is not a run directory \(it has no run.json\)"):
        SavedRun.read(tmp_path / "none")
    nothing = SavedRun(tmp_path)
    assert not nothing.exists
    assert nothing.facts_if_readable == nothing.kpis == nothing.scores == {}
    for name in ("facts", "status", "text", "config"):
        with pytest.raises(ValueError, match="cannot be read"):
            getattr(nothing, name)


@pytest.mark.parametrize(
    ("file", "text", "asked", "message"),
    [
        ("run.json", "{", "facts", "run.json: cannot be read"),
        ("run.json", "[1]", "facts", "run.json: must hold a JSON object"),
        ("config.yaml", "a: [1", "config", "config.yaml: cannot be read"),
        ("config.yaml", "- 1", "config", "config.yaml: must hold a mapping"),
        ("config.yaml", "seed: 1", "run_config", "config.yaml is not that of a run: it has no scenario"),
        ("kpis.json", '{"oee": "much"}', "kpis", "kpis.json: is damaged: oee = 'much': must be a number or null"),
        ("scores.json", '{"brier": true}', "figures", "scores.json: is damaged: brier = True"),
    ],
)
def test_what_is_damaged(run: SavedRun, file: str, text: str, asked: str, message: str) -> None:
    (run.path / file).write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        getattr(SavedRun(run.path), asked)
    assert "\n" not in str(error.value)


def test_the_configuration_of_a_run_has_every_key(run: SavedRun) -> None:
    (run.path / "config.yaml").write_text("\n".join(f"{key}: 1" for key in KEYS))
    assert run.run_config == dict.fromkeys(KEYS, 1)


def test_a_nested_configuration_flat() -> None:
    assert flat(parsed("a: {b: 1, c: {d: [1, 2]}}\ne: null")) == {"a.b": 1, "a.c.d": [1, 2], "e": None}
