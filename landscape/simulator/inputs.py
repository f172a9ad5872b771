"""The input spikes of one sample as events: simultaneous spikes are grouped, one drive per distinct time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline

__all__ = ["Inputs", "group", "project"]


class Inputs(NamedTuple):
    """Events of a sample: at ``times[k]`` channels ``channel[first[k]:first[k + 1]]`` spike ``multiplicity`` times."""

    times: np.ndarray  # (n_events,) distinct, sorted
    first: np.ndarray  # (n_events + 1,) int64
    channel: np.ndarray  # (n_entries,) int64
    multiplicity: np.ndarray  # (n_entries,) float64


@inline
def group(times, channels, duration):
    """Group the spikes (sorted by time) that come before the trial's end; the others have no effect."""
    n = times.size
    while n > 0 and times[n - 1] >= duration:
        n -= 1
    event_times = np.empty(n)
    first = np.empty(n + 1, np.int64)
    channel = np.empty(n, np.int64)
    count = np.empty(n)
    n_events = 0
    n_entries = 0
    for j in range(n):
        if n_events == 0 or times[j] != event_times[n_events - 1]:
            event_times[n_events] = times[j]
            first[n_events] = n_entries
            n_events += 1
        # Spikes of one channel at one time usually stand side by side; where they do not, an entry each is as right.
        if n_entries > first[n_events - 1] and channel[n_entries - 1] == channels[j]:
            count[n_entries - 1] += 1.0
        else:
            channel[n_entries] = channels[j]
            count[n_entries] = 1.0
            n_entries += 1
    first[n_events] = n_entries
    return Inputs(event_times[:n_events], first[: n_events + 1], channel[:n_entries], count[:n_entries])


@inline
def project(inputs, rows):
    """Drive of the first layer at each event, (n_events, width): the weights of the channels that spike, summed."""
    n_events = inputs.times.size
    width = rows.shape[1]
    drive = np.zeros((n_events, width))
    for k in range(n_events):
        event = np.uintp(k)
        for j in range(inputs.first[k], inputs.first[k + 1]):
            channel = np.uintp(inputs.channel[j])
            count = inputs.multiplicity[j]
            for i in range(width):
                neuron = np.uintp(i)
                drive[event, neuron] += count * rows[channel, neuron]
    return drive
