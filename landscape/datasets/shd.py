"""Files in the layout of Spiking Heidelberg Digits (SHD) and Spiking Speech Commands (SSC).

Source: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke, "The Heidelberg Spiking Data Sets for the Systematic
Evaluation of Spiking Neural Networks", IEEE Transactions on Neural Networks and Learning Systems 33 (2022), published
online 2020; arXiv:1910.07407.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from landscape.datasets.checks import frozen
from landscape.datasets.dataset import Dataset
from landscape.datasets.hdf5_input import open_data, title_of
from landscape.datasets.registry import FileLayout
from landscape.errors import DataError

if TYPE_CHECKING:
    import h5py

N_CHANNELS = 700
"""Channels of the cochlea model behind SHD and SSC."""

_REQUIRED = ("spikes/times", "spikes/units", "labels")
_OPTIONAL = ("extra/keys", "extra/speaker")


def load_shd(path: str | PathLike[str], n_channels: int = N_CHANNELS, n_classes: int | None = None) -> Dataset:
    """Read a file in SHD layout, compressed with gzip or not.

    Args:
        path: An HDF5 file with ``spikes/times`` (variable length, floats, seconds), ``spikes/units`` (variable
            length, integers), ``labels``, and where present ``extra/speaker`` and ``extra/keys`` (the names of the
            classes).
        n_channels: Channels of the encoder; a unit beyond them is an error.
        n_classes: Without it, as many as ``extra/keys`` names, and without that one more than the largest label.

    Returns:
        Dataset: Times in seconds, converted exactly from the file's float16; the spikes in the file's order.

    Raises:
        DataError: the file is missing, truncated, no HDF5 or lacks a group; if its arrays differ in length; if a
            time is not finite, negative or out of order; if a unit or label is out of range; or if there is no
            sample.
    """
    with open_data(path) as file:
        return replace(read_shd(file, n_channels, n_classes), name=title_of(path))


def read_shd(file: h5py.File, n_channels: int = N_CHANNELS, n_classes: int | None = None) -> Dataset:
    """Read an open file: see :func:`load_shd`."""
    from landscape.hdf5 import read_array, read_ragged, read_texts

    members = {name: _member(file, name) for name in (*_REQUIRED, *(name for name in _OPTIONAL if name in file))}
    n_samples = len(members["spikes/times"])
    for name in ("spikes/units", "labels", "extra/speaker"):
        # Before anything is read: an array can claim to have any length.
        if name in members and len(members[name]) != n_samples:
            raise DataError(
                f"spikes/times has {n_samples} samples but {name} has {len(members[name])}: "
                "write the file again with one entry per sample in each"
            )
    if not n_samples:
        raise DataError("has no samples, spikes/times is empty: give a file with at least one")
    labels = read_array(members["labels"], "iu")
    times = read_ragged(members["spikes/times"])
    units = read_ragged(members["spikes/units"], "iu")
    lengths = np.array([len(train) for train in times])
    unit_lengths = np.array([len(train) for train in units])
    if (lengths != unit_lengths).any():
        sample = int(np.argmax(lengths != unit_lengths))
        raise DataError(
            f"sample {sample} has {lengths[sample]} entries in spikes/times but {unit_lengths[sample]} in "
            "spikes/units: write the file again with one unit per time"
        )
    class_names: tuple[str, ...] = read_texts(members["extra/keys"]) if "extra/keys" in members else ()
    if n_classes is None:
        n_classes = len(class_names) or max(int(labels.max()), 0) + 1
    with np.errstate(invalid="ignore"):  # what is no number is refused by name later
        all_times = np.concatenate(times, dtype=np.float64)
    return Dataset(
        times=frozen(all_times),
        channels=np.concatenate(units),
        offsets=frozen(np.concatenate(([0], np.cumsum(lengths)))),
        labels=labels,
        n_channels=n_channels,
        n_classes=n_classes,
        speakers=read_array(members["extra/speaker"], "iu") if "extra/speaker" in members else None,
        class_names=class_names if len(class_names) == n_classes else (),
    )


def is_shd(file: h5py.File) -> bool:
    """Tell whether an open file means to be in SHD layout; :func:`read_shd` says whether it is."""
    return "spikes" in file


def _missing(file: h5py.File) -> str:
    return ", ".join(name for name in _REQUIRED if name not in file)


def _member(file: h5py.File, name: str) -> h5py.Dataset:
    from landscape.hdf5 import member

    found = member(file, name)
    if found.shape is None or len(found.shape) != 1:
        raise DataError(f"/{name} has shape {found.shape}: SHD layout has one entry per sample, reshape it")
    return found


LAYOUT = FileLayout("a file in SHD layout", is_shd, read_shd, _missing)
