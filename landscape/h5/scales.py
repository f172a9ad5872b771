"""The dimension scales of a dataset, by the address of each in the file.

Addresses are compared, not names: to tell the name of what a reference leads to, the library searches the file.
"""

from __future__ import annotations

import h5py
import numpy as np
from h5py import h5o, h5r

__all__ = ["address", "scales_of"]


def address(item: h5py.Dataset) -> int:
    """Where in the file a dataset is."""
    return int(h5o.get_info(item.id).addr)


def scales_of(item: h5py.Dataset) -> list[list[int]]:
    """The addresses of the scales attached to each dimension of a dataset, as far as they are there.

    Read from the references themselves: asked through the library, a scale that was deleted ends the process.
    """
    found: list[list[int]] = [[] for _ in item.shape or ()]
    try:
        listed = item.attrs.get("DIMENSION_LIST", ())
    except (OSError, RuntimeError, TypeError, ValueError):
        return found
    if np.shape(listed) != (len(found),):
        return found
    for scales, references in zip(found, listed, strict=True):
        for reference in np.atleast_1d(references):
            if isinstance(reference, h5py.Reference) and reference:
                try:
                    scales.append(int(h5o.get_info(h5r.dereference(reference, item.id)).addr))
                except (OSError, RuntimeError, ValueError, KeyError):
                    continue
    return found
