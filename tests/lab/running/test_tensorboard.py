"""TensorBoard beside a run: what its event file holds; no result depends on it; a resumed run writes nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from twin.lab.cli import main
from twin.lab.configure import checks
from twin.lab.configure.compose import compose
from twin.lab.core.loop import Tick
from twin.lab.errors import UserError
from twin.lab.record.loading import load
from twin.lab.running.execute import execute
from twin.lab.running.session import Session
from twin.lab.running.tensorboard import FILE, FOLDER, TensorBoard

SHORT = (
    "plant=line_small",
    "surrogate=linear",
    "network=perfect",
    "policy=run_to_failure",
    "days=0.3",
    "report=false",
    "checkpoint=14400",
)


def events(path: Path) -> list[Any]:
    """Of a run's event file, without the one that tells its version."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    return list(LegacyEventFileLoader(str(path / FOLDER / FILE)).Load())[1:]


def scalars(path: Path) -> dict[str, dict[int, float]]:
    """By tag, by step."""
    found: dict[str, dict[int, float]] = {}
    for event in events(path):
        for value in event.summary.value:
            own = found.setdefault(value.tag, {})
            assert event.step not in own, "doubled"
            own[event.step] = value.simple_value
    return found


def run(path: Path, *more: str) -> Path:
    execute(compose("run", [*SHORT, f"out={path}", *more]))
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("whole") / "run", "tensorboard=true")


def test_the_file_holds_every_ticks_figures(whole: Path) -> None:
    found, recorded = scalars(whole), load(whole)
    ticks = round(0.3 * 86_400 / 600)
    profit = recorded.kpi_history[(recorded.kpi_history["asset"] == "") & (recorded.kpi_history["name"] == "profit")]
    assert list(found["kpi/profit"]) == list(range(1, ticks + 1))
    assert list(found["kpi/profit"].values()) == pytest.approx(profit["value"].to_list(), rel=1e-6)
    losses = recorded.losses[recorded.losses["name"] == "pinball.h1"].dropna()
    assert list(found["loss/pinball.h1"].values()) == pytest.approx(losses["value"].to_list(), rel=1e-5)
    made = recorded.forecasts[recorded.forecasts["horizon"] == 6]
    inside = (made["truth"] >= made["q05"]) & (made["truth"] <= made["q95"])
    told = found["calibration/coverage90.h6"]
    assert 0 < len(told) < ticks
    by_tick = inside.groupby(made["issued"]).mean()
    assert np.mean(list(told.values())) == pytest.approx(by_tick.mean(), abs=0.05)
    assert all(
        0 <= value <= 1 for tag, own in found.items() if tag.startswith("calibration/") for value in own.values()
    )


def test_no_result_depends_on_it(whole: Path, tmp_path: Path) -> None:
    plain = run(tmp_path / "run")
    assert not (plain / FOLDER).exists()
    files = {p.relative_to(plain) for p in plain.rglob("*") if p.is_file()} - {Path("run.json"), Path("config.yaml")}
    assert any("tables" in str(file) for file in files)
    for file in files:
        if "checkpoint" not in str(file):
            assert (plain / file).read_bytes() == (whole / file).read_bytes(), file
    text = (whole / "config.yaml").read_text()
    assert text.replace("tensorboard: true", "tensorboard: false") == (plain / "config.yaml").read_text()


def test_a_run_that_is_taken_up_goes_on_without_doubling(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = Session._between_ticks

    def dies(self: Session, tick: Tick) -> None:
        between(self, tick)
        if tick.now > 20_000:
            raise MemoryError("as a kill would: no checkpoint at the end")

    monkeypatch.setattr(Session, "_between_ticks", dies)
    path = tmp_path / "run"
    with pytest.raises(MemoryError):
        run(path, "tensorboard=true")
    monkeypatch.undo()
    assert max(scalars(path)["kpi/profit"]) == 34, "beyond the checkpoint at 14,400 s"
    facts = json.loads((path / "run.json").read_text())
    (path / "run.json").write_text(json.dumps(facts | {"status": "running"}))
    with open(path / FOLDER / FILE, "ab") as file:
        file.write(b"half a rec")
    main(["run", f"resume={path}"])
    assert (path / FOLDER / FILE).read_bytes() == (whole / FOLDER / FILE).read_bytes()


def test_a_file_is_cut_at_a_time(tmp_path: Path) -> None:
    sink = TensorBoard(directory=tmp_path, tick=10.0)
    for number in range(1, 6):
        sink.update(Tick(10.0 * number, 0, {"a": float(number), "b": float("nan")}, {}, 0))
    sink.close()
    assert scalars(tmp_path) == {"kpi/a": {n: float(n) for n in range(1, 6)}}
    again = TensorBoard(directory=tmp_path, tick=10.0, now=30.0)
    again.update(Tick(40.0, 0, {"a": 40.0}, {"x": 1.0}, 0))
    again.close()
    assert scalars(tmp_path) == {"kpi/a": {1: 1.0, 2: 2.0, 3: 3.0, 4: 40.0}, "loss/x": {4: 1.0}}
    TensorBoard(directory=tmp_path, tick=10.0).close()
    assert scalars(tmp_path) == {}


def test_without_tensorboard_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"needs the extra 'tensorboard': .*pip install .*\[tensorboard\]"):
        execute(compose("run", [*SHORT, "tensorboard=true"]))
    with pytest.raises(UserError, match="tensorboard = yes: must be true or false"):
        execute(compose("run", [*SHORT, "tensorboard='yes'"]))
