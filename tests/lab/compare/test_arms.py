"""Arms and their pairing, on run directories of three files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from twin.lab.compare import arms as compare
from twin.lab.compare import differences
from twin.lab.compare.metric import Values, figures, sense


def make(path: Path, *, seed: int, profit: float, choices: dict[str, str], **settings: Any) -> Path:
    path.mkdir(parents=True)
    facts = {"status": "finished", "seed": seed, "choices": choices, "code": "c"}
    (path / "run.json").write_text(json.dumps(facts))
    (path / "kpis.json").write_text(json.dumps({"profit_per_hour": profit, "unknown": None}))
    (path / "config.yaml").write_text(yaml.safe_dump({"seed": seed, "choices": choices, **settings}))
    return path


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for seed, luck in enumerate((0.0, 10.0, -5.0, 3.0)):
        for policy, gain in (("lazy", 0.0), ("wise", 7.0 + 0.1 * seed), ("seer", 9.0), ("heaven", 20.0)):
            choices = {"policy": policy, "plant": "line"}
            make(
                tmp_path / f"{policy}{seed}",
                seed=seed,
                profit=100 + luck + gain,
                choices=choices,
                policy={"kind": policy},
            )
    return tmp_path


def arms(folder: Path) -> compare.Arms:
    return compare.arms([compare.read(path) for path in compare.find([folder])])


def _differences(folder: Path, baselines: list[str], leave: list[str] | None = None) -> list[dict[str, Any]]:
    values = profits(folder)
    return differences.differences(values, "profit_per_hour", differences.pairs(list(values), baselines, leave or ()))


def profits(folder: Path) -> Values:
    return figures(arms(folder), "profit_per_hour")


def test_arms_are_named_by_what_differs(runs: Path) -> None:
    found = arms(runs)
    assert sorted(found) == ["heaven", "lazy", "seer", "wise"]
    assert all(sorted(seeds) == [0, 1, 2, 3] for seeds in found.values())


def test_a_setting_below_the_choices_makes_an_arm(tmp_path: Path) -> None:
    for days in (1, 2):
        for seed in (0, 1):
            make(tmp_path / f"{days}{seed}", seed=seed, profit=1.0, choices={"policy": "lazy"}, days=days, part=days)
    assert sorted(arms(tmp_path)) == ["days=1", "days=2"]


def test_pairing_takes_the_luck_out(runs: Path) -> None:
    """The seeds differ by 15 and the arms by 7, and yet the interval is narrow: luck is common to both."""
    row = next(r for r in _differences(runs, ["lazy"]) if r["policy"] == "wise")
    assert row["difference"] == pytest.approx(7.15)
    assert 6.9 < row["low"] < row["difference"] < row["high"] < 7.4
    assert row["mean"] - row["baseline_mean"] == pytest.approx(row["difference"])
    assert row["n"] == 4
    assert row["probability_higher"] == 1.0


def test_two_baselines_are_not_compared_twice(runs: Path) -> None:
    rows = _differences(runs, ["lazy", "wise"], ["heaven"])
    pairs = [(row["policy"], row["baseline"]) for row in rows]
    assert sorted(pairs) == [("seer", "lazy"), ("seer", "wise"), ("wise", "lazy")]


def test_what_cannot_be_compared_is_said(runs: Path) -> None:
    with pytest.raises(ValueError, match=r"baseline = bold: .*lazy"):
        _differences(runs, ["bold"])
    with pytest.raises(ValueError, match=r"metric = luck: .*profit_per_hour"):
        figures(arms(runs), "luck")
    make(runs / "again", seed=3, profit=1.0, choices={"policy": "lazy", "plant": "line"}, policy={"kind": "lazy"})
    with pytest.raises(ValueError, match=r"same arm \(lazy\) and seed \(3\)"):
        arms(runs)


def test_other_seeds_do_not_pair(runs: Path) -> None:
    make(runs / "lazy9", seed=9, profit=1.0, choices={"policy": "lazy", "plant": "line"}, policy={"kind": "lazy"})
    with pytest.raises(ValueError, match=r"\w+ and lazy: unpaired seeds: only the second has 9"):
        _differences(runs, ["lazy"], ["heaven"])


def test_holm_is_over_all_the_differences_shown(runs: Path) -> None:
    rows = _differences(runs, ["lazy"])
    smallest = min(rows, key=lambda row: row["p"])
    assert smallest["holm_p"] == pytest.approx(min(1.0, smallest["p"] * len(rows)))
    assert all(row["holm_p"] >= row["p"] for row in rows)


def test_a_lone_seed_has_a_mean_but_no_interval(tmp_path: Path) -> None:
    make(tmp_path / "a", seed=1, profit=3.0, choices={"policy": "lazy"})
    (row,) = differences.means(profits(tmp_path), "profit_per_hour")
    assert (row["mean"], row["low"], row["high"], row["n"]) == (3.0, None, None, 1)


def test_a_figure_without_a_number_names_its_run(runs: Path) -> None:
    with pytest.raises(ValueError, match=r"metric = unknown: .*lazy0 has no number for it"):
        figures({"lazy": {0: compare.read(runs / "lazy0")}}, "unknown")


def test_scores_stand_beside_the_kpis(runs: Path) -> None:
    (runs / "lazy0" / "scores.json").write_text(json.dumps({"brier.h36": 0.1}))
    assert compare.read(runs / "lazy0").figures["brier.h36"] == 0.1


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("run.json", '{"status": "interrupted", "seed": 0}', "status is interrupted; only finished runs"),
        ("run.json", '{"status": "finished"}', "is damaged: KeyError: 'seed'"),
        ("run.json", "{", "cannot be read"),
        ("kpis.json", "[1]", "must hold a JSON object"),
        ("kpis.json", '{"profit_per_hour": "much"}', "is damaged: profit_per_hour = 'much': must be a number"),
        ("config.yaml", "a: [1", "config.yaml: cannot be read"),
    ],
)
def test_a_run_that_cannot_be_read_is_refused(runs: Path, file: str, text: str, words: str) -> None:
    (runs / "lazy0" / file).write_text(text)
    with pytest.raises(ValueError, match=f"lazy0.*{words}"):
        compare.read(runs / "lazy0")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no run directory and holds none"):
        compare.find([tmp_path])
    with pytest.raises(ValueError, match="is not a run directory"):
        compare.read(tmp_path)
    path = make(tmp_path / "a", seed=1, profit=3.0, choices={"policy": "lazy"})
    (path / "config.yaml").unlink()
    with pytest.raises(ValueError, match=r"config\.yaml: cannot be read"):
        compare.read(path)


def test_an_arm_that_a_setting_sets_apart_from_its_choice(runs: Path) -> None:
    """The same policy on the same lines with wear off is another arm, and is named by what makes it one."""
    for seed in range(4):
        choices = {"policy": "lazy", "plant": "line"}
        make(
            runs / f"off{seed}",
            seed=seed,
            profit=130.0,
            choices=choices,
            policy={"kind": "lazy"},
            plant={"wear": False},
        )
    found = arms(runs)
    assert sorted(found["lazy plant.wear=False"]) == [0, 1, 2, 3]
    assert sorted(found["lazy"]) == [0, 1, 2, 3]


def test_a_study_s_own_names_are_the_arms(tmp_path: Path) -> None:
    for arm, policy in (("tuned", "wise"), ("plain", "wise")):
        for seed in (0, 1):
            path = make(tmp_path / f"{arm}{seed}", seed=seed, profit=1.0, choices={"policy": policy}, width=ord(arm[0]))
            facts = json.loads((path / "run.json").read_text())
            (path / "run.json").write_text(json.dumps({**facts, "experiment": "widths", "arm": arm}))
    assert sorted(arms(tmp_path)) == ["plain", "tuned"]
    path = make(tmp_path / "other", seed=0, profit=1.0, choices={"policy": "lazy"}, width=9)
    assert len(arms(tmp_path)) == 2 + 1, "with a run of no study among them, arms are named by what differs"
    assert "lazy width=9" in arms(tmp_path)


@pytest.mark.parametrize(
    ("metric", "way"),
    [
        ("profit_per_hour", 1),
        ("good_parts", 1),
        ("availability", 1),
        ("brier_skill.h6", 1),
        ("cost_per_day", -1),
        ("cost", -1),
        ("maintenance_cost", -1),
        ("maintenance_corrective", -1),
        ("mae.vibration.h6", -1),
        ("brier.h6", -1),
        ("downtime_hours", -1),
        ("delay_per_trip", -1),
    ],
)
def test_of_costs_losses_and_errors_less_is_better(runs: Path, metric: str, way: int) -> None:
    assert sense(arms(runs), metric) == way
    assert sense(arms(runs), metric, [metric]) == -1


def test_the_runs_objective_says_what_is_better(runs: Path) -> None:
    for path in runs.iterdir():
        facts = json.loads((path / "run.json").read_text())
        (path / "run.json").write_text(json.dumps({**facts, "objective": {"figure": "profit_per_hour", "sense": -1}}))
    assert sense(arms(runs), "profit_per_hour") == -1


def test_the_chance_of_being_best_is_among_all_arms_of_a_group(runs: Path) -> None:
    values = profits(runs)
    found = differences.chances(values, [list(values)], 1)
    assert found["heaven"] == 1.0
    assert sum(found.values()) == pytest.approx(1.0)
    assert differences.chances(values, [list(values)], -1)["lazy"] == 1.0
    apart = differences.chances(values, [["lazy", "wise"], ["seer"], ["heaven"]], 1)
    assert apart == {"lazy": 0.0, "wise": 1.0}, "an arm alone in its group has no chance to tell"
