"""Stationary distributions of Markov chains, in continuous and in discrete time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve

S = TypeVar("S", bound=Hashable)
LARGEST = 200_000  # states; beyond it the sparse factors no longer fit a small machine


def stationary(start: S, moves: Callable[[S], Iterable[tuple[S, float]]]) -> dict[S, float]:
    """Long-run share of time in each recurrent state that can be reached from `start`.

    moves: (next state, rate) pairs of a state; or, in discrete time, (next state, probability), where a state may
    lead back to itself: both give the same balance equations. Raises ValueError for more than LARGEST states and for a
    chain that can end up in several classes.
    """
    index, edges = _explore(start, moves)
    states = list(index)
    size, table = len(states), np.array(edges, dtype=float).reshape(-1, 3)
    rows, columns = table[:, :2].T.astype(int)
    flow = sparse.csr_array((table[:, 2], (rows, columns)), shape=(size, size))
    recurrent = _closed_class(flow)
    share = _balance(flow[recurrent][:, recurrent])
    return {states[i]: float(p) for i, p in zip(recurrent, share, strict=True)}


def _explore(
    start: S, moves: Callable[[S], Iterable[tuple[S, float]]]
) -> tuple[dict[S, int], list[tuple[int, int, float]]]:
    """All states within reach, numbered, and the flows between them."""
    index, queue, edges = {start: 0}, [start], []
    for state in queue:
        for after, rate in moves(state):
            if after == state or rate == 0.0:
                continue
            if after not in index:
                index[after] = len(index)
                queue.append(after)
                if len(queue) > LARGEST:
                    raise ValueError(f"the Markov chain has more than {LARGEST:,} states")
            edges.append((index[state], index[after], rate))
    return index, edges


def _closed_class(flow: sparse.csr_array) -> NDArray[np.intp]:
    """The states that the chain ends up in."""
    count, label = connected_components(flow, directed=True, connection="strong")
    source, target = flow.nonzero()
    left = np.zeros(count, dtype=bool)
    left[label[source[label[source] != label[target]]]] = True
    closed = np.flatnonzero(~left)
    if len(closed) != 1:
        raise ValueError(f"the Markov chain ends up in one of {len(closed)} classes of states")
    return np.flatnonzero(label == closed[0])


def _balance(flow: sparse.csr_array) -> NDArray[np.float64]:
    """Solve p Q = 0, sum(p) = 1. The first state's share is set to 1 and its equation left out, to keep it sparse."""
    size = flow.shape[0]
    if size == 1:
        return np.ones(1)
    generator = (flow - sparse.diags_array(flow.sum(axis=1))).T.tocsc()
    right = -generator[1:, [0]].toarray().ravel()
    share = np.concatenate([[1.0], np.atleast_1d(spsolve(generator[1:, 1:], right))])
    result: NDArray[np.float64] = share / share.sum()
    return result


def birth_death(up: ArrayLike, down: ArrayLike) -> NDArray[np.float64]:
    """Stationary probabilities of 0 .. n, with rates `up` from 0 .. n - 1 and `down` from 1 .. n."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(up) - np.log(down))])
    weights = np.exp(logs - logs.max())
    result: NDArray[np.float64] = weights / weights.sum()
    return result
