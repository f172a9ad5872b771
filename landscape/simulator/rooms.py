"""Where the run of a layer is kept while it lasts: arrays that trial after trial share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, leaf
from landscape.neurons.interface import clock, rest
from landscape.numba_internals import part
from landscape.simulator.memory import LANES, aligned

__all__ = [
    "BLOCKS",
    "COUNT",
    "HELD",
    "INTERVALS",
    "MAX_SPIKES",
    "MOST_INTERVALS",
    "MOST_SPIKES",
    "QUIET",
    "ROWS",
    "SPIKES",
    "UNSURE",
    "WIDTH",
    "LayerRun",
    "Room",
    "block_bounds",
    "block_length",
    "copy_row",
    "empty_run",
    "new_room",
    "no_room",
    "number_of_blocks",
    "padded",
    "run_of",
    "with_spikes",
]

MAX_SPIKES = 2**20
"""Spikes of one layer in one trial beyond which a simulation is given up (and says so): tens of megabytes."""

BLOCK_BYTES = 2**19  # of states; with what else is in use a block stays in a second-level cache
SHORTEST_BLOCK = 64  # intervals
QUIET, SPIKES, UNSURE = 0, 1, 2  # a flagged neuron after one step: no spike, one spike, needs a closer look


def padded(n: int) -> int:
    """``n`` rounded up to whole vector registers. Neurons beyond ``n`` have zero weights and are never looked at."""
    return max(1, -(-n // LANES)) * LANES


class Room(NamedTuple):
    """The memory that the runs of one layer share, trial after trial: a run is valid until the next one in its room.

    Memory from the system has to be cleared page by page, which for a trial of microseconds is a large cost. A room is
    what is handed on between the parts of a kernel; :func:`run_of` shows what it holds.
    """

    memory: np.ndarray  # (n,) float64: all but the spikes
    spikes: np.ndarray  # (m,) float64
    sizes: np.ndarray  # (N_SIZES,) int64


# What stands where in the sizes: of the room, and of the run that it holds.
STATES, CLOCKS, WIDTH, ROWS, BLOCKS, MOST_INTERVALS, MOST_SPIKES, INTERVALS, COUNT, HELD = range(10)
N_SIZES = 10


class Flagged(NamedTuple):
    """The neurons that an interval asks a closer look at, and what is found out about them."""

    flags: np.ndarray  # (padded neurons,) bool
    words: np.ndarray  # the same as uint64, eight neurons each
    neuron: np.ndarray  # (padded neurons,) int64: the flagged ones, in order; what follows stands in the same places
    states: np.ndarray  # (state, 2, padded neurons): at the beginning and the end of the interval
    weight: np.ndarray  # of the input at its end
    delay: np.ndarray  # of the spike
    kind: np.ndarray  # uint8: QUIET, SPIKES or UNSURE


class LayerRun(NamedTuple):
    """What a layer does in a trial. Spikes come in two orders: by interval and neuron (as found), and by time."""

    tape: np.ndarray  # (state, rows, padded neurons): states of the block that it holds
    starts: np.ndarray  # (state, blocks, padded neurons): states at the beginning of each block, if there are several
    final: np.ndarray  # (state, 1, padded neurons): states at the trial's end, whatever block the tape holds
    clocks: np.ndarray  # (clock, 1, n_events + 1): what each interval is to the neurons
    flagged: Flagged
    time: np.ndarray  # (n_spikes,) as found: by interval, then neuron, then time
    neuron: np.ndarray  # (n_spikes,) int64, as found
    interval: np.ndarray  # (n_spikes,) int64: interval k ends with event k
    lifted: np.ndarray  # (n_spikes,) bool: caused by event k at once, not by a crossing before it
    order: np.ndarray  # (n_spikes,) int64: the spikes sorted by time
    spare: np.ndarray  # (n_spikes,) int64
    sorted_time: np.ndarray  # (n_spikes,)
    sorted_neuron: np.ndarray  # (n_spikes,) int64
    sizes: np.ndarray  # (N_SIZES,) int64, of the room; HELD is the block that the tape holds


@inline
def new_room(neuron, n_rows, n_blocks, n_intervals, width, n_spikes):
    """Room for so many rows of the tape, blocks, intervals, padded neurons and spikes."""
    sizes = np.zeros(N_SIZES, np.int64)
    sizes[STATES] = len(rest(neuron))
    sizes[CLOCKS] = len(clock(neuron, 0.0))
    sizes[WIDTH] = width
    sizes[ROWS] = n_rows
    sizes[BLOCKS] = n_blocks
    sizes[MOST_INTERVALS] = n_intervals
    per_neuron = sizes[STATES] * (n_rows + n_blocks + 3) + 3
    memory = aligned(per_neuron * width + 2 * (width // LANES) + sizes[CLOCKS] * n_intervals)
    for j in range(sizes[STATES] * (n_rows + n_blocks + 1) * width, memory.size):
        memory[j] = 0.0
    return with_spikes(Room(memory, memory, sizes), n_spikes)


@inline
def no_room(neuron):
    """A room that the first run will replace by one that is large enough."""
    none = np.int64(0)
    return new_room(neuron, none, none, none, none, none)


@inline
def with_spikes(room, n_spikes):
    """The same room with space for so many spikes, none of which is there yet."""
    n = -(-n_spikes // LANES) * LANES
    room.sizes[MOST_SPIKES] = n
    room.sizes[COUNT] = 0
    return Room(room.memory, np.empty(7 * n + n // LANES + LANES), room.sizes)


@leaf
def _run_in(room, n_spikes):
    sizes = room.sizes
    n_state, width, words = sizes[STATES], sizes[WIDTH], sizes[WIDTH] // LANES
    # All that is read in vectors begins at a cache line: what stands before it are whole vectors.
    starts = n_state * sizes[ROWS] * width
    final = starts + n_state * sizes[BLOCKS] * width
    states = final + n_state * width
    weight = states + 2 * n_state * width
    flags = weight + 3 * width
    flagged = Flagged(
        part(room.memory, flags, (width,), np.bool_),
        part(room.memory, flags, (words,), np.uint64),
        part(room.memory, weight + 2 * width, (width,), np.int64),
        part(room.memory, states, (n_state, np.int64(2), width), np.float64),
        part(room.memory, weight, (width,), np.float64),
        part(room.memory, weight + width, (width,), np.float64),
        part(room.memory, flags + words, (width,), np.uint8),
    )
    n = sizes[MOST_SPIKES]
    # A vector more than is ever filled follows the times.
    other = n + LANES
    return LayerRun(
        part(room.memory, np.int64(0), (n_state, sizes[ROWS], width), np.float64),
        part(room.memory, starts, (n_state, sizes[BLOCKS], width), np.float64),
        part(room.memory, final, (n_state, np.int64(1), width), np.float64),
        part(room.memory, flags + 2 * words, (sizes[CLOCKS], np.int64(1), sizes[INTERVALS]), np.float64),
        flagged,
        part(room.spikes, np.int64(0), (n_spikes,), np.float64),
        part(room.spikes, other, (n_spikes,), np.int64),
        part(room.spikes, other + n, (n_spikes,), np.int64),
        part(room.spikes, other + 6 * n, (n_spikes,), np.bool_),
        part(room.spikes, other + 2 * n, (n_spikes,), np.int64),
        part(room.spikes, other + 3 * n, (n_spikes,), np.int64),
        part(room.spikes, other + 4 * n, (n_spikes,), np.float64),
        part(room.spikes, other + 5 * n, (n_spikes,), np.int64),
        part(sizes, np.int64(0), sizes.shape, np.int64),
    )


@leaf
def empty_run(room):
    """All of a room, with space for spikes that are yet to be found."""
    return _run_in(room, room.sizes[MOST_SPIKES])


@leaf
def run_of(room):
    """The last run in a room: arrays that are valid until its next one, and as long as somebody keeps the room.

    In compiled code a variable ends with its last use, even if what was borrowed from it is used later: only a function
    that is handed the room, or that comes to use it again in a loop, may borrow.
    """
    return _run_in(room, room.sizes[COUNT])


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
