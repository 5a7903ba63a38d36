"""What was frozen is as it was: files by their hash, the line by what short runs come to, test seeds by the rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT
from twin.lab.record.frozen import LOWEST, Frozen, SeedsScored, count, first_seed, frozen
from twin.lab.tune.options import DEFAULTS
from twin.lab.tune.replication import replicate

RECORD = frozen()
COMMIT = "0123abcd" + 32 * "0"


def test_no_frozen_file_was_touched() -> None:
    """`python scripts/freeze.py hashes` where only words or speed changed; else freeze anew, with new test seeds."""
    assert RECORD.changed() == []
    assert bool(RECORD.files) == (RECORD.commit is not None)


@pytest.mark.parametrize("run", RECORD.figures)
def test_the_frozen_line_does_what_it_did(run: str) -> None:
    assert replicate(run.split(), 9000, "profit_per_hour") == pytest.approx(RECORD.figures[run], rel=1e-9)


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "tuned").glob("*.json")), ids=lambda path: path.stem)
def test_tuned_settings_say_where_they_are_from(path: Path) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["command"].startswith("tandem tune ")
    assert max(told["seeds"]) < LOWEST, "settings are never tuned on test seeds"
    assert told["trials"] >= 1
    assert len(told["best"]["values"]) == told["seeds"][1] - told["seeds"][0] + 1


def test_test_seeds_follow_from_the_commit() -> None:
    assert first_seed(COMMIT) == LOWEST + 0x0123ABC
    assert 2 * DEFAULTS["first"] + DEFAULTS["fresh"] < LOWEST, "tuning and its fresh seeds lie below"
    assert not Frozen().are_test_seeds([5000]), "nothing is frozen"


def test_before_a_freeze_it_is_said_that_there_are_no_test_seeds(tmp_path: Path) -> None:
    assert count("s", [5000, 5001], "c", tmp_path / "none.yaml")[0].startswith("nothing is frozen yet: seeds 5000 to")


def test_looks_at_test_seeds_are_counted_once_each(tmp_path: Path) -> None:
    path = tmp_path / "frozen.yaml"
    path.write_text(Frozen(commit=COMMIT, files={}, figures={"days=1": 2.5}).text())
    begin = first_seed(COMMIT)
    assert count("headroom", range(30), "c1", path) == []
    first = count("headroom", range(begin, begin + 30), "c1", path)
    assert first[0].endswith("scored 1 time by this study, 1 time by all")
    assert first[1:] == ["counted in conf/frozen.yaml; commit it with the result"]
    assert count("headroom", range(begin, begin + 30), "c1", path) == first[:1], "the same look"
    assert count("headroom", range(begin, begin + 10), "c2", path)[0].endswith("2 times by this study, 2 times by all")
    assert count("drift", range(begin + 20, begin + 30), "c2", path)[0].endswith("1 time by this study, 2 times by all")
    assert frozen(path).scored[0] == SeedsScored("headroom", begin, begin + 29, "c1")
    assert frozen(path).text() == path.read_text()


def test_what_was_touched_is_told(tmp_path: Path) -> None:
    path = tmp_path / "frozen.yaml"
    path.write_text(Frozen(commit=COMMIT, files={"conf/run.yaml": "0" * 64}, figures={}).text())
    assert "NOT as frozen: conf/run.yaml" in count("headroom", [first_seed(COMMIT)], "c", path)
