"""Pack spike trains whose times are float16, as in SHD files, into few bytes.

The packed form is an xz stream of arrays in NumPy's ``.npy`` format, one after the other: ``labels``,
``speakers`` (of length 0 where unknown), ``class_names`` (UTF-8, empty where unknown), ``counts`` (n_samples,
n_channels), ``first`` and ``later``.

A float16 that is not negative grows with its bit pattern, so the patterns serve as integer times. Each sample
is listed channel by channel; ``first`` holds the time of the first spike of every channel that spikes,
``later`` the steps from one spike to the next. Both are (2, n) uint8, the low bytes and then the high ones:
like goes with like. Against the gzipped HDF5 file this saves 45 %; a byte code with escapes for long steps,
16-bit words, time-major order and blocks of time with their counts were tried: larger, or within 1 % of this.
"""

from __future__ import annotations

import io
import lzma
from typing import Any

import numpy as np
import numpy.typing as npt

from landscape.datasets.checks import Integers, frozen
from landscape.datasets.dataset import Dataset
from landscape.errors import DataError


def pack(data: Dataset) -> bytes:
    """Pack ``data``: everything but its name comes back from :func:`unpack`, spikes at one time by channel.

    Raises DataError if a time is not exactly a float16, or a channel does not fit 16 bits.
    """
    patterns = _patterns(data)
    sample = np.repeat(np.arange(len(data)), data.spike_counts)
    order = np.lexsort((patterns, data.channels, sample))
    patterns, train = patterns[order], (sample * data.n_channels + data.channels)[order]
    counts = np.bincount(train, minlength=len(data) * data.n_channels)
    starts = _starts(counts)
    steps = np.diff(patterns, prepend=0)
    steps[starts] = patterns[starts]
    is_later = np.ones(len(steps), dtype=bool)
    is_later[starts] = False
    arrays: list[npt.NDArray[Any]] = [
        _smallest(data.labels),
        _smallest(np.empty(0, dtype=np.int64) if data.speakers is None else data.speakers),
        np.array([name.encode() for name in data.class_names or [""] * data.n_classes], dtype=np.bytes_),
        _smallest(counts).reshape(len(data), data.n_channels),
        _byte_planes(steps[starts]),
        _byte_planes(steps[is_later]),
    ]
    stream = io.BytesIO()
    for array in arrays:
        np.lib.format.write_array(stream, array, version=(1, 0), allow_pickle=False)
    content = stream.getvalue()
    # Literal contexts do not help with steps this random: without them the model adapts faster. A window
    # larger than the content would only cost memory, here and in whoever unpacks.
    settings = {
        "preset": 9 | lzma.PRESET_EXTREME,
        "lc": 0,
        "lp": 0,
        "pb": 0,
        "dict_size": max(len(content), 4096),
    }
    return lzma.compress(content, format=lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, **settings}])


def unpack(content: bytes, name: str = "") -> Dataset:
    """Return the data set that :func:`pack` packed; DataError if ``content`` is damaged."""
    try:
        stream = io.BytesIO(lzma.decompress(content, format=lzma.FORMAT_XZ))
        labels, speakers, names, counts, first, later = (
            np.lib.format.read_array(stream, allow_pickle=False) for _ in range(6)
        )
    except (lzma.LZMAError, ValueError, EOFError) as error:
        raise DataError(f"packed data set {name!r} is damaged, install it again ({error})") from None
    n_samples, n_channels = counts.shape
    counts = counts.ravel().astype(np.int64)
    starts = _starts(counts)
    steps = np.empty(first.shape[1] + later.shape[1], dtype=np.int64)
    is_later = np.ones(len(steps), dtype=bool)
    is_later[starts] = False
    steps[starts] = _from_byte_planes(first)
    steps[is_later] = _from_byte_planes(later)
    running = np.cumsum(steps)
    occupied = counts > 0
    base = running[starts] - steps[starts]  # what the running sum had reached before each train
    patterns = running - np.repeat(base, counts[occupied])
    sample, channel = np.divmod(np.repeat(np.flatnonzero(occupied), counts[occupied]), n_channels)
    # One integer per spike that sorts by sample, time and channel: faster than a sort by three keys.
    keys = np.sort((sample << 32) | (patterns << 16) | channel)
    return Dataset(
        times=frozen((keys >> 16 & 0xFFFF).astype(np.uint16).view(np.float16).astype(np.float64)),
        channels=frozen((keys & 0xFFFF).astype(np.int32)),
        offsets=frozen(np.concatenate(([0], np.cumsum(counts.reshape(n_samples, n_channels).sum(axis=1))))),
        labels=labels,
        n_channels=n_channels,
        n_classes=len(names),
        speakers=speakers if len(speakers) else None,
        name=name,
        class_names=[entry.decode() for entry in names.tolist()] if names.any() else (),
    )


def _patterns(data: Dataset) -> Integers:
    if data.n_channels > 1 << 16:
        raise DataError(f"{data.n_channels} channels cannot be packed: pool them to at most {1 << 16}")
    with np.errstate(over="ignore"):  # becomes infinite, hence unequal
        halves = data.times.astype(np.float16)
    exact = halves == data.times
    if not exact.all():
        raise DataError(f"time {data.times[np.argmin(exact)]} is no float16: only such times can be packed")
    return np.abs(halves).view(np.uint16).astype(np.int64)  # the absolute value turns -0 into 0


def _starts(counts: Integers) -> Integers:
    """Return where the train of each channel that spikes begins in the list of all spikes."""
    occupied = counts[counts > 0]
    return np.cumsum(occupied) - occupied


def _smallest(values: Integers) -> npt.NDArray[Any]:
    largest = int(np.abs(values).max(initial=0))
    kind = np.min_scalar_type(-largest - 1 if values.min(initial=0) < 0 else largest)
    return values.astype(kind.newbyteorder("<"))


def _byte_planes(values: Integers) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(values.astype("<u2").view(np.uint8).reshape(-1, 2).T)


def _from_byte_planes(planes: npt.NDArray[np.uint8]) -> Integers:
    return planes[0].astype(np.int64) | planes[1].astype(np.int64) << 8
