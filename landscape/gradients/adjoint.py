"""The adjoint of one layer: what a loss that depends on its spikes and final states owes to weights and inputs.

The maps are those of the tangent, transposed and taken in reverse (EventProp; Wunderlich and Pehle 2021).
"""

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
from landscape.simulator.tuples import apply_transposed, combine, dot, load, scaled, store

__all__ = ["layer_adjoint"]


@inline
def layer_adjoint(
    neuron, n, duration, times, index, rows, run, spike_gradient, final_gradient, sources, gradient, event_gradient
):
    """Pull a gradient back through a recorded run (:func:`run_layer` with ``keep``).

    ``spike_gradient`` (n_spikes, in the order of time) and ``final_gradient`` (variation, 1, width) are the
    derivatives of the loss with respect to spike times and final states. ``sources = (first, row, count)`` tells
    which rows of ``gradient`` (n_rows, width) event ``k`` belongs to: ``row[first[k]:first[k + 1]]``, each
    ``count`` times. Adds to ``gradient``; writes the derivatives with respect to the events' times to
    ``event_gradient`` (n_events,) unless it is empty.
    """
    n_events = times.size
    width = rows.shape[1]
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    tape = run.tape
    first, source, multiplicity = sources
    current = np.empty((len(like), 1, width))
    earlier = np.empty((len(like), 1, width))
    for i in range(width):
        store(current, 0, i, load(final_gradient, 0, i, like))
    weight_gradient = np.zeros(width)
    time_gradient = np.zeros(width)
    silence = np.zeros(width)
    raw_gradient = np.empty(run.time.size)
    for j in range(run.time.size):
        raw_gradient[run.order[j]] = spike_gradient[j]
    pieces = np.empty((len(start), 8, 1))
    stop = run.time.size
    for k in range(n_events, -1, -1):
        last = k == n_events
        begin = times[k - 1] if k > 0 else 0.0
        end = duration if last else times[k]
        drive = silence if last else rows[index[k]]
        ticks = clock(neuron, end - begin)
        strays = 0
        for i in range(width):
            state = load(tape, k, i, start)
            strays += not in_range(neuron, ticks, state)
            v = load(current, 0, i, like)
            column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), drive[i])
            weight_gradient[i] = dot(column, v)
            time_gradient[i] = dot(delay, v)
            store(earlier, 0, i, apply_transposed(transport(neuron, ticks, state), v))
        if strays:
            for i in range(n):
                state = load(tape, k, i, start)
                if not in_range(neuron, ticks, state):
                    matrix = slow_transport(neuron, ticks, state)
                    store(earlier, 0, i, apply_transposed(matrix, load(current, 0, i, like)))
        while stop > 0 and run.interval[stop - 1] == k:
            i = run.neuron[stop - 1]
            r = stop - 1
            while r > 0 and run.interval[r - 1] == k and run.neuron[r - 1] == i:
                r -= 1
            crossings = stop - r
            v = load(current, 0, i, like)
            if run.lifted[stop - 1]:
                column = arrival_spike_variation(neuron, load(tape, k + 1, i, start))
                weight_gradient[i] = 0.0
                time_gradient[i] = dot(column, v) + raw_gradient[stop - 1]
                v = scaled(v, 0.0)
                crossings -= 1
            if crossings + 1 > pieces.shape[1]:
                pieces = np.empty((len(start), 2 * crossings, 1))
            state = load(tape, k, i, start)
            store(pieces, 0, 0, state)
            at = begin
            for j in range(crossings):
                state = reset(neuron, slow_flow(neuron, clock(neuron, run.time[r + j] - at), state))
                store(pieces, j + 1, 0, state)
                at = run.time[r + j]
            v = apply_transposed(slow_transport(neuron, clock(neuron, end - at), state), v)
            for j in range(crossings - 1, -1, -1):
                before = load(pieces, j, 0, start)
                at = run.time[r + j - 1] if j > 0 else begin
                piece = clock(neuron, run.time[r + j] - at)
                arrived = slow_flow(neuron, piece, before)
                row, jump = spike_variation(neuron, arrived, load(pieces, j + 1, 0, start))
                v = combine(apply_transposed(jump, v), row, raw_gradient[r + j], row, 0.0)
                v = apply_transposed(slow_transport(neuron, piece, before), v)
            store(earlier, 0, i, v)
            stop = r
        if not last:
            for j in range(first[k], first[k + 1]):
                target = gradient[source[j]]
                count = multiplicity[j]
                for i in range(width):
                    target[i] += count * weight_gradient[i]
            if event_gradient.size:
                total = 0.0
                for i in range(n):
                    total += time_gradient[i]
                event_gradient[k] = total
        current, earlier = earlier, current
