"""Updates recorded as a graph: replayed, they train as if each had been computed.

Without CUDA a stand-in records operations and their places in memory, as CUDA does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from tests.twin.surrogates.small_transformer import MODEL, batch_of_moments, shape
from tests.twin.surrogates.test_gradient import batch, make
from twin.lab.running.archive import decode, encode
from twin.surrogates.gradient import cuda_graph as recording
from twin.surrogates.gradient.cuda_graph import WARM, CudaGraph
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.gradient.optimizer import Optimizer
from twin.surrogates.gradient.surrogate import GradientSurrogate

FROM_THE_HOST = ("aten.lift_fresh", "aten._local_scalar_dense", "aten.nonzero", "aten.masked_select")


class Tape(TorchDispatchMode):
    """What a CUDA graph is: while it records nothing changes; replayed, the same operations run on the same places."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[tuple[Any, Any, Any, Any]] = []
        self.before: list[tuple[torch.Tensor, torch.Tensor]] = []
        self.drawn: list[tuple[torch.Generator, torch.Tensor]] = []

    def register_generator_state(self, generator: torch.Generator) -> None:
        self.drawn.append((generator, generator.get_state()))

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name, kwargs = str(function), kwargs or {}
        assert not name.startswith(FROM_THE_HOST), f"{name} waits for the device, or brings numbers of the host"
        if function._schema.is_mutable:
            self.before += [(x, x.clone()) for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)]
        result = function(*args, **kwargs)
        self.operations.append((function, args, kwargs, result))
        return result

    def __exit__(self, *about: Any) -> None:
        super().__exit__(*about)
        with torch.no_grad():
            for place, value in reversed(self.before):
                place.copy_(value)
        for generator, state in self.drawn:
            generator.set_state(state)

    def replay(self) -> None:
        with torch.no_grad():
            for function, args, kwargs, old in self.operations:
                new = function(*args, **kwargs)
                for place, value in zip(tree_flatten(old)[0], tree_flatten(new)[0], strict=True):
                    if isinstance(value, torch.Tensor) and value.data_ptr() != place.data_ptr():
                        place.copy_(value)


class Stream:
    def wait_stream(self, other: Any) -> None:
        del other


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "CUDAGraph": Tape,
        "graph": lambda tape: tape,
        "Stream": Stream,
        "current_stream": Stream,
        "stream": nullcontext,
    }.items():
        monkeypatch.setattr(recording.torch.cuda, name, value)


def prepared(one: GradientSurrogate, recipe: Optimizer, graph: bool) -> GradientSurrogate:
    """As if it were on CUDA. The rate is a tensor in either case: as a float it has more digits."""
    one._optimizer = recipe.build(one._groups(), fused=True, recorded=torch.device("cpu"))
    one._recording = CudaGraph(one.update, one.generator) if graph else None
    return one


def mlp(graph: bool) -> tuple[GradientSurrogate, Callable[[], Any]]:
    recipe, random = Optimizer(warmup=20, schedule="inverse_sqrt", period=10), np.random.default_rng(0)
    one = make(MLP, dropout=0.2, blindness=0.2, optimizer=recipe)
    return prepared(one, recipe, graph), lambda: batch(random)


def transformer(graph: bool) -> tuple[GradientSurrogate, Callable[[], Any]]:
    recipe, random, like = Optimizer(warmup=20, weight_decay=0.5), np.random.default_rng(0), shape(2)
    one = MODEL(shape=like, seed=1, dropout=0.1, blindness=0.2, optimizer=recipe)
    return prepared(one, recipe, graph), lambda: batch_of_moments(like, random)


@pytest.mark.parametrize("build", [mlp, transformer])
def test_replayed_updates_train_as_computed_ones(build: Any, stand_in: None) -> None:
    (plain, lessons), (graph, same) = build(False), build(True)
    losses = [[one.learn(source()) for _ in range(15)] for one, source in ((plain, lessons), (graph, same))]
    assert losses[0] == losses[1]
    assert len({tuple(step.values()) for step in losses[1]}) == 15
    computed, recorded_state = plain.state(), graph.state()
    for part in ("net", "served", "scale", "generator", *(("size",) if "size" in computed else ())):
        assert encode({part: computed[part]}) == encode({part: recorded_state[part]}), part
    assert graph._recording is not None
    recorded: Any = graph._recording._recorded
    assert [len(tape.operations) > 100 for tape, _, _ in recorded.values()] == [True]


def test_a_recording_is_made_anew_for_other_shapes_and_after_loading(stand_in: None) -> None:
    one, lessons = mlp(True)
    plain, same = mlp(False)
    for source, learner in ((lessons, one), (same, plain)):
        for _ in range(WARM + 2):
            learner.learn(source())
    assert one._recording is not None
    assert len(one._recording._recorded) == 1
    rates = [group["lr"] for group in one._optimizer.param_groups]
    one.load(decode(encode(one.state())))
    assert not one._recording._recorded
    assert all(group["lr"] is rate for group, rate in zip(one._optimizer.param_groups, rates, strict=True))
    random = np.random.default_rng(9)
    smaller = [batch(random) for _ in range(WARM + 2)]
    losses = [[learner.learn(some) for some in smaller] for learner in (one, plain)]
    assert losses[0] == losses[1]


def test_only_optimisers_that_can_be_recorded_are_taken() -> None:
    with pytest.raises(ValueError, match="graph = True: optimizer sgd cannot be recorded: must be adam or adamw"):
        Optimizer(name="sgd").build([torch.nn.Parameter(torch.zeros(1))], recorded=torch.device("cpu"))
    assert make(MLP, graph=True)._recording is None  # there is nothing to record on a CPU


@pytest.mark.filterwarnings(
    "default:.*deterministic.*"
)  # PyTorch warns of what has no fixed order on CUDA, and computes it
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_on_cuda_a_graph_trains_as_eager_updates_do() -> None:
    from twin.lab.core.build import device

    on, like, losses = device("cuda"), shape(2), []
    try:
        for graph in (False, True):
            random, one = np.random.default_rng(0), MODEL(shape=like, seed=1, device=on, dropout=0.1, graph=graph)
            assert (one._recording is not None) == graph
            losses.append([one.learn(batch_of_moments(like, random)) for _ in range(20)])
    finally:
        torch.use_deterministic_algorithms(False)
    for eager, replayed in zip(*losses, strict=True):  # their rates are rounded differently
        assert replayed == pytest.approx(eager, rel=1e-3)
