"""How large the data in a file are, without reading them: for estimates of what computing with them costs."""

from __future__ import annotations

import functools
import os
from os import PathLike
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landscape.datasets.hdf5_input import open_data
from landscape.errors import DataError
from landscape.paths import user_path

if TYPE_CHECKING:
    import h5py

__all__ = ["DataSize", "size_of_file"]

#: Samples whose spikes are looked at.
LOOKED_AT = 16


class DataSize(NamedTuple):
    """Size of a data set.

    Attributes:
        samples: number of samples.
        classes: number of classes.
        spikes: input spikes per sample, the mean over some of them.
        events: times per sample at which inputs spike, likewise; fewer than spikes where several are at once.
    """

    samples: int
    classes: int
    spikes: float
    events: float


def size_of_file(path: str | PathLike[str]) -> DataSize | None:
    """Return the size of the data in a file, compressed or not; None where it cannot be told.

    It depends on the content of the file alone. What is wrong with a file is told when its data are loaded.
    """
    try:
        place = user_path(path)
        state = place.stat()
    except (OSError, ValueError):
        return None
    return _size(os.path.realpath(place), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=16)
def _size(path: str, size: int, changed: int) -> DataSize | None:
    from landscape.hdf5 import member, read_array

    try:
        with open_data(path) as file:
            labels = read_array(member(file, "labels"), "iu", ndim=1)
            if not labels.size:
                return None
            numbers = np.unique(np.linspace(0, labels.size - 1, LOOKED_AT).astype(np.int64))
            trains = [_times(file, int(number)) for number in numbers]
            return DataSize(
                int(labels.size),
                max(int(labels.max()), 0) + 1,
                float(np.mean([train.size for train in trains])),
                float(np.mean([np.unique(train).size for train in trains])),
            )
    except (DataError, LookupError, AttributeError):
        return None


def _times(file: h5py.File, number: int) -> np.ndarray:
    """Spike times of one sample, in either layout."""
    from landscape.hdf5 import member, read_ragged

    if "spikes" in file:
        return read_ragged(member(file, "spikes/times"), only=number)[0]
    first, last = member(file, "offsets")[number : number + 2]
    return np.asarray(member(file, "times")[int(first) : int(last)])
