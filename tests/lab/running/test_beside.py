"""What a run is told beside: which practice fits a plant, that it is played as a run of it, and what may go wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from tests.lab.running.short_run import at_tick, interrupt
from twin.lab.configure.choices import choices
from twin.lab.configure.compose import compose
from twin.lab.configure.laid_over import laid_over
from twin.lab.configure.resolve import resolved
from twin.lab.core import build
from twin.lab.core.loop import Experiment
from twin.lab.errors import UserError
from twin.lab.jobs import run as job
from twin.lab.running import beside
from twin.lab.running.beside import rivals
from twin.lab.running.played import play
from twin.lab.tune.replication import Nothing

SHORT = ("plant=line_small", "surrogate=ewma", "days=0.3", "report=false", "checkpoint=7200")


def config(*overrides: str) -> dict[str, Any]:
    return resolved(compose("run", list(overrides)))


@pytest.mark.parametrize("scenario", choices("scenario"))
def test_every_scenario_names_what_its_runs_are_told_beside(scenario: str) -> None:
    """All of it fits the scenario's plant, and is played to the bit as a run of it would be."""
    own = config(f"scenario={scenario}", "verdict=full")
    assert own["practice"]
    found = rivals(own, build.plant_of(own).spec)
    assert not [rival.remark for rival in found.values() if rival.remark]
    assert found.keys() == {role for role in beside.ROLES if own[role]}
    practice = found["practice"].config
    practice["days"] = 10 * practice["plant"].get("tick", 600.0) / 86_400.0
    plant, twin = build.pair(practice, "cpu")
    ran = Experiment(plant=plant, twin=twin, recorder=Nothing(), horizon=practice["days"] * 86_400.0).run()
    course = play(practice)
    assert course.figure == plant.spec.objective.figure
    assert course.value[-1] == ran[course.figure]


def test_a_scenario_s_keys_do_not_change_what_a_run_is() -> None:
    from twin.lab.record.identity import identity

    own = config("plant=line_small")
    changed = own | {"practice": None, "reference": None, "ideal": None, "scored_from": 9.0, "verdict": "full"}
    assert identity(own) == identity(changed)


def test_options_are_laid_over_the_run_s_own_plant() -> None:
    own = config("plant=line_small", "policy=predictive", "policy.lead=9", "seed=7")
    other = laid_over(own, ["policy=age_based", "policy.enough=3", "++plant.wear=false"], "practice")
    assert other["policy"]["_target_"].endswith("AgeBased")
    assert other["policy"]["enough"] == 3
    assert other["plant"] == own["plant"] | {"wear": False}
    assert (other["seed"], other["choices"]["policy"]) == (7, "age_based")
    for overrides, words in (
        (["policy=nobody"], "practice: policy = nobody: there is no such policy; there are"),
        (["plant.technicians=many"], "practice: plant.technicians = many: must be a whole number"),
        (["trust=[os]"], "practice: trust=.* only the command line says whom to trust"),
        (["policy=os.system"], "practice: os.system: "),
    ):
        with pytest.raises(UserError, match=words):
            laid_over(own, overrides, "practice")


def test_age_replacement_stands_in_where_the_practice_does_not_fit() -> None:
    own = config("plant=line_small")
    own["practice"] = ["policy=actuated", "surrogate=none"]
    practice = rivals(own, build.plant_of(own).spec)["practice"]
    assert practice.name == "age_based"
    assert practice.remark.startswith("age_based stands for the scenario's practice, which does not fit this plant: ")
    own["practice"] = None
    assert rivals(own, build.plant_of(own).spec)["practice"].remark == ""
    own["reference"], own["verdict"] = ["policy=privileged_mpc", "surrogate=none"], "full"
    found = rivals(own, build.plant_of(own).spec)
    assert found.keys() == {"practice", "ideal"}
    assert found["practice"].remark.startswith("The scenario's reference does not fit this plant: ")


def test_a_practice_that_is_mistyped_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"practice: policy = nobody: there is no such policy"):
        ran(tmp_path / "run", 'practice=["policy=nobody"]')
    assert not (tmp_path / "run").exists()


def verdict(path: Path) -> bytes:
    return (path / "verdict.json").read_bytes()


def ran(path: Path, *options: str) -> Path:
    job.main([*SHORT, *options, f"out={path}"])
    return path


def test_a_process_is_ended_with_the_run_and_resume_comes_to_the_same_bytes(tmp_path: Path) -> None:
    whole = verdict(ran(tmp_path / "whole"))
    patch = at_tick(31, interrupt)
    patch.setattr(beside, "SHORT", 0)
    patch.setattr(beside, "_processors", lambda: 2)
    with pytest.raises(KeyboardInterrupt):
        ran(tmp_path / "cut")
    assert not active_children()
    assert not (tmp_path / "cut/verdict.json").exists()
    patch.undo()
    with pytest.MonkeyPatch.context() as there:
        there.setattr(beside, "SHORT", 0)
        there.setattr(beside, "_processors", lambda: 2)
        job.main([f"resume={tmp_path / 'cut'}"])
    assert verdict(tmp_path / "cut") == whole
    assert not active_children()


def fails(*_: Any) -> Any:
    raise MemoryError("a practice too large")


def ended(*_: Any) -> Any:
    raise beside.BrokenProcessPool("ended")


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (fails, "the practice (age_based) could not be played: MemoryError: a practice too large"),
        (ended, "the process of the practice (age_based) was ended from outside"),
    ],
)
def test_a_practice_that_fails_costs_the_verdict_and_not_the_run(
    what: Any, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "play", what)
    path = ran(tmp_path / "run", "days=0.05")
    said = capsys.readouterr()
    assert f"tandem: no verdict: {why}\n" in said.err
    assert "Verdict" not in said.out
    assert "profit_per_hour" in said.out
    assert json.loads((path / "run.json").read_text())["status"] == "finished"
    assert not (path / "verdict.json").exists()


@pytest.mark.parametrize("options", [("policy=age_based", "surrogate=none"), ("verdict=null",)])
def test_nothing_is_played_for_the_practice_itself_nor_where_none_is_wanted(
    options: Sequence[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "play", fails)
    path = ran(tmp_path / "run", "days=0.05", *options, f"json={tmp_path / 'rows.json'}")
    said, first = capsys.readouterr(), json.loads((tmp_path / "rows.json").read_text())[0]
    assert "no verdict" not in said.err
    if options[0].startswith("verdict"):
        assert not (path / "verdict.json").exists()
        assert first["name"] == "profit_per_hour"
    else:
        assert said.out.startswith("Verdict: this run is standard practice (age_based) itself")
        assert (first["name"], json.loads(verdict(path))["difference"]) == ("verdict.twin", 0.0)


FOUR = """\
economics: {margin: 0.9, scrap_cost: 0.2}
technicians: 1
stations:
  rinser: {cycle: 20 s, to: filler, failures: {jam: {mttf: 3 h, mttr: 30 min}}}
  filler: {cycle: 24 s, buffer: 60, to: capper, failures: {breakdown: {mttf: 4 h, mttr: 2 h}}}
  capper: {cycle: 21 s, buffer: 60, to: packer, failures: {breakdown: {mttf: 2 h, mttr: 1 h}}}
  packer: {cycle: 22 s, buffer: 120, failures: {breakdown: {mttf: 6 h, mttr: 3 h}}}
"""


def test_a_line_of_one_s_own_has_what_its_file_asks_for_and_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four stations with times to failure and to repair: no sensor, no work order, and the practice says why."""
    (tmp_path / "four.yaml").write_text(FOUR)
    job.main(
        [
            f"plant.file={tmp_path / 'four.yaml'}",
            "surrogate=ewma",
            "days=0.5",
            "report=false",
            f"out={tmp_path / 'run'}",
        ]
    )
    facts = json.loads((tmp_path / "run/run.json").read_text())
    assert {signal["key"].split(".")[1] for signal in facts["signals"] if not signal["key"].startswith("line")} == {
        "count",
        "level",
    }
    assert {actuator["kind"] for actuator in facts["actuators"]} == {"setpoint"}
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Verdict: the twin ")
    assert "No planned work can be ordered on this plant, so standard practice is to mend what fails" in said
    assert json.loads((tmp_path / "run/kpis.json").read_text())["maintenance_corrective"] > 3
