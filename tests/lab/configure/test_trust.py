"""`trust=`: whose classes a file may name, for how long, and what that does not open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lab.hostile import one_line
from twin.lab.cli import main
from twin.lab.configure.compose import combinations, compose
from twin.lab.configure.resolve import resolved
from twin.lab.configure.trust import normalised, split_trust
from twin.lab.core import build
from twin.lab.errors import UserError
from twin.lab.record.identity import identity
from twin.lab.record.saved_run import parsed
from twin.lab.sweep.run_request import RunRequest, run_request

PARTS = """
import os
from subprocess import run

from sim.plants.production_line import ProductionLine
from twin.policies.maintenance.run_to_failure import RunToFailure


class Line(ProductionLine):
    class Inner(ProductionLine):
        pass


class Idle(RunToFailure):
    def __init__(self, *, spec, other=None):
        super().__init__(spec=spec)
        self.other = other


def make(**fields):
    return Line(**fields)
"""
LINE = "stations: {cutter: {cycle: 40.0}}\n"
SHORT = ("days=0.01", "surrogate=ewma", "policy=run_to_failure", "report=false")


@pytest.fixture(autouse=True)
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_trusted_parts.py").write_text(PARTS)
    (tmp_path / "mine.yaml").write_text("_target_: my_trusted_parts.Line\n" + LINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)


def status(run: str) -> str:
    return str(json.loads((Path(run) / "run.json").read_text())["status"])


def refused(*arguments: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return one_line(capsys.readouterr().err)


def test_a_run_is_made_repeated_and_gone_on_with_only_where_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    hint = "only where the command line says trust=my_trusted_parts"
    mine = ("run", "plant.file=mine.yaml", *SHORT, "out=run")
    assert hint in refused(*mine, capsys=capsys)
    main([*mine, "trust=my_trusted_parts"])
    capsys.readouterr()
    assert "trust" not in Path("run/config.yaml").read_text().replace("my_trusted_parts", "")
    assert hint in refused("run", "from=run", "out=again", capsys=capsys)
    main(["run", "from=run", "out=again", "trust=my_trusted_parts"])
    capsys.readouterr()
    facts = json.loads(Path("run/run.json").read_text())
    Path("run/run.json").write_text(json.dumps(facts | {"status": "interrupted"}))
    assert hint in refused("run", "resume=run", capsys=capsys)
    main(["run", "resume=run", "trust=[my_trusted_parts]"])
    assert (status("run"), status("again")) == ("finished", "finished")


def test_a_request_takes_it_to_a_worker_beside_the_configuration() -> None:
    config = resolved(compose("run", ["plant.file=mine.yaml", "trust=my_trusted_parts"]))
    request = RunRequest.decode(run_request(config, Path("run"), "one").encode())
    assert request.config["trust"] == ["my_trusted_parts"]
    assert "trust" not in parsed(request.text + "trust: [os]\n")
    assert request.hash == identity({**config, "trust": []})


@pytest.mark.slow
def test_a_sweep_hands_it_on_to_its_processes() -> None:
    sweep = ["run", "-m", "plant.file=mine.yaml", *SHORT, "seed=0,1", "out=sweep", "trust=other,my_trusted_parts"]
    main([*sweep, "hydra/launcher=processes", "hydra.launcher.workers=2"])
    assert [status(str(facts.parent)) for facts in Path("sweep").glob("*/run.json")] == ["finished"] * 2


def test_what_is_typed_in_full_is_trusted_with_its_module() -> None:
    overrides = ["plant.file=mine.yaml", "policy=my_trusted_parts.Idle"]
    assert compose("run", overrides).trust == ["my_trusted_parts", "my_trusted_parts.Idle"]
    assert type(build.plant_of(resolved(compose("run", overrides)))).__name__ == "Line"
    typed = ["plant=line_small", "plant._target_=my_trusted_parts.Line"]
    assert type(build.plant_of(resolved(compose("run", typed)))).__name__ == "Line"


def test_typed_anywhere_in_a_sweep_is_trusted_in_all_of_it() -> None:
    both = combinations(["policy=run_to_failure,my_trusted_parts.Idle", "trust=a,b"])
    assert len(both) == 2
    assert {each[-1] for each in both} == {"trust=[a,b,my_trusted_parts,my_trusted_parts.Idle]"}


def test_its_spellings() -> None:
    for spelling in ("trust=a,b.c", "trust=[a,b.c]", "trust='[a, b.c]'", 'trust=["a","b.c"]'):
        assert split_trust(["days=1", spelling]) == (["days=1"], ["a", "b.c"]), spelling
    assert split_trust(["trust=a", "trust=b.c"]) == ([], ["a", "b.c"])
    assert normalised(["trust=a,b", "days=1"]) == ["days=1", "trust=[a,b]"]
    assert normalised(["days=1"]) == ["days=1"]
    for wrong in ("trust=", "trust=[]", "trust=a b", "trust=a/b", "trust=a..b", "trust=a,", "trust=1a", "trust=*"):
        with pytest.raises(UserError, match="must be the name of a module of yours"):
            split_trust([wrong])


@pytest.mark.parametrize(
    ("target", "trust", "says"),
    [
        ("my_trusted_parts.os.system", "my_trusted_parts", "os is no class of my_trusted_parts"),
        ("my_trusted_parts.run", "my_trusted_parts", "run is no class of my_trusted_parts"),
        ("my_trusted_parts.ProductionLine", "my_trusted_parts", "ProductionLine is no class of my_trusted_parts"),
        ("my_trusted_parts.make", "my_trusted_parts", "make is no class of my_trusted_parts"),
        ("my_trusted_parts.Line.__init__", "my_trusted_parts", "__init__ is no class of my_trusted_parts"),
        ("my_trusted_parts.Lime", "my_trusted_parts", "there is no such class"),
        ("my_trusted_parts.sub.Line", "my_trusted_parts", "sub"),
        ("my_trusted_parts_too.Line", "my_trusted_parts", "trust=my_trusted_parts_too"),
        ("my_trusted_parts.Line", "my_trusted_parts.sub", "trust=my_trusted_parts"),
        ("os.system", "os", "system is no class of os"),
        ("nowhere_at_all.Line", "nowhere_at_all", "its folder must be in PYTHONPATH"),
    ],
)
def test_it_opens_nothing_else(target: str, trust: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.yaml").write_text(f"_target_: {target}\n" + LINE)
    said = refused("run", "plant.file=mine.yaml", *SHORT, f"trust={trust}", "out=run", capsys=capsys)
    assert says in said
    assert f"_target_ = {target}" in said


@pytest.mark.parametrize("target", ["my_trusted_parts.make", "my_trusted_parts.Line.Inner", "my_trusted_parts.Line"])
def test_a_full_name_may_be_a_function_or_an_inner_class(target: str) -> None:
    Path("mine.yaml").write_text(f"_target_: {target}\n" + LINE)
    plant = build.plant_of(resolved(compose("run", ["plant.file=mine.yaml", f"trust={target}"])))
    assert plant.spec.assets


def test_parts_of_parts_stand_anywhere_below_a_trusted_one() -> None:
    other = "{_target_: my_trusted_parts.Idle, _partial_: true, other: {deep: [1, {_target_: my_trusted_parts.Idle}]}}"
    overrides = ["policy=my_trusted_parts.Idle", f"policy.other={other}"]
    config = resolved(compose("run", overrides))
    assert config["policy"]["other"]["_target_"] == "my_trusted_parts.Idle"
    with pytest.raises(UserError, match=r"policy\._partial_ = false: must be true"):
        resolved(compose("run", ["policy=my_trusted_parts.Idle", "policy._partial_=false"]))
