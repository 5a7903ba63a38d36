"""Arms and their pairing, on run directories of three files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from twin.lab import compare


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
    row = next(r for r in compare.differences(arms(runs), "profit_per_hour", ["lazy"]) if r["policy"] == "wise")
    assert row["difference"] == pytest.approx(7.15)
    assert 6.9 < row["low"] < row["difference"] < row["high"] < 7.4
    assert row["mean"] - row["baseline_mean"] == pytest.approx(row["difference"])
    assert row["n"] == 4


def test_excess_is_the_ratio_of_mean_losses(runs: Path) -> None:
    rows, remarks = compare.excesses(arms(runs), "profit_per_hour", "seer", "heaven")
    found = {row["policy"]: row["difference"] for row in rows}
    assert found["lazy"] == pytest.approx(20 / 11 - 1)
    assert found["wise"] == pytest.approx((20 - 7.15) / 11 - 1)
    assert set(found) == {"lazy", "wise"}
    assert not remarks


def test_two_baselines_are_not_compared_twice(runs: Path) -> None:
    rows = compare.differences(arms(runs), "profit_per_hour", ["lazy", "wise"], leave=["heaven"])
    pairs = [(row["policy"], row["baseline"]) for row in rows]
    assert sorted(pairs) == [("seer", "lazy"), ("seer", "wise"), ("wise", "lazy")]


def test_what_cannot_be_compared_is_said(runs: Path) -> None:
    found = arms(runs)
    with pytest.raises(ValueError, match=r"baseline = bold: .*lazy"):
        compare.differences(found, "profit_per_hour", ["bold"])
    with pytest.raises(ValueError, match=r"metric = luck: .*profit_per_hour"):
        compare.differences(found, "luck", ["lazy"])
    make(runs / "again", seed=3, profit=1.0, choices={"policy": "lazy", "plant": "line"}, policy={"kind": "lazy"})
    with pytest.raises(ValueError, match=r"same arm \(lazy\) and seed \(3\)"):
        arms(runs)


def test_other_seeds_do_not_pair(runs: Path) -> None:
    make(runs / "lazy9", seed=9, profit=1.0, choices={"policy": "lazy", "plant": "line"}, policy={"kind": "lazy"})
    with pytest.raises(ValueError, match=r"\w+ and lazy: unpaired seeds: only the second has 9"):
        compare.differences(arms(runs), "profit_per_hour", ["lazy"], leave=["heaven"])
