"""Where the run of a layer is kept while it lasts: arrays that trial after trial share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, leaf
from landscape.neurons.interface import clock, rest

__all__ = [
    "BLOCK_BYTES",
    "LANES",
    "MAX_SPIKES",
    "QUIET",
    "SHORTEST_BLOCK",
    "SPIKES",
    "UNSURE",
    "Flagged",
    "LayerRun",
    "Room",
    "aligned",
    "block_bounds",
    "block_length",
    "copy_row",
    "make_room",
    "more_spikes",
    "no_flags",
    "no_room",
    "number_of_blocks",
    "padded",
]

MAX_SPIKES = 2**20
"""Spikes of one layer in one trial beyond which a simulation is given up (and says so): tens of megabytes."""

LANES = 8  # of a vector register
BLOCK_BYTES = 2**19  # of states; with what else is in use a block stays in a second-level cache
SHORTEST_BLOCK = 64  # intervals
QUIET, SPIKES, UNSURE = 0, 1, 2  # a flagged neuron after one step: no spike, one spike, needs a closer look


def padded(n: int) -> int:
    """``n`` rounded up to whole vector registers. Neurons beyond ``n`` have zero weights and are never looked at."""
    return max(1, -(-n // LANES)) * LANES


class LayerRun(NamedTuple):
    """What a layer did in a trial. Spikes come in two orders: by interval and neuron (as found), and by time."""

    tape: np.ndarray  # (state, rows, padded neurons): states of the block that it holds
    starts: np.ndarray  # (state, blocks, padded neurons): states at the beginning of each block, if there are several
    held: np.ndarray  # (1,) int64: the block that the tape holds
    clocks: np.ndarray  # (clock, 1, n_events + 1): what each interval is to the neurons
    time: np.ndarray  # (n_spikes,) as found: by interval, then neuron, then time
    neuron: np.ndarray  # (n_spikes,) int64, as found
    interval: np.ndarray  # (n_spikes,) int64: interval k ends with event k
    lifted: np.ndarray  # (n_spikes,) bool: caused by event k at once, not by a crossing before it
    order: np.ndarray  # (n_spikes,) int64: the spikes sorted by time
    sorted_time: np.ndarray  # (n_spikes,)
    sorted_neuron: np.ndarray  # (n_spikes,) int64
    final: np.ndarray  # (state, 1, padded neurons): states at the trial's end, whatever block the tape holds
    failed: np.ndarray  # (1,) bool: too many spikes


class Flagged(NamedTuple):
    """The neurons that an interval asks a closer look at, and what is found out about them."""

    flags: np.ndarray  # (padded neurons,) bool
    words: np.ndarray  # the same as uint64, eight neurons each
    neuron: np.ndarray  # (padded neurons,) int64: the flagged ones, in order; what follows stands in the same places
    states: np.ndarray  # (state, 2, padded neurons): at the beginning and the end of the interval
    weight: np.ndarray  # of the input at its end
    delay: np.ndarray  # of the spike
    kind: np.ndarray  # uint8: QUIET, SPIKES or UNSURE


class Room(NamedTuple):
    """Arrays that the runs of one layer share, trial after trial: a run is valid until the next one in its room.

    Memory from the system has to be cleared page by page, which for a trial of microseconds is a large cost.
    """

    tape: np.ndarray  # (state, rows, padded neurons)
    starts: np.ndarray  # (state, blocks, padded neurons)
    held: np.ndarray
    clocks: np.ndarray  # (clock, 1, intervals)
    flagged: Flagged
    time: np.ndarray
    neuron: np.ndarray
    interval: np.ndarray
    lifted: np.ndarray
    order: np.ndarray
    spare: np.ndarray
    sorted_time: np.ndarray
    sorted_neuron: np.ndarray
    final: np.ndarray
    failed: np.ndarray


@inline
def aligned(n):
    """An array of ``n`` float64 numbers, not set, that begins where a vector register's worth of them lies in one cache
    line: otherwise every access touches two."""
    buffer = np.empty(n + LANES)
    skip = -(buffer.ctypes.data // 8) % LANES
    return buffer[skip : skip + n]


@inline
def no_flags(neuron, width):
    """Nothing flagged yet in a layer of ``width`` padded neurons."""
    flags = np.zeros(width, np.bool_)
    return Flagged(
        flags,
        flags.view(np.uint64),
        np.empty(width, np.int64),
        np.zeros((len(rest(neuron)), 2, width)),
        np.zeros(width),
        np.empty(width),
        np.empty(width, np.uint8),
    )


@inline
def make_room(neuron, n_rows, n_blocks, n_clocks, width, n_spikes):
    start = rest(neuron)
    return Room(
        aligned(len(start) * n_rows * width).reshape((len(start), n_rows, width)),
        np.empty((len(start), n_blocks, width)),
        np.zeros(1, np.int64),
        np.empty((len(clock(neuron, 0.0)), 1, n_clocks)),
        no_flags(neuron, width),
        np.empty(n_spikes),
        np.empty(n_spikes, np.int64),
        np.empty(n_spikes, np.int64),
        np.empty(n_spikes, np.bool_),
        np.empty(n_spikes, np.int64),
        np.empty(n_spikes, np.int64),
        np.empty(n_spikes),
        np.empty(n_spikes, np.int64),
        np.empty((len(start), 1, width)),
        np.zeros(1, np.bool_),
    )


@inline
def no_room(neuron):
    """A room that the first run will replace by one that is large enough."""
    none = np.int64(0)
    return make_room(neuron, none, none, none, none, none)


@inline
def more_spikes(neuron, room, n_spikes):
    """The same room with space for more spikes."""
    larger = make_room(neuron, np.int64(0), np.int64(0), np.int64(0), np.int64(0), n_spikes)
    for j in range(room.time.size):
        larger.time[j] = room.time[j]
        larger.neuron[j] = room.neuron[j]
        larger.interval[j] = room.interval[j]
        larger.lifted[j] = room.lifted[j]
    return Room(
        room.tape,
        room.starts,
        room.held,
        room.clocks,
        room.flagged,
        larger.time,
        larger.neuron,
        larger.interval,
        larger.lifted,
        larger.order,
        larger.spare,
        larger.sorted_time,
        larger.sorted_neuron,
        room.final,
        room.failed,
    )


@inline
def block_length(neuron, width):
    """Intervals of a block."""
    return max(np.int64(SHORTEST_BLOCK), BLOCK_BYTES // (8 * len(rest(neuron)) * width))


@inline
def number_of_blocks(neuron, run):
    """How many blocks a run has that was recorded with ``keep``."""
    return -(-run.clocks.shape[2] // block_length(neuron, run.tape.shape[2]))


@inline
def block_bounds(neuron, run, block):
    """First interval of a block and the first one after it."""
    length = block_length(neuron, run.tape.shape[2])
    return block * length, min((block + 1) * length, run.clocks.shape[2])


@leaf
def copy_row(array, row, other, other_row):
    for s in range(array.shape[0]):
        for i in range(array.shape[2]):
            other[np.uintp(s), np.uintp(other_row), np.uintp(i)] = array[np.uintp(s), np.uintp(row), np.uintp(i)]
