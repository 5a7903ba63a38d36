"""Recordings through the same twin: scored before learned, and life told at the last cycle."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from sim.contract import PlantSpec
from tests.lab.replay.test_cmapss import SHARED, write
from twin.lab.replay.cmapss import Cmapss
from twin.lab.replay.fleet import Fleet, Unit
from twin.lab.replay.reading.telemetry_file import read_telemetry
from twin.lab.replay.replay import Tables, prequential, replay
from twin.lab.replay.turbofans import CAP, cmapss, last_words, life_scores
from twin.lab.replay.watching import Watch
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.surrogates.gradient.linear import Linear
from twin.surrogates.gradient.optimizer import Optimizer
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin


def make(spec: PlantSpec, **changes: Any) -> Twin:
    settings: dict[str, Any] = {
        "surrogate": EWMA,
        "policy": Watch,
        "horizons": (1, 3),
        "edges": tuple(range(5, 61, 5)),
        "leads": (5, 10),
        "window": {"grace": 0},
        "memory": {"capacity": 200},
        "features": {"spans": (3, 10), "condition": "level"},
    }
    return Twin(spec=spec, **(settings | changes))


def engines(count: int, seed: int, *, cut: bool = False) -> tuple[list[Unit], list[float]]:
    """Units whose only signal climbs to 10, where they fail, at rates of their own; cut short, with what was left."""
    draw, units, left = np.random.default_rng(seed), [], []
    for number in range(count):
        life = int(draw.integers(30, 60))
        end = int(draw.integers(15, life)) if cut else life
        values = 10 * np.arange(1, end + 1) / life + draw.normal(size=end) * 0.1
        units.append(Unit(f"{number}", np.c_[values, draw.normal(size=end)], failed=not cut))
        left.append(float(life - end))
    return units, left


def small(seed: int = 0) -> Cmapss:
    train, (test, truth) = engines(12, seed)[0], engines(8, seed + 1, cut=True)
    return Cmapss(("wear", "noise"), tuple(train), tuple(test), np.array(truth))


def test_a_perfect_forecast_capped_errs_only_beyond_the_cap() -> None:
    truth = np.array([10.0, 125.0, 145.0])
    scores = life_scores(np.minimum(truth, CAP), truth)
    assert scores["rmse_capped"] == 0
    assert scores["score_capped"] == 0
    assert scores["rmse_raw"] == pytest.approx(20 / np.sqrt(3))
    assert scores["score_raw"] == pytest.approx(np.expm1(20 / 13))


def test_late_errors_cost_more_than_early_ones() -> None:
    truth = np.array([50.0])
    assert life_scores(truth + 10, truth)["score_raw"] > life_scores(truth - 10, truth)["score_raw"]


def test_remaining_life_is_learned_from_the_stream() -> None:
    data = small()
    learned = partial(Linear, optimizer=Optimizer(lr=2e-2, weight_decay=0.0), ema=0.9)
    figures = cmapss(data, lambda spec: make(spec, surrogate=learned, learner={"updates": 8}), slots=12)
    blind = float(np.std(data.truth))
    assert figures["rmse_raw"] < 0.7 * blind
    assert figures["brier_skill.h10"] > 0.3


def test_nothing_is_learned_from_test_engines() -> None:
    data = small()
    train = Fleet(data.signals, data.train, 4)
    twin = make(train.spec, surrogate=Linear, learner={"updates": 2})
    replay(train, twin, Tables())
    twin.learner.frozen = True
    weights = {name: value.clone() for name, value in twin.surrogate.state()["served"].items()}
    scale = twin.scaler.mean.copy()
    predicted = last_words(twin, data, train)
    assert np.isfinite(predicted).all()
    assert all((twin.surrogate.state()["served"][name] == value).all() for name, value in weights.items())
    assert (twin.scaler.mean == scale).all()


def test_a_test_engine_is_judged_by_itself() -> None:
    """What is said of an engine does not depend on the engines beside and before it."""
    data = small()
    said = []
    for order in (list(range(8)), [5, 0, 7, 2, 1, 6, 3, 4]):
        train = Fleet(data.signals, data.train, 3)
        twin = make(train.spec, surrogate=Linear)
        replay(train, twin, Tables())
        twin.learner.frozen = True
        turned = Cmapss(data.signals, data.train, tuple(data.test[i] for i in order), data.truth[order])
        said.append(dict(zip(order, last_words(twin, turned, train), strict=True)))
    for number in range(8):
        assert said[0][number] == pytest.approx(said[1][number], rel=0.02)


def test_only_a_watching_twin_can_be_asked() -> None:
    data = small()
    train = Fleet(data.signals, data.train, 2)
    with pytest.raises(ValueError, match="policy = RunToFailure: must be Watch"):
        last_words(make(train.spec, policy=RunToFailure), data, train)


def test_prequential_scores_of_a_table(tmp_path: Path) -> None:
    """A random walk: persistence is best, and an EWMA that may choose persistence is not far from it."""
    steps = np.random.default_rng(3).normal(size=400).cumsum()
    path = tmp_path / "walk.csv"
    path.write_text("time,x\n" + "".join(f"{60 * i},{v:.5f}\n" for i, v in enumerate(steps)))
    recording, tables = read_telemetry(path), Tables()
    replay(recording, make(recording.spec), tables)
    scores = prequential(tables, 100 * 60.0)
    assert abs(scores["skill_persistence.x.h1"]) < 0.1
    assert scores["mase.x.h1"] == pytest.approx(1 - scores["skill_persistence.x.h1"])
    table = tables.frame("forecasts")
    assert set(table["horizon"]) == {1, 3}
    assert not any(name.startswith("brier") for name in scores)


Tandem = Callable[..., "CompletedProcess[str]"]


def test_the_job_replays_engines(tandem: Tandem, tmp_path: Path) -> None:
    write(tmp_path, train=[40, 35, 50, 45], test=[12, 20])
    done = tandem(
        "replay",
        f"data={tmp_path}",
        "seeds=2",
        "slots=2",
        "targets=[s2]",
        "surrogate=ewma",
        "processes=1",
        "json=rows.json",
    )
    assert done.returncode == 0, done.stderr
    assert "deep LSTM (published)" in done.stdout
    rows = json.loads((tmp_path / "rows.json").read_text())
    assert all({"dataset", "metric", "value"} <= row.keys() for row in rows)
    found = {row["metric"]: row for row in rows if row["source"] == "tandem"}
    for age in ("with_cycle", "without_cycle"):
        assert {f"{name}.{age}" for name in ("rmse_capped", "rmse_raw", "score_capped", "score_raw")} <= found.keys()
    assert found["rmse_capped.with_cycle"]["seeds"] == 2


def test_the_job_replays_a_table(tandem: Tandem, tmp_path: Path) -> None:
    text = "date,x\n" + "".join(f"2020-01-{1 + i // 24:02d} {i % 24:02d}:00,{np.sin(i)}\n" for i in range(120))
    (tmp_path / "a=b [1].csv").write_text(text)
    done = tandem(
        "replay", "dataset=csv", "data=a=b [1].csv", "surrogate=ewma", "json=rows.json", "twin.horizons=[1,2]"
    )
    assert done.returncode == 0, done.stderr
    metrics = {row["metric"] for row in json.loads((tmp_path / "rows.json").read_text())}
    assert {"mae.x.h1", "skill_persistence.x.h2", "coverage90.x.h2"} <= metrics


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["data=nowhere"], "data = nowhere: there is no such folder"),
        ([], "data: say what to replay"),
        (["dataset=csv", "data=bad.csv"], "bad.csv, row 3, column x: is empty (table.missing=allow"),
        (["dataset=csv", "data=bad.csv", "seeds=0"], "seeds = 0: must be a whole number >= 1"),
        (["dataset=cvs"], "dataset = cvs: there is no such dataset; there are cmapss, csv"),
        (["dataset=csv", "data=bad.csv", "table.missing=perhaps"], "missing = 'perhaps'"),
    ],
)
def test_the_job_tells_mistakes_in_one_line(tandem: Tandem, tmp_path: Path, options: list[str], why: str) -> None:
    (tmp_path / "bad.csv").write_text("time,x\n0,1\n1,\n2,3\n")
    done = tandem("replay", *options)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_recording_cannot_be_forked(tandem: Tandem, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("time,x\n" + "".join(f"{600 * i},{i}\n" for i in range(9)))
    done = tandem("replay", "dataset=csv", "data=x.csv", "surrogate=forks")
    assert done.returncode == 2
    assert "a privileged one needs the plant itself, and a recording has none" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the recorded data are not here")
def test_published_engines_are_learned(tandem_process: Tandem, tmp_path: Path) -> None:
    """One seed with elapsed cycle; a simple convolutional network has 12.61."""
    done = tandem_process("replay", f"data={SHARED}", "seeds=1", "ages=[true]", "json=rows.json", timeout=590)
    assert done.returncode == 0, done.stderr
    rows = {row["metric"]: row["value"] for row in json.loads((tmp_path / "rows.json").read_text()) if "sd" in row}
    assert rows["rmse_capped.with_cycle"] < 12.5
