"""The dimension scales of a dataset."""

from __future__ import annotations

import h5py
import numpy as np

__all__ = ["scales_of"]


def scales_of(item: h5py.Dataset) -> list[list[h5py.Dataset]]:
    """The dimension scales attached to each dimension of a dataset, as far as they are there.

    Read from the references themselves: asked through the library, a scale that was deleted ends the process. One can
    also still be there without a name. They are not asked for theirs here: the library looks for it in the whole file.
    Two of them are compared by their addresses.
    """
    found: list[list[h5py.Dataset]] = [[] for _ in item.shape or ()]
    try:
        listed = item.attrs.get("DIMENSION_LIST", ())
    except (OSError, RuntimeError, TypeError, ValueError):
        return found
    if np.shape(listed) != (len(found),):
        return found
    for scales, references in zip(found, listed, strict=True):
        for reference in np.atleast_1d(references):
            try:
                scale = item.file[reference] if isinstance(reference, h5py.Reference) else None
            except (OSError, RuntimeError, ValueError, KeyError):
                scale = None
            if isinstance(scale, h5py.Dataset):
                scales.append(scale)
    return found
