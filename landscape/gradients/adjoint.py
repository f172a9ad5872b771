"""The adjoint of one layer: what a loss that depends on its spikes and final states owes to weights and inputs.

The maps are those of the tangent, transposed and taken in reverse (EventProp; Wunderlich and Pehle 2021).
"""

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
from landscape.simulator.tuples import apply_transposed, combine, dot, is_zero, load, scaled, store

__all__ = ["layer_adjoint"]


@apart
def _pull(neuron, n, ticks, tape, k, rows, row, gain, v, now, written, then, weight_gradient, time_gradient):
    """Pull the adjoint of all neurons back over what follows row ``k`` of the tape, as if none spiked."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(row)
    strays = 0
    for i in range(rows.shape[1]):
        state = load(tape, k, i, start)
        strays += not in_range(neuron, ticks, state)
        here = load(v, now, i, like)
        column, delay = arrival_variation(neuron, load(tape, k + 1, i, start), gain * rows[r, np.uintp(i)])
        weight_gradient[i] = dot(column, here)
        time_gradient[i] = dot(delay, here)
        store(written, then, i, apply_transposed(transport(neuron, ticks, state), here))
    if strays:
        for i in range(n):
            state = load(tape, k, i, start)
            if not in_range(neuron, ticks, state):
                matrix = slow_transport(neuron, ticks, state)
                store(written, then, i, apply_transposed(matrix, load(v, now, i, like)))


@leaf
def _pull_single(neuron, i, j, maps, spike_gradient, v, now, then):
    """Pull back a neuron ``i`` that has the one spike ``j`` in this interval."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    matrix = load(maps.matrix, 0, j, transport(neuron, clock(neuron, 0.0), start))
    change = load(maps.change, 0, j, like)
    here = apply_transposed(matrix, load(v, now, i, like))
    store(v, then, i, combine(here, change, spike_gradient[j], change, 0.0))


@leaf
def _pull_spiking(
    neuron,
    tape,
    k,
    begin,
    end,
    i,
    first,
    stop,
    time,
    lifted,
    spike_gradient,
    pieces,
    v,
    now,
    then,
    weight_gradient,
    time_gradient,
):
    """Pull back a neuron ``i`` from spike to spike through this interval (its spikes are ``first`` to ``stop``)."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    here = load(v, now, i, like)
    crossings = stop - first
    if lifted[stop - 1]:
        column = arrival_spike_variation(neuron, load(tape, k + 1, i, start))
        weight_gradient[i] = 0.0
        time_gradient[i] = dot(column, here) + spike_gradient[stop - 1]
        here = scaled(here, 0.0)
        crossings -= 1
    state = load(tape, k, i, start)
    store(pieces, 0, 0, state)
    at = begin
    for j in range(crossings):
        state = reset(neuron, slow_flow(neuron, clock(neuron, time[first + j] - at), state))
        store(pieces, 0, j + 1, state)
        at = time[first + j]
    here = apply_transposed(slow_transport(neuron, clock(neuron, end - at), state), here)
    for j in range(crossings - 1, -1, -1):
        before = load(pieces, 0, j, start)
        at = time[first + j - 1] if j > 0 else begin
        piece = clock(neuron, time[first + j] - at)
        change, jump = spike_variation(neuron, slow_flow(neuron, piece, before), load(pieces, 0, j + 1, start))
        late = spike_gradient[first + j]
        if not (late == 0.0 and is_zero(here)):  # what nothing depends on may be infinite
            here = combine(apply_transposed(jump, here), change, late, change, 0.0)
        here = apply_transposed(slow_transport(neuron, piece, before), here)
    store(v, then, i, here)


@leaf
def _sum_of_vectors(numbers):
    """Sum of whole vectors of numbers: eight sums at once, as one addition has to wait for the one before it."""
    a = b = c = d = e = f = g = h = 0.0
    for i in range(0, numbers.size, 8):
        j = np.uintp(i)
        a += numbers[j]
        b += numbers[j + np.uintp(1)]
        c += numbers[j + np.uintp(2)]
        d += numbers[j + np.uintp(3)]
        e += numbers[j + np.uintp(4)]
        f += numbers[j + np.uintp(5)]
        g += numbers[j + np.uintp(6)]
        h += numbers[j + np.uintp(7)]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@routine
def _pull_events(
    neuron,
    n,
    duration,
    times,
    index,
    rows,
    run,
    low,
    high,
    stop,
    maps,
    raw_gradient,
    first,
    source,
    multiplicity,
    pieces,
    v,
    weight_gradient,
    time_gradient,
    gradient,
    event_gradient,
):
    """Intervals ``low`` to before ``high``, a block, whose spikes end before ``stop``. Returns where they begin."""
    n_events = times.size
    width = rows.shape[1]
    like = clock(neuron, 0.0)
    for k in range(high - 1, low - 1, -1):
        begin = times[k - 1] if k > 0 else 0.0
        end = times[k] if k < n_events else duration
        now, then = (k + 1) % 2, k % 2
        ticks = load(run.clocks, 0, k, like)
        row = index[k] if k < n_events else 0
        gain = 1.0 if k < n_events else 0.0
        _pull(neuron, n, ticks, run.tape, k - low, rows, row, gain, v, now, v, then, weight_gradient, time_gradient)
        while stop > 0 and run.interval[stop - 1] == k:
            i = run.neuron[stop - 1]
            r = stop - 1
            if maps.single[r]:
                _pull_single(neuron, i, r, maps, raw_gradient, v, now, then)
                stop = r
                continue
            while r > 0 and run.interval[r - 1] == k and run.neuron[r - 1] == i:
                r -= 1
            _pull_spiking(
                neuron,
                run.tape,
                k - low,
                begin,
                end,
                i,
                r,
                stop,
                run.time,
                run.lifted,
                raw_gradient,
                pieces,
                v,
                now,
                then,
                weight_gradient,
                time_gradient,
            )
            stop = r
        if k < n_events:
            for j in range(first[k], first[k + 1]):
                target = np.uintp(source[j])
                count = multiplicity[j]
                for i in range(width):
                    gradient[target, np.uintp(i)] += count * weight_gradient[np.uintp(i)]
            if event_gradient.size:
                event_gradient[k] = _sum_of_vectors(time_gradient)
    return stop


@inline
def layer_adjoint(
    neuron,
    n,
    duration,
    times,
    index,
    rows,
    run,
    spike_gradient,
    final_gradient,
    sources,
    gradient,
    event_gradient,
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
    first, source, multiplicity = sources
    v = aligned(len(like) * 2 * width).reshape((len(like), 2, width))  # the rows take turns
    for i in range(width):
        store(v, (n_events + 1) % 2, i, load(final_gradient, 0, i, like))
    weight_gradient = aligned(width)
    time_gradient = aligned(width)
    if rows.shape[0] == 0:
        rows = np.zeros((1, width))
    raw_gradient = np.empty(run.time.size)
    most = 1  # spikes of a neuron in an interval
    same = 1
    for j in range(run.time.size):
        raw_gradient[run.order[j]] = spike_gradient[j]
        if j > 0 and run.interval[j] == run.interval[j - 1] and run.neuron[j] == run.neuron[j - 1]:
            same += 1
            most = max(most, same)
        else:
            same = 1
    pieces = np.empty((len(start), 1, most + 1))
    maps = spike_maps(neuron, run)
    stop = run.time.size
    for block in range(number_of_blocks(neuron, run) - 1, -1, -1):
        hold_block(neuron, n, duration, times, index, rows, run, block)
        low, high = block_bounds(neuron, run, block)
        fill_maps(neuron, duration, times, run, low, spikes_before(run, low), stop, maps)
        stop = _pull_events(
            neuron,
            n,
            duration,
            times,
            index,
            rows,
            run,
            low,
            high,
            stop,
            maps,
            raw_gradient,
            first,
            source,
            multiplicity,
            pieces,
            v,
            weight_gradient,
            time_gradient,
            gradient,
            event_gradient,
        )
