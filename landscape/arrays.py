"""What users give as numbers: converted where nothing is lost, refused where something would be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["as_array", "as_number"]


def as_array(values: Any, kinds: str = "iuf") -> npt.NDArray[Any]:
    """Return array-like values as an array of real numbers, of their own type; not copied where they are one.

    Args:
        values: an array, or what NumPy makes one of: a sequence, a pandas Series, a memory view.
        kinds: NumPy's letters for the kinds of numbers that are fine; integers and floats.

    Raises:
        ValueError: they are something else; the message says what.
    """
    if np.ma.is_masked(values):
        raise ValueError("a masked array with masked values: take them out first")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise ValueError("a nested sequence whose parts differ in length") from None
    except RuntimeError as error:  # a tensor of another library that cannot be read from outside
        raise ValueError(f"what is no array ({error})") from None
    if array.size and array.dtype.kind not in kinds:  # an empty list arrives as float64: nothing is lost
        raise ValueError(f"dtype {array.dtype}")
    return array


def as_number(value: Any) -> float:
    """Return a real number as a float.

    Raises:
        ValueError: it is none: text, complex, an array, too large.
    """
    try:
        if np.ndim(value) or np.iscomplexobj(value) or isinstance(value, str | bytes):
            raise TypeError
        return float(value)
    except (TypeError, OverflowError):
        raise ValueError("no number") from None
