"""Memory of kernels: where arrays begin, and who owns them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import overload

from landscape.compilation import OPTIONS, inline
from landscape.numba_internals import part

__all__ = ["LANES", "aligned", "aligned_zeros", "borrowed"]

LANES = 8  # of a vector register


@inline
def aligned(n):
    """An array of ``n`` float64 numbers, not set, that begins where a vector register's worth of them lies in one cache
    line: otherwise every access touches two."""
    buffer = np.empty(n + LANES)
    skip = -(buffer.ctypes.data // 8) % LANES
    return buffer[skip : skip + n]


def aligned_zeros(*shape: int) -> np.ndarray:
    """Zeros that begin where a vector register's worth of them lies in one cache line.

    Rows of weights are read for every input spike, from there a third faster than from where arrays usually begin.
    """
    n = math.prod(shape)
    buffer = np.zeros(n + LANES)
    skip = -(buffer.ctypes.data // 8) % LANES
    return buffer[skip : skip + n].reshape(shape)


def borrowed(array: Any) -> Any:
    """The same array without its owner, in compiled code: valid as long as somebody else keeps the owner.

    Numba counts the references to an owner with an atomic instruction wherever an array is handed on, and threads that
    count the same one wait for each other.
    """
    raise TypeError("runs inside compiled kernels only")


@overload(borrowed, strict=False, jit_options=OPTIONS)
def _borrowed(array):
    if array.layout == "C":
        return lambda array: part(array, 0, array.shape, array.dtype)
    return lambda array: array
