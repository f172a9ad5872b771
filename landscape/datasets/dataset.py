"""The ragged data set that every source gives and every network reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from landscape.datasets import checks, selection, transforms
from landscape.datasets.checks import Channels, Floats, Integers, frozen
from landscape.datasets.hdf5_input import open_data
from landscape.datasets.saving import read_saved, write_saved
from landscape.errors import DataError


class Sample(NamedTuple):
    """One sample: ``times`` (n,) float64 in order, ``channels`` (n,) int32, and its ``label``."""

    times: Floats
    channels: Channels
    label: int


@dataclass(frozen=True, slots=True, weakref_slot=True, init=False, eq=False, repr=False)
class Dataset:
    """Labelled spike trains of any length: sample ``i`` is spikes ``offsets[i]`` up to ``offsets[i + 1]``.

    Args:
        times: (n_spikes,) spike times, finite, non-negative, in order within each sample. Their unit is the source's
            (seconds in a file, trial units after :meth:`normalize_time` or :meth:`scale_time`).
        channels: (n_spikes,) input channel of each spike, ``0 .. n_channels - 1``.
        offsets: (n_samples + 1,) where each sample starts; the first is 0, the last ``n_spikes``. A sample may be
            empty.
        labels: (n_samples,) class of each sample, ``0 .. n_classes - 1``.
        n_channels, n_classes: Sizes of the input and of the output that fit.
        speakers: (n_samples,) integer that names who spoke, where the source knows it.
        name: What to call the data in messages and reports.
        class_names: (n_classes,) names of the classes, or empty.
        Attributes have the parameters' names. Arrays are contiguous and read-only: ``times`` float64,
        ``channels`` int32, ``offsets``, ``labels`` and ``speakers`` int64. Writeable arrays are copied, read-only
        ones taken as they are.

    Raises:
        DataError: something of this does not hold; the message names the field, the sample and the value.
    """

    times: Floats
    channels: Channels
    offsets: Integers
    labels: Integers
    n_channels: int
    n_classes: int
    speakers: Integers | None
    name: str
    class_names: tuple[str, ...]

    def __init__(
        self,
        times: npt.ArrayLike,
        channels: npt.ArrayLike,
        offsets: npt.ArrayLike,
        labels: npt.ArrayLike,
        n_channels: int,
        n_classes: int,
        speakers: npt.ArrayLike | None = None,
        name: str = "",
        class_names: Sequence[str] = (),
    ) -> None:
        n_channels = checks.size("n_channels", n_channels)
        n_classes = checks.size("n_classes", n_classes)
        time_array = checks.vector("times", times, np.float64, "one time per spike")
        channel_array = checks.vector("channels", channels, np.int32, "one channel per spike")
        offset_array = checks.vector("offsets", offsets, np.int64, "n_samples + 1 positions")
        label_array = checks.vector("labels", labels, np.int64, "one class per sample")
        checks.check_length("channels", len(channel_array), len(time_array), "spike")
        checks.check_offsets(offset_array, len(time_array))
        n_samples = len(offset_array) - 1
        checks.check_length("labels", len(label_array), n_samples, "sample")
        checks.check_labels(label_array, n_classes)
        checks.check_channels(channel_array, offset_array, n_channels)
        checks.check_times(time_array, offset_array)
        speaker_array = None
        if speakers is not None:
            speaker_array = checks.vector("speakers", speakers, np.int64, "one speaker per sample")
            checks.check_length("speakers", len(speaker_array), n_samples, "sample")
        names = tuple(checks.text("class name", class_name) for class_name in class_names)
        if names:
            checks.check_length("class_names", len(names), n_classes, "class")
        values = (time_array, channel_array, offset_array, label_array, n_channels, n_classes)
        for field, value in zip(fields(self), (*values, speaker_array, checks.text("name", name), names), strict=True):
            object.__setattr__(self, field.name, value)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.labels)

    def __getitem__(self, index: int) -> Sample:
        """Return sample ``index`` (negative: from the end); IndexError where there is none."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"sample {index} of a data set of {len(self)}")
        index %= len(self)
        spikes = slice(self.offsets[index], self.offsets[index + 1])
        return Sample(self.times[spikes], self.channels[spikes], int(self.labels[index]))

    def __iter__(self) -> Iterator[Sample]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        title = f"Dataset {self.name!r}" if self.name else "Dataset"
        sizes = f"{len(self)} samples, {self.n_classes} classes, {self.n_channels} channels"
        return f"<{title}: {sizes}, {self.n_spikes} spikes>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, tuple(getattr(self, field.name) for field in fields(self))

    @property
    def n_spikes(self) -> int:
        """Number of spikes in all samples together."""
        return len(self.times)

    @property
    def spike_counts(self) -> Integers:
        """(n_samples,) int64 number of spikes of each sample."""
        return np.diff(self.offsets)

    def sample(self, index: int) -> Sample:
        """Return ``data[index]``.

        Raises:
            DataError: there is no such sample; it is said which there are.
        """
        try:
            return self[index]
        except IndexError:
            raise DataError(f"there is no sample {index}: the data set has samples 0 to {len(self) - 1}") from None

    def select(
        self,
        classes: Sequence[int] | None = None,
        speakers: Sequence[int] | None = None,
        count: int | None = None,
        seed: int = 0,
        indices: npt.ArrayLike | None = None,
        relabel: bool = False,
    ) -> Dataset:
        """Return the samples that meet every condition given, in their order here.

        Args:
            classes, speakers: Keep the samples of these classes, of these speakers.
            count: Of what is left, draw this many, balanced over the classes as far as they allow; the draw depends
                on ``seed`` alone, and a smaller count draws a subset of a larger one.
            seed: Seed of the draw.
            indices: Start from these samples, in this order (one may be named twice), instead of from all. Negative
                ones count from the end.
            relabel: Number the classes anew: by their order in ``classes``, or in ascending order of those left.
                Otherwise labels and ``n_classes`` stay what they are.

        Raises:
            DataError: a class, speaker or index is not in the data set, or if no sample or fewer than ``count``
                are left.
        """
        chosen = np.arange(len(self)) if indices is None else self._positions(indices)
        if classes is not None:
            wanted = checks.vector("classes", classes, np.int64, "classes to keep")
            _refuse_strangers("classes", wanted, np.arange(self.n_classes))
            if len(np.unique(wanted)) < len(wanted):
                raise DataError(f"classes names a class twice: {list(map(int, wanted))}")
            chosen = chosen[np.isin(self.labels[chosen], wanted)]
        if speakers is not None:
            if self.speakers is None:
                raise DataError("speakers cannot be selected: this data set does not know its speakers")
            voices = checks.vector("speakers", speakers, np.int64, "speakers to keep")
            _refuse_strangers("speakers", voices, np.unique(self.speakers))
            chosen = chosen[np.isin(self.speakers[chosen], voices)]
        if not len(chosen):
            raise DataError("no sample meets the selection: choose other classes, speakers or indices")
        if count is not None:
            chosen = chosen[selection.balanced(self.labels[chosen], count, seed)]
        subset = self._take(chosen)
        if not relabel:
            return subset
        kept = np.unique(subset.labels) if classes is None else np.asarray(classes, dtype=np.int64)
        return subset._relabelled(kept)

    def split(self, fraction: float, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Cut the samples in two, stratified by class.

        The first part has ``round(fraction * len(self))`` samples. Each class gives the first part its
        ``fraction`` to within one sample. Which samples depends on ``seed`` alone; both parts keep the order.

        Raises:
            DataError: ``fraction`` is not between 0 and 1, or a part would be empty.
        """
        first, second = selection.stratified(self.labels, fraction, seed)
        return self._take(first), self._take(second)

    def pool_channels(self, n_channels: int) -> Dataset:
        """Merge neighbouring channels into ``n_channels`` groups whose sizes differ by one at most.

        Channel ``c`` becomes ``floor(c * n_channels / self.n_channels)``; every spike stays a spike.

        Raises:
            DataError: ``n_channels`` is no whole number from 1 to ``self.n_channels``.
        """
        n_channels = checks.whole_number("n_channels", n_channels, 1)
        if n_channels > self.n_channels:
            raise DataError(f"{self.n_channels} channels cannot be pooled to {n_channels}: give a smaller number")
        group = (np.arange(self.n_channels) * n_channels // self.n_channels).astype(np.int32)
        return replace(self, channels=frozen(group[self.channels]), n_channels=n_channels)

    def bin_times(self, n_bins: int, duration: float) -> Dataset:
        """Move every spike to the start of its bin, one of ``n_bins`` equal parts of ``[0, duration]``.

        A spike in bin ``b = floor(t * n_bins / duration)`` goes to ``b * duration / n_bins``; one at
        ``duration`` belongs to the last bin. Spikes that meet on a channel stay separate. Binning twice
        changes nothing more.

        ``duration`` is in the unit of the times.

        Raises:
            DataError: a spike comes later, or an argument is not positive.
        """
        return replace(self, times=frozen(transforms.binned(self.times, self.offsets, n_bins, duration)))

    def normalize_time(self, span: float, offset: float = 0.0) -> Dataset:
        """Stretch every sample linearly: its first spike goes to ``offset``, its last to ``offset + span``.

        A sample whose spikes all come at one time has them all at ``offset``; an empty one stays empty.
        ``span`` > 0 and ``offset`` >= 0 are in the new unit, as a rule the trial's.

        Raises:
            DataError: one of them is out of its range.
        """
        return replace(self, times=frozen(transforms.normalized(self.times, self.offsets, span, offset)))

    def scale_time(self, factor: float, offset: float = 0.0) -> Dataset:
        """Replace every time ``t`` by ``offset + factor * t``, as a change of unit does.

        Samples keep their length relative to each other. ``factor`` > 0, ``offset`` >= 0.

        Raises:
            DataError: one of them is out of its range.
        """
        return replace(self, times=frozen(transforms.scaled(self.times, factor, offset)))

    def content_hash(self) -> str:
        """Return the SHA-256 (hexadecimal) of everything a network sees, the speakers and both sizes.

        The same on every machine; names do not enter.
        """
        digest = hashlib.sha256(f"{self.n_channels} {self.n_classes} {len(self)} {self.n_spikes}".encode())
        for array, dtype in (
            (self.times, "<f8"),
            (self.channels, "<i4"),
            (self.offsets, "<i8"),
            (self.labels, "<i8"),
            (self.speakers, "<i8"),
        ):
            if array is not None:
                digest.update(array.astype(dtype, copy=False).data)
        return digest.hexdigest()

    def save(self, path: str | PathLike[str]) -> None:
        """Write the data set to an HDF5 file, whole or not at all; DataError where that is impossible.

        The layout is in ``landscape/datasets/README.md``.
        """
        write_saved(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Dataset:
        """Read a file that :meth:`save` wrote; DataError if it is missing, damaged or of another kind."""
        with open_data(path) as file:
            return cls.from_saved(file)

    @classmethod
    def from_saved(cls, file: Any) -> Dataset:
        """Read an open HDF5 file that :meth:`save` wrote.

        Raises:
            DataError: it is of another kind, or was altered.
        """
        arguments, content_hash = read_saved(file)
        data = cls(**arguments)
        if data.content_hash() != content_hash:
            raise DataError("its arrays do not match its content_hash, they were altered: save the data set again")
        return data

    def _positions(self, indices: npt.ArrayLike) -> Integers:
        positions = checks.vector("indices", indices, np.int64, "samples to take")
        wrong = (positions < -len(self)) | (positions >= len(self))
        if wrong.any():
            culprit = positions[int(np.argmax(wrong))]
            raise DataError(f"indices names sample {culprit}: the data set has samples 0 to {len(self) - 1}")
        return positions % len(self)

    def _take(self, chosen: Integers) -> Dataset:
        offsets = np.concatenate(([0], np.cumsum(self.spike_counts[chosen])))
        # Slices are joined, not gathered by an index per spike: that index would be larger than the data.
        pieces = [slice(a, b) for a, b in zip(self.offsets[chosen], self.offsets[chosen + 1], strict=True)]
        return replace(
            self,
            times=frozen(np.concatenate([self.times[piece] for piece in pieces])),
            channels=frozen(np.concatenate([self.channels[piece] for piece in pieces])),
            offsets=frozen(offsets),
            labels=frozen(self.labels[chosen]),
            speakers=None if self.speakers is None else frozen(self.speakers[chosen]),
        )

    def _relabelled(self, classes: Integers) -> Dataset:
        new_label = np.full(self.n_classes, -1, dtype=np.int64)
        new_label[classes] = np.arange(len(classes))
        names = tuple(self.class_names[label] for label in classes) if self.class_names else ()
        labels = frozen(new_label[self.labels])
        return replace(self, labels=labels, n_classes=len(classes), class_names=names)


def _rebuild(*values: Any) -> Dataset:
    """Unpickle: arrays arrive writeable and are nobody else's, so they are frozen instead of copied."""
    for value in values:
        if isinstance(value, np.ndarray):
            frozen(value)
    return Dataset(*values)


def _refuse_strangers(field: str, wanted: Integers, known: Integers) -> None:
    strangers = wanted[~np.isin(wanted, known)]
    if len(strangers):
        raise DataError(f"{field}: {strangers[0]} is not in this data set, which has {_listed(known)}")


def _listed(numbers: Integers) -> str:
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(map(str, numbers[:10])) + (", ..." if len(numbers) > 10 else "")
