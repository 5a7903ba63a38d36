"""What the twin keeps, and how it stands as bytes: taken up, it goes on to the bit; foreign bytes get one line."""

import json
import pickle
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays, from_dtype

from tests.twin.toy import ToyFleet
from twin.lab.running.archive import decode, encode
from twin.policies.maintenance.age_based import AgeBased
from twin.policies.maintenance.condition_based import ConditionBased
from twin.policies.maintenance.predictive import Predictive
from twin.state import SavedFields, columns, records, stacked, unstacked
from twin.surrogates.gradient.mlp import MLP
from twin.surrogates.gradient.optimizer import OPTIMIZERS, Optimizer
from twin.surrogates.smoothing import EWMA
from twin.twin import Twin

SMALL = {"horizons": (1, 6), "edges": (1, 3, 6, 24), "leads": (6, 24)}
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
TYPES = st.sampled_from([np.dtype(t) for t in ("f4", "f8", "i4", "i8", "u8", "?", "i1")])
ARRAYS = TYPES.flatmap(lambda t: arrays(t, st.lists(st.integers(0, 3), max_size=3).map(tuple), elements=from_dtype(t)))
KEYS = st.text().filter(lambda key: not key.startswith("$"))
TREES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(KEYS, inner, max_size=3)
    | st.dictionaries(st.integers() | st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and (a == b or a != a)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_a_state_comes_back_as_it_was_and_always_as_the_same_bytes(state: dict[str, Any]) -> None:
    data = encode(state)
    assert same(decode(data), state)
    assert encode(decode(data)) == data


def test_tensors_come_back_as_tensors_and_views_as_what_they_show() -> None:
    whole = np.arange(12.0).reshape(3, 4)
    state = {
        "t": torch.arange(6).reshape(2, 3).T,
        "zero": torch.tensor(3.0),
        "view": whole[:, ::2].T,
        "n": np.float64(2),
    }
    back = decode(encode(state))
    assert torch.equal(back["t"], state["t"])
    assert torch.equal(back["zero"], state["zero"])
    assert same(back["view"], np.ascontiguousarray(whole[:, ::2].T))
    assert back["n"] == 2.0


def test_what_cannot_be_saved_is_named() -> None:
    with pytest.raises(ValueError, match=r"state\.policy\.0: function cannot be saved"):
        encode({"policy": [same]})


def crafted(metadata: Any, tensors: bytes = b"{}") -> bytes:
    header = json.dumps({"__metadata__": metadata} if metadata is not None else {}).encode()
    return len(header).to_bytes(8, "little") + header + tensors[:0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        pickle.dumps({"a": 1}),
        encode({"a": np.arange(4)})[:-1],
        encode({"a": np.arange(4)})[:20],
        crafted(None),
        crafted({"other": "{}"}),
        crafted({"tandem-state": "{"}),
        crafted({"tandem-state": "[]"}),
        crafted({"tandem-state": '{"a": {"$array": "nowhere"}}'}),
        crafted({"tandem-state": "[" * 100_000}),
        crafted({"tandem-state": '{"a": {"$pairs": [[[1], 2]]}}'}),
    ],
)
def test_foreign_bytes_get_one_line(data: bytes) -> None:
    with pytest.raises(ValueError, match="state: ") as caught:
        decode(data)
    assert "\n" not in str(caught.value)


@dataclass
class Sums:
    size: int
    total: np.ndarray = field(init=False)


def test_records_stand_as_columns() -> None:
    rows = [Sums(1), Sums(2)]
    for row in rows:
        row.total = np.full(3, float(row.size))
    back = records(Sums, columns(rows))
    assert [(r.size, r.total.tolist()) for r in back] == [(1, [1.0] * 3), (2, [2.0] * 3)]
    assert type(back[0].size) is int
    assert records(Sums, columns([])) == []
    assert unstacked(stacked({})) == {}
    assert {k: v.tolist() for k, v in unstacked(stacked({7: np.ones(2), 3: np.zeros(2)})).items()} == {
        7: [1, 1],
        3: [0, 0],
    }


class Counter(SavedFields):
    STATE_FIELDS = ("seen", "random")

    def __init__(self, size: int = 2) -> None:
        self.seen, self.random = np.zeros(size), np.random.Generator(np.random.Philox(1))


def test_what_is_loaded_is_a_copy_and_of_the_right_shape() -> None:
    first, second = Counter(), Counter()
    first.seen += 1.0
    first.random.random(3)
    second.load(first.state())
    first.seen += 1.0
    assert second.seen.tolist() == [1.0, 1.0]
    assert second.random.random() == first.random.random()
    with pytest.raises(ValueError, match=r"Counter\.seen is float64\[2\]: must be float64\[3\]"):
        Counter(3).load(first.state())
    with pytest.raises(ValueError, match=r"Counter\.random is missing"):
        Counter().load({"seen": np.zeros(2)})


def play(twin: Twin, fleet: ToyFleet, ticks: int) -> list[Any]:
    """Everything that the twin does and says."""
    said: list[Any] = []
    for _ in range(ticks):
        for message in fleet.advance():
            twin.observe(message)
        actions = twin.decide(fleet.now)
        for action in actions:
            fleet.apply(action)
        twin.window.delivered_events.clear()
        said += [actions, *twin.ledger.drain(), dict(twin.learner.losses)]
    return [*said, twin.counts()]


POLICIES = {
    "predictive": partial(Predictive, lead=6, enough=2, setpoints={"every": 4, "explore": 0.5}),
    "age_based": partial(AgeBased, enough=2),
    "condition_based": partial(ConditionBased, threshold=3.0, enough=2),
}


ODD = {"memory": {"capacity": 64}, "cleaning": {"filter": "median"}, "window": {"grace": 3}}
NET = partial(MLP, dropout=0.1, width=8)
CASES = {
    "predictive": (NET, {}),
    "predictive with a full ring": (NET, ODD),
    "age_based": (EWMA, ODD),
    "condition_based": (EWMA, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_twin_taken_up_says_and_does_the_same_to_the_bit(case: str) -> None:
    surrogate, options = CASES[case]
    policy = case.split()[0]

    def make() -> Twin:
        return Twin(spec=fleet.spec, surrogate=surrogate, policy=POLICIES[policy], seed=3, **(SMALL | options))

    fleet = ToyFleet(5, rate=0.3)
    first, second = make(), make()
    play(first, fleet, 140)
    assert len(first.window.lives.finished) > 4
    other = pickle.loads(pickle.dumps(fleet))
    data = encode(first.state())
    second.load(decode(data))
    assert encode(second.state()) == data
    assert pickle.dumps(play(second, other, 40)) == pickle.dumps(play(first, fleet, 40))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimiser_goes_on_where_it_was(name: str) -> None:
    surrogate = partial(MLP, dropout=0.1, width=8, optimizer=Optimizer(name=name, lr=1e-2))
    fleet = ToyFleet(5)
    parts = {"surrogate": surrogate, "policy": POLICIES["age_based"], "learner": {"start": 20}}
    first, second = (Twin(spec=fleet.spec, **parts, **SMALL) for _ in range(2))  # type: ignore[arg-type]
    play(first, fleet, 40)
    other = pickle.loads(pickle.dumps(fleet))
    second.load(decode(encode(first.state())))
    assert pickle.dumps(play(second, other, 10)) == pickle.dumps(play(first, fleet, 10))


def test_a_twin_is_saved_between_ticks() -> None:
    fleet = ToyFleet(0)
    twin = Twin(spec=fleet.spec, surrogate=EWMA, policy=POLICIES["age_based"], **SMALL)  # type: ignore[arg-type]
    for message in fleet.advance():
        twin.observe(message)
    with pytest.raises(ValueError, match="messages have arrived"):
        twin.state()
    twin.decide(fleet.now)
    for _ in range(4):
        for message in fleet.advance():
            twin.observe(message)
        twin.decide(fleet.now)
    twin.window.delivered_events.clear()
    with pytest.raises(ValueError, match="drain"):
        twin.state()


def test_a_state_of_another_make_is_refused() -> None:
    fleets = ToyFleet(0, assets=2), ToyFleet(0, assets=3)
    first, second = (
        Twin(spec=fleet.spec, surrogate=EWMA, policy=POLICIES["age_based"], **SMALL)  # type: ignore[arg-type]
        for fleet in fleets
    )
    play(first, fleets[0], 5)
    with pytest.raises(ValueError, match="must be"):
        second.load(decode(encode(first.state())))
