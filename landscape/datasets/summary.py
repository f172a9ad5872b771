"""What is in a data set, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from landscape.datasets.checks import Integers
from landscape.datasets.dataset import Dataset
from landscape.text import visible


class Spread(NamedTuple):
    """Smallest, median and largest of a number over the samples."""

    minimum: int
    median: float
    maximum: int

    def __str__(self) -> str:
        return f"{self.minimum} to {self.maximum}, median {self.median:g}"


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What :func:`describe` finds; ``str`` of it is a paragraph to read, :meth:`as_dict` plain values.

    Attributes:
        name: Name of the data set.
        n_samples, n_classes, n_channels, n_spikes: Sizes.
        samples_per_class: One number per class.
        n_speakers: Number of different speakers, or None if they are not known.
        spikes_per_sample: Smallest, median, largest.
        distinct_times_per_sample: Smallest, median, largest number of different spike times in a sample: what an
            event-based simulation pays for.
        n_empty: Samples without spikes.
        active_channels: Channels that spike at least once.
        first_time, last_time: Earliest and latest spike, in the unit of the times; None without spikes.
    """

    name: str
    n_samples: int
    n_classes: int
    n_channels: int
    n_spikes: int
    samples_per_class: tuple[int, ...]
    n_speakers: int | None
    spikes_per_sample: Spread
    distinct_times_per_sample: Spread
    n_empty: int
    active_channels: int
    first_time: float | None
    last_time: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as numbers, strings, None and sequences of them, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        fewest, most = min(self.samples_per_class), max(self.samples_per_class)
        per_class = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        empty = f" ({self.n_empty} without spikes)" if self.n_empty else ""
        rows = {
            "samples": f"{self.n_samples}{empty}",
            "classes": f"{self.n_classes}, {per_class} samples each",
            "speakers": "not known" if self.n_speakers is None else f"{self.n_speakers}",
            "channels": f"{self.n_channels}, {self.active_channels} of them active",
            "spikes": f"{self.n_spikes}",
            "spikes per sample": f"{self.spikes_per_sample}",
            "distinct times per sample": f"{self.distinct_times_per_sample}",
            "times": "none" if self.last_time is None else f"{self.first_time:g} to {self.last_time:g}",
        }
        width = max(map(len, rows))
        return "\n".join(
            [visible(self.name) or "data set", *(f"  {key:<{width}}  {value}" for key, value in rows.items())]
        )


def describe(data: Dataset) -> DataSummary:
    """Count what is in a data set.

    Args:
        data: the samples.
    """
    occupied = data.n_spikes > 0
    return DataSummary(
        name=data.name,
        n_samples=len(data),
        n_classes=data.n_classes,
        n_channels=data.n_channels,
        n_spikes=data.n_spikes,
        samples_per_class=tuple(np.bincount(data.labels, minlength=data.n_classes).tolist()),
        n_speakers=None if data.speakers is None else len(np.unique(data.speakers)),
        spikes_per_sample=_spread(data.spike_counts),
        distinct_times_per_sample=_spread(_distinct_times(data)),
        n_empty=int(np.count_nonzero(data.spike_counts == 0)),
        active_channels=int(np.count_nonzero(np.bincount(data.channels, minlength=data.n_channels))),
        first_time=float(data.times.min()) if occupied else None,
        last_time=float(data.times.max()) if occupied else None,
    )


def _distinct_times(data: Dataset) -> Integers:
    """Count, per sample, the spikes that come later than the one before."""
    is_new = np.ones(data.n_spikes, dtype=bool)
    is_new[1:] = data.times[1:] != data.times[:-1]
    starts = data.offsets[:-1]
    is_new[starts[starts < data.n_spikes]] = True
    running = np.concatenate(([0], np.cumsum(is_new)))
    return np.diff(running[data.offsets])


def _spread(values: Integers) -> Spread:
    return Spread(int(values.min()), float(np.median(values)), int(values.max()))
