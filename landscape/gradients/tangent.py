"""Forward tangents of one layer: how its spike times and final states change along given directions."""

from __future__ import annotations

import numpy as np

from landscape.compilation import inline
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
from landscape.simulator.tuples import apply, combine, dot, load, scaled, store

__all__ = ["layer_tangent"]


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
    tape = run.tape
    current = np.zeros((len(like), n_directions, width))
    following = np.zeros((len(like), n_directions, width))
    spike_tangent = np.empty((n_directions, run.time.size))
    silence = np.zeros(width)
    r = 0
    begin = 0.0
    for k in range(n_events + 1):
        last = k == n_events
        end = duration if last else times[k]
        drive = silence if last else rows[index[k]]
        dt = end - begin
        ticks = clock(neuron, dt)
        strays = 0
        for d in range(n_directions):
            d_row = silence if last else row_tangent[d, index[k]]
            d_time = 0.0 if last else event_tangent[d, k]
            for i in range(width):
                state = load(tape, k, i, start)
                strays += not in_range(neuron, ticks, state)
                v = apply(transport(neuron, ticks, state), load(current, d, i, like))
                column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), drive[i])
                store(following, d, i, combine(v, column, d_row[i], delay, d_time))
        if strays:
            for i in range(n):
                state = load(tape, k, i, start)
                if not in_range(neuron, ticks, state):
                    matrix = slow_transport(neuron, ticks, state)
                    column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), drive[i])
                    for d in range(n_directions):
                        d_row = silence if last else row_tangent[d, index[k]]
                        d_time = 0.0 if last else event_tangent[d, k]
                        v = apply(matrix, load(current, d, i, like))
                        store(following, d, i, combine(v, column, d_row[i], delay, d_time))
        while r < run.time.size and run.interval[r] == k:
            i = run.neuron[r]
            stop = r
            while stop < run.time.size and run.interval[stop] == k and run.neuron[stop] == i:
                stop += 1
            for d in range(n_directions):
                d_row = silence if last else row_tangent[d, index[k]]
                d_time = 0.0 if last else event_tangent[d, k]
                state = load(tape, k, i, start)
                v = load(current, d, i, like)
                at = begin
                for j in range(r, stop):
                    if run.lifted[j]:  # always the last one of its interval
                        spike_tangent[d, j] = d_time
                        break
                    piece = clock(neuron, run.time[j] - at)
                    arrived = slow_flow(neuron, piece, state)
                    v = apply(slow_transport(neuron, piece, state), v)
                    state = reset(neuron, arrived)
                    row, jump = spike_variation(neuron, arrived, state)
                    spike_tangent[d, j] = dot(row, v)
                    v = apply(jump, v)
                    at = run.time[j]
                there = load(tape, k + 1, i, start)
                if run.lifted[stop - 1]:
                    column = arrival_spike_variation(neuron, there)
                    v = scaled(column, d_time)
                else:
                    v = apply(slow_transport(neuron, clock(neuron, end - at), state), v)
                    column, delay = arrival_variation(neuron, there, drive[i])
                    v = combine(v, column, d_row[i], delay, d_time)
                store(following, d, i, v)
            r = stop
        current, following = following, current
        begin = end
    sorted_tangent = np.empty((n_directions, run.time.size))
    for d in range(n_directions):
        for j in range(run.time.size):
            sorted_tangent[d, j] = spike_tangent[d, run.order[j]]
    return sorted_tangent, current
