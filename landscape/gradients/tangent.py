"""Forward tangents of one layer: how its spike times and final states change along given directions."""

from __future__ import annotations

import numpy as np

from landscape.compilation import apart, inline, leaf, routine
from landscape.gradients.spike_maps import fill_maps, spike_maps
from landscape.neurons.interface import (
    arrival_spike_variation,
    arrival_variation,
    clock,
    in_range,
    reset,
    rest,
    slow_flow,
    slow_transport,
    spike_variation,
    transport,
)
from landscape.simulator.layer import hold_block, spikes_before
from landscape.simulator.memory import aligned
from landscape.simulator.rooms import block_bounds, number_of_blocks
from landscape.simulator.tuples import apply, combine, dot, is_zero, load, scaled, store

__all__ = ["layer_tangent"]


@apart
def _carry_one(neuron, ticks, tape, k, rows, row, gain, row_tangent, d, d_time, v, now, written, then):
    """Carry the tangent of direction ``d`` of all neurons over the interval after row ``k`` of the tape and the event
    that ends it, as if none spiked. Returns the number of neurons out of the range in which that is accurate."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(row)
    direction = np.uintp(d)
    strays = 0
    for i in range(rows.shape[1]):
        j = np.uintp(i)
        state = load(tape, k, i, start)
        strays += not in_range(neuron, ticks, state)
        carried = apply(transport(neuron, ticks, state), load(v, now, i, like))
        column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), gain * rows[r, j])
        change = gain * row_tangent[direction, r, j]
        store(written, then, i, combine(carried, column, change, delay, d_time))
    return strays


@apart
def _carry_two(neuron, ticks, tape, k, rows, row, gain, row_tangent, d, d_time, other_d_time, v, now, written, then):
    """:func:`_carry_one` for directions ``d`` and ``d + 1``, of which much is the same."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(row)
    direction = np.uintp(d)
    other = np.uintp(d + 1)
    strays = 0
    for i in range(rows.shape[1]):
        j = np.uintp(i)
        state = load(tape, k, i, start)
        strays += not in_range(neuron, ticks, state)
        matrix = transport(neuron, ticks, state)
        column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), gain * rows[r, j])
        carried = apply(matrix, load(v, now, i, like))
        other_carried = apply(matrix, load(v, now + 2, i, like))
        change = gain * row_tangent[direction, r, j]
        other_change = gain * row_tangent[other, r, j]
        store(written, then, i, combine(carried, column, change, delay, d_time))
        store(written, then + 2, i, combine(other_carried, column, other_change, delay, other_d_time))
    return strays


@leaf
def _carry_strays(neuron, n, ticks, tape, k, event, rows, row, gain, row_tangent, event_tangent, v, parity):
    """Carry the neurons out of range again, by the maps that are accurate everywhere."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    n_events = event_tangent.shape[1]
    for i in range(n):
        state = load(tape, k, i, start)
        if not in_range(neuron, ticks, state):
            matrix = slow_transport(neuron, ticks, state)
            column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), gain * rows[row, i])
            for d in range(row_tangent.shape[0]):
                d_time = event_tangent[d, event] if event < n_events else 0.0
                carried = apply(matrix, load(v, 2 * d + parity, i, like))
                carried = combine(carried, column, gain * row_tangent[d, row, i], delay, d_time)
                store(v, 2 * d + 1 - parity, i, carried)


@leaf
def _carry_single(neuron, tape, k, event, i, j, maps, rows, row, gain, row_tangent, event_tangent, v, parity, changes):
    """Carry a neuron ``i`` that has the one spike ``j`` in this interval; its time's ``changes`` are written."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    n_events = event_tangent.shape[1]
    matrix = load(maps.matrix, 0, j, transport(neuron, clock(neuron, 0.0), start))
    change = load(maps.change, 0, j, like)
    column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), gain * rows[row, i])
    for d in range(row_tangent.shape[0]):
        here = load(v, 2 * d + parity, i, like)
        changes[d, j] = dot(change, here)
        d_time = event_tangent[d, event] if event < n_events else 0.0
        carried = combine(apply(matrix, here), column, gain * row_tangent[d, row, i], delay, d_time)
        store(v, 2 * d + 1 - parity, i, carried)


@leaf
def _carry_spiking(
    neuron,
    tape,
    k,
    event,
    begin,
    end,
    i,
    first,
    stop,
    time,
    lifted,
    rows,
    row,
    gain,
    row_tangent,
    event_tangent,
    v,
    parity,
    spike_tangent,
):
    """Carry a neuron ``i`` from spike to spike through this interval (its spikes are ``first`` to ``stop``)."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    n_directions = row_tangent.shape[0]
    n_events = event_tangent.shape[1]
    state = load(tape, k, i, start)
    at = begin
    for d in range(n_directions):
        store(v, 2 * d + 1 - parity, i, load(v, 2 * d + parity, i, like))
    for j in range(first, stop):
        if lifted[j]:  # always the last one of its interval
            break
        piece = clock(neuron, time[j] - at)
        matrix = slow_transport(neuron, piece, state)
        arrived = slow_flow(neuron, piece, state)
        state = reset(neuron, arrived)
        change, jump = spike_variation(neuron, arrived, state)
        for d in range(n_directions):
            carried = apply(matrix, load(v, 2 * d + 1 - parity, i, like))
            still = is_zero(carried)  # though a spike that touches the threshold would move infinitely fast
            spike_tangent[d, j] = 0.0 if still else dot(change, carried)
            store(v, 2 * d + 1 - parity, i, carried if still else apply(jump, carried))
        at = time[j]
    there = load(tape, k + 1, i, start)
    if lifted[stop - 1]:
        column = arrival_spike_variation(neuron, there)
        for d in range(n_directions):
            spike_tangent[d, stop - 1] = event_tangent[d, event]
            store(v, 2 * d + 1 - parity, i, scaled(column, event_tangent[d, event]))
    else:
        matrix = slow_transport(neuron, clock(neuron, end - at), state)
        column, delay = arrival_variation(neuron, there, gain * rows[row, i])
        for d in range(n_directions):
            d_time = event_tangent[d, event] if event < n_events else 0.0
            carried = apply(matrix, load(v, 2 * d + 1 - parity, i, like))
            carried = combine(carried, column, gain * row_tangent[d, row, i], delay, d_time)
            store(v, 2 * d + 1 - parity, i, carried)


@routine
def _carry_events(
    neuron, n, duration, times, index, rows, run, low, high, r, maps, row_tangent, event_tangent, v, spike_tangent
):
    """Intervals ``low`` to before ``high``, a block, whose spikes begin with ``r``. Returns where they end."""
    n_events = times.size
    n_directions = row_tangent.shape[0]
    like = clock(neuron, 0.0)
    for k in range(low, high):
        begin = times[k - 1] if k > 0 else 0.0
        end = times[k] if k < n_events else duration
        row = index[k] if k < n_events else 0
        gain = 1.0 if k < n_events else 0.0
        parity = k % 2
        ticks = load(run.clocks, 0, k, like)
        d = np.int64(0)
        strays = 0
        while d < n_directions:
            d_time = event_tangent[d, k] if k < n_events else 0.0
            now, then = 2 * d + parity, 2 * d + 1 - parity
            if d + 1 < n_directions:
                other_d_time = event_tangent[d + 1, k] if k < n_events else 0.0
                strays += _carry_two(
                    neuron,
                    ticks,
                    run.tape,
                    k - low,
                    rows,
                    row,
                    gain,
                    row_tangent,
                    d,
                    d_time,
                    other_d_time,
                    v,
                    now,
                    v,
                    then,
                )
            else:
                strays += _carry_one(
                    neuron, ticks, run.tape, k - low, rows, row, gain, row_tangent, d, d_time, v, now, v, then
                )
            d += 2
        if strays:
            _carry_strays(
                neuron, n, ticks, run.tape, k - low, k, rows, row, gain, row_tangent, event_tangent, v, parity
            )
        while r < run.time.size and run.interval[r] == k:
            i = run.neuron[r]
            if maps.single[r]:
                _carry_single(
                    neuron,
                    run.tape,
                    k - low,
                    k,
                    i,
                    r,
                    maps,
                    rows,
                    row,
                    gain,
                    row_tangent,
                    event_tangent,
                    v,
                    parity,
                    spike_tangent,
                )
                r += 1
                continue
            stop = r
            while stop < run.time.size and run.interval[stop] == k and run.neuron[stop] == i:
                stop += 1
            _carry_spiking(
                neuron,
                run.tape,
                k - low,
                k,
                begin,
                end,
                i,
                r,
                stop,
                run.time,
                run.lifted,
                rows,
                row,
                gain,
                row_tangent,
                event_tangent,
                v,
                parity,
                spike_tangent,
            )
            r = stop
    return r


@inline
def layer_tangent(neuron, n, duration, times, index, rows, run, row_tangent, event_tangent):
    """Carry tangents through a recorded run (:func:`run_layer` with ``keep``).

    ``row_tangent`` (n_directions, n_rows, width) and ``event_tangent`` (n_directions, n_events) are the changes of
    the weights and of the input times. Returns the changes of the spike times, (n_directions, n_spikes) in the
    order of time, and of the final states, (variation, n_directions, width).
    """
    n_events = times.size
    n_directions = row_tangent.shape[0]
    width = rows.shape[1]
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    # Rows 2 d and 2 d + 1 take turns for direction d.
    v = aligned(len(like) * 2 * n_directions * width).reshape((len(like), 2 * n_directions, width))
    for i in range(width):
        for d in range(2 * n_directions):
            store(v, d, i, scaled(like, 0.0))
    spike_tangent = np.empty((n_directions, run.time.size))
    if rows.shape[0] == 0:
        rows = np.zeros((1, width))
        row_tangent = np.zeros((n_directions, 1, width))
    maps = spike_maps(neuron, run)
    r = np.int64(0)
    for block in range(number_of_blocks(neuron, run)):
        hold_block(neuron, n, duration, times, index, rows, run, block)
        low, high = block_bounds(neuron, run, block)
        fill_maps(neuron, duration, times, run, low, r, spikes_before(run, high), maps)
        r = _carry_events(
            neuron,
            n,
            duration,
            times,
            index,
            rows,
            run,
            low,
            high,
            r,
            maps,
            row_tangent,
            event_tangent,
            v,
            spike_tangent,
        )
    sorted_tangent = np.empty((n_directions, run.time.size))
    final = np.empty((len(like), n_directions, width))
    parity = (n_events + 1) % 2
    for d in range(n_directions):
        for j in range(run.time.size):
            sorted_tangent[d, j] = spike_tangent[d, run.order[j]]
        for i in range(width):
            store(final, d, i, load(v, 2 * d + parity, i, like))
    return sorted_tangent, final
