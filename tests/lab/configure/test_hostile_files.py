"""Plant files that name code: one line, exit code 2, and nothing of it is imported or executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.hostile import Trap, one_line
from twin.lab.cli import main

TOUCH = '"touch {MARK}"'
STATIONS = "stations: {cutter: {cycle: 40.0}}\n"
NESTED = "stations: {{cutter: {{cycle: 40.0, failures: {{{}}}}}}}\n"  # hostile fields below a station
FILES = {
    "the root": f"_target_: os.system\ncommand: {TOUCH}\n",
    "a call of a process": f"_target_: subprocess.Popen\nargs: [touch, {TOUCH}]\n",
    "below a station": NESTED.format(f"_target_: os.system, command: {TOUCH}"),
    "a pickle of pandas": NESTED.format("_target_: pandas.read_pickle, filepath_or_buffer: '{BOMB}'"),
    "a pickle of numpy": NESTED.format("_target_: numpy.load, file: '{BOMB}', allow_pickle: true"),
    "a pickle of torch": NESTED.format("_target_: torch.load, f: '{BOMB}', weights_only: false"),
    "eval": NESTED.format("_target_: builtins.eval, _args_: [\"open('{MARK}', 'w')\"]"),
    "positional arguments": STATIONS + f"_args_: [{TOUCH}]\n",
    "not recursive": STATIONS + "_recursive_: false\n",
    "another conversion": STATIONS + "_convert_: object\n",
    "a made-up key of Hydra's kind": STATIONS + "_call_: os.system\n",
    "made later": STATIONS + "_target_: sim.plants.production_line.ProductionLine\n_partial_: true\n",
    "in a list": STATIONS + f"tariff: [{{_target_: os.system, command: {TOUCH}}}]\n",
    "partial in a list": STATIONS + f"sensors: [[{{_target_: os.system, _partial_: true, command: {TOUCH}}}]]\n",
    "a strange module": "_target_: hostile.Plant\n",
    "a strange module below": NESTED.format("_target_: hostile.Plant"),
    "a module itself": "_target_: hostile\n",
    "through a module of ours": f"_target_: twin.lab.core.build.os.system\ncommand: {TOUCH}\n",
    "through a plant's module": f"_target_: sim.plants.production_line.os.system\ncommand: {TOUCH}\n",
    "a launcher of ours": "_target_: twin.lab.sweep.launchers.processes.Processes\n",
    "a part of ours at the root": "_target_: sim.line.source.Source\n",
    "a class that a plant's module imports": "_target_: sim.plants.production_line.SimulatedPlant\n",
    "a policy as a plant": "_target_: twin.policies.maintenance.age_based.AgeBased\n",
    "a plant below a station": NESTED.format("_target_: sim.plants.production_line.ProductionLine"),
    "out of the folder": "_target_: sim.plants...hostile.Plant\n",
    "a path": "_target_: sim/plants/../../hostile.Plant\n",
    "a list as a name": f"_target_: [os.system]\ncommand: {TOUCH}\n",
    "a mapping as a name": NESTED.format(f"_target_: {{_target_: os.system, command: {TOUCH}}}"),
    "a number as a name": "_target_: 7\n",
    "an empty name": '_target_: ""\n',
    "a reference as a name": STATIONS + "_target_: ${economics.call}\neconomics: {call: os.system}\n",
    "the environment": STATIONS + "tick: ${oc.env:HOME}\n",
    "the environment in parts": STATIONS + "tick: ${oc.${economics.x}:HOME}\neconomics: {x: env}\n",
    "Hydra's resolver": STATIONS + "tick: ${hydra:runtime.cwd}\n",
    "decoded text": STATIONS + "tick: '${oc.decode:\"{_target_: os.system}\"}'\n",
    "created text": STATIONS + "wear: '${oc.create:\"{_target_: os.system}\"}'\n",
    "a tag of Python": f"stations: !!python/object/apply:os.system [{TOUCH}]\n",
    "a tag of a module": "stations: !!python/module:hostile\n",
    "a tag of a class": "stations: !!python/object:hostile.Plant {}\n",
    "a tag of a name": "stations: !!python/name:hostile.Plant\n",
    "other yamls": STATIONS + "defaults: [/policy: hostile]\n",
    "Hydra's own node": STATIONS + "hydra: {launcher: {_target_: hostile.Plant}}\n",
    "trust": STATIONS + "trust: [hostile]\n",
    "two documents": STATIONS + f"---\n_target_: os.system\ncommand: {TOUCH}\n",
}


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    return Trap(tmp_path, monkeypatch)


@pytest.mark.parametrize("what", FILES)
def test_a_plant_file_executes_nothing(what: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    Path("plant.yaml").write_text(trap.text(FILES[what]))
    with pytest.raises(SystemExit) as stop:
        main(["run", "plant.file=plant.yaml", "days=0.01", "surrogate=ewma", "out=run"])
    assert stop.value.code == 2
    assert "plant.file=plant.yaml: " in one_line(capsys.readouterr().err)
    assert not Path("run").exists()
    trap.assert_quiet()


@pytest.mark.parametrize("job", [["check", "plant=plant.yaml"], ["run", "-m", "plant.file=plant.yaml", "seed=0,1"]])
def test_nor_does_another_job(job: list[str], trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    Path("plant.yaml").write_text("_target_: hostile.Plant\n")
    with pytest.raises(SystemExit) as stop:
        main(job)
    assert stop.value.code == 2
    assert "only where the command line says trust=hostile" in one_line(capsys.readouterr().err)
    trap.assert_quiet()


SCENARIOS = {
    "a policy": "policy: {_target_: hostile.Policy, _partial_: true}",
    "a part of the twin": "twin: {window: {_target_: hostile.Plant}}",
    "a network": "network: {uplink: {_target_: hostile.Plant}}",
    "a part of a surrogate": "surrogate: {width: {_target_: hostile.Plant}}",
    "an optimizer": "surrogate: {optimizer: {_target_: torch.load}}",
    "work orders": "policy: {upkeep: {_target_: hostile.Policy, _partial_: true}}",
    "trust by itself": "trust: [hostile]\npolicy: {_target_: hostile.Policy, _partial_: true}",
    "a key beside the groups": "mine: {_target_: hostile.Plant}",
    "a callback of Hydra's": "hydra: {callbacks: {mine: {_target_: hostile.Plant}}}\nplant: {_target_: hostile.Plant}",
}


@pytest.mark.parametrize("what", SCENARIOS)
def test_a_scenario_executes_nothing(what: str, trap: Trap, capsys: pytest.CaptureFixture[str]) -> None:
    """A yaml of conf/, here of a folder that Hydra is told of."""
    Path("scenario").mkdir()
    text = f"# @package _global_\ndefaults: [/plant: line_small]\nscenario: mine\ndays: 0.01\n{SCENARIOS[what]}\n"
    Path("scenario/mine.yaml").write_text(text)
    with pytest.raises(SystemExit) as stop:
        main(["run", f"hydra.searchpath=[file://{trap.folder}]", "scenario=mine", "out=run"])
    assert stop.value.code == 2
    one_line(capsys.readouterr().err)
    trap.assert_quiet()
