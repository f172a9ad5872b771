"""The input spikes of one sample as events: simultaneous spikes are grouped, one drive per distinct time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, routine
from landscape.simulator.row_sums import add_rows

__all__ = ["Inputs", "drive_at", "group", "project", "project_to"]


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
    event_times = np.empty(n)
    first = np.empty(n + 1, np.int64)
    channel = np.empty(n, np.int64)
    count = np.empty(n)
    sizes = np.empty(2, np.int64)
    _group(times, channels, duration, event_times, first, channel, count, sizes)
    n_events = sizes[0]
    n_entries = sizes[1]
    return Inputs(event_times[:n_events], first[: n_events + 1], channel[:n_entries], count[:n_entries])


@routine
def _group(times, channels, duration, event_times, first, channel, count, sizes):
    n = times.size
    while n > 0 and times[n - 1] >= duration:
        n -= 1
    event = np.uintp(0)
    entry = np.uintp(0)
    one = np.uintp(1)
    for j in range(n):
        spike = np.uintp(j)
        if event == 0 or times[spike] != event_times[event - one]:
            event_times[event] = times[spike]
            first[event] = entry
            event += one
        # Spikes of one channel at one time usually stand side by side; where they do not, an entry each is as right.
        if entry > np.uintp(first[event - one]) and channel[entry - one] == channels[spike]:
            count[entry - one] += 1.0
        else:
            channel[entry] = channels[spike]
            count[entry] = 1.0
            entry += one
    first[event] = entry
    sizes[0] = event
    sizes[1] = entry


@inline
def project(inputs, rows):
    """Drive of the first layer at each event, (n_events, width): the weights of the channels that spike, summed."""
    drive = np.empty((inputs.times.size, rows.shape[1]))
    project_to(drive, inputs, rows)
    return drive


@routine
def project_to(drive, inputs, rows):
    """Write the drive to the first rows of ``drive``."""
    for k in range(inputs.times.size):
        for i in range(rows.shape[1]):
            drive[np.uintp(k), np.uintp(i)] = 0.0
    add_rows(drive, inputs.first, inputs.channel, inputs.multiplicity, rows)


@routine
def drive_at(drive, projected, coordinates, n_events):
    """Write the drive at a point of a slice, given the projections (n_directions + 1, n_events or more, width) of a
    sample onto the centre and the directions."""
    for k in range(n_events):
        event = np.uintp(k)
        a = coordinates[0]
        for i in range(drive.shape[1]):
            n = np.uintp(i)
            drive[event, n] = projected[np.uintp(0), event, n] + a * projected[np.uintp(1), event, n]
        for d in range(1, coordinates.size):
            a = coordinates[d]
            direction = np.uintp(d + 1)
            for i in range(drive.shape[1]):
                n = np.uintp(i)
                drive[event, n] += a * projected[direction, event, n]
