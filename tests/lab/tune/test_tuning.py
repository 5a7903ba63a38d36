"""A search over the same seeds: what it draws, how it races, that it goes on, that it finds the optimum."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from optuna.trial import FrozenTrial, TrialState

from tests.conftest import Tandem
from twin.lab.cli import main
from twin.lab.configure.compose import compose
from twin.lab.errors import UserError
from twin.lab.tune import search_space as spaces
from twin.lab.tune.question import TuningQuestion
from twin.lab.tune.race import behind
from twin.lab.tune.replication import replicate
from twin.lab.tune.tuning import Tuning

SHORT = ("plant=line_small", "surrogate=ewma", "network=perfect", "days=0.2")
SEEDS = (1000, 1001, 1002)


def question(**other: object) -> TuningQuestion:
    space = spaces.read(["x=interval(0,10)", "kind=good,bad", "days=3"])
    asked = TuningQuestion(
        space=space, metric="profit", sense=1, seeds=SEEDS, seed=0, settings={"x": 4.0, "kind": "bad"}, code="abc"
    )
    return replace(asked, **other)  # type: ignore[arg-type]


def bowl(overrides: Sequence[str], seed: int, metric: str) -> float:
    """A figure whose best is at x = 7, kind = good, and that seeds shift alike for all."""
    given = dict(o.split("=") for o in overrides)
    luck = np.random.default_rng(seed).normal(scale=20)
    return float(luck - (float(given.get("x", 4.0)) - 7) ** 2 - 5 * (given.get("kind", "bad") == "bad"))


def flat(overrides: Sequence[str], seed: int, metric: str) -> float:
    """The same wherever it is asked."""
    return 1.0


def silent(trial: FrozenTrial) -> None:
    """Say nothing."""


def tuning(path: Path, asked: TuningQuestion | None = None, job: Callable[..., float] = bowl) -> Tuning:
    return Tuning(asked or question(), storage=path / "t.db", tell=silent, standing={"x": 4.0, "kind": "bad"}, job=job)


def story(search: Tuning) -> list[tuple[object, ...]]:
    return [(t.state, t.value, t.params, t.user_attrs) for t in search.ended()]


def test_the_race_gives_up_only_what_is_behind_for_sure() -> None:
    best = np.array([10.0, 30.0, 20.0])
    assert behind(best - [5.0, 5.5, 5.2], best)
    assert not behind(best - [5.0, -4.0, 3.0], best), "a spread this wide tells nothing"
    assert not behind(best[:1] - 100, best[:1]), "a single seed tells nothing"
    assert behind(best - 1e-3, best), "always less by the same"
    assert not behind(best, best)


def test_the_race_seldom_gives_up_what_is_as_good() -> None:
    rng = np.random.default_rng(5)
    gaps = rng.normal(size=(1000, 3))
    share = np.mean([behind(gap, np.zeros(3)) for gap in gaps])
    assert share == pytest.approx(0.1, abs=3 * np.sqrt(0.1 * 0.9 / 1000))


def test_the_search_finds_the_optimum_and_prunes(tmp_path: Path) -> None:
    search = tuning(tmp_path)
    search.run(24, workers=1)
    best = search.best()
    assert best.params["kind"] == "good"
    assert best.params["x"] == pytest.approx(7, abs=1)
    assert search.ended()[0].params == {"x": 4.0, "kind": "bad"}, "the first is what stands"
    pruned = [t for t in search.ended() if t.state == TrialState.PRUNED]
    assert pruned
    assert all(2 <= len(t.user_attrs["values"]) < 3 for t in pruned)
    mine, standing = search.compare([search._question.space.settings(best.params), ()], range(2000, 2004), workers=1)
    gain = 14 - (best.params["x"] - 7) ** 2
    assert [mine[s] - standing[s] for s in mine] == pytest.approx([gain] * 4, abs=0.01), "to the digits that are told"


def test_the_same_question_finds_the_same_whether_cut_off_or_not(tmp_path: Path) -> None:
    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    whole = tuning(tmp_path / "whole")
    whole.run(10, workers=1)
    calls = 0

    def dies(overrides: Sequence[str], seed: int, metric: str) -> float:
        nonlocal calls
        calls += 1
        if calls == 14:
            raise KeyboardInterrupt
        return bowl(overrides, seed, metric)

    cut = tuning(tmp_path / "cut", job=dies)
    with pytest.raises(KeyboardInterrupt):
        cut.run(10, workers=1)
    assert 0 < len(cut.ended()) < 10
    again = tuning(tmp_path / "cut")
    again.run(10, workers=1)
    assert story(again) == story(whole)
    more = tuning(tmp_path / "cut")
    more.run(11, workers=1)
    assert story(more)[:10] == story(whole)
    assert len(more.ended()) == 11


def test_what_the_file_holds_is_not_made_again(tmp_path: Path) -> None:
    search = tuning(tmp_path)
    search.run(3, workers=1)
    search.compare([("x=1",), ()], range(2), workers=1)

    def never(overrides: Sequence[str], seed: int, metric: str) -> float:
        raise AssertionError

    again = tuning(tmp_path, job=never)
    again.run(3, workers=1)
    assert again.compare([("x=1",), ()], range(2), workers=1) == search.compare([("x=1",), ()], range(2), workers=1)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"space": spaces.read(["x=interval(0,9)"])}, "its space is x=interval\\(0,10\\) kind=good,bad"),
        ({"sense": -1}, "its objective is profit, maximize"),
        ({"seeds": (1, 2)}, "its seeds is 1000 to 1002"),
        ({"settings": {"x": 4.0, "kind": "good"}}, "its kind is bad, not good"),
        ({"code": "def"}, "its code is abc"),
    ],
)
def test_another_question_is_refused(tmp_path: Path, other: dict[str, object], told: str) -> None:
    tuning(tmp_path)
    with pytest.raises(UserError, match=told):
        tuning(tmp_path, question(**other))


def test_a_file_that_holds_no_trials_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.db").write_text("hello, this is no database at all")
    with pytest.raises(UserError, match=r"t\.db: is no file of trials"):
        tuning(tmp_path)


def test_a_trial_that_is_refused_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    def picky(overrides: Sequence[str], seed: int, metric: str) -> float:
        if "kind=bad" in overrides:
            raise UserError("kind = bad: is bad")
        return bowl(overrides, seed, metric)

    search = tuning(tmp_path, job=picky)
    search.run(8, workers=1)
    failed = [t for t in search.ended() if t.state == TrialState.FAIL]
    assert failed
    assert failed[0].user_attrs["why"] == "kind = bad: is bad"
    assert len(search.ended()) == 8
    assert search.best().params["kind"] == "good"


def test_a_search_in_which_all_fail_says_why(tmp_path: Path) -> None:
    def never(overrides: Sequence[str], seed: int, metric: str) -> float:
        raise UserError("x = 4: no")

    search = tuning(tmp_path, job=never)
    search.run(2, workers=1)
    with pytest.raises(UserError, match="no trial can be judged: x = 4: no"):
        search.best()


def test_settings_by_type_are_searched(tmp_path: Path) -> None:
    """Twelve keys below mappings that the yaml leaves empty, as Hydra's + adds them."""
    kinds = ("saw", "lathe", "mill", "press")
    space = spaces.read(
        [
            "policy=condition_based",
            *(f"+policy.thresholds.{kind}=interval(1.1,4)" for kind in kinds),
            *(f"+policy.setpoints.{kind}.speed=interval(0.5,1.2)" for kind in kinds),
        ]
    )
    search = tuning(tmp_path, question(space=space), job=flat)
    search.run(3, workers=1)
    config = compose("run", [*space.fixed, *space.settings(search.best().params)]).policy
    assert set(config.thresholds) == set(config.setpoints) == set(kinds)
    assert 1.1 <= config.thresholds.saw <= 4


def test_the_job_tells_what_it_found_and_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "tune",
        *SHORT,
        "policy=condition_based",
        "policy.threshold=interval(1.2,3)",
        "trials=2",
        "seeds=2",
        "fresh=2",
        "days=0.05",
        f"storage={tmp_path / 'a b.db'}",
        f"json={tmp_path / 'rows.json'}",
        f"record={tmp_path / 'tuned' / 'threshold.json'}",
    ]
    main(command)
    first = capsys.readouterr()
    told = json.loads((tmp_path / "tuned" / "threshold.json").read_text())
    assert told["command"].startswith("tandem tune plant=line_small surrogate=ewma network=perfect days=0.2 policy=")
    assert told["command"].endswith("'policy.threshold=interval(1.2,3)' days=0.05 trials=2 seeds=2 fresh=2")
    assert (told["trials"], told["runs"], told["seeds"], told["figure"]) == (2, 4, [1000, 1001], "profit_per_hour")
    assert told["best"]["mean"] == pytest.approx(sum(told["best"]["values"]) / 2)
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert rows[0]["settings"] == ["policy.threshold=1.7"]
    assert [len(row["values"]) for row in rows[:2]] == [2, 2]
    assert "2 trials; profit_per_hour, mean of tuning seeds 1000 to 1001" in first.out
    main(command)
    again = capsys.readouterr()
    assert again.out == first.out
    assert "2 of 2 trials were made before" in again.err
    with pytest.raises(SystemExit):
        main([*command, "policy.span=1,2"])
    assert "holds trials of another tuning: its space is policy.threshold=interval(1.2,3)" in capsys.readouterr().err


@pytest.mark.slow
def test_several_workers_share_the_trials(tandem_process: Tandem, tmp_path: Path) -> None:
    command = (
        "tune",
        *SHORT,
        "policy=condition_based",
        "policy.threshold=interval(1.2,3)",
        "trials=2",
        "seeds=2",
        "fresh=2",
        "workers=2",
        "storage=a b.db",
        "json=rows.json",
    )
    done = tandem_process(*command)
    assert "2 trials" in done.stdout
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert rows[0]["settings"] == ["policy.threshold=1.7"]
    assert [len(row["values"]) for row in rows[:2]] == [2, 2]
    settings = [*SHORT, "policy=condition_based", "policy.threshold=1.7"]
    assert rows[0]["values"] == [replicate(settings, seed, "profit_per_hour") for seed in (1000, 1001)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["trials=0", "policy.threshold=interval(1,2)"], "trials = 0: must be a whole number >= 1"),
        (["policy.threshold=2"], "nothing to search"),
        (["policy.threshold=interval(1,2)", "metric=oee"], "metric = oee: is not the objective"),
        (["policy.threshold=interval(1,2)", "direction=up"], "direction = up: must be maximize or minimize"),
        (["policy.threshold=interval(1,2)", "out=x"], "it leaves no runs"),
        (["policy.threshold=interval(1,2)", "prune=maybe"], "prune = maybe: must be true or false"),
        (["policy.treshold=interval(1,2)", "policy.tries=2"], "policy.tries: there is no such option"),
    ],
)
def test_what_is_asked_wrongly_is_told(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["tune", "policy=condition_based", *SHORT, f"storage={tmp_path / 't.db'}", *arguments])
    assert stop.value.code == 2
    assert told in capsys.readouterr().err


def test_without_optuna_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SystemExit) as stop:
        main(["tune", "policy.threshold=interval(1,2)"])
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "needs Optuna, the extra 'opt'" in message
    assert "pip install -c" in message
