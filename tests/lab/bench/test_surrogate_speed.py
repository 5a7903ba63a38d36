"""tandem bench train and whatif: what they count, not how fast this machine happens to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from twin.forecast import Forecast
from twin.lab.bench import surrogate_speed as speed
from twin.lab.errors import UserError
from twin.lab.jobs.bench import main
from twin.sensing.features import Inputs
from twin.surrogates.transformer.attention_net import TIERS

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")),
]


@pytest.fixture(scope="module")
def scene() -> speed.Scene:
    return speed.scene(assets=speed.TRAIN_ASSETS, patches=speed.TRAIN_PATCHES, horizons=speed.TRAIN_HORIZONS)


def test_a_window_has_the_tokens_that_are_told(scene: speed.Scene) -> None:
    assert scene.tokens == 128
    batch = scene.batch()
    assert batch.history is not None
    assert batch.history.shape[:3] == (speed.WINDOWS, speed.TRAIN_PATCHES * speed.PATCH, speed.TRAIN_ASSETS)
    assert len(batch.weight) == speed.WINDOWS * speed.TRAIN_ASSETS
    late = batch.target[:, -1][np.isfinite(batch.target[:, -1])]
    assert len(late)  # the longest horizon has come true
    assert len(speed.ASK_HORIZONS) == 16


@pytest.mark.parametrize("on", DEVICES)
def test_operations_are_counted_as_theory_has_them(scene: speed.Scene, on: str) -> None:
    """Six for each weight and token that meets it (Kaplan et al. 2020); what is no block comes on top."""
    one, tier = speed.training("s", scene, on=on, graph=False, steps=1, repeats=1), TIERS["s"]
    tokens, ahead = speed.WINDOWS * scene.tokens, speed.WINDOWS * speed.TRAIN_ASSETS * len(speed.TRAIN_HORIZONS)
    attention, feed = 4 * tier.width**2, 8 * tier.width**2
    past = (tier.depth - 1) * (attention + feed) + 3 * tier.width**2  # the last block gives keys and values only
    blocks = 6 * (past * (tokens - ahead) + tier.depth * (2 * attention + feed) * ahead)
    assert blocks < one.operations < 1.35 * blocks
    assert one.tokens_per_s == pytest.approx(one.steps_per_s * tokens)


@pytest.mark.parametrize("on", DEVICES)
def test_every_plan_is_asked_about_in_portions(on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = speed.scene(assets=1, patches=2, horizons=(1, 6)), list[int]()
    forecast = speed.Transformer.forecast

    def counting(self: speed.Transformer, inputs: Inputs, plans: Any) -> Forecast:
        asked.append(len(plans))
        return forecast(self, inputs, plans)

    monkeypatch.setattr(speed.Transformer, "forecast", counting)
    assert speed.answering("nano", found, on=on, plans=8, chunk=3, repeats=1) > 0
    assert asked == [3, 3, 2] * 2  # once to warm up
    assert found.inputs.history is not None
    assert found.inputs.history.shape[:2] == (2 * speed.PATCH, 1)


def test_a_what_if_of_a_longer_line_costs_more() -> None:
    assert list(speed.line(1).cycles()) == ["saw"]
    assert len(speed.line(8).cycles()) == 8
    assert speed.forking(8, 3) > 2 * speed.forking(1, 3) > 0


def test_time_is_the_median_after_a_warm_up() -> None:
    calls: list[int] = []
    assert speed.timed(lambda: calls.append(1), "cpu", 3) >= 0
    assert len(calls) == 4
    assert speed.peak("cpu", 1) > 1e8


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["train", "tiers=nano", "steps=1", "repeats=1", "device=cpu", f"json={tmp_path}/t.json"])
    assert "64 windows x 128 tokens" in capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads((tmp_path / "t.json").read_text())}
    nano = rows["train.nano"]
    assert nano["utilisation"] == pytest.approx(nano["flop"] * nano["value"] / rows["train.peak"]["value"])
    asked = ("tiers=nano", "plans=8", "repeats=1", "samples=1", "replications=1,3", "device=cpu")
    main(["whatif", *asked, f"json={tmp_path}/w.json"])
    assert "8 what-ifs by" in capsys.readouterr().out
    found = json.loads((tmp_path / "w.json").read_text())
    one, three = (next(r["value"] for r in found if r["name"] == f"whatif.forks {n} of each.8") for n in (1, 3))
    assert three == pytest.approx(3 * one)
    assert {"whatif.nano.1", "whatif.nano.8"} <= {row["name"] for row in found}
    for wrong, says in (
        ("tiers=huge", "tiers = huge: must be one of nano"),
        ("device=tpu", "must be one of auto, cpu, cuda"),
    ):
        with pytest.raises(UserError, match=says):
            main(["whatif", wrong])
