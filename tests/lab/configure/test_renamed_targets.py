"""Old names of classes: one line that names the new one, wherever they stand."""

from __future__ import annotations

import importlib
from contextlib import suppress
from pathlib import Path

import pytest

from tests.lab.runs import make_run
from twin.lab.cli import main
from twin.lab.configure.renamed_targets import RENAMED, refuse_renamed
from twin.lab.errors import UserError

OLD, NEW = "twin.policies.age_based.AgeBased", "twin.policies.maintenance.age_based.AgeBased"


@pytest.mark.parametrize("old", RENAMED)
def test_every_new_name_is_a_class_and_no_old_one_is(old: str) -> None:
    module, _, name = RENAMED[old].rpartition(".")
    assert isinstance(getattr(importlib.import_module(module), name), type)
    assert RENAMED[old] not in RENAMED
    module, _, name = old.rpartition(".")
    with suppress(ModuleNotFoundError):
        assert not hasattr(importlib.import_module(module), name)


def test_at_any_depth() -> None:
    with pytest.raises(UserError, match=rf"^policy\.wear\[1\]\.inner\._target_ = {OLD}: is now {NEW}$"):
        refuse_renamed({"policy": {"_target_": NEW, "wear": [1, {"inner": {"_target_": OLD}}]}})
    refuse_renamed({"policy": {"_target_": NEW, "choice": OLD}})


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([f"policy._target_={OLD}"], f"policy._target_ = {OLD}: is now {NEW}"),
        (["policy=mpc", f"policy.upkeep={{_target_: {OLD}}}"], f"policy.upkeep._target_ = {OLD}: is now {NEW}"),
        (["-m", "seed=range(2)", f"policy._target_={OLD}"], f"policy._target_ = {OLD}: is now {NEW}"),
        (["plant.file=old.yaml"], f"plant.file=old.yaml: wear._target_ = {OLD}: is now {NEW}"),
        (["resume=unfinished"], f"policy._target_ = {OLD}: is now {NEW}"),
        (["from=older", "out=again"], f"policy._target_ = {OLD}: is now {NEW}"),
        (
            [
                "-m",
                "days=0.1",
                "hydra/launcher=processes",
                "hydra.launcher._target_=twin.lab.launchers.processes.Processes",
            ],
            "hydra.launcher._target_ = twin.lab.launchers.processes.Processes: is now "
            "twin.lab.sweep.launchers.processes.Processes",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_the_command_line_names_the_new_class(
    arguments: list[str],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(f"wear: {{_target_: {OLD}}}\n")
    older = make_run(tmp_path / "older", ticks=2)
    groups = (
        "{plant: {a: 1}, twin: {a: 1}, surrogate: {a: 1}, choices: {}, scenario: x, device: cpu, checkpoint: null, "
    )
    numbers = f"days: 1, part: 1, quick: false, report: false, seed: 0, threads: 1, policy: {{_target_: {OLD}}}}}"
    (older / "config.yaml").write_text(groups + numbers)
    unfinished = make_run(tmp_path / "unfinished", ticks=2, status="interrupted")
    (unfinished / "config.yaml").write_text(groups + numbers)
    with pytest.raises(SystemExit) as stop:
        main(["run", *arguments])
    assert stop.value.code == 2
    assert capsys.readouterr().err == f"tandem: {line}\n"
