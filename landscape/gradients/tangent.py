"""Forward tangents of one layer: how its spike times and final states change along given directions."""

from __future__ import annotations

from typing import NamedTuple

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
from landscape.simulator.layer import hold_block, interval_of, nonempty, spikes_before
from landscape.simulator.memory import aligned
from landscape.simulator.rooms import block_bounds, number_of_blocks
from landscape.simulator.tuples import apply, combine, dot, is_zero, load, scaled, store

__all__ = ["layer_tangent"]


class Tangents(NamedTuple):
    """What is carried through a run along several directions."""

    rows: np.ndarray  # (n_directions, n_rows, width): changes of the weights
    events: np.ndarray  # (n_directions, n_events): changes of the times of the inputs
    v: np.ndarray  # (variation, 2 n_directions, width): of the states; rows 2 d and 2 d + 1 take turns for direction d
    spikes: np.ndarray  # (n_directions, n_spikes): changes of the times of the spikes, in the order of the run


@leaf
def _event_change(tangents, d, interval):
    """Change of the time at which an interval ends: none at the trial's end."""
    return tangents.events[d, interval.number] if interval.number < tangents.events.shape[1] else 0.0


@apart
def _carry_one(neuron, interval, tape, rows, row_tangent, d, d_time, v, written):
    """Carry the tangent of direction ``d`` of all neurons over an interval and the event that ends it, as if none
    spiked. Returns the number of neurons out of the range in which that is accurate."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(interval.row)
    direction = np.uintp(d)
    now = 2 * d + interval.number % 2
    then = 2 * d + 1 - interval.number % 2
    strays = 0
    for i in range(rows.shape[1]):
        j = np.uintp(i)
        state = load(tape, interval.before, i, start)
        strays += not in_range(neuron, interval.clock, state)
        carried = apply(transport(neuron, interval.clock, state), load(v, now, i, like))
        column, delay = arrival_variation(neuron, load(tape, interval.after, i, start), interval.gain * rows[r, j])
        change = interval.gain * row_tangent[direction, r, j]
        store(written, then, i, combine(carried, column, change, delay, d_time))
    return strays


@apart
def _carry_two(neuron, interval, tape, rows, row_tangent, d, d_time, other_d_time, v, written):
    """:func:`_carry_one` for directions ``d`` and ``d + 1``, of which much is the same."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(interval.row)
    direction = np.uintp(d)
    other = np.uintp(d + 1)
    now = 2 * d + interval.number % 2
    then = 2 * d + 1 - interval.number % 2
    strays = 0
    for i in range(rows.shape[1]):
        j = np.uintp(i)
        state = load(tape, interval.before, i, start)
        strays += not in_range(neuron, interval.clock, state)
        matrix = transport(neuron, interval.clock, state)
        column, delay = arrival_variation(neuron, load(tape, interval.after, i, start), interval.gain * rows[r, j])
        carried = apply(matrix, load(v, now, i, like))
        other_carried = apply(matrix, load(v, now + 2, i, like))
        change = interval.gain * row_tangent[direction, r, j]
        other_change = interval.gain * row_tangent[other, r, j]
        store(written, then, i, combine(carried, column, change, delay, d_time))
        store(written, then + 2, i, combine(other_carried, column, other_change, delay, other_d_time))
    return strays


@leaf
def _carry_strays(neuron, n, interval, tape, rows, tangents):
    """Carry the neurons out of range again, by the maps that are accurate everywhere."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    parity = interval.number % 2
    for i in range(n):
        state = load(tape, interval.before, i, start)
        if not in_range(neuron, interval.clock, state):
            matrix = slow_transport(neuron, interval.clock, state)
            there = load(tape, interval.after, i, start)
            column, delay = arrival_variation(neuron, there, interval.gain * rows[interval.row, i])
            for d in range(tangents.rows.shape[0]):
                d_time = _event_change(tangents, d, interval)
                change = interval.gain * tangents.rows[d, interval.row, i]
                carried = apply(matrix, load(tangents.v, 2 * d + parity, i, like))
                store(tangents.v, 2 * d + 1 - parity, i, combine(carried, column, change, delay, d_time))


@leaf
def _carry_single(neuron, interval, tape, rows, i, j, maps, tangents):
    """Carry a neuron ``i`` that has the one spike ``j`` in this interval; the change of its time is written."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    parity = interval.number % 2
    matrix = load(maps.matrix, 0, j, transport(neuron, clock(neuron, 0.0), start))
    row = load(maps.change, 0, j, like)
    there = load(tape, interval.after, i, start)
    column, delay = arrival_variation(neuron, there, interval.gain * rows[interval.row, i])
    for d in range(tangents.rows.shape[0]):
        here = load(tangents.v, 2 * d + parity, i, like)
        tangents.spikes[d, j] = dot(row, here)
        d_time = _event_change(tangents, d, interval)
        change = interval.gain * tangents.rows[d, interval.row, i]
        store(tangents.v, 2 * d + 1 - parity, i, combine(apply(matrix, here), column, change, delay, d_time))


@leaf
def _carry_spiking(neuron, interval, run, rows, i, first, stop, tangents):
    """Carry a neuron ``i`` from spike to spike through this interval (its spikes are ``first`` to ``stop``)."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    n_directions = tangents.rows.shape[0]
    now = interval.number % 2
    then = 1 - now
    v = tangents.v
    state = load(run.tape, interval.before, i, start)
    at = interval.begin
    for d in range(n_directions):
        store(v, 2 * d + then, i, load(v, 2 * d + now, i, like))
    for j in range(first, stop):
        if run.lifted[j]:  # always the last one of its interval
            break
        elapsed = clock(neuron, run.time[j] - at)
        matrix = slow_transport(neuron, elapsed, state)
        arrived = slow_flow(neuron, elapsed, state)
        state = reset(neuron, arrived)
        change, jump = spike_variation(neuron, arrived, state)
        for d in range(n_directions):
            carried = apply(matrix, load(v, 2 * d + then, i, like))
            still = is_zero(carried)  # though a spike that touches the threshold would move infinitely fast
            tangents.spikes[d, j] = 0.0 if still else dot(change, carried)
            store(v, 2 * d + then, i, carried if still else apply(jump, carried))
        at = run.time[j]
    there = load(run.tape, interval.after, i, start)
    if run.lifted[stop - 1]:
        column = arrival_spike_variation(neuron, there)
        for d in range(n_directions):
            d_time = tangents.events[d, interval.number]
            tangents.spikes[d, stop - 1] = d_time
            store(v, 2 * d + then, i, scaled(column, d_time))
    else:
        matrix = slow_transport(neuron, clock(neuron, interval.end - at), state)
        column, delay = arrival_variation(neuron, there, interval.gain * rows[interval.row, i])
        for d in range(n_directions):
            d_time = _event_change(tangents, d, interval)
            change = interval.gain * tangents.rows[d, interval.row, i]
            carried = apply(matrix, load(v, 2 * d + then, i, like))
            store(v, 2 * d + then, i, combine(carried, column, change, delay, d_time))


@routine
def _carry_events(neuron, n, duration, source, run, bounds, r, maps, tangents):
    """The intervals of a block, whose spikes begin with ``r``. Returns where they end."""
    n_directions = tangents.rows.shape[0]
    rows, tape, v = source.rows, run.tape, tangents.v
    low, high = bounds
    for k in range(low, high):
        interval = interval_of(neuron, duration, source, run, k, k - low, k - low + 1)
        d = np.int64(0)
        strays = 0
        while d < n_directions:
            d_time = _event_change(tangents, d, interval)
            if d + 1 < n_directions:
                other_d_time = _event_change(tangents, d + 1, interval)
                strays += _carry_two(neuron, interval, tape, rows, tangents.rows, d, d_time, other_d_time, v, v)
            else:
                strays += _carry_one(neuron, interval, tape, rows, tangents.rows, d, d_time, v, v)
            d += 2
        if strays:
            _carry_strays(neuron, n, interval, tape, rows, tangents)
        while r < run.time.size and run.interval[r] == k:
            i = run.neuron[r]
            if maps.single[r]:
                _carry_single(neuron, interval, tape, rows, i, r, maps, tangents)
                r += 1
                continue
            stop = r
            while stop < run.time.size and run.interval[stop] == k and run.neuron[stop] == i:
                stop += 1
            _carry_spiking(neuron, interval, run, rows, i, r, stop, tangents)
            r = stop
    return r


@inline
def layer_tangent(neuron, n, duration, source, run, row_tangent, event_tangent):
    """Carry tangents through a run of a source that was recorded (with ``keep``).

    ``row_tangent`` (n_directions, n_rows, width) and ``event_tangent`` (n_directions, n_events) are the changes of
    the weights and of the input times. Returns the changes of the spike times, (n_directions, n_spikes) in the
    order of time, and of the final states, (variation, n_directions, width).
    """
    n_events = source.times.size
    n_directions = row_tangent.shape[0]
    width = source.rows.shape[1]
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    v = aligned(len(like) * 2 * n_directions * width).reshape((len(like), 2 * n_directions, width))
    for i in range(width):
        for d in range(2 * n_directions):
            store(v, d, i, scaled(like, 0.0))
    spike_tangent = np.empty((n_directions, run.time.size))
    if source.rows.shape[0] == 0:
        source = nonempty(source)
        row_tangent = np.zeros((n_directions, 1, width))
    tangents = Tangents(row_tangent, event_tangent, v, spike_tangent)
    maps = spike_maps(neuron, run)
    r = np.int64(0)
    for block in range(number_of_blocks(neuron, run)):
        hold_block(neuron, n, duration, source, run, block)
        low, high = block_bounds(neuron, run, block)
        fill_maps(neuron, duration, source.times, run, low, r, spikes_before(run, high), maps)
        r = _carry_events(neuron, n, duration, source, run, (low, high), r, maps, tangents)
    sorted_tangent = np.empty((n_directions, run.time.size))
    final = np.empty((len(like), n_directions, width))
    parity = (n_events + 1) % 2
    for d in range(n_directions):
        for j in range(run.time.size):
            sorted_tangent[d, j] = spike_tangent[d, run.order[j]]
        for i in range(width):
            store(final, d, i, load(v, 2 * d + parity, i, like))
    return sorted_tangent, final
