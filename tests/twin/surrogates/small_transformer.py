"""Transformers, plants and batches that are small enough for tests."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from tests.twin.toy import toy_spec
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.sensing.features import Inputs
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.transformer.model import Transformer
from twin.twin import Twin

SMALL: dict[str, Any] = {
    "horizons": (1, 6, 36),
    "edges": (1, 6, 36),
    "leads": (6,),
    "memory": {"capacity": 512},
    "learner": {"start": 20},
}
PLACES = {"vibration": 58, "power": 38, "mill": 40}
MODEL = partial(Transformer, context=24, patch=6, windows=4)


def twin(assets: int = 3, surrogate: Any = MODEL, seed: int = 0) -> Twin:
    return Twin(spec=toy_spec(assets), surrogate=surrogate, policy=RunToFailure, seed=seed, **SMALL)


def shape(assets: int = 3) -> Shape:
    return twin(assets).shape


def stirred(model: Transformer, seed: int = 0) -> Transformer:
    """With weights everywhere, so that nothing is zero by initialisation."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in [*model.net.parameters(), *model.served.parameters()]:
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
        for parameter, served in zip(model.net.parameters(), model.served.parameters(), strict=True):
            served.copy_(parameter)
    model.quantile_head.scale += 1.0
    model._size += 1.0
    return model


def model(assets: int = 3, **options: Any) -> Transformer:
    return stirred(MODEL(shape=shape(assets), seed=1, **options))


def look(like: Shape, seed: int = 0, **changes: Any) -> Inputs:
    assert like.layout is not None
    random = np.random.default_rng(seed)
    channels = len(like.layout.slots) + 5 + len(like.layout.setpoints)
    history = random.normal(0, 1, (24, like.assets, channels)).astype(np.float32)
    return replace(
        Inputs(
            random.normal(0, 1, (like.assets, like.features)),
            np.zeros((like.assets, len(like.targets), 1)),
            np.zeros((like.assets, len(like.targets))),
            np.ones(like.assets),
            np.full(like.assets, 0.01),
            history=history,
        ),
        **changes,
    )


def plans(like: Shape, count: int = 1, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (count, like.assets, like.plan)).astype(np.float32)


def batch_of_moments(like: Shape, random: np.random.Generator, moments: int = 16) -> Batch:
    """The first target is the mean of the asset's last patch, plus 3 under an order, and noise; it fails by history."""
    rows = moments * like.assets
    now = [look(like, seed=int(random.integers(1 << 30))) for _ in range(moments)]
    history = np.stack([one.history for one in now])  # type: ignore[arg-type]
    push = random.normal(0, 2, (moments, 1, like.assets)).astype(np.float32)
    history[:, -6:, :, 0] = push + 0.1 * history[:, -6:, :, 0]
    plan = np.zeros((rows, like.plan), np.float32)
    ordered = random.random(rows) < 0.5
    plan[:, : 2 * len(like.horizons)] = ordered[:, None]
    mean = history[:, -6:, :, 0].mean(1).ravel() + 3.0 * ordered
    target = mean[:, None, None] + random.normal(0, 1, (rows, len(like.horizons), len(like.targets)))
    return Batch(
        features=np.zeros((rows, like.features), np.float32),
        plan=plan,
        levels=np.zeros((rows, len(like.targets), 1), np.float32),
        anchor=np.zeros((rows, len(like.targets)), np.float32),
        target=target.astype(np.float32),
        at_risk=np.zeros((rows, like.bins), np.float32),
        outcome=np.zeros((rows, like.bins), dtype=np.int64),
        weight=np.ones(rows, np.float32),
        history=history,
    )
