"""Surrogates with weights: non-crossing quantiles and a discrete-time hazard, trained online by gradient steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from twin.forecast import QUANTILES, Floats, Forecast
from twin.sensing.features import Inputs
from twin.state import State
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient import nets
from twin.surrogates.gradient.averaged_weights import Champion
from twin.surrogates.gradient.cuda_graph import CudaGraph
from twin.surrogates.gradient.device_batch import Lesson, on
from twin.surrogates.gradient.optimizer import Optimizer

LOSSES = ("pinball", "mse")
PACE = 0.002  # slowest pace at which running means move
MEDIAN = QUANTILES.index(0.5)


class Learned:
    """Trains a trunk; subclasses choose it.

    loss: `pinball` for all quantiles (Koenker & Bassett 1978), or `mse` for the centre with pinball for the others.
    The hazard's loss is cross-entropy over (stands, mode 1, mode 2 ...), in which a censored bin has no part. A trunk may
    have several opinions of a hazard, one after the other: each is trained by itself, and what is served is the mean of
    their chances (the linear opinion pool, Stone 1961), with what Degradation says as one more, which shadow tests leave out:
    it is the same for both. The mean of their logits would lie below it where failures are rare.
    hazard_weight: its weight beside the signals' loss. ema: decay of the averaged weights that serve forecasts, 0 to
    serve the newest. graph: on CUDA updates are recorded once and replayed (Recording); no effect elsewhere. Forecasts
    start from the anchor, so that an untrained network is an EWMA. Raises ValueError for an unknown loss, values out of
    range and a graph of an optimiser that cannot be recorded.
    """

    context = windows = 0
    fused = False  # whether the optimiser is one kernel for all weights

    def __init__(
        self,
        *,
        shape: Shape,
        seed: int,
        device: str = "cpu",
        optimizer: Optimizer | None = None,
        loss: str = "pinball",
        hazard_weight: float = 1.0,
        ema: float = 0.99,
        graph: bool = False,
    ) -> None:
        if loss not in LOSSES:
            raise ValueError(f"{type(self).__name__}: loss = {loss!r}: must be one of {', '.join(LOSSES)}")
        if not hazard_weight >= 0:
            raise ValueError(f"{type(self).__name__}: hazard_weight = {hazard_weight}: must be >= 0")
        if not 0 <= ema < 1:
            raise ValueError(f"{type(self).__name__}: ema = {ema}: must be in [0, 1)")
        self._shape, self._loss, self._hazard_weight = shape, loss, hazard_weight
        self._device = torch.device(device)
        self.generator = torch.Generator(device=self._device)
        self.generator.manual_seed(seed)
        self.net = self.trunk(len(shape.targets) * len(shape.horizons) * len(QUANTILES))
        self._champion = Champion(self.net, decay=ema)
        self._recipe = optimizer or Optimizer()
        cuda = self._device.type == "cuda"
        recorded = self._device if graph and cuda else None
        self._optimizer = self._recipe.build(self._groups(), fused=self.fused or cuda, recorded=recorded)
        self._recording = None if recorded is None else CudaGraph(self.update, self.generator)
        self._step = self._begun = 0
        self._boost = 1.0
        self._scale = torch.zeros(len(shape.horizons), len(shape.targets), device=self._device)
        self._width = torch.as_tensor(np.diff(shape.edges), dtype=torch.float32, device=self._device)
        self._levels = torch.tensor(QUANTILES, device=self._device)
        self._trend = self._time_basis()

    def trunk(self, quantiles: int) -> nn.Module:
        """The network: (features [B, F], plan [B, D]) → (quantile outputs, hazard outputs)."""
        raise TypeError(f"{type(self).__name__} must define trunk")

    def _groups(self) -> list[dict[str, Any]]:
        """The weights that are trained, as torch.optim takes them. What a trunk calls `straight` does not decay."""
        named = list(self.net.named_parameters())
        straight = [weights for name, weights in named if "straight" in name.split(".")]
        others = [weights for name, weights in named if "straight" not in name.split(".")]
        return [{"params": others}, *([{"params": straight, "weight_decay": 0.0}] if straight else [])]

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """One pass for all plans."""
        count, assets = plans.shape[:2]
        anchor = self._tensor(inputs.anchor)
        with torch.inference_mode():
            signal, hazard = self.answers(self.served.eval(), inputs, plans)
            each = self._quantiles(signal)
            opinions = self.opinions(each, anchor)
            offsets = self.mixed(each).reshape(count, assets, *self._scale.shape, -1)
            values = anchor[None, :, None, :, None] + offsets * self._scale[:, :, None]
            chance = self._chance(hazard)[..., 1:].reshape(count, assets, self._shape.bins, self._shape.modes)
        count = hazard.shape[-1] // (nets.BASIS * self._shape.modes)
        pooled = _pooled(chance.double().cpu().numpy(), inputs.path, 1 / (count + 1))
        members = tuple(self._shape.forecast(one[None], pooled[:1]) for one in opinions)
        return self._shape.forecast(values.double().cpu().numpy(), pooled, members)

    def answers(self, net: nn.Module, inputs: Inputs, plans: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """Raw outputs ([plans x assets, quantiles], [plans x assets, hazards]) of a trunk."""
        features = self._tensor(inputs.features).repeat(len(plans), 1)
        found: tuple[Tensor, Tensor] = net(features, self._tensor(plans).flatten(0, 1))
        return found

    def replayed(self, net: nn.Module, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """Raw outputs of a trunk for a batch's rows."""
        found: tuple[Tensor, Tensor] = net(lesson.features, lesson.plan)
        return found

    def opinions(self, quantiles: Tensor, anchor: Tensor) -> Sequence[Floats]:
        """What each expert says of the first plan, [assets, H, T, Q] in natural units; none for a trunk of one.

        quantiles: all that the trunk's outputs mean, in units of the scale. anchor: [assets, T].
        """
        return ()

    def mixed(self, quantiles: Tensor) -> Tensor:
        """[plans x assets, H, T, Q] from all that a trunk's outputs mean, in units of the scale."""
        return quantiles

    def losses(self, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """([] signals' loss, [] hazards' loss), which the newest weights are to make small."""
        signal, hazard = self.replayed(self.net, lesson)
        forecast_loss = self._signal_loss(self._quantiles(signal), lesson.residual, lesson.weight)
        return forecast_loss, self._hazard_loss(hazard, lesson)

    @property
    def served(self) -> nn.Module:
        """The weights that forecast."""
        return self._champion.served

    def stands(self) -> bool:
        """See twin.surrogates.base.Contested."""
        return True

    def freeze(self) -> None:
        """See twin.surrogates.base.Contested."""
        self._champion.freeze()

    def promote(self) -> None:
        """See twin.surrogates.base.Contested."""
        self._champion.promote()

    def shadow(self, batch: Batch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """See twin.surrogates.base.Contested. Raises ValueError where no candidate has been frozen."""
        if self._champion.frozen is None:
            raise ValueError(f"{type(self).__name__}.shadow: no candidate has been frozen")
        lesson = self.lesson(batch)
        with torch.no_grad():
            candidate, champion = (self._row_losses(net, lesson) for net in (self._champion.frozen, self.served))
        signal, hazard = ((a - b).double().cpu().numpy() for a, b in zip(candidate, champion, strict=True))
        return signal, self._hazard_weight * hazard

    def _row_losses(self, net: nn.Module, lesson: Lesson) -> tuple[Tensor, Tensor]:
        """(pinball [B, H, T], hazard [B, bins]) of a trunk, NaN where the truth is unknown."""
        signal, hazard = self.replayed(net.eval(), lesson)
        quantiles = self.mixed(self._quantiles(signal))
        pinball = self._pinball(quantiles, lesson.residual / self._scale.clamp(min=1e-9)).mean(-1)
        entropy = -self._chance(hazard).clamp(min=1e-12).log().gather(-1, lesson.outcome[..., None])[..., 0]
        return pinball, torch.where(lesson.at_risk > 0, entropy, torch.nan)

    def _pinball(self, quantiles: Tensor, truth: Tensor) -> Tensor:
        """[B, H, T, Q] of quantiles [B, H, T, Q] for truths [B, H, T]."""
        gap = truth[..., None] - quantiles
        return torch.maximum(self._levels * gap, (self._levels - 1) * gap)

    def learn(self, batch: Batch) -> dict[str, float]:
        """One gradient step."""
        self.net.train()
        self._set_rate()
        signal, hazard = (self._recording or self.update)(self.lesson(batch)).tolist()
        self._champion.average(self.net, self._step - self._begun)
        self._step += 1
        return {"train.signal": signal, "train.hazard": hazard}

    def update(self, lesson: Lesson) -> Tensor:
        """All of a step that is computed on the device, in place. Returns [2] losses of signals and hazards."""
        self._learn_scale(lesson)
        losses = self.losses(lesson)
        self._optimizer.zero_grad(set_to_none=True)
        (losses[0] + self._hazard_weight * losses[1]).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), self._recipe.clip, foreach=self.fused or None)
        self._optimizer.step()
        return torch.stack([loss.detach() for loss in losses])

    def lesson(self, batch: Batch) -> Lesson:
        """A batch, on the device."""
        return Lesson(
            features=self._tensor(batch.features),
            plan=self._tensor(batch.plan),
            anchor=self._tensor(batch.anchor),
            target=self._tensor(batch.target),
            at_risk=self._tensor(batch.at_risk),
            outcome=on(batch.outcome, self._device, torch.int64),
            weight=self._tensor(batch.weight),
            pace=torch.full((), max(1.0 / (self._step + 1), PACE), device=self._device),
            history=None if batch.history is None else self._tensor(batch.history),
        )

    def restart(self, *, rate: float, shrink: float, perturb: float) -> None:
        """See twin.surrogates.base.Restarted."""
        self._begun, self._boost = self._step, rate
        fresh = self.trunk(len(self._shape.targets) * len(self._shape.horizons) * len(QUANTILES))
        with torch.no_grad():
            for weights, drawn in zip(self.net.parameters(), fresh.parameters(), strict=True):
                weights.mul_(shrink).add_(drawn, alpha=perturb)

    def calm(self) -> None:
        """See twin.surrogates.base.Restarted."""
        self._boost = 1.0

    def _tensor(self, values: NDArray[Any]) -> Tensor:
        return on(values, self._device)

    def _quantiles(self, signal: Tensor) -> Tensor:
        """[B, H, T, Q] that cannot cross: a centre and positive steps outwards from it."""
        raw = signal.reshape(-1, *self._scale.shape, len(QUANTILES))
        centre = raw[..., MEDIAN : MEDIAN + 1]
        down = functional.softplus(raw[..., :MEDIAN]).flip(-1).cumsum(-1).flip(-1)
        up = functional.softplus(raw[..., MEDIAN + 1 :]).cumsum(-1)
        return torch.cat([centre - down, centre, centre + up], -1)

    def _time_basis(self) -> Tensor:
        """[BASIS, bins]: a constant, the standardised logarithm of the bin's middle, and its square less one."""
        edges = torch.as_tensor(self._shape.edges, dtype=torch.float32, device=self._device)
        middle = torch.log((edges[1:] + edges[:-1]) / 2)
        spread = middle.std(correction=0).clamp(min=1e-6)
        trend = (middle - middle.mean()) / spread
        return torch.stack([torch.ones_like(middle), trend, trend.square() - 1.0])

    def _hazard_logits(self, hazard: Tensor) -> Tensor:
        """[B, opinions, bins, 1 + modes] logits; an output of zero means a mean life of twice the longest bin edge.

        Not the observed rate: that falls when maintenance works, while the hazard of a worn asset does not.
        """
        modes = self._shape.modes
        prior = torch.logit(-torch.expm1(-self._width / (2 * self._shape.edges[-1]))) - np.log(modes)
        each = hazard.reshape(len(hazard), -1, nets.BASIS, modes)
        logits = torch.einsum("boum,uk->bokm", each, self._trend) + prior[:, None]
        return torch.cat([torch.zeros_like(logits[..., :1]), logits], -1)

    def _chance(self, hazard: Tensor) -> Tensor:
        """[B, bins, 1 + modes] what all opinions come to."""
        return self._hazard_logits(hazard).softmax(-1).mean(1)

    def _signal_loss(self, quantiles: Tensor, residual: Tensor, weight: Tensor) -> Tensor:
        known = torch.isfinite(residual)
        truth = torch.where(known, residual / self._scale.clamp(min=1e-9), 0.0)
        loss = self._pinball(quantiles, truth)
        if self._loss == "mse":
            loss[..., MEDIAN] = 0.5 * (truth - quantiles[..., MEDIAN]) ** 2
        share = known * weight[:, None, None]
        return (loss.mean(-1) * share).sum() / share.sum().clamp(min=1.0)

    def _hazard_loss(self, hazard: Tensor, lesson: Lesson) -> Tensor:
        logits = self._hazard_logits(hazard)
        outcome = lesson.outcome[:, None].expand(logits.shape[:-1])
        loss = functional.cross_entropy(logits.flatten(0, 2), outcome.flatten(), reduction="none")
        share = lesson.at_risk * lesson.weight[:, None]
        return (loss.view(outcome.shape).mean(1) * share).sum() / lesson.weight.sum()

    def _learn_scale(self, lesson: Lesson) -> None:
        """Mean absolute distance from the anchor, per horizon and target: the unit of the quantile outputs."""
        residual = lesson.residual
        known = torch.isfinite(residual)
        size = torch.where(known, residual.abs(), 0.0).sum(0) / known.sum(0).clamp(min=1)
        moved = torch.where(self._scale > 0, self._scale + lesson.pace * (size - self._scale), size)
        self._scale.copy_(torch.where(known.any(0), moved, self._scale))

    def _set_rate(self) -> None:
        rate = self._boost * self._recipe.rate(self._step - self._begun)
        for group in self._optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

    def state(self) -> State:
        """See twin.state.Stateful: weights, averaged weights, the optimiser's moments, the generator."""
        return {
            "net": self.net.state_dict(),
            **self._champion.state(),
            "optimizer": self._optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "scale": self._scale,
            "step": self._step,
            "begun": self._begun,
            "boost": self._boost,
        }

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        self.net.load_state_dict(state["net"])
        self._champion.load(state)
        rates = [group["lr"] for group in self._optimizer.param_groups]
        self._optimizer.load_state_dict(state["optimizer"])
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            if isinstance(rate, Tensor):  # it stays on its device, where a graph is to look for it
                group["lr"] = rate.fill_(float(group["lr"]))
        self.generator.set_state(state["generator"])
        self._scale, self._step = state["scale"].to(self._device, copy=True), state["step"]
        self._begun, self._boost = state["begun"], state["boost"]
        if self._recording is not None:
            self._recording.forget()


def _pooled(chance: Floats, path: Floats, share: float) -> Floats:
    """[plans, assets, bins, modes] with a share of belief in what the paths of assets say [assets, bins, modes], where they
    say something. What is left of a bin's whole is shared by the other modes as before.
    """
    if not path.size:
        return chance
    told = np.isfinite(path)
    pooled = np.where(told, (1 - share) * chance + share * path, chance)
    others = np.where(told, 0.0, chance).sum(-1, keepdims=True)
    room = 1 - np.where(told, pooled, 0.0).sum(-1, keepdims=True)
    fits = np.divide(room, others, out=np.ones_like(room), where=others > room)
    result: Floats = np.where(told, pooled, pooled * np.clip(fits, 0.0, 1.0))
    return result


class Linear(Learned):
    """Linear in the window features."""

    def trunk(self, quantiles: int) -> nn.Module:
        return nets.LinearNet(shape=self._shape, quantiles=quantiles, generator=self.generator)


class MLP(Learned):
    """A multilayer perceptron on the window features. Arguments as of nets.MLP; the rest: see Learned."""

    def __init__(
        self,
        *,
        width: int = 128,
        depth: int = 2,
        hazard_width: int = 32,
        straight_hazard: bool = True,
        dropout: float = 0.0,
        blindness: float = 0.0,
        **rest: Any,
    ) -> None:
        self._layers: dict[str, Any] = {
            "width": width,
            "depth": depth,
            "hazard_width": hazard_width,
            "straight_hazard": straight_hazard,
            "dropout": dropout,
            "blindness": blindness,
        }
        super().__init__(**rest)

    def trunk(self, quantiles: int) -> nn.Module:
        return nets.PerceptronNet(shape=self._shape, quantiles=quantiles, generator=self.generator, **self._layers)
