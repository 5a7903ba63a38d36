"""The transformer surrogate: three experts that share an encoded history, mixed by what their forecasts were worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from twin.forecast import Floats, Forecast
from twin.sensing.features import Inputs
from twin.state import State
from twin.surrogates.base import Released, Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.device_batch import DeviceBatch
from twin.surrogates.gradient.surrogate import GradientSurrogate
from twin.surrogates.transformer.attention import Cache
from twin.surrogates.transformer.attention_net import TIERS, AttentionNet
from twin.surrogates.transformer.column_names import layout_of
from twin.surrogates.transformer.mixture import Mixture
from twin.surrogates.transformer.named_linear import parted

EXPERTS = 3  # the wide part, the linear part, the linear part with the deep part's correction


class Transformer(GradientSurrogate):
    """A transformer over assets and time beside a wide part that sees one asset at a time; see AttentionNet.

    tier: size of the network, a key of TIERS. context: ticks of history, a multiple of `patch`. patch: ticks of a
    token. windows: moments, of all assets each, in an update. hazard_width, dropout, blindness: as of MLP. The other
    arguments: see GradientSurrogate. shape must have a layout. On CUDA the deep part computes in bfloat16.

    Raises ValueError for an unknown tier, a context that is no multiple of the patch, numbers out of range and a shape
    without a layout.

    >>> from sim.contract import Asset, Objective, PlantSpec, Signal
    >>> from twin.columns import FeatureColumns, PlanColumns
    >>> from twin.layout import Layout
    >>> signals = (Signal("pump", "wear", "wear", "", period=60.0, forecast=True),)
    >>> layout = Layout(PlantSpec((Asset("pump", "pump"),), (), signals, (), Objective("", "EUR"), tick=60.0))
    >>> features = FeatureColumns.of(layout, horizons=(1, 6), spans=(6,))
    >>> plan = PlanColumns(horizons=(1, 6), setpoints=())
    >>> shape = Shape.of(layout=layout, features=features, plan=plan, horizons=(1, 6), edges=(0.0, 6.0))
    >>> model = Transformer(shape=shape, seed=0, tier="nano", context=48, patch=24)
    >>> model.context, sum(weights.numel() for weights in model.net.parameters()) > 50_000
    (48, True)
    """

    fused = True

    def __init__(
        self,
        *,
        shape: Shape,
        tier: str = "nano",
        context: int = 144,
        patch: int = 24,
        windows: int = 8,
        hazard_width: int = 32,
        dropout: float = 0.0,
        blindness: float = 0.0,
        **rest: Any,
    ) -> None:
        if tier not in TIERS:
            raise ValueError(f"Transformer: tier = {tier!r}: must be one of {', '.join(TIERS)}")
        for name, value in (("patch", patch), ("windows", windows), ("hazard_width", hazard_width)):
            if value < 1:
                raise ValueError(f"Transformer: {name} = {value}: must be >= 1")
        for name, share in (("dropout", dropout), ("blindness", blindness)):
            if not 0 <= share < 1:
                raise ValueError(f"Transformer: {name} = {share}: must be in [0, 1)")
        if context < patch or context % patch:
            raise ValueError(f"Transformer: context = {context}: must be a multiple of patch = {patch}")
        self._parts: dict[str, Any] = {
            "tier": TIERS[tier],
            "patch": patch,
            "hazard_width": hazard_width,
            "dropout": dropout,
            "blindness": blindness,
        }
        slots = len(layout_of(shape).slots)
        super().__init__(shape=shape, **rest)
        self.context, self.windows = context, windows
        self._size = torch.zeros(slots, device=self._device)
        self.mixture = Mixture(experts=EXPERTS, horizons=shape.horizons, targets=len(shape.targets))
        self._past: tuple[NDArray[np.float32], nn.Module, tuple[list[Cache], Tensor]] | None = None

    def trunk(self, quantiles: int) -> nn.Module:
        del quantiles
        return AttentionNet(shape=self._shape, generator=self.generator, **self._parts)

    def predict_raw(self, net: Any, inputs: Inputs, plans: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """See GradientSurrogate. The past is encoded once for all that is asked at one moment."""
        assert inputs.history is not None
        if self._past is None or self._past[0] is not inputs.history or self._past[1] is not net:
            self._past = inputs.history, net, self._encode(net, self._tensor(inputs.history)[None])
        return self._ask(net, self._past[2], self._tensor(inputs.features)[None], self._tensor(plans)[None])

    def learn(self, batch: Batch) -> dict[str, float]:
        """See GradientSurrogate."""
        self._past = None  # what was encoded is that of other weights
        return super().learn(batch)

    def losses(self, batch: DeviceBatch) -> tuple[Tensor, Tensor]:
        """See GradientSurrogate. The wide part learns from every row, the deep part from the moments that come last."""
        net: Any = self.net
        history, assets = batch.moments, self._shape.assets
        self._learn_size(history[:, -self._parts["patch"] :], batch.pace)
        features, plan = batch.features, batch.plan[:, None]
        wide, straight = net.wide(features, plan)[:, 0], net.straight(features, plan)[:, 0]
        first = len(features) - len(history) * assets
        moments = features[first:].view(-1, assets, features.shape[1]), plan[first:].view(-1, 1, assets, plan.shape[2])
        deep = straight[first:].detach() + self._deep(net, self._encode(net, history), *moments).flatten(0, 2)
        quantiles = self.quantile_head.quantiles(torch.cat([wide, straight, deep]))
        residual, weight = (torch.cat([rows, rows, rows[first:]]) for rows in (batch.residual, batch.weight))
        hazard_loss = self.hazard_head.loss(net.alone(features, plan)[:, 0], batch)
        return self.quantile_head.loss(quantiles, residual, weight), hazard_loss

    def train_raw(self, net: nn.Module, batch: DeviceBatch) -> tuple[Tensor, Tensor]:
        """See GradientSurrogate. Of a batch of whole moments."""
        features, plan = (parted(rows, 0, (-1, self._shape.assets)) for rows in (batch.features, batch.plan))
        return self._run(net, batch.moments, features, plan[:, None])

    def opinions(self, quantiles: Tensor, anchor: Tensor) -> Sequence[Floats]:
        """See GradientSurrogate."""
        each = parted(quantiles, 0, (-1, EXPERTS))[: len(anchor)]
        values = self.quantile_head.values(each, anchor[:, None])
        experts: Floats = values.transpose(0, 1).double().cpu().numpy()
        return list(experts)

    def note_issued(self, forecast: Forecast) -> None:
        """See NotesIssued: the experts' forecasts are remembered until their truths arrive, which move the weights."""
        self.mixture.note(np.stack([expert.quantiles[0] for expert in forecast.members]).astype(np.float32))

    def combine(self, quantiles: Tensor) -> Tensor:
        """See GradientSurrogate."""
        each = parted(quantiles, 0, (-1, EXPERTS))
        return torch.einsum("rkhtq,htk->rhtq", each, self._tensor(self.mixture.weights))

    def learn_outcomes(self, tick: int, released: Released, *, learns: bool = True) -> None:
        """See LearnsOutcomes."""
        self.mixture.learn_outcomes(tick, released, learns=learns)

    def _run(self, net: Any, history: Tensor, features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """([rows, experts x quantile outputs], [rows, hazard outputs]), rows over [B, plans, assets]."""
        return self._ask(net, self._encode(net, history), features, plan)

    def _encode(self, net: Any, history: Tensor) -> tuple[list[Cache], Tensor]:
        size = torch.where(self._size > 0, self._size, 1.0)
        with self._autocast():
            encoded: tuple[list[Cache], Tensor] = net.encode(history, size)
        return encoded

    def _ask(self, net: Any, past: tuple[list[Cache], Tensor], features: Tensor, plan: Tensor) -> tuple[Tensor, Tensor]:
        """Raw outputs of all experts. features: [B, assets, F]. plan: [B, plans, assets, D]."""
        rows = features.flatten(0, 1), plan.transpose(1, 2).flatten(0, 1)
        shape = features.shape[0], features.shape[1], plan.shape[1]
        wide, straight = (parted(part(*rows), 0, shape[:2]).transpose(1, 2) for part in (net.wide, net.straight))
        signal = torch.stack([wide, straight, straight + self._deep(net, past, features, plan)], 3)
        hazard = parted(net.alone(*rows), 0, shape[:2]).transpose(1, 2)
        return signal.flatten(0, 2).flatten(1), hazard.flatten(0, 2)

    def _deep(self, net: Any, past: tuple[list[Cache], Tensor], features: Tensor, plan: Tensor) -> Tensor:
        """[B, plans, assets, horizons, outputs] the deep part's correction of the linear part."""
        with self._autocast():
            correction: Tensor = net.ask(*past, features, plan)
        return correction.float().transpose(1, 2)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda")

    def _learn_size(self, history: Tensor, pace: Tensor) -> None:
        """Mean magnitude of each slot, from moments whose labels are known: of the past only."""
        values = history[..., : len(self._size)]
        known = torch.isfinite(values)
        mean = torch.where(known, values.abs(), 0.0).sum((0, 1, 2)) / known.sum((0, 1, 2)).clamp(min=1)
        moved = torch.where(self._size > 0, self._size + pace * (mean - self._size), mean)
        self._size.copy_(torch.where(known.any(0).any(0).any(0), moved, self._size))

    def state(self) -> State:
        """See twin.state.Stateful."""
        return super().state() | {"size": self._size, "mixture": self.mixture.state()}

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        super().load(state)
        self._past = None
        self.mixture.load(state["mixture"])
        self._size = state["size"].to(self._device, copy=True)
