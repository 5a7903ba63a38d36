"""`tandem compare` as it is typed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.lab.compare.compared import arms, make_arm
from twin.lab.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    for name, profit, failures in (("lazy", 20.0, 0.05), ("wise", 130.0, 0.006), ("seer", 140.0, 0.003)):
        make_arm(runs, name, profit=profit, failures=failures, seeds=6)
    return runs


def tandem(*arguments: str) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["compare", *arguments])
    assert stop.value.code == 2


def test_the_command_writes_prints_and_imports_no_torch(folder: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from twin.lab.cli import main; main(sys.argv[1:]); "
        "assert 'torch' not in sys.modules, 'torch'; assert 'hydra' not in sys.modules, 'hydra'"
    )
    arguments = [
        "compare",
        str(folder),
        "metric=profit_per_hour",
        "baseline=lazy",
        f"to={tmp_path / 'o'}",
        f"json={tmp_path}/j",
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "o" / "comparison.html") in done.stdout.replace("\n", "")
    rows = json.loads((tmp_path / "j").read_text())
    assert {"metric", "policy", "baseline", "difference", "low", "high", "n", "holm_p", "warmup_days"} <= rows[0].keys()
    assert all(rows[0][key] is not None for key in ("difference", "low", "high", "wilcoxon_p"))


CASES = [
    (["warmup=soon"], "warmup = soon: must be mser or a number of days >= 0"),
    (["warmup=-1"], "warmup = -1.0: must be mser or a number of days"),
    (["warmup=9"], "warmup = 9: must be less than the 1 days"),
    (["warmup=mser", "metric=quality"], "metric = quality: is no average over time"),
    (["metric="], "metric: name one figure or more"),
    (["metric=luck"], "metric = luck: .* there are .*profit_per_hour"),
    (["lower=quality"], "lower = quality: is none of the metrics profit_per_hour"),
    (["baseline=bold"], "baseline = bold: there is no such arm; arms are lazy"),
    (["ideal=wise"], "ideal: goes with reference=ARM, over which losses and shares are told"),
    (["varied=plant.crow"], r"varied = plant\.crow: no run has such a setting"),
    (["precision=1%"], "precision: goes with experiment= or from= only"),
    (["max_seeds=9"], "max_seeds: goes with experiment= or from= only"),
    (["to=file"], "to = file: is a file"),
    (["to=full"], "to = full: holds thesis.tex"),
    (["to=/proc/nothing/here"], "to = /proc/nothing/here: cannot be written"),
    (["warmpu=mser"], "did you mean warmup"),
]


@pytest.mark.parametrize(("options", "words"), CASES, ids=[" ".join(case[0]) for case in CASES])
def test_a_bad_value_gives_one_clear_line(
    options: list[str],
    words: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("")
    monkeypatch.chdir(tmp_path)
    tandem(str(folder), *options)
    told = capsys.readouterr()
    assert re.search(words, told.err), told.err
    assert told.err.count("\n") == 1
    assert not told.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["precision=wide"], "precision = wide: must be a number > 0"),
        (["precision=1%", "seeds=2"], "seeds = 2: must be >= 5 with precision="),
        (["precision=1%", "max_seeds=few"], "max_seeds = few: must be a whole number"),
        (["precision=1%", "max_seeds=3"], "max_seeds = 3: must be >= the 10 seeds"),
        (["max_seeds=30"], "max_seeds: goes with precision= only"),
        (["warmup=x"], "warmup = x: must be mser"),
        (["warmup=mser", "metric=quality"], "metric = quality: is no average"),
        (["baseline=bold"], "baseline = bold: there is no such arm; arms are predictive"),
    ],
)
def test_a_study_says_what_is_wrong_before_it_runs(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    tandem("experiment=policies", *options)
    assert words in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_study_grows_until_it_is_precise(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """carry_out is asked for more and more seeds of the same study, and the note says how many it took."""
    from twin.lab.compare import from_study
    from twin.lab.compare.arms import Arms
    from twin.lab.sweep.study import Study

    asked: list[int] = []
    whole = arms(folder)

    def named(name: str, *, seeds: int | None = None, **_: object) -> Study:
        given = {arm: ["policy=x"] for arm in whole}
        return Study(name=name, seeds=seeds or 2, metric="profit_per_hour", arms=given, baseline=["lazy"])

    def carry_out(study: Study, *, base: Path, workers: int) -> Arms:
        asked.append(study.seeds)
        return {arm: {seed: own[seed % 6] for seed in range(study.seeds)} for arm, own in whole.items()}

    monkeypatch.setattr(from_study, "named", named)
    monkeypatch.setattr(from_study, "carry_out", carry_out)
    main(["compare", "experiment=some", "precision=2.0", "max_seeds=40"])
    told = " ".join(capsys.readouterr().out.split())
    assert asked[0] == 5
    assert asked == sorted(set(asked))
    assert f"reached with {asked[-1]} seeds, begun with 5" in told


def test_the_runs_of_a_study_are_compared_on_its_terms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arms = ("predictive", "thresholds", "ages", "run_to_failure", "reference")
    for place, arm in enumerate(arms):
        make_arm(tmp_path, arm, profit=100.0 + place, experiment="policies", arm=arm)
    make_arm(tmp_path, "ideal", profit=200.0, plant={"wear": False}, experiment="policies", arm="ideal")
    main(["compare", str(tmp_path)])
    told = " ".join(capsys.readouterr().out.split())
    assert "at its standard setpoints (ideal) minus the arm's profit" in told
    assert "Excess: mean J over seeds, over that of reference (" in told
    for baseline in ("run_to_failure", "ages", "thresholds"):
        assert f"profit_per_hour, minus {baseline}" in told
    main(["compare", *map(str, tmp_path.glob("[pr]*")), "baseline=predictive"])
    assert "xcess" not in capsys.readouterr().out, "without the ideal there is none"


def test_help_names_every_option() -> None:
    from twin.lab.jobs import compare as job

    for option in job.OPTIONS:
        assert f"{option}=" in str(job.__doc__), option
