"""What a comparison says beside its figures: its baseline, arms that never acted, runs that cannot stand in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.lab.compare.compared import arms, make_arm
from twin.lab.compare import arms as reading
from twin.lab.compare import comparison
from twin.lab.compare.from_runs import compare_runs
from twin.lab.compare.tables import grids, notes, print_comparison
from twin.lab.compare.terms import Terms
from twin.lab.record.run_directory import lock
from twin.lab.sweep.typed_order import note_order


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("age_based", "run_to_failure"):
        make_arm(tmp_path, name, seeds=2, profit=90.0 if name == "age_based" else 60.0)
    return tmp_path


def test_the_first_combination_as_typed_is_the_baseline(folder: Path) -> None:
    paths = [folder / f"{name}_seed{seed}" for name in ("run_to_failure", "age_based") for seed in (0, 1)]
    note_order(folder, paths)
    pattern = [str(path) for path in sorted(paths)]  # as a shell writes FOLDER/*_seed*
    for typed in ([str(folder)], pattern):
        found = compare_runs(typed, {})
        assert found.terms.baselines == ["run_to_failure"]
        assert "Baseline: run_to_failure, the first arm as typed; baseline=ARM names another." in notes(found)
    assert compare_runs(pattern, {"baseline": "age_based"}).notes == []
    assert compare_runs([str(p) for p in (paths[3], paths[2], paths[0], paths[1])], {}).terms.baselines == ["age_based"]


def test_arms_that_never_acted_are_named(folder: Path) -> None:
    for path in folder.glob("run_to_failure*"):
        kpis = json.loads((path / "kpis.json").read_text())
        (path / "kpis.json").write_text(json.dumps(kpis | {"decisions": 0.0}))
    found = comparison.carry_out(arms(folder), Terms(metrics=["profit_per_hour"], baselines=["age_based"]))
    assert "Sent no command in any run: run_to_failure." in notes(found)
    for path in folder.glob("age_based*"):
        kpis = json.loads((path / "kpis.json").read_text())
        (path / "kpis.json").write_text(json.dumps(kpis | {"decisions": 0.0}))
    found = comparison.carry_out(arms(folder), Terms(metrics=["profit_per_hour"], baselines=["age_based"]))
    both = "Sent no command in any run, so they do not differ by what a policy did: age_based, run_to_failure."
    assert both in notes(found)


def test_a_killed_run_is_not_called_running(folder: Path) -> None:
    path = folder / "age_based_seed0"
    facts = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(facts | {"status": "running"}))
    way = re.escape(f"tandem run resume={path} goes on with it")
    with pytest.raises(ValueError, match=f"status is killed; only finished runs can be compared; {way}"):
        reading.read(path)
    handle = lock(path)
    with pytest.raises(ValueError, match=r"status is running; only finished runs can be compared$"):
        reading.read(path)
    assert handle


def test_names_are_never_cut_to_the_same_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stem = "predictive_with_a_very_long_name_of_settings_that_differ_at_the_end_only_threshold"
    for last in ("17", "18"):
        make_arm(tmp_path, f"{stem}_{last}", seeds=2)
    monkeypatch.setenv("COLUMNS", "80")
    print_comparison(comparison.carry_out(arms(tmp_path), Terms(["profit_per_hour"], [f"{stem}_17"])))
    table = capsys.readouterr().out.split("minus")[0]
    joined = "".join(line.split()[0] for line in table.splitlines() if line.strip())
    assert f"{stem}_17" in joined
    assert f"{stem}_18" in joined


def test_of_a_coverage_neither_more_nor_less_is_better(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.glob("*_seed*"))):
        (path / "scores.json").write_text(json.dumps({"coverage90.heat.h6": 0.8 + 0.1 * number}))
    found = comparison.carry_out(arms(folder), Terms(["coverage90.heat.h6"], ["age_based"]))
    (result, (table, *_)), *_ = grids(found)
    assert (result.sense, result.chances) == (0, {})
    assert table.caption == "coverage90.heat.h6, neither more nor less is better"
    assert [row[0] for row in table.rows] == list(found.arms)


def test_equal_differences_have_no_effect_size(tmp_path: Path) -> None:
    for name, profit in (("a", 1.0), ("b", 2.0)):
        make_arm(tmp_path, name, seeds=2)
        for path in tmp_path.glob(f"{name}_*"):
            (path / "kpis.json").write_text(json.dumps({"profit_per_hour": profit}))
    found = comparison.carry_out(arms(tmp_path), Terms(["profit_per_hour"], ["a"]))
    (_, (_, differences)), *_ = grids(found)
    assert differences.rows[0][-1] == "no spread"
