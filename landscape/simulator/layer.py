"""One layer, one trial: the kernel on which everything stands.

In a feed-forward network the neurons of a layer do not interact, and all of them receive their inputs at the same
times, the spikes of the layer below. So a layer is advanced from event to event, all neurons at once by a loop
without branches. The few for which that loop raises a flag are gathered and taken over the interval again, eight at a
time, which finds the one spike that most of them have; what is left is advanced alone, from spike to spike.

Rows of ``tape`` are the states at the start of the trial and just after each event, in *blocks* of as many intervals as
the cache holds: within a block that begins with interval ``first``, row 0 is the state at its beginning and row
``k - first + 1`` that after event ``k``. A trial of more intervals keeps the state at the beginning of each block, and
has others held again when they are wanted (:func:`hold_block`): gradients need memory for one block, not for all events
times neurons. Without ``keep`` only two rows exist and take turns.
"""

from __future__ import annotations

import numpy as np

from landscape.compilation import apart, inline, leaf, routine, trailing_zeros
from landscape.neurons.interface import (
    alert,
    clock,
    fires_on_arrival,
    flow,
    next_spike,
    one_spike,
    receive,
    remaining,
    reset,
    rest,
    slow_flow,
)
from landscape.simulator.memory import LANES
from landscape.simulator.ordering import sort_spikes
from landscape.simulator.packed import Interval, Source
from landscape.simulator.rooms import (
    BLOCKS,
    COUNT,
    HELD,
    INTERVALS,
    MAX_SPIKES,
    MOST_INTERVALS,
    MOST_SPIKES,
    QUIET,
    ROWS,
    SPIKES,
    UNSURE,
    WIDTH,
    block_bounds,
    block_length,
    copy_row,
    empty_run,
    new_room,
    with_spikes,
)
from landscape.simulator.tuples import load, store

__all__ = ["hold_block", "interval_of", "nonempty", "run_layer_in", "spikes_before"]


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
def _gather(neuron, n, flagged, tape, before, rows, row, gain):
    """Put the flagged neurons, their states and inputs side by side. Returns how many there are."""
    start = rest(neuron)
    count = 0
    for w in range(flagged.words.size):
        word = flagged.words[np.uintp(w)]
        while word:
            # The lowest flag that is set; a flag is a byte. Neurons beyond n are never looked at.
            i = 8 * w + (trailing_zeros(word) >> 3)
            word &= word - np.uint64(1)
            if i < n:
                place = np.uintp(count)
                flagged.neuron[place] = i
                flagged.weight[place] = gain * rows[np.uintp(row), np.uintp(i)]
                store(flagged.states, 0, count, load(tape, before, i, start))
                count += 1
    return count


@apart
def _step(neuron, ticks, dt, count, states, weight, ends, delay, kind):
    """Take the flagged neurons over the interval, with at most one spike each; those for which that is not the whole
    story are UNSURE. Whole vector registers of them: what places beyond ``count`` hold is of no account."""
    start = rest(neuron)
    for j in range(-(-count // LANES) * LANES):
        place = np.uintp(j)
        sure, found, after, end = one_spike(neuron, ticks, load(states, 0, j, start), dt)
        end = receive(neuron, end, weight[place])
        sure = sure & (not fires_on_arrival(neuron, end))
        store(ends, 1, j, end)
        delay[place] = after
        kind[place] = (SPIKES if found else QUIET) if sure else UNSURE


@leaf
def _spike_at(begin, delay, end):
    """Time of a spike, within its interval whatever rounding does: the order of spikes relies on it."""
    at = begin + delay
    if not at < end:
        return end
    return at if at > begin else begin


@leaf
def _look_closer(neuron, i, interval, rows, run, count):
    """Advance a flagged neuron again, from spike to spike. Returns the new number of spikes, or -1 if there is no room
    for them."""
    start = rest(neuron)
    dt = interval.end - interval.begin
    state = load(run.tape, interval.before, i, start)
    state_end = flow(neuron, interval.clock, state)
    if alert(neuron, interval.clock, state, state_end):
        elapsed = 0.0
        left = interval.clock
        while True:
            found, delay, first, state_end = next_spike(neuron, left, state, dt - elapsed)
            if not found:
                break
            if count == run.neuron.size:
                return -1
            elapsed = min(elapsed + delay, dt)
            state = reset(neuron, slow_flow(neuron, first, state))
            left = remaining(neuron, left, first, dt - elapsed)
            _note_spike(run, count, _spike_at(interval.begin, elapsed, interval.end), i, interval.number, False)
            count += 1
    state_end = receive(neuron, state_end, interval.gain * rows[np.uintp(interval.row), np.uintp(i)])
    if fires_on_arrival(neuron, state_end):
        if count == run.neuron.size:
            return -1
        state_end = reset(neuron, state_end)
        _note_spike(run, count, interval.end, i, interval.number, True)
        count += 1
    store(run.tape, interval.after, i, state_end)
    return count


@leaf
def _note_spike(run, count, time, i, k, lifted):
    """Write down a spike of neuron ``i`` in interval ``k``, before which there are ``count``."""
    spike = np.uintp(count)
    run.time[spike] = time
    run.neuron[spike] = i
    run.interval[spike] = k
    run.lifted[spike] = lifted


@leaf
def interval_of(neuron, duration, source, run, k, before, after):
    """Interval ``k`` of a run, with its rows of the tape."""
    n_events = source.times.size
    event = np.uintp(k)
    return Interval(
        k,
        source.times[np.uintp(k - 1)] if k > 0 else 0.0,
        source.times[event] if k < n_events else duration,
        load(run.clocks, 0, k, clock(neuron, 0.0)),
        source.row[event] if k < n_events else 0,
        1.0 if k < n_events else 0.0,
        before,
        after,
    )


@routine
def _run_events(neuron, n, duration, source, keep, run, first, stop, count):
    """Intervals from ``first`` to before ``stop``, a block before which there are ``count`` spikes. Returns how many
    there are after it, -1 if there is no room for one."""
    # No array is assigned in this loop: every assignment would cost atomic reference counts per event.
    start = rest(neuron)
    flagged = run.flagged
    rows = source.rows
    k = first
    while k < stop:
        before = k - first if keep else k % 2
        interval = interval_of(neuron, duration, source, run, k, before, before + 1 if keep else 1 - before)
        ticks, row, gain, after = interval.clock, interval.row, interval.gain, interval.after
        _advance(neuron, ticks, run.tape, before, run.tape, after, rows, row, gain, flagged.flags)
        n_flagged = _gather(neuron, n, flagged, run.tape, before, rows, row, gain)
        if n_flagged > 0:
            dt = interval.end - interval.begin
            states = flagged.states
            _step(neuron, ticks, dt, n_flagged, states, flagged.weight, states, flagged.delay, flagged.kind)
            for j in range(n_flagged):
                place = np.uintp(j)
                i = flagged.neuron[place]
                kind = flagged.kind[place]
                if kind == UNSURE:
                    found = _look_closer(neuron, i, interval, rows, run, count)
                    if found < 0:
                        return np.int64(-1)
                    count = found
                else:
                    store(run.tape, after, i, load(states, 1, j, start))
                    if kind == SPIKES:
                        if count == run.neuron.size:
                            return np.int64(-1)
                        _note_spike(
                            run, count, _spike_at(interval.begin, flagged.delay[place], interval.end), i, k, False
                        )
                        count += 1
        k += 1
    return count


@routine
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


@leaf
def spikes_before(run, interval):
    """Number of a run's spikes in the intervals before the given one, by bisection."""
    low, high = 0, run.interval.size
    while low < high:
        middle = (low + high) // 2
        if run.interval[middle] < interval:
            low = middle + 1
        else:
            high = middle
    return low


@routine
def hold_block(neuron, n, duration, source, run, block):
    """Have the tape of a recorded run hold a block, by simulating that again if it holds another one."""
    if run.sizes[HELD] != block:
        first, stop = block_bounds(neuron, run, block)
        copy_row(run.starts, block, run.tape, 0)
        # The same spikes are found again and written over themselves.
        _run_events(neuron, n, duration, source, np.bool_(True), run, first, stop, spikes_before(run, first))
        run.sizes[HELD] = block


@inline
def nonempty(source):
    """The same source with at least one row of weights: where there are none, no spike refers to it."""
    rows = source.rows
    if rows.shape[0] == 0:
        rows = np.zeros((1, rows.shape[1]))
    return Source(source.times, source.row, rows)


@inline
def run_layer_in(rooms, layer, neuron, n, duration, source, keep):
    """Simulate ``n`` neurons on a source, the times of which are sorted and within the trial, in the room of a layer,
    for which a larger one is put into the list if need be.

    ``keep``: record it for gradients. Returns whether all went well: the layer had not too many spikes. The run is
    valid until the next one in its room (:func:`~landscape.simulator.rooms.run_of`).
    """
    room = rooms[layer]
    width = source.rows.shape[1]
    n_intervals = source.times.size + 1
    length = block_length(neuron, width) if keep else n_intervals
    n_blocks = -(-n_intervals // length)
    n_rows = min(length, n_intervals) + 1 if keep else 2
    sizes = room.sizes
    if sizes[ROWS] < n_rows or sizes[BLOCKS] < n_blocks or sizes[MOST_INTERVALS] < n_intervals or sizes[WIDTH] != width:
        # Half as much again, so that trials which need a little more do not each ask for it.
        room = new_room(
            neuron,
            max(min(n_rows + n_rows // 2, length + 1), np.int64(2)),
            n_blocks + n_blocks // 2,
            n_intervals + n_intervals // 2,
            width,
            max(64, 4 * n, sizes[MOST_SPIKES]),
        )
        rooms[layer] = room
    # In a branch of its own: to put it into the same variable would cost atomic reference counts per trial.
    if source.rows.shape[0] == 0:
        return _run_until_it_fits(rooms, layer, neuron, n, duration, nonempty(source), keep)
    return _run_until_it_fits(rooms, layer, neuron, n, duration, source, keep)


@inline
def _run_until_it_fits(rooms, layer, neuron, n, duration, source, keep):
    """Simulate a trial in a room that is large enough but for the spikes."""
    room = rooms[layer]
    while not _run_trial(neuron, n, duration, source, keep, room):
        if room.sizes[MOST_SPIKES] >= MAX_SPIKES:
            return False
        room = with_spikes(room, min(2 * room.sizes[MOST_SPIKES], MAX_SPIKES))
        rooms[layer] = room
    return True


@routine
def _run_trial(neuron, n, duration, source, keep, room):
    """All events of a trial, in a room with space for them. Returns whether there was space for the spikes."""
    n_events = source.times.size
    room.sizes[INTERVALS] = n_events + 1
    room.sizes[COUNT] = 0
    run = empty_run(room)
    width = source.rows.shape[1]
    start = rest(neuron)
    length = block_length(neuron, width) if keep else n_events + 1
    n_blocks = -(-(n_events + 1) // length)
    for i in range(width):
        store(run.tape, 0, i, start)
    _set_clocks(neuron, duration, source.times, run.clocks)
    # Typed numbers instead of literals: a literal argument would make its callees compile once more.
    count = np.int64(0)
    for block in range(n_blocks):
        first = block * length
        stop = min(first + length, n_events + 1)
        if n_blocks > 1:
            copy_row(run.tape, 0 if block == 0 else length, run.starts, block)
            if block > 0:
                copy_row(run.starts, block, run.tape, 0)
        count = _run_events(neuron, n, duration, source, keep, run, first, stop, count)
        if count < 0:
            return False
        room.sizes[HELD] = block
        if block + 1 == n_blocks:
            copy_row(run.tape, stop - first if keep else stop % 2, run.final, 0)
    sort_spikes(run, count)
    room.sizes[COUNT] = count
    return True
