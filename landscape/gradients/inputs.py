"""The gradient of the first layer's weights, summed over several samples at a time.

It is as large as the weights, and a sample touches nearly all of it for a few numbers each: added sample by sample it
would go through the cache every time. So the derivatives with respect to the drives are collected, and the rows of the
gradient are gone through once for several samples. Samples of many events are added at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, routine
from landscape.simulator.memory import aligned
from landscape.simulator.row_sums import add_rows

__all__ = ["CHUNK", "InputGradients", "add_collected", "collect", "input_gradients"]

CHUNK = 512  # events collected at a time; their derivatives stay in the cache


class InputGradients(NamedTuple):
    """Derivatives with respect to the drives of several samples, and the channels that spike at their events."""

    size: np.ndarray  # (2,) int64: events and entries so far
    rows: np.ndarray  # (n_events, width) derivatives
    event: np.ndarray  # (n_entries,) int64
    channel: np.ndarray  # (n_entries,) int64
    weight: np.ndarray  # (n_entries,) spikes of an entry
    first: np.ndarray  # (n_channels + 1,) int64: room for sorting the entries by channel
    sorted_event: np.ndarray  # (n_entries,) int64
    sorted_count: np.ndarray  # (n_entries,)


@inline
def input_gradients(n_channels, width, most):
    """Room for samples of at most ``CHUNK`` events and ``most`` spikes."""
    n_events = 2 * CHUNK
    n_entries = 32 * CHUNK + most
    return InputGradients(
        np.zeros(2, np.int64),
        aligned(n_events * width).reshape((n_events, width)),
        np.empty(n_entries, np.int64),
        np.empty(n_entries, np.int64),
        np.empty(n_entries),
        np.empty(n_channels + 1, np.int64),
        np.empty(n_entries, np.int64),
        np.empty(n_entries),
    )


@routine
def collect(collected, inputs, gradient):
    """Take in a sample, whose derivatives stand in the rows after the collected ones. Adds to ``gradient``
    (n_channels, width) what is collected when that is enough."""
    events, entries = collected.size[0], collected.size[1]
    n_events = inputs.times.size
    for k in range(n_events):
        for j in range(inputs.first[np.uintp(k)], inputs.first[np.uintp(k + 1)]):
            entry = np.uintp(entries)
            collected.event[entry] = events + k
            collected.channel[entry] = inputs.channel[np.uintp(j)]
            collected.weight[entry] = inputs.multiplicity[np.uintp(j)]
            entries += 1
    collected.size[0] = events + n_events
    collected.size[1] = entries
    if events + n_events > CHUNK or entries > 32 * CHUNK:
        add_collected(collected, gradient)


@routine
def add_collected(collected, gradient):
    """Add what is collected to ``gradient`` (n_channels, width), and forget it."""
    first = collected.first
    n_channels = first.size - 1
    n_entries = collected.size[1]
    # The entries sorted by channel: those of channel c are first[c] to first[c + 1].
    for c in range(n_channels + 1):
        first[np.uintp(c)] = 0
    for j in range(n_entries):
        first[np.uintp(collected.channel[np.uintp(j)] + 1)] += 1
    for c in range(n_channels):
        first[np.uintp(c + 1)] += first[np.uintp(c)]
    for j in range(n_entries):
        channel = np.uintp(collected.channel[np.uintp(j)])
        place = np.uintp(first[channel])
        collected.sorted_event[place] = collected.event[np.uintp(j)]
        collected.sorted_count[place] = collected.weight[np.uintp(j)]
        first[channel] += 1
    for c in range(n_channels, 0, -1):
        first[np.uintp(c)] = first[np.uintp(c - 1)]
    first[np.uintp(0)] = 0
    add_rows(gradient, first, collected.sorted_event, collected.sorted_count, collected.rows)
    collected.size[0] = 0
    collected.size[1] = 0
