"""Files in the layout of Spiking Heidelberg Digits (SHD) and Spiking Speech Commands (SSC).

Source: B. Cramer, Y. Stradmann, J. Schemmel, F. Zenke, "The Heidelberg Spiking Data Sets for the Systematic
Evaluation of Spiking Neural Networks", IEEE Transactions on Neural Networks and Learning Systems 33 (2022), published
online 2020; arXiv:1910.07407.
"""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from landscape.datasets.checks import frozen
from landscape.datasets.dataset import Dataset
from landscape.datasets.hdf5_input import open_hdf5, texts, title_of
from landscape.datasets.registry import FileLayout
from landscape.errors import DataError

if TYPE_CHECKING:
    import h5py

N_CHANNELS = 700
"""Channels of the cochlea model behind SHD and SSC."""

_REQUIRED = ("spikes/times", "spikes/units", "labels")


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
        DataError: If the file is missing, truncated, no HDF5 or lacks a group; if its arrays differ in length; if a
            time is not finite, negative or out of order; if a unit or label is out of range; or if there is no
            sample.
    """
    with open_hdf5(path) as file:
        return replace(read_shd(file, n_channels, n_classes), name=title_of(path))


def read_shd(file: h5py.File, n_channels: int = N_CHANNELS, n_classes: int | None = None) -> Dataset:
    """Read an open file: see :func:`load_shd`."""
    labels = _member(file, "labels")[...]
    if labels.dtype.kind not in "iu":
        raise DataError(f"/labels has dtype {labels.dtype}: SHD layout has integers, convert them")
    times = _ragged(file, "spikes/times", "fiu")
    units = _ragged(file, "spikes/units", "iu")
    for name, count in (("spikes/units", len(units)), ("labels", len(labels))):
        if count != len(times):
            raise DataError(
                f"spikes/times has {len(times)} samples but {name} has {count}: "
                "write the file again with one entry per sample in each"
            )
    if not len(times):
        raise DataError("has no samples, spikes/times is empty: give a file with at least one")
    lengths = np.array([len(train) for train in times])
    unit_lengths = np.array([len(train) for train in units])
    if (lengths != unit_lengths).any():
        sample = int(np.argmax(lengths != unit_lengths))
        raise DataError(
            f"sample {sample} has {lengths[sample]} entries in spikes/times but {unit_lengths[sample]} in "
            "spikes/units: write the file again with one unit per time"
        )
    class_names: tuple[str, ...] = texts(_member(file, "extra/keys")) if "extra/keys" in file else ()
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
        speakers=_member(file, "extra/speaker")[...] if "extra/speaker" in file else None,
        class_names=class_names if len(class_names) == n_classes else (),
    )


def is_shd(file: h5py.File) -> bool:
    """Tell whether an open file means to be in SHD layout; :func:`read_shd` says whether it is."""
    return "spikes" in file


def _missing(file: h5py.File) -> str:
    return ", ".join(name for name in _REQUIRED if name not in file)


def _member(file: h5py.File, name: str) -> h5py.Dataset:
    import h5py

    member = file.get(name)
    if not isinstance(member, h5py.Dataset):
        raise DataError(f"lacks the array /{name}: add it, SHD layout has {', '.join(_REQUIRED)}")
    if len(member.shape) != 1:
        raise DataError(f"/{name} has shape {member.shape}: SHD layout has one entry per sample, reshape it")
    return member


def _ragged(file: h5py.File, name: str, kinds: str) -> npt.NDArray[Any]:
    """Read one variable-length array per sample."""
    import h5py

    member = _member(file, name)
    element = h5py.check_vlen_dtype(member.dtype)
    if element is None or np.dtype(element).kind not in kinds:
        what = "numbers" if "f" in kinds else "integers"
        raise DataError(
            f"/{name} has dtype {element or member.dtype}: SHD layout has variable-length arrays of {what}, write it so"
        )
    trains: npt.NDArray[Any] = member[...]
    return trains


LAYOUT = FileLayout("a file in SHD layout", is_shd, read_shd, _missing)
