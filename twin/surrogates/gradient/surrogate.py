"""Surrogates with weights: non-crossing quantiles and a discrete-time hazard, trained online by gradient steps."""

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
from twin.surrogates.base import Shape
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.averaged_weights import AveragedWeights
from twin.surrogates.gradient.cuda_graph import CudaGraph
from twin.surrogates.gradient.device_batch import DeviceBatch, on
from twin.surrogates.gradient.hazard_head import HazardHead, pool_with_paths
from twin.surrogates.gradient.optimizer import Optimizer
from twin.surrogates.gradient.quantile_head import QuantileHead

PACE = 0.002  # slowest pace at which running means move, share per update


class GradientSurrogate:
    """Trains a trunk, a torch module that a subclass builds, and forecasts with the running mean of its weights.

    Letters below: B rows, H horizons, T targets, Q quantile levels.

    shape: sizes and names of inputs and outputs. seed: of the weights and of dropout. device: where it computes.
    optimizer: recipe, AdamW by default. loss: of the signals, see QuantileHead. hazard_weight: weight of the hazard's
    loss beside the signals'. ema: decay of the mean of weights that forecasts, in [0, 1); 0 takes the newest weights.
    graph: on CUDA an update is recorded once and replayed (CudaGraph); without effect elsewhere.

    Quantiles start from the anchor, so that an untrained trunk forecasts an EWMA. Hazards of the trunk are pooled with
    those of degradation paths (Inputs.path). Shadow tests leave the paths out, since both sides would share them.

    Raises ValueError for an unknown loss, values out of range and a graph of an optimiser that cannot be recorded.
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
        owner = type(self).__name__
        self._shape, self._device, self._hazard_weight = shape, torch.device(device), hazard_weight
        self.quantile_head = QuantileHead(shape=shape, loss=loss, owner=owner, device=self._device)
        self.hazard_head = HazardHead(shape=shape, device=self._device)
        if not hazard_weight >= 0:
            raise ValueError(f"{owner}: hazard_weight = {hazard_weight}: must be >= 0")
        if not 0 <= ema < 1:
            raise ValueError(f"{owner}: ema = {ema}: must be in [0, 1)")
        self.generator = torch.Generator(device=self._device)
        self.generator.manual_seed(seed)
        self.net = self.trunk(self.quantile_head.outputs)
        self._weights = AveragedWeights(self.net, decay=ema)
        self._recipe = optimizer or Optimizer()
        cuda = self._device.type == "cuda"
        recorded = self._device if graph and cuda else None
        self._optimizer = self._recipe.build(self._groups(), fused=self.fused or cuda, recorded=recorded)
        self._recording = None if recorded is None else CudaGraph(self.update, self.generator)
        self._step = self._begun = 0  # updates so far; the update at which the rate's schedule began
        self._boost = 1.0  # factor on the scheduled rate

    def trunk(self, quantiles: int) -> nn.Module:
        """The network: (features [B, F], plan [B, D]) → (quantile outputs [B, quantiles], hazard outputs [B, n])."""
        raise TypeError(f"{type(self).__name__} must define trunk")

    def _groups(self) -> list[dict[str, Any]]:
        """The weights that are trained, as torch.optim takes them. Modules named `straight` have no weight decay."""
        named = list(self.net.named_parameters())
        straight = [weights for name, weights in named if "straight" in name.split(".")]
        others = [weights for name, weights in named if "straight" not in name.split(".")]
        return [{"params": others}, *([{"params": straight, "weight_decay": 0.0}] if straight else [])]

    def forecast(self, inputs: Inputs, plans: NDArray[np.float32]) -> Forecast:
        """See Surrogate. One pass of the trunk for all plans."""
        rows, modes = plans.shape[:2], self._shape.modes
        head, anchor = self.quantile_head, self._tensor(inputs.anchor)
        with torch.inference_mode():
            signal, hazard = self.predict_raw(_in_use(self.served), inputs, plans)
            quantiles = head.quantiles(signal)
            opinions = self.opinions(quantiles, anchor)
            values = head.values(self.combine(quantiles).reshape(*rows, *head.scale.shape, -1), anchor[None])
            chance = self.hazard_head.chances(hazard)[..., 1:].reshape(*rows, self._shape.bins, modes)
        share = 1 / (self.hazard_head.opinions(hazard) + 1)  # a path counts as one more opinion
        pooled = pool_with_paths(chance.double().cpu().numpy(), inputs.path, share)
        members = tuple(self._shape.forecast(each[None], pooled[:1]) for each in opinions)
        return self._shape.forecast(values.double().cpu().numpy(), pooled, members)

    def predict_raw(self, net: nn.Module, inputs: Inputs, plans: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        """Raw outputs ([plans x assets, quantiles], [plans x assets, hazards]) of a trunk."""
        features = self._tensor(inputs.features).repeat(len(plans), 1)
        raw: tuple[Tensor, Tensor] = net(features, self._tensor(plans).flatten(0, 1))
        return raw

    def train_raw(self, net: nn.Module, batch: DeviceBatch) -> tuple[Tensor, Tensor]:
        """Raw outputs ([B, quantiles], [B, hazards]) of a trunk for a batch's rows."""
        raw: tuple[Tensor, Tensor] = net(batch.features, batch.plan)
        return raw

    def opinions(self, quantiles: Tensor, anchor: Tensor) -> Sequence[Floats]:
        """What each expert forecasts for the first plan, [assets, H, T, Q] in natural units; none for a trunk of one.

        quantiles: of all experts, in units of the scale. anchor: [assets, T].
        """
        return ()

    def combine(self, quantiles: Tensor) -> Tensor:
        """[plans x assets, H, T, Q] from the quantiles of all experts, in units of the scale."""
        return quantiles

    def losses(self, batch: DeviceBatch) -> tuple[Tensor, Tensor]:
        """([] signals' loss, [] hazards' loss) of the weights in training."""
        signal, hazard = self.train_raw(self.net, batch)
        forecast_loss = self.quantile_head.loss(self.quantile_head.quantiles(signal), batch.residual, batch.weight)
        if not self._shape.heeds_hazard:
            return forecast_loss, forecast_loss.new_zeros(())
        return forecast_loss, self.hazard_head.loss(hazard, batch)

    @property
    def served(self) -> nn.Module:
        """The trunk whose weights forecast."""
        return self._weights.served

    def is_contested(self) -> bool:
        """See twin.surrogates.base.Contested."""
        return True

    def freeze(self) -> None:
        """See twin.surrogates.base.Contested."""
        self._weights.freeze()

    def promote(self) -> None:
        """See twin.surrogates.base.Contested."""
        self._weights.promote()

    def shadow(self, batch: Batch) -> tuple[Floats, Floats]:
        """See twin.surrogates.base.Contested. Raises ValueError where no candidate has been frozen."""
        if self._weights.frozen is None:
            raise ValueError(f"{type(self).__name__}.shadow: no candidate has been frozen")
        rows = self.on_device(batch)
        with torch.no_grad():
            candidate, champion = (self._row_losses(net, rows) for net in (self._weights.frozen, self.served))
        signal, hazard = ((a - b).double().cpu().numpy() for a, b in zip(candidate, champion, strict=True))
        return signal, self._hazard_weight * hazard

    def _row_losses(self, net: nn.Module, batch: DeviceBatch) -> tuple[Tensor, Tensor]:
        """(pinball [B, H, T], hazard [B, bins]) of a trunk, NaN where the truth is unknown."""
        signal, hazard = self.train_raw(_in_use(net), batch)
        quantiles = self.combine(self.quantile_head.quantiles(signal))
        return self.quantile_head.row_losses(quantiles, batch.residual), self.hazard_head.row_losses(hazard, batch)

    def learn(self, batch: Batch) -> dict[str, float]:
        """See Surrogate. One gradient step. Returns train.signal and train.hazard."""
        if not self.net.training:
            self.net.train()
        self._set_rate()
        signal, hazard = (self._recording or self.update)(self.on_device(batch)).tolist()
        self._weights.average(self.net, self._step - self._begun)
        self._step += 1
        return {"train.signal": signal, "train.hazard": hazard}

    def update(self, batch: DeviceBatch) -> Tensor:
        """All of a step that is computed on the device, in place. Returns [2] losses of signals and hazards."""
        self.quantile_head.learn_scale(batch)
        losses = self.losses(batch)
        self._optimizer.zero_grad(set_to_none=True)
        (losses[0] + self._hazard_weight * losses[1]).backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), self._recipe.clip, foreach=self.fused or None)
        self._optimizer.step()
        return torch.stack([loss.detach() for loss in losses])

    def on_device(self, batch: Batch) -> DeviceBatch:
        """A batch as tensors, with the pace of running means at this update."""
        return DeviceBatch(
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
        fresh = self.trunk(self.quantile_head.outputs)
        with torch.no_grad():
            for weights, drawn in zip(self.net.parameters(), fresh.parameters(), strict=True):
                weights.mul_(shrink).add_(drawn, alpha=perturb)

    def calm(self) -> None:
        """See twin.surrogates.base.Restarted."""
        self._boost = 1.0

    def _tensor(self, values: NDArray[Any]) -> Tensor:
        return on(values, self._device)

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
            **self._weights.state(),
            "optimizer": self._optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "scale": self.quantile_head.scale,
            "step": self._step,
            "begun": self._begun,
            "boost": self._boost,
        }

    def load(self, state: State) -> None:
        """See twin.state.Stateful."""
        self.net.load_state_dict(state["net"])
        self._weights.load(state)
        rates = [group["lr"] for group in self._optimizer.param_groups]
        self._optimizer.load_state_dict(state["optimizer"])
        for group, rate in zip(self._optimizer.param_groups, rates, strict=True):
            if isinstance(rate, Tensor):  # it stays on its device, where a recorded graph looks for it
                group["lr"] = rate.fill_(float(group["lr"]))
        self.generator.set_state(state["generator"])
        self.quantile_head.scale = state["scale"].to(self._device, copy=True)
        self._step, self._begun, self._boost = state["step"], state["begun"], state["boost"]
        if self._recording is not None:
            self._recording.forget()


def _in_use(net: nn.Module) -> nn.Module:
    """A trunk as it forecasts: without dropout. Asking is cheaper than walking through its modules at every tick."""
    return net.eval() if net.training else net
