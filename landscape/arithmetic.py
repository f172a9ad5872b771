"""Inner products and norms that are the same to the last bit for any number of threads.

NumPy hands ``a @ b`` and ``np.linalg.norm(a)`` of long vectors to BLAS, which splits them over its threads, as many as
the machine or the batch job has cores: the sum is rounded otherwise, and so is everything that is trained with it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["inner", "norm"]


def inner(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Inner product of two arrays of the same shape."""
    return float(np.sum(a * b))


def norm(a: NDArray[np.float64]) -> float:
    """Euclidean norm of an array of any shape."""
    return math.sqrt(inner(a, a))
