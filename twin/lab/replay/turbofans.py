"""C-MAPSS FD001: learn from engines run to failure, then forecast how long test engines last that were cut short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.contract import PlantSpec
from twin.forecast import Floats
from twin.lab.core.loop import Tick
from twin.lab.core.scores import phm08
from twin.lab.replay.cmapss import Cmapss
from twin.lab.replay.fleet import Fleet
from twin.lab.replay.replay import Tables, prequential, replay
from twin.lab.replay.watching import Watch
from twin.twin import Twin

# Remaining life beyond this is not distinguished (Heimes 2008); forecasts are restricted to it, see conf/dataset.
CAP = 125.0


# Published on FD001, scored on each test engine's last cycle: RMSE against the capped truth, PHM08 score.
PUBLISHED = (
    ("deep LSTM", 16.14, 338.0),
    ("DCNN", 12.61, 274.0),
    ("AGCNN", 12.42, 226.0),
    ("DAST", 11.43, 203.0),
    ("MTSTAN", 10.97, 175.0),
)


def cmapss(
    data: Cmapss,
    make: Callable[[PlantSpec], Twin],
    *,
    slots: int = 100,
    targets: Sequence[str] = (),
    watch: Callable[[Tick], None] | None = None,
) -> dict[str, float]:
    """Learn from the training engines as a stream, then say how long each test engine lasts after its last cycle.

    slots: engines that run at the same time. targets: the sensors to forecast as well. make: a twin with policy Watch.
    Nothing is learned from test engines: weights and scales stand still.
    Returns rmse_capped, rmse_raw, score_capped, score_raw, bias_capped and the training stream's prequential scores.
    """
    train = Fleet(data.signals, data.train, slots, "turbofan", targets)
    twin, tables = make(train.spec), Tables()
    replay(train, twin, tables, watch=watch)
    twin.learner.frozen = True
    predicted = last_words(twin, data, train)
    return life_scores(predicted, data.truth) | prequential(tables, train.now / 2)


def last_words(twin: Twin, data: Cmapss, train: Fleet) -> Floats:
    """[test engines] remaining life, cycles, as forecast at each one's last cycle; they run in the training's slots."""
    if not isinstance(twin.policy, Watch):
        raise ValueError(f"last_words: policy = {type(twin.policy).__name__}: must be Watch")
    remaining: dict[str, float] = {}
    test = Fleet(data.signals, data.test, train.slots, train.type, train.targets, channel="test", now=train.now)
    watcher = twin.policy

    def note(_: Tick) -> None:
        for slot, unit in test.finished:
            remaining[unit.name] = float(watcher.remaining[slot])

    replay(test, twin, Tables(), watch=note)
    return np.array([remaining[unit.name] for unit in data.test])


def life_scores(predicted: Floats, truth: Floats) -> dict[str, float]:
    """RMSE and PHM08 score of remaining lives [engines], cycles, against the truth capped at CAP and as it is."""
    capped = np.minimum(predicted, CAP) - np.minimum(truth, CAP)
    raw = predicted - truth
    return {
        "rmse_capped": float(np.sqrt((capped**2).mean())),
        "rmse_raw": float(np.sqrt((raw**2).mean())),
        "score_capped": phm08(capped),
        "score_raw": phm08(raw),
        "bias_capped": float(capped.mean()),
    }
