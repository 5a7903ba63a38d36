"""Completion: what may follow on the command line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from twin.lab.cli import JOBS, main
from twin.lab.configure.choices import choices


def follows(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    monkeypatch.setenv("COMP_LINE", line)
    main(["-sc", "query=bash"])
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("tandem ", [*JOBS]),
        ("tandem ru", ["run", "runs"]),
        ("tandem run policy=pre", ["policy=predictive"]),
        ("tandem run -m policy=mpc surrogate.widt", ["surrogate.width="]),
        ("./scripts/tandem run scenario=", [f"scenario={name}" for name in choices("scenario")]),
        ("tandem replay datas", ["dataset="]),
        ("tandem list ", []),
    ],
)
def test_what_follows(
    line: str, wanted: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert follows(line, monkeypatch, capsys) == wanted


@pytest.mark.parametrize("words", [("run", "--shell-completion"), ("--shell-completion",), ("-sc",)])
def test_a_rule_for_the_shell(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    main([*words, "install=bash"])
    assert capsys.readouterr().out.rstrip().endswith("-F hydra_bash_completion tandem")
    with pytest.raises(SystemExit):
        main([*words, "install=tcsh"])
    assert "shells are bash, fish, zsh" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_in_a_shell(root: Path) -> None:
    script = (
        f"export PATH={root}/scripts:$PATH\n"
        'eval "$(tandem run --shell-completion install=bash)"\n'
        'COMP_LINE="tandem run policy=age"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); COMP_CWORD=2\n'
        "hydra_bash_completion; echo ${COMPREPLY[@]}\n"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["policy=age_based"], done.stderr
