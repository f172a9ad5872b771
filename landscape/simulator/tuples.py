"""Tuples of any length inside kernels: state of a neuron to and from arrays, small matrices.

State arrays have shape ``(length, rows, neurons)``; one neuron's state in one row is a tuple. The functions are
written per length (states up to three, variations up to two) because compiled tuples have fixed types.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from landscape.compilation import OPTIONS

__all__ = ["apply", "apply_transposed", "combine", "dot", "is_zero", "load", "product", "scaled", "store"]


def _compiled_only(*_: Any) -> Any:
    raise TypeError("runs inside compiled kernels only")


def load(array: Any, row: int, i: int, like: tuple[float, ...]) -> Any:
    """Entries ``array[:, row, i]`` as a tuple as long as ``like``."""
    _compiled_only()


# Unsigned indices spare the test for negative ones, without which loops over neurons vectorise.


@overload(load, strict=False, jit_options=OPTIONS)
def _load(array, row, i, like):
    if like.count == 1:

        def load_1(array, row, i, like):
            r, j = np.uintp(row), np.uintp(i)
            return (array[0, r, j],)

        return load_1
    if like.count == 2:

        def load_2(array, row, i, like):
            r, j = np.uintp(row), np.uintp(i)
            return (array[0, r, j], array[1, r, j])

        return load_2
    if like.count == 3:

        def load_3(array, row, i, like):
            r, j = np.uintp(row), np.uintp(i)
            return (array[0, r, j], array[1, r, j], array[2, r, j])

        return load_3
    if like.count == 4:

        def load_4(array, row, i, like):
            r, j = np.uintp(row), np.uintp(i)
            return (array[0, r, j], array[1, r, j], array[2, r, j], array[3, r, j])

        return load_4
    return None


def store(array: Any, row: int, i: int, values: tuple[float, ...]) -> None:
    """Write a tuple to ``array[:, row, i]``."""
    _compiled_only()


@overload(store, strict=False, jit_options=OPTIONS)
def _store(array, row, i, values):
    if values.count == 1:

        def store_1(array, row, i, values):
            r, j = np.uintp(row), np.uintp(i)
            array[0, r, j] = values[0]

        return store_1
    if values.count == 2:

        def store_2(array, row, i, values):
            r, j = np.uintp(row), np.uintp(i)
            array[0, r, j] = values[0]
            array[1, r, j] = values[1]

        return store_2
    if values.count == 3:

        def store_3(array, row, i, values):
            r, j = np.uintp(row), np.uintp(i)
            array[0, r, j] = values[0]
            array[1, r, j] = values[1]
            array[2, r, j] = values[2]

        return store_3
    if values.count == 4:

        def store_4(array, row, i, values):
            r, j = np.uintp(row), np.uintp(i)
            array[0, r, j] = values[0]
            array[1, r, j] = values[1]
            array[2, r, j] = values[2]
            array[3, r, j] = values[3]

        return store_4
    return None


def dot(a: tuple[float, ...], b: tuple[float, ...]) -> Any:
    """Inner product of two tuples of equal length."""
    _compiled_only()


@overload(dot, strict=False, jit_options=OPTIONS)
def _dot(a, b):
    if a.count == 1:
        return lambda a, b: a[0] * b[0]
    if a.count == 2:
        return lambda a, b: a[0] * b[0] + a[1] * b[1]
    if a.count == 3:
        return lambda a, b: a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    return None


def is_zero(v: tuple[float, ...]) -> Any:
    """Whether all entries of a tuple are zero."""
    _compiled_only()


@overload(is_zero, strict=False, jit_options=OPTIONS)
def _is_zero(v):
    if v.count == 1:
        return lambda v: v[0] == 0.0
    if v.count == 2:
        return lambda v: v[0] == 0.0 and v[1] == 0.0
    return None


def apply(matrix: tuple[float, ...], v: tuple[float, ...]) -> Any:
    """``matrix @ v`` for a matrix given row by row."""
    _compiled_only()


@overload(apply, strict=False, jit_options=OPTIONS)
def _apply(matrix, v):
    if v.count == 1:
        return lambda matrix, v: (matrix[0] * v[0],)
    if v.count == 2:
        return lambda matrix, v: (matrix[0] * v[0] + matrix[1] * v[1], matrix[2] * v[0] + matrix[3] * v[1])
    return None


def apply_transposed(matrix: tuple[float, ...], v: tuple[float, ...]) -> Any:
    """``matrix.T @ v`` for a matrix given row by row."""
    _compiled_only()


@overload(apply_transposed, strict=False, jit_options=OPTIONS)
def _apply_transposed(matrix, v):
    if v.count == 1:
        return lambda matrix, v: (matrix[0] * v[0],)
    if v.count == 2:
        return lambda matrix, v: (matrix[0] * v[0] + matrix[2] * v[1], matrix[1] * v[0] + matrix[3] * v[1])
    return None


def product(a: tuple[float, ...], b: tuple[float, ...]) -> Any:
    """``a @ b`` for square matrices given row by row."""
    _compiled_only()


@overload(product, strict=False, jit_options=OPTIONS)
def _product(a, b):
    if a.count == 1:
        return lambda a, b: (a[0] * b[0],)
    if a.count == 4:
        return lambda a, b: (
            a[0] * b[0] + a[1] * b[2],
            a[0] * b[1] + a[1] * b[3],
            a[2] * b[0] + a[3] * b[2],
            a[2] * b[1] + a[3] * b[3],
        )
    return None


def combine(v: tuple[float, ...], a: tuple[float, ...], x: float, b: tuple[float, ...], y: float) -> Any:
    """``v + a x + b y``."""
    _compiled_only()


@overload(combine, strict=False, jit_options=OPTIONS)
def _combine(v, a, x, b, y):
    if v.count == 1:
        return lambda v, a, x, b, y: (v[0] + a[0] * x + b[0] * y,)
    if v.count == 2:
        return lambda v, a, x, b, y: (v[0] + a[0] * x + b[0] * y, v[1] + a[1] * x + b[1] * y)
    return None


def scaled(v: tuple[float, ...], x: float) -> Any:
    """``x v``."""
    _compiled_only()


@overload(scaled, strict=False, jit_options=OPTIONS)
def _scaled(v, x):
    if v.count == 1:
        return lambda v, x: (v[0] * x,)
    if v.count == 2:
        return lambda v, x: (v[0] * x, v[1] * x)
    return None
