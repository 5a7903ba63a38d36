"""How fast the transformer learns and answers, by tier, and what the same what-ifs take by forks of a plant."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
import torch
import yaml
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from sim.contract import Action, Actuator, Asset, Link, Message, Objective, OrderCost, PlantSpec, Signal
from sim.plants.production_line import ProductionLine
from twin.forecast import Forecast
from twin.lab.bench.fidelity.exploring import Choices, draw_plans
from twin.lab.bench.fidelity.ranking import outcome, silenced
from twin.lab.core.closed_loop import take_turn
from twin.policies.maintenance.run_to_failure import RunToFailure
from twin.sensing.features import Inputs
from twin.surrogates.batch import Batch
from twin.surrogates.gradient.cuda_graph import WARM
from twin.surrogates.smoothing import Persistence
from twin.surrogates.transformer.model import Transformer
from twin.twin import Twin

TICK = 600.0
KINDS = ("vibration", "temperature", "power", "level", "count")
WINDOWS, PATCH = 64, 12
TRAIN_ASSETS, TRAIN_PATCHES, TRAIN_HORIZONS = 8, 12, (1, 6, 36, 144)  # 8 x (12 + 4) = 128 tokens
ASK_HORIZONS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 60, 72, 96, 120, 144)  # 16 tokens
PATCHES = 12  # of the history that a what-if looks back at


class Listener(Persistence):
    """Sees what a transformer would get, and remembers the newest."""

    heard: Inputs

    def __init__(self, *, context: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.context = context

    def forecast(self, inputs: Inputs, plans: Any) -> Forecast:
        """See Surrogate."""
        self.heard = inputs
        return super().forecast(inputs, plans)


@dataclass(frozen=True)
class Scene:
    """A twin that has listened to a plant of random signals long enough for every label and a full history."""

    twin: Twin
    context: int

    @property
    def inputs(self) -> Inputs:
        """What a surrogate gets now, scaled."""
        assert isinstance(self.twin.surrogate, Listener)
        return self.twin.surrogate.heard

    @property
    def tokens(self) -> int:
        """Of one window: each asset's patches of history and its horizons."""
        return self.twin.shape.assets * (self.context // PATCH + len(self.twin.shape.horizons))

    def batch(self) -> Batch:
        """WINDOWS moments, scaled."""
        drawn = self.twin.memory.sample_moments(WINDOWS)
        return replace(drawn, features=self.twin.scaler.scale(drawn.features.astype(float)).astype(np.float32))

    def transformer(self, tier: str, on: str, *, graph: bool = False) -> Transformer:
        """An untrained one for this plant."""
        return Transformer(
            shape=self.twin.shape,
            seed=0,
            device=on,
            tier=tier,
            context=self.context,
            patch=PATCH,
            windows=WINDOWS,
            graph=graph,
        )


def scene(*, assets: int, patches: int, horizons: Sequence[int]) -> Scene:
    """Random signals of `assets` machines in a row."""
    spec, context, random = _spec(assets), patches * PATCH, np.random.default_rng(0)
    twin = Twin(
        spec=spec,
        surrogate=lambda **rest: Listener(context=context, **rest),
        policy=RunToFailure,
        horizons=horizons,
        learner={"start": 10**9},
    )
    signals, empty = np.arange(len(spec.signals), dtype=np.int32), np.zeros(len(spec.signals))
    for tick in range(1, max(horizons) + context + 8):
        values = random.normal(5.0, 1.0, len(signals)) + empty
        values[[s.cumulative for s in spec.signals]] = 5.0 * tick
        now = tick * TICK
        take_turn(twin, [Message("telemetry", tick - 1, now, now, signals, np.full(len(signals), now), values)], now)
    return Scene(twin, context)


def _spec(assets: int) -> PlantSpec:
    names = [f"machine_{i}" for i in range(assets)]
    signals = [
        Signal(name, kind, kind, "", TICK, cumulative=kind == "count", forecast=kind in KINDS[:2])
        for name in names
        for kind in KINDS
    ]
    return PlantSpec(
        assets=tuple(Asset(name, "machine") for name in names),
        links=tuple(Link(a, b) for a, b in itertools.pairwise(names)),
        signals=(*signals, Signal(names[0], "profit", "profit", "EUR", TICK, cumulative=True, forecast=True)),
        actuators=tuple(
            actuator
            for name in names
            for actuator in (
                Actuator(name, "speed", "setpoint", "", 0.7, 1.3, 1.0),
                Actuator(name, "maintain", "work_order", "", 1, 1, 1),
            )
        ),
        objective=Objective(
            f"{names[0]}.profit",
            "EUR",
            1,
            {},
            tuple(OrderCost(n, f"{n}.maintain", 1.0, 9.0, 6e2, 6e3, 0.0) for n in names),
        ),
        tick=TICK,
        modes=("wear", "shock"),
    )


def device_name(on: str) -> str:
    """Of a torch device, as its maker calls it."""
    return torch.cuda.get_device_name() if on == "cuda" else f"CPU, {torch.get_num_threads()} thread(s)"


def timed(call: Callable[[], object], on: str, repeats: int) -> float:
    """Median seconds of a call, after a warm-up.

    On CUDA wall time until all of it is done; on the CPU the time of this process, which has one thread.
    """
    clock = time.perf_counter if on == "cuda" else time.process_time
    call()
    taken = []
    for _ in range(repeats):
        _wait(on)
        start = clock()
        call()
        _wait(on)
        taken.append(clock() - start)
    return statistics.median(taken)


def _wait(on: str) -> None:
    if on == "cuda":
        torch.cuda.synchronize()


def peak(on: str, repeats: int) -> float:
    """Floating-point operations per second of a large matrix product, in the type that the transformer computes in."""
    size, kind = (8192, torch.bfloat16) if on == "cuda" else (1536, torch.float32)
    one = torch.ones(size, size, dtype=kind, device=on)
    return 2.0 * size**3 / timed(lambda: one @ one, on, repeats)


@dataclass(frozen=True, slots=True)
class Training:
    """One tier's updates. operations: of one update, floating-point, forward and backward."""

    parameters: int
    steps_per_s: float
    tokens_per_s: float
    operations: float


def training(tier: str, scene: Scene, *, on: str, graph: bool, steps: int, repeats: int) -> Training:
    """Updates from one batch of WINDOWS windows. graph: recorded once and replayed."""
    surrogate, batch = scene.transformer(tier, on, graph=graph), scene.batch()
    for _ in range(WARM + 1):  # until it is recorded
        surrogate.learn(batch)
    rate = steps / timed(lambda: [surrogate.learn(batch) for _ in range(steps)], on, repeats)
    rows, parameters = surrogate.on_device(batch), sum(p.numel() for p in surrogate.net.parameters())
    # As matrix products: the counter does not know every fused attention.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        surrogate.update(rows)
    return Training(parameters, rate, rate * WINDOWS * scene.tokens, float(counter.get_total_flops()))


def answering(tier: str, scene: Scene, *, on: str, plans: int, chunk: int, repeats: int) -> float:
    """Seconds to ask what `plans` random plans would bring, `chunk` at a time."""
    twin, surrogate = scene.twin, scene.transformer(tier, on)
    surrogate.learn(scene.batch())  # so that its scales are known
    drawn = draw_plans(Choices(twin.spec), twin.window.hold(), count=plans, horizon=max(ASK_HORIZONS), seed=0, tick=0)
    encoded = twin.encoder.encode(drawn, closed=True)
    portions = [encoded[at : at + chunk] for at in range(0, plans, chunk)]
    return timed(lambda: [surrogate.forecast(scene.inputs, some) for some in portions], on, repeats)


def forking(stations: int, samples: int) -> float:
    """CPU-seconds of one what-if by one fork: the line's first stations, a work order, max(ASK_HORIZONS) ticks."""
    plant = silenced(line(stations))
    plant.advance(288 * TICK)
    plant.journal()
    order, until = Action(plant.now, plant.spec.objective.orders[0].actuator), plant.now + max(ASK_HORIZONS) * TICK
    start = time.process_time()
    for number in range(samples):
        outcome(plant.fork(number), [order], until)
    return (time.process_time() - start) / samples


def line(stations: int) -> ProductionLine:
    """The serial line, cut after so many stations."""
    text = (files("conf") / "plant" / "serial_line.yaml").read_text(encoding="utf-8")
    fields: dict[str, Any] = yaml.safe_load(text)
    del fields["_target_"]
    shortened = dict(list(fields["stations"].items())[:stations])
    last = list(shortened)[-1]
    shortened[last] = {key: value for key, value in shortened[last].items() if key != "to"}
    return ProductionLine(seed=0, **(fields | {"stations": shortened}))
