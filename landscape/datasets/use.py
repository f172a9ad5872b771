"""How much of a data set a network sees: spikes at the trial's end or later have no effect.

Spike times in another unit than the trial's leave silent networks and a flat loss, which look like results. So what is
left of the input is counted wherever data meet a network.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from landscape.datasets.dataset import Dataset
from landscape.errors import DataError, DataWarning

__all__ = ["InputUse", "input_use", "warn_of_unused"]

#: Shares of spikes that are cut off, and of samples that are left without one, beyond which it is said.
MUCH_CUT = 0.1
MANY_SILENT = 0.5


class InputUse(NamedTuple):
    """What trials of one duration leave of the input spikes of a data set.

    Attributes:
        duration: duration of a trial.
        spikes, spikes_cut: number of spikes in all samples, and of those at the trial's end or later.
        samples, samples_silent: number of samples, and of those without a spike before the trial's end.
        first_time, last_time: earliest and latest spike; nan without spikes.
    """

    duration: float
    spikes: int
    spikes_cut: int
    samples: int
    samples_silent: int
    first_time: float
    last_time: float

    @property
    def is_nothing(self) -> bool:
        """Whether no spike is left."""
        return self.spikes_cut == self.spikes

    def problem(self) -> str | None:
        """Say in a sentence that nothing or only a part is left; None where that is little worth saying."""
        end = f"at the trial's end, {self.duration:g}, or later and have no effect"
        if self.spikes == 0:
            return "there are no input spikes"
        if self.is_nothing:
            return f"all {self.spikes:,} input spikes come {end} (the first at {self.first_time:g})"
        if self.spikes_cut > MUCH_CUT * self.spikes:
            return (
                f"{self.spikes_cut:,} of the {self.spikes:,} input spikes come {end} (the last at {self.last_time:g})"
            )
        if self.samples_silent > MANY_SILENT * self.samples:
            return (
                f"{self.samples_silent:,} of {self.samples:,} samples have no input spike before the trial's end, "
                f"{self.duration:g}"
            )
        return None


# Kept, since the same data are evaluated again and again.
_known: WeakKeyDictionary[Dataset, dict[float, InputUse]] = WeakKeyDictionary()


def input_use(data: Dataset, duration: float) -> InputUse:
    """Count what is left of the input spikes of ``data`` in trials of this duration."""
    by_duration = _known.setdefault(data, {})
    if duration not in by_duration:
        by_duration[duration] = _counted(data, duration)
    return by_duration[duration]


def _counted(data: Dataset, duration: float) -> InputUse:
    # The times of a sample are in order: its first spike tells whether one comes in time.
    occupied = data.spike_counts > 0
    in_time = data.times[data.offsets[:-1][occupied]] < duration
    return InputUse(
        duration=duration,
        spikes=data.n_spikes,
        spikes_cut=int(np.count_nonzero(data.times >= duration)),
        samples=len(data),
        samples_silent=len(data) - int(np.count_nonzero(in_time)),
        first_time=float(data.times.min()) if data.n_spikes else float("nan"),
        last_time=float(data.times.max()) if data.n_spikes else float("nan"),
    )


def warn_of_unused(data: Dataset, duration: float) -> None:
    """Give a :class:`~landscape.errors.DataWarning` if much of the input has no effect; for what users call.

    Nothing is said of a single sample, for which that is not unusual.

    Raises:
        DataError: ``data`` is no data set.
    """
    if not isinstance(data, Dataset):
        raise DataError(
            f"data must be a Dataset, not {type(data).__name__}: make one with Dataset(times, channels, offsets, "
            "labels, n_channels, n_classes)"
        )
    use = input_use(data, duration)
    if len(data) > 1 and use.spikes_cut and (problem := use.problem()):
        advice = "if the times are in another unit than tau and duration, use Dataset.scale_time or normalize_time"
        warnings.warn(f"{problem}; {advice}", DataWarning, stacklevel=3)
