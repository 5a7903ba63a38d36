"""A state as bytes: arrays and tensors as safetensors, the tree that holds them as JSON in the header.

Nothing in them can be executed: reading makes plain values and arrays, and nothing else.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from twin.state import State

KEY = "tandem-state"
Arrays = dict[str, NDArray[Any]]


def encode(state: State) -> bytes:
    """A state as bytes. Raises ValueError naming the place of a value that cannot be saved."""
    arrays: Arrays = {}
    tree = _pack(state, "state", arrays)
    return bytes(save(arrays, metadata={KEY: json.dumps(tree)}))


def decode(data: bytes) -> State:
    """The state that `encode` wrote; new arrays, tensors on the CPU. Raises ValueError for any other bytes."""
    try:
        arrays = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        state = _unpack(json.loads(header["__metadata__"][KEY]), arrays)
    except (SafetensorError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"state: cannot be read: {type(error).__name__}: {error}") from None
    if not isinstance(state, dict):
        raise ValueError(f"state: holds {type(state).__name__}, not the fields of a twin")
    return state


def _pack(value: Any, path: str, arrays: Arrays) -> Any:
    """The JSON of a value; its arrays go to `arrays` under their paths."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        arrays[path] = np.asarray(value, order="C")
        return {"$array": path}
    if isinstance(value, torch.Tensor):
        arrays[path] = value.detach().cpu().contiguous().numpy()
        return {"$tensor": path}
    if isinstance(value, list | tuple):
        items = [_pack(item, f"{path}.{place}", arrays) for place, item in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    if isinstance(value, dict) and all(isinstance(key, str) and not key.startswith("$") for key in value):
        return {key: _pack(item, f"{path}.{key}", arrays) for key, item in value.items()}
    if isinstance(value, dict):
        pairs = [(_pack(key, path, arrays), _pack(item, f"{path}.{key}", arrays)) for key, item in value.items()]
        return {"$pairs": pairs}
    raise ValueError(f"{path}: {type(value).__name__} cannot be saved; plain values, arrays and tensors can")


def _unpack(tree: Any, arrays: Arrays) -> Any:
    if isinstance(tree, list):
        return [_unpack(item, arrays) for item in tree]
    if not isinstance(tree, dict):
        return tree
    match list(tree.items()):
        case [("$array", name)]:
            return arrays[name]
        case [("$tensor", name)]:
            return torch.from_numpy(arrays[name])
        case [("$tuple", items)]:
            return tuple(_unpack(item, arrays) for item in items)
        case [("$pairs", pairs)]:
            return {_unpack(key, arrays): _unpack(item, arrays) for key, item in pairs}
        case items:
            return {key: _unpack(item, arrays) for key, item in items}
