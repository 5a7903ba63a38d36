"""A replay leaves a directory like a run's: tables, figures, a report; also where it is cut short."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.contract import Message
from tests.lab.replay.test_replay import make
from twin.lab.errors import UserError
from twin.lab.record.loading import Run, load
from twin.lab.replay.reading.telemetry_file import read_telemetry
from twin.lab.replay.replay_session import ReplaySession, directories
from twin.lab.replay.telemetry import Telemetry
from twin.lab.report.figures import alarms

Tandem = Callable[..., "CompletedProcess[str]"]
CONFIG: dict[str, Any] = {
    "data": "pump.csv",
    "dataset": "csv",
    "seed": 0,
    "threads": 1,
    "device": "cpu",
    "report": True,
    "out": None,
    "surrogate": {"_target_": "twin.surrogates.smoothing.EWMA"},
}


def pump(path: Path, rows: int = 160) -> Path:
    """Two signals an hour apart, a failure from row 100 to 104."""
    draw = np.random.default_rng(0)
    times = pd.date_range("2024-01-01", periods=rows, freq="h")
    failed = np.isin(np.arange(rows), np.arange(100, 104)).astype(int)
    table = pd.DataFrame({"time": times, "flow": draw.normal(size=rows), "heat": draw.normal(size=rows)})
    table.assign(failure=failed).to_csv(path, index=False)
    return path


def play(path: Path, recording: Telemetry, **changes: Any) -> dict[str, float]:
    twin = make(recording.spec, **changes)
    session = ReplaySession(path=path, config=CONFIG, recording=recording, twin=twin, source="pump", quiet=True)
    return session.carry_out()


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, dict[str, float]]:
    folder = tmp_path_factory.mktemp("replayed")
    recording = read_telemetry(pump(folder / "pump.csv"), failure="failure")
    figures = play(folder / "run", recording)
    return load(folder / "run"), figures


def test_the_directory_is_like_a_run(replayed: tuple[Run, dict[str, float]]) -> None:
    run, figures = replayed
    assert run.run["status"] == "finished"
    assert (run.run["scenario"], run.run["policy"], run.run["surrogate"]) == ("pump", "watch", "ewma")
    assert run.config["policy"]["_target_"] == "twin.lab.replay.watching.Watch"
    assert run.kpis["ticks"] == figures["ticks"] == 160
    assert json.loads((run.path / "scores.json").read_text())["crps.flow.h1"] == figures["crps.flow.h1"]


def test_tables_hold_what_was_recorded_and_forecast(replayed: tuple[Run, dict[str, float]]) -> None:
    run, _ = replayed
    assert len(run.readings) == 320
    assert set(run.readings["signal"].astype(str)) == {"asset.flow", "asset.heat"}
    assert run.events["kind"].astype(str).tolist() == ["failed", "repaired"]
    assert set(run.forecasts["horizon"]) == {1, 3}
    assert set(run.hazards["lead"]) == {5, 10}
    assert {"pinball.h1", "pinball.h3"} <= set(run.losses["name"].astype(str))


def test_the_report_has_signals_alarms_failures_and_learning(replayed: tuple[Run, dict[str, float]]) -> None:
    run, _ = replayed
    page = (run.path / "report.html").read_text()
    for heading in ("Sensors and forecasts", "Residual alarms", "Hazards", "Learning"):
        assert f">{heading}" in page
    assert "6.667 recorded days" in page
    assert "asset: flow, forecast band and measured" in page
    assert "None: truths fell among the forecast quantiles as they had before." in page


def test_a_shift_is_an_alarm_with_its_time(tmp_path: Path) -> None:
    """After 300 quiet ticks the level is another: the alarm comes after it, and the report says when and of what."""
    values = np.random.default_rng(1).normal(size=500)
    values[300:] += 10.0
    path = tmp_path / "drift.csv"
    path.write_text("time,x\n" + "".join(f"{3600 * i},{v:.4f}\n" for i, v in enumerate(values)))
    figures = play(tmp_path / "run", read_telemetry(path), drift={"start": 100, "block": 6, "threshold": 6.0})
    run = load(tmp_path / "run")
    told = alarms(run)
    assert len(told)
    assert figures["drift_alarms"] >= 1
    assert told["time"].min() > 300 * 3600
    assert set(told["target"]) == {"x"}
    page = (run.path / "report.html").read_text()
    assert f"day {told['time'].iloc[0] / 86_400:.2f}" in page
    assert "truths lie more to one side" in page


@dataclass
class Interrupted(Telemetry):
    """Asks its own process to stop in the middle."""

    at: int = 80

    def play(self) -> Iterator[list[Message]]:
        for messages in super().play():
            if self.now == self.at:
                os.kill(os.getpid(), signal.SIGINT)
            yield messages


def test_an_interrupted_replay_leaves_a_partial_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = read_telemetry(pump(tmp_path / "pump.csv"), failure="failure")
    recording = Interrupted(whole.spec, whole.time, whole.signal, whole.value, whole.events)
    with pytest.raises(KeyboardInterrupt):
        play(tmp_path / "run", recording)
    run = load(tmp_path / "run")
    assert run.run["status"] == "interrupted"
    assert len(run.readings) == 160
    assert "interrupted at tick 80 of 160" in (run.path / "report.html").read_text()
    assert "interrupted at tick 80 of 160; what came of it so far is in" in capsys.readouterr().err


def test_directories_are_told_by_the_user_or_named_after_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert directories({"out": "there"}, "pump", range(1)) == [Path("there")]
    assert directories({"out": "there"}, "pump", range(3, 5)) == [Path("there/seed3"), Path("there/seed4")]
    (fresh,) = directories({"out": None}, "a=b [1]", range(1))
    assert fresh.parent == Path("runs")
    assert fresh.name.endswith("_replay_a_b_1__seed0")


def test_a_full_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match="exists already and is not empty"):
        play(tmp_path, read_telemetry(pump(tmp_path / "pump.csv")))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt", "pump.csv"]


def test_the_job_leaves_a_directory_that_is_listed_and_reported(tandem: Tandem, tmp_path: Path) -> None:
    pump(tmp_path / "pump.csv", rows=60)
    done = tandem(
        "replay", "dataset=csv", "data=pump.csv", "table.failure=failure", "surrogate=ewma", "twin.horizons=[1,2]"
    )
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert done.stdout.splitlines()[-1] == f"runs/{run.name}/report.html"
    assert "readings/s" in done.stderr
    assert "decision" not in done.stderr
    assert "finished" in tandem("runs").stdout
    page = (run / "report.html").read_bytes()
    again = tandem("report", f"runs/{run.name}")
    assert again.returncode == 0, again.stderr
    assert (run / "report.html").read_bytes() == page
