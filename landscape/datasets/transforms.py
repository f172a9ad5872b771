"""Arithmetic on the spike times of a ragged data set, as functions of plain arrays."""

from __future__ import annotations

import numpy as np

from landscape.datasets.checks import Floats, Integers, finite_number, sample_of, whole_number
from landscape.errors import DataError


def binned(times: Floats, offsets: Integers, n_bins: int, duration: float) -> Floats:
    """Move every time to the start of its bin: see :meth:`landscape.datasets.Dataset.bin_times`."""
    n_bins = whole_number("n_bins", n_bins, 1)
    duration = finite_number("duration", duration, above=True)
    if times.size and times.max() > duration:
        spike = int(np.argmax(times > duration))
        raise DataError(
            f"sample {sample_of(spike, offsets)} has a spike at {times[spike]}, after duration={duration:g}: "
            "give a longer duration or normalize the times first"
        )
    # A search among the very numbers that are returned: floor(t * n_bins / duration) may round a time that
    # lies on a bin's start into the bin before, and binning twice would then move it twice.
    starts = np.arange(n_bins) * duration / n_bins
    return starts[np.searchsorted(starts, times, side="right") - 1]


def normalized(times: Floats, offsets: Integers, span: float, offset: float) -> Floats:
    """Stretch every sample to the same span: see :meth:`landscape.datasets.Dataset.normalize_time`."""
    span = finite_number("span", span, above=True)
    offset = finite_number("offset", offset)
    lengths = np.diff(offsets)
    occupied = lengths > 0
    first = np.zeros(len(lengths))
    extent = np.zeros(len(lengths))
    first[occupied] = times[offsets[:-1][occupied]]
    extent[occupied] = times[offsets[1:][occupied] - 1] - first[occupied]
    extent[extent == 0] = 1.0  # no extent to stretch: every spike of the sample goes to the offset
    result = times - np.repeat(first, lengths)
    result /= np.repeat(extent, lengths)  # before the product: the last spike lands on offset + span exactly
    result *= span
    result += offset
    return result


def scaled(times: Floats, factor: float, offset: float) -> Floats:
    """Return ``offset + factor * times``: see :meth:`landscape.datasets.Dataset.scale_time`."""
    factor = finite_number("factor", factor, above=True)
    offset = finite_number("offset", offset)
    return offset + factor * times
