"""What a data set's arrays must be: conversions that refuse, and checks that name the culprit.

Every function raises :class:`~landscape.errors.DataError` with one line that says which field, which sample
and which value is at fault, and what to do about it.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from landscape.arrays import as_array, as_number
from landscape.errors import DataError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Channels = npt.NDArray[np.int32]


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Mark a freshly made array read-only, which tells the data set that it need not copy it."""
    array.setflags(write=False)
    return array


#: Most channels, and most classes: arrays of their number are made, for which a wrong one would take all memory.
MOST = 1 << 22


def size(name: str, value: object) -> int:
    """Return ``value`` as an int, or refuse what is no number of channels or classes."""
    number = whole_number(name, value, 1)
    if number > MOST:
        raise DataError(f"{name} is {number}, but at most {MOST} are possible: check the numbers, or number them anew")
    return number


def text(name: str, value: object) -> str:
    """Return ``value`` as text, or refuse what can be written to no file."""
    words = str(value)
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        raise DataError(f"{name} {words!r} is no valid text: give it in Unicode") from None
    if "\0" in words:
        raise DataError(f"{name} {words!r} holds a null character: remove it")
    return words


def whole_number(name: str, value: object, minimum: int) -> int:
    """Return ``value`` as an int, or refuse what is no integer or is below ``minimum``."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # anything else is what this is about to refuse
    except TypeError:
        raise DataError(f"{name} must be an integer of at least {minimum}, got {value!r}") from None
    if number < minimum:
        raise DataError(f"{name} must be at least {minimum}, got {number}")
    return number


def finite_number(name: str, value: object, *, minimum: float = 0.0, above: bool = False) -> float:
    """Return ``value`` as a finite float of at least (or, with ``above``, greater than) ``minimum``."""
    bound = f"{'greater than' if above else 'of at least'} {minimum:g}"
    try:
        number = as_number(value)
    except ValueError:
        raise DataError(f"{name} must be a number {bound}, got {value!r}") from None
    if not np.isfinite(number) or number < minimum or (above and number == minimum):
        raise DataError(f"{name} must be a finite number {bound}, got {number!r}")
    return number


def vector(name: str, values: npt.ArrayLike, dtype: type[np.generic], what: str) -> npt.NDArray[Any]:
    """Convert ``values`` to a read-only contiguous vector of ``dtype`` without changing any value.

    A writeable array is copied, so that what its owner does to it later does not reach the data set. A
    read-only one of the right type is taken as it is.
    """
    kinds, kind = ("iuf", "real numbers") if np.issubdtype(dtype, np.floating) else ("iu", "integers")
    try:
        array = as_array(values, kinds)
    except ValueError as error:
        raise DataError(f"{name} must be {kind} ({what}), got {error}: give a plain array of them") from None
    if array.ndim != 1:
        raise DataError(f"{name} must be a one-dimensional array of {what}, got shape {array.shape}: concatenate it")
    if array.size and array.dtype.kind in "iu" and np.issubdtype(dtype, np.integer):
        limits = np.iinfo(dtype)  # type: ignore[type-var]  # an integer type, by the condition above
        extreme = int(array.max()) if int(array.max()) > limits.max else int(array.min())
        if not limits.min <= extreme <= limits.max:
            raise DataError(f"{name} contain {extreme}, which does not fit {np.dtype(dtype)}: check {what}")
    result = np.ascontiguousarray(array, dtype=dtype)
    if result.flags.writeable and not isinstance(values, list | tuple) and np.may_share_memory(result, array):
        result = result.copy()
    return frozen(result)


def sample_of(spike: int, offsets: Integers) -> int:
    """Return the sample to which spike number ``spike`` of the whole data set belongs."""
    return int(np.searchsorted(offsets, spike, side="right")) - 1


def check_offsets(offsets: Integers, n_spikes: int) -> None:
    """Refuse offsets that do not cut ``n_spikes`` spikes into one sample or more."""
    if len(offsets) < 2:
        raise DataError("the data set has no samples: offsets needs n_samples + 1 entries and at least one sample")
    if offsets[0] != 0:
        raise DataError(f"offsets must start at 0, got {offsets[0]}: sample i is spikes offsets[i]:offsets[i + 1]")
    falls = np.flatnonzero(offsets[1:] < offsets[:-1])
    if falls.size:
        sample = int(falls[0])
        change = f"from {offsets[sample]} to {offsets[sample + 1]}"
        raise DataError(f"offsets decrease at sample {sample} ({change}): sample i is spikes offsets[i]:offsets[i + 1]")
    if offsets[-1] != n_spikes:
        raise DataError(f"offsets must end at the number of spikes, {n_spikes}, got {offsets[-1]}")


def check_times(times: Floats, offsets: Integers) -> None:
    """Refuse times that are not finite, negative, or not in order within their sample."""
    for wrong, problem in (
        (~np.isfinite(times), "which is not finite: remove the spike or repair its time"),
        (times < 0, "which is negative: shift the times so that the trial starts at 0"),
    ):
        if wrong.any():
            spike = int(np.argmax(wrong))
            raise DataError(f"{_name_spike(spike, offsets)} has time {times[spike]}, {problem}")
    falls = times[1:] < times[:-1]
    borders = offsets[1:-1]
    borders = borders[(borders > 0) & (borders < len(times))]
    falls[borders - 1] = False  # a new sample starts its own clock
    if falls.any():
        spike = int(np.argmax(falls)) + 1
        raise DataError(
            f"{_name_spike(spike, offsets)} comes at {times[spike]}, after one at {times[spike - 1]}: "
            "sort the spikes of each sample by time"
        )


def check_channels(channels: npt.NDArray[Any], offsets: Integers, n_channels: int) -> None:
    """Refuse channels outside ``0 .. n_channels - 1``."""
    wrong = (channels < 0) | (channels >= n_channels)
    if wrong.any():
        spike = int(np.argmax(wrong))
        found = f"{_name_spike(spike, offsets)} is on channel {channels[spike]}"
        if channels[spike] < 0:
            raise DataError(f"{found}, which is negative: number the channels from 0, or remove the spike")
        raise DataError(
            f"{found}, but n_channels={n_channels} allows 0 to {n_channels - 1}: "
            "correct the channel or give a larger n_channels"
        )


def check_labels(labels: Integers, n_classes: int) -> None:
    """Refuse labels outside ``0 .. n_classes - 1``."""
    wrong = (labels < 0) | (labels >= n_classes)
    if wrong.any():
        sample = int(np.argmax(wrong))
        found = f"sample {sample} has label {labels[sample]}"
        if labels[sample] < 0:
            raise DataError(f"{found}, which is negative: number the classes from 0, or remove the sample")
        raise DataError(
            f"{found}, but n_classes={n_classes} allows 0 to {n_classes - 1}: "
            "correct the label or give a larger n_classes"
        )


def check_length(name: str, length: int, expected: int, per: str) -> None:
    """Refuse a field that has not one entry per ``per``."""
    if length != expected:
        raise DataError(f"{name} has length {length}, but one entry per {per} makes {expected}: give all of them")


def _name_spike(spike: int, offsets: Integers) -> str:
    sample = sample_of(spike, offsets)
    return f"sample {sample}: spike {spike - int(offsets[sample])}"
