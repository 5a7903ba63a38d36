"""`tandem check` says in words what is wrong with a stranger's class, and nothing of what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import ROOT, Tandem
from twin.lab.check.finding import FAILED, OK, SKIPPED, CheckOutcome
from twin.lab.check.subject import subject
from twin.lab.check.suite import check
from twin.lab.errors import UserError

HERE = "tests.lab.check.broken"


def found(*arguments: str) -> list[CheckOutcome]:
    return list(check(subject(arguments)))


def faults(*arguments: str) -> dict[str, str]:
    return {finding.title: finding.why for finding in found(*arguments) if finding.verdict == FAILED}


def test_a_fork_that_shares_state_is_named() -> None:
    told = faults("plant=line_small", f"plant._target_={HERE}.SharedFork")
    assert "share state" in told["a fork shares no state with the plant"]


def test_a_truth_without_what_is_owed_is_named() -> None:
    told = faults("plant=line_small", f"plant._target_={HERE}.NoEvents")
    assert "truth() lacks 'events_processed'" in told["truth() has the keys that the lab reads"]


def test_what_cannot_be_forked_and_says_so_is_no_fault() -> None:
    rows = found("plant=line_small", f"plant._target_={HERE}.NoForks")
    assert not [row for row in rows if row.verdict == FAILED]
    assert {row.why for row in rows if row.verdict == SKIPPED} == {"it cannot be forked: it is made of generators"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("Typist", "Typist.act: action for 'mill.sped': there is no such actuator; did you mean mill.speed?"),
        ("Wordless", "action for mill.speed has no reason"),
        ("Explosive", "RuntimeError: no licence found ("),
        ("Forgetful", "taken up from its saved state it goes on otherwise, with other actions 1 ticks later"),
    ],
)
def test_a_policy_with_a_fault_is_told_which(kind: str, words: str) -> None:
    assert words in " ".join(faults("policy=run_to_failure", f"policy._target_={HERE}.{kind}").values())


def test_a_surrogate_with_its_axes_in_another_order_is_told_which() -> None:
    told = faults("surrogate=ewma", f"surrogate._target_={HERE}.Turned")
    assert "Turned.forecast" in (text := told["forecasts are distributions of the right shape"])
    assert "horizons and targets have changed places" in text


def test_a_surrogate_that_is_changed_by_asking_is_told_so() -> None:
    told = faults("surrogate=ewma", f"surrogate._target_={HERE}.Moody")
    assert told["asking changes nothing"] == (
        "the same question twice in a tick has two answers: asking must change nothing"
    )


def test_what_is_checked_must_be_named_first() -> None:
    with pytest.raises(UserError, match="check takes plant=, policy= or surrogate= first"):
        subject(["seed=3", "policy=age_based"])


def test_the_command_ends_with_what_it_found(tandem: Tandem, tmp_path: Path) -> None:
    plant = tmp_path / "mine.yaml"
    plant.write_text((ROOT / "conf" / "plant" / "line_small.yaml").read_text())
    done = tandem("check", "plant=mine.yaml", "json=rows.json")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert {row["verdict"] for row in rows} == {OK}
    assert all(f"ok      {row['check']}" in done.stdout for row in rows)
    bad = tandem("check", "policy=run_to_failure", f"policy._target_={HERE}.Typist")
    assert bad.returncode == 1
    assert "failed  its actions are the plant's" in bad.stdout
