"""One layer, one trial: the kernel on which everything stands.

In a feed-forward network the neurons of a layer do not interact, and all of them receive their inputs at the same
times, the spikes of the layer below. So a layer is advanced from event to event, all neurons at once by a loop
without branches; the rare neuron for which that loop raises an alert is advanced again, alone, from spike to spike.

Rows of ``tape`` are the states at the start of the trial and just after each event, in *blocks* of as many intervals as
the cache holds: within a block that begins with interval ``first``, row 0 is the state at its beginning and row
``k - first + 1`` that after event ``k``. A trial of more intervals keeps the state at the beginning of each block, and
has others held again when they are wanted (:func:`hold_block`): gradients need memory for one block, not for all events
times neurons. Without ``keep`` only two rows exist and take turns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import apart, inline, leaf, trailing_zeros
from landscape.neurons.interface import (
    alert,
    clock,
    fires_on_arrival,
    flow,
    next_spike,
    receive,
    remaining,
    reset,
    rest,
    slow_flow,
)
from landscape.simulator.tuples import load, store

__all__ = [
    "MAX_SPIKES",
    "LayerRun",
    "Room",
    "block_bounds",
    "hold_block",
    "no_room",
    "number_of_blocks",
    "padded",
    "run_layer",
    "run_layer_in",
]

MAX_SPIKES = 2**20
"""Spikes of one layer in one trial beyond which a simulation is given up (and says so): tens of megabytes."""

LANES = 8
BLOCK_BYTES = 2**19  # of states; with what else is in use a block stays in a second-level cache
SHORTEST_BLOCK = 64  # intervals


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


class Room(NamedTuple):
    """Arrays that the runs of one layer share, trial after trial: a run is valid until the next one in its room.

    Memory from the system has to be cleared page by page, which for a trial of microseconds is a large cost.
    """

    tape: np.ndarray  # (state, rows, padded neurons)
    starts: np.ndarray  # (state, blocks, padded neurons)
    held: np.ndarray
    clocks: np.ndarray  # (clock, 1, intervals)
    flags: np.ndarray  # (padded neurons,) bool
    words: np.ndarray  # the same as uint64, eight neurons each
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
def _room(neuron, n_rows, n_blocks, n_clocks, width, n_spikes):
    start = rest(neuron)
    flags = np.zeros(width, np.bool_)
    return Room(
        np.empty((len(start), n_rows, width)),
        np.empty((len(start), n_blocks, width)),
        np.zeros(1, np.int64),
        np.empty((len(clock(neuron, 0.0)), 1, n_clocks)),
        flags,
        flags.view(np.uint64),
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
    return _room(neuron, none, none, none, none, none)


@apart
def _advance(neuron, ticks, tape, before, written, after, rows, row, gain, flags):
    """Advance all neurons over one interval and deliver ``gain * rows[row]``; flag those that need a closer look."""
    start = rest(neuron)
    r = np.uintp(row)
    for i in range(rows.shape[1]):
        state = load(tape, before, i, start)
        state_end = flow(neuron, ticks, state)
        flag = alert(neuron, ticks, state, state_end)
        state_end = receive(neuron, state_end, gain * rows[r, np.uintp(i)])
        flag |= fires_on_arrival(neuron, state_end)
        store(written, after, i, state_end)
        flags[np.uintp(i)] = flag


@leaf
def _look_closer(neuron, i, ticks, begin, end, k, tape, before, after, rows, row, gain, room, count):
    """Advance a flagged neuron again, from spike to spike. Returns the new number of spikes, or -1 if there is no room
    for them."""
    start = rest(neuron)
    dt = end - begin
    state = load(tape, before, i, start)
    state_end = flow(neuron, ticks, state)
    if alert(neuron, ticks, state, state_end):
        elapsed = 0.0
        left = ticks
        while True:
            found, delay, piece, state_end = next_spike(neuron, left, state, dt - elapsed)
            if not found:
                break
            if count == room.time.size:
                return -1
            elapsed = min(elapsed + delay, dt)
            state = reset(neuron, slow_flow(neuron, piece, state))
            left = remaining(neuron, left, piece, dt - elapsed)
            spike = np.uintp(count)
            room.time[spike] = min(begin + elapsed, end)
            room.neuron[spike] = i
            room.interval[spike] = k
            room.lifted[spike] = False
            count += 1
    state_end = receive(neuron, state_end, gain * rows[np.uintp(row), np.uintp(i)])
    if fires_on_arrival(neuron, state_end):
        if count == room.time.size:
            return -1
        state_end = reset(neuron, state_end)
        spike = np.uintp(count)
        room.time[spike] = end
        room.neuron[spike] = i
        room.interval[spike] = k
        room.lifted[spike] = True
        count += 1
    store(tape, after, i, state_end)
    return count


@leaf
def _run_events(neuron, n, duration, times, index, rows, keep, room, first, stop, k, count):
    """Intervals from ``k`` to before ``stop``, in the block that begins with ``first``. Returns the first interval that
    is not done and the number of spikes so far."""
    # No array is assigned in this loop: every assignment would cost atomic reference counts per event.
    like = clock(neuron, 0.0)
    n_events = times.size
    n_words = room.words.size
    while k < stop:
        event = np.uintp(k)
        begin = times[np.uintp(k - 1)] if k > 0 else 0.0
        end = times[event] if k < n_events else duration
        row = index[event] if k < n_events else 0
        gain = 1.0 if k < n_events else 0.0  # nothing arrives at the trial's end
        before = k - first if keep else k % 2
        after = before + 1 if keep else 1 - before
        ticks = load(room.clocks, 0, k, like)
        before_this = count
        _advance(neuron, ticks, room.tape, before, room.tape, after, rows, row, gain, room.flags)
        for w in range(n_words):
            word = room.words[np.uintp(w)]
            while word:
                # The lowest flag that is set; a flag is a byte. Neurons beyond n are never looked at.
                i = 8 * w + (trailing_zeros(word) >> 3)
                word &= word - np.uint64(1)
                if i >= n:
                    break
                found = _look_closer(
                    neuron, i, ticks, begin, end, k, room.tape, before, after, rows, row, gain, room, count
                )
                if found < 0:
                    return k, before_this
                count = found
        k += 1
    return k, count


@leaf
def _set_clocks(neuron, duration, times, clocks):
    """Constants of all intervals at once."""
    n_events = times.size
    if n_events == 0:
        store(clocks, 0, 0, clock(neuron, duration))
    else:
        store(clocks, 0, 0, clock(neuron, times[0]))
        for k in range(1, n_events):
            store(clocks, 0, k, clock(neuron, times[np.uintp(k)] - times[np.uintp(k) - np.uintp(1)]))
        store(clocks, 0, n_events, clock(neuron, duration - times[n_events - 1]))


@inline
def _more_spikes(neuron, room, n_spikes):
    """The same room with space for more spikes."""
    larger = _room(neuron, np.int64(0), np.int64(0), np.int64(0), np.int64(0), n_spikes)
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
        room.flags,
        room.words,
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
def _block_length(neuron, width):
    """Intervals of a block."""
    return max(np.int64(SHORTEST_BLOCK), BLOCK_BYTES // (8 * len(rest(neuron)) * width))


@inline
def number_of_blocks(neuron, run):
    """How many blocks a run has that was recorded with ``keep``."""
    return -(-run.clocks.shape[2] // _block_length(neuron, run.tape.shape[2]))


@inline
def block_bounds(neuron, run, block):
    """First interval of a block and the first one after it."""
    length = _block_length(neuron, run.tape.shape[2])
    return block * length, min((block + 1) * length, run.clocks.shape[2])


@leaf
def _copy_row(array, row, other, other_row):
    for s in range(array.shape[0]):
        for i in range(array.shape[2]):
            other[np.uintp(s), np.uintp(other_row), np.uintp(i)] = array[np.uintp(s), np.uintp(row), np.uintp(i)]


@leaf
def _first_spike(intervals, first):
    """Number of the first spike in interval ``first`` or later, by bisection."""
    low, high = 0, intervals.size
    while low < high:
        middle = (low + high) // 2
        if intervals[middle] < first:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def hold_block(neuron, n, duration, times, index, rows, run, block):
    """Have the tape of a recorded run hold a block, by simulating that again if it holds another one."""
    if run.held[0] != block:
        first, stop = block_bounds(neuron, run, block)
        _copy_row(run.starts, block, run.tape, 0)
        flags = np.zeros(run.tape.shape[2], np.bool_)
        room = Room(
            run.tape,
            run.starts,
            run.held,
            run.clocks,
            flags,
            flags.view(np.uint64),
            run.time,
            run.neuron,
            run.interval,
            run.lifted,
            run.order,
            run.order,
            run.sorted_time,
            run.sorted_neuron,
            run.final,
            run.failed,
        )
        # The same spikes are found again and written over themselves.
        count = _first_spike(run.interval, first)
        _run_events(neuron, n, duration, times, index, rows, np.bool_(True), room, first, stop, first, count)
        run.held[0] = block


@inline
def run_layer(neuron, n, duration, times, index, rows, keep):
    """Simulate ``n`` neurons that receive ``rows[index[k]]`` at ``times[k]`` (sorted, within the trial)."""
    return run_layer_in(no_room(neuron), neuron, n, duration, times, index, rows, keep)[0]


@inline
def run_layer_in(room, neuron, n, duration, times, index, rows, keep):
    """:func:`run_layer` in a room that is there already. Returns the run and the room, which may be a larger one."""
    n_events = times.size
    width = rows.shape[1]
    start = rest(neuron)
    length = _block_length(neuron, width) if keep else n_events + 1
    n_blocks = -(-(n_events + 1) // length)
    n_rows = min(length, n_events + 1) + 1 if keep else 2
    if (
        room.tape.shape[1] < n_rows
        or room.starts.shape[1] < n_blocks
        or room.clocks.shape[2] <= n_events
        or room.tape.shape[2] != width
    ):
        # Half as much again, so that trials which need a little more do not each ask for it.
        room = _room(
            neuron,
            max(min(n_rows + n_rows // 2, length + 1), np.int64(2)),
            n_blocks + n_blocks // 2,
            n_events + n_events // 2 + 1,
            width,
            max(64, 4 * n, room.time.size),
        )
    for i in range(width):
        store(room.tape, 0, i, start)
    if rows.shape[0] == 0:
        rows = np.zeros((1, width))
    _set_clocks(neuron, duration, times, room.clocks)
    # Typed numbers instead of literals: a literal argument would make its callees compile once more.
    count = np.int64(0)
    failed = False
    for block in range(n_blocks):
        k = first = block * length
        stop = min(first + length, n_events + 1)
        if n_blocks > 1:
            _copy_row(room.tape, 0 if block == 0 else length, room.starts, block)
            if block > 0:
                _copy_row(room.starts, block, room.tape, 0)
        while k < stop and not failed:
            k, count = _run_events(neuron, n, duration, times, index, rows, keep, room, first, stop, k, count)
            if k < stop:
                failed = room.time.size >= MAX_SPIKES
                if not failed:
                    room = _more_spikes(neuron, room, min(2 * room.time.size, MAX_SPIKES))
        room.held[0] = block
        if block + 1 == n_blocks:
            _copy_row(room.tape, stop - first if keep else stop % 2, room.final, 0)
    if failed:
        count = np.int64(0)
    room.failed[0] = failed
    _sort(room, count)
    run = LayerRun(
        room.tape,
        room.starts,
        room.held,
        room.clocks[:, :, : n_events + 1],
        room.time[:count],
        room.neuron[:count],
        room.interval[:count],
        room.lifted[:count],
        room.order[:count],
        room.sorted_time[:count],
        room.sorted_neuron[:count],
        room.final,
        room.failed,
    )
    return run, room


@leaf
def _sort(room, count):
    """Bring the spikes into the order of time; equal times keep theirs. They come sorted by interval."""
    begin = np.int64(0)
    while begin < count:
        end = begin
        while end < count and room.interval[np.uintp(end)] == room.interval[np.uintp(begin)]:
            # Insertion into runs of 16, in most trials the whole of an interval.
            t = room.time[np.uintp(end)]
            first = end - (end - begin) % 16
            k = end
            while k > first and room.sorted_time[np.uintp(k - 1)] > t:
                room.sorted_time[np.uintp(k)] = room.sorted_time[np.uintp(k - 1)]
                room.order[np.uintp(k)] = room.order[np.uintp(k - 1)]
                k -= 1
            room.sorted_time[np.uintp(k)] = t
            room.order[np.uintp(k)] = end
            end += 1
        if end - begin > 16:
            _merge(room, begin, end)
        begin = end
    for j in range(count):
        room.sorted_neuron[np.uintp(j)] = room.neuron[np.uintp(room.order[np.uintp(j)])]


@leaf
def _merge(room, begin, end):
    """Merge the sorted runs of 16 between two positions."""
    run = 16
    while run < end - begin:
        for low in range(begin, end, 2 * run):
            middle = min(low + run, end)
            high = min(low + 2 * run, end)
            a = low
            b = middle
            for j in range(low, high):
                if a < middle and (b >= high or room.time[room.order[a]] <= room.time[room.order[b]]):
                    room.spare[j] = room.order[a]
                    a += 1
                else:
                    room.spare[j] = room.order[b]
                    b += 1
        for j in range(begin, end):
            room.order[j] = room.spare[j]
        run *= 2
    for j in range(begin, end):
        room.sorted_time[j] = room.time[room.order[j]]
