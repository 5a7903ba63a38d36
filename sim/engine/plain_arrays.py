"""numpy's arrays out of bytes of unknown origin: numbers and short texts in memory of their own, and nothing else.

numpy's own readers take a pickle's word for where in memory an array lies and what its bytes mean, so that a crafted
one reads and writes anywhere (`ndarray(shape, object, buffer)`, `dtype.__setstate__`).
"""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

PLAIN = r"[biufcSU]\d{1,4}"  # codes of booleans, whole, real and complex numbers, bytes and texts


class PlainDtype:
    """Stands for a dtype while a snapshot is read; called and set as numpy's pickles do with theirs."""

    __slots__ = ("_code", "_order")

    def __init__(self, code: str, align: bool = False, copy: bool = True) -> None:
        if not isinstance(code, str) or not re.fullmatch(PLAIN, code):
            raise pickle.UnpicklingError(f"it holds an array of {code!r}, which no snapshot may")
        self._code, self._order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, order, *shape = state
        if order not in ("<", ">", "|", "=") or any(part is not None for part in shape[:3]):
            raise pickle.UnpicklingError("it holds an array with fields, which no snapshot may")
        self._order = order

    @property
    def dtype(self) -> np.dtype[Any]:
        """numpy's."""
        return np.dtype(self._order + self._code)


def plain_array(data: bytes | bytearray, dtype: PlainDtype, shape: tuple[int, ...], order: Any = "C") -> NDArray[Any]:
    """As numpy's `_frombuffer`, which pickles call."""
    return np.frombuffer(_bytes(data), dtype=_dtype(dtype)).reshape(shape, order=order)


def plain_scalar(dtype: PlainDtype, data: bytes) -> Any:
    """As numpy's `scalar`, which pickles call."""
    return np.frombuffer(_bytes(data), dtype=_dtype(dtype), count=1)[0]


def object_array(shape: tuple[int, ...], values: list[Any]) -> NDArray[Any]:
    """An array of objects, from its values in order."""
    array = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):  # not `array[:] = values`, which takes lists apart
        array[place] = value
    return array.reshape(shape)


def reduce_array(array: NDArray[Any]) -> Any:
    """How a pickle holds an array that `plain_array` or `object_array` can read, others as numpy has it."""
    if array.dtype == object and type(array) is np.ndarray:
        return object_array, (array.shape, array.ravel().tolist())
    return (array if array.flags.forc else np.ascontiguousarray(array)).__reduce_ex__(5)


def reduce_plain_array(array: NDArray[Any]) -> Any:
    """As `reduce_array`. Raises PicklingError for an array that could not be read again."""
    if array.dtype.kind not in "biufcSUO" or array.dtype.itemsize > 9999:
        raise pickle.PicklingError(f"an array of {array.dtype} cannot be saved")
    return reduce_array(array)


def taken(value: Any) -> Any:
    """A value as it was saved: a dtype that stands by itself is numpy's again."""
    return value.dtype if isinstance(value, PlainDtype) else value


def _bytes(data: Any) -> Any:
    """Not another array's memory, which might hold objects."""
    if type(data) not in (bytes, bytearray):
        raise pickle.UnpicklingError(f"it reads an array out of {type(data).__name__}, which no snapshot may")
    return data


def _dtype(dtype: Any) -> np.dtype[Any]:
    if not isinstance(dtype, PlainDtype):
        raise pickle.UnpicklingError("it holds an array without a dtype, which no snapshot may")
    return dtype.dtype
