"""The adjoint of one layer: what a loss that depends on its spikes and final states owes to weights and inputs.

The maps are those of the tangent, transposed and taken in reverse (EventProp; Wunderlich and Pehle 2021).
"""

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
from landscape.simulator.tuples import apply_transposed, combine, dot, is_zero, load, scaled, store

__all__ = ["layer_adjoint"]


class Adjoints(NamedTuple):
    """What is pulled back through a run, and what that leaves behind."""

    spikes: np.ndarray  # (n_spikes,) derivatives with respect to the spike times, in the order of the run
    v: np.ndarray  # (variation, 2, width) with respect to the states; the rows take turns
    weights: np.ndarray  # (width,) with respect to the weights of the event at hand
    times: np.ndarray  # (width,) with respect to its time, of each neuron
    states: np.ndarray  # (state, 1, n): a neuron's after each of its spikes in an interval
    rows: np.ndarray  # (n_rows, width) the gradient, which is added to
    events: np.ndarray  # (n_events,) with respect to the times of all events, or empty


@apart
def _pull(neuron, n, interval, tape, rows, v, written, weight_gradient, time_gradient):
    """Pull the adjoint of all neurons back over an interval and the event that ends it, as if none spiked."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    r = np.uintp(interval.row)
    then = interval.number % 2
    now = 1 - then
    strays = 0
    for i in range(rows.shape[1]):
        state = load(tape, interval.before, i, start)
        strays += not in_range(neuron, interval.clock, state)
        here = load(v, now, i, like)
        there = load(tape, interval.after, i, start)
        column, delay = arrival_variation(neuron, there, interval.gain * rows[r, np.uintp(i)])
        weight_gradient[i] = dot(column, here)
        time_gradient[i] = dot(delay, here)
        store(written, then, i, apply_transposed(transport(neuron, interval.clock, state), here))
    if strays:
        for i in range(n):
            state = load(tape, interval.before, i, start)
            if not in_range(neuron, interval.clock, state):
                matrix = slow_transport(neuron, interval.clock, state)
                store(written, then, i, apply_transposed(matrix, load(v, now, i, like)))


@leaf
def _pull_single(neuron, interval, i, j, maps, adjoints):
    """Pull back a neuron ``i`` that has the one spike ``j`` in this interval."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    then = interval.number % 2
    matrix = load(maps.matrix, 0, j, transport(neuron, clock(neuron, 0.0), start))
    change = load(maps.change, 0, j, like)
    here = apply_transposed(matrix, load(adjoints.v, 1 - then, i, like))
    store(adjoints.v, then, i, combine(here, change, adjoints.spikes[j], change, 0.0))


@leaf
def _pull_spiking(neuron, interval, run, i, first, stop, adjoints):
    """Pull back a neuron ``i`` from spike to spike through this interval (its spikes are ``first`` to ``stop``)."""
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    then = interval.number % 2
    time, states = run.time, adjoints.states
    here = load(adjoints.v, 1 - then, i, like)
    crossings = stop - first
    if run.lifted[stop - 1]:
        column = arrival_spike_variation(neuron, load(run.tape, interval.after, i, start))
        adjoints.weights[i] = 0.0
        adjoints.times[i] = dot(column, here) + adjoints.spikes[stop - 1]
        here = scaled(here, 0.0)
        crossings -= 1
    state = load(run.tape, interval.before, i, start)
    store(states, 0, 0, state)
    at = interval.begin
    for j in range(crossings):
        state = reset(neuron, slow_flow(neuron, clock(neuron, time[first + j] - at), state))
        store(states, 0, j + 1, state)
        at = time[first + j]
    here = apply_transposed(slow_transport(neuron, clock(neuron, interval.end - at), state), here)
    for j in range(crossings - 1, -1, -1):
        before = load(states, 0, j, start)
        at = time[first + j - 1] if j > 0 else interval.begin
        elapsed = clock(neuron, time[first + j] - at)
        change, jump = spike_variation(neuron, slow_flow(neuron, elapsed, before), load(states, 0, j + 1, start))
        late = adjoints.spikes[first + j]
        if not (late == 0.0 and is_zero(here)):  # what nothing depends on may be infinite
            here = combine(apply_transposed(jump, here), change, late, change, 0.0)
        here = apply_transposed(slow_transport(neuron, elapsed, before), here)
    store(adjoints.v, then, i, here)


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
def _pull_events(neuron, n, duration, source, run, bounds, stop, maps, entries, adjoints):
    """The intervals of a block, whose spikes end before ``stop``. Returns where they begin."""
    n_events = source.times.size
    width = source.rows.shape[1]
    first, target, count = entries
    v, weights, times = adjoints.v, adjoints.weights, adjoints.times
    low, high = bounds
    for k in range(high - 1, low - 1, -1):
        interval = interval_of(neuron, duration, source, run, k, k - low, k - low + 1)
        _pull(neuron, n, interval, run.tape, source.rows, v, v, weights, times)
        while stop > 0 and run.interval[stop - 1] == k:
            i = run.neuron[stop - 1]
            r = stop - 1
            if maps.single[r]:
                _pull_single(neuron, interval, i, r, maps, adjoints)
                stop = r
                continue
            while r > 0 and run.interval[r - 1] == k and run.neuron[r - 1] == i:
                r -= 1
            _pull_spiking(neuron, interval, run, i, r, stop, adjoints)
            stop = r
        if k < n_events:
            for j in range(first[k], first[k + 1]):
                row = np.uintp(target[j])
                several = count[j]
                for i in range(width):
                    adjoints.rows[row, np.uintp(i)] += several * weights[np.uintp(i)]
            if adjoints.events.size:
                adjoints.events[k] = _sum_of_vectors(times)
    return stop


@inline
def layer_adjoint(neuron, n, duration, source, run, spike_gradient, final_gradient, entries, gradient, event_gradient):
    """Pull a gradient back through a run of a source that was recorded (with ``keep``).

    ``spike_gradient`` (n_spikes, in the order of time) and ``final_gradient`` (variation, 1, width) are the
    derivatives of the loss with respect to spike times and final states. ``entries = (first, row, count)`` tells
    which rows of ``gradient`` (n_rows, width) event ``k`` belongs to: ``row[first[k]:first[k + 1]]``, each
    ``count`` times. Adds to ``gradient``; writes the derivatives with respect to the events' times to
    ``event_gradient`` (n_events,) unless it is empty.
    """
    n_events = source.times.size
    width = source.rows.shape[1]
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    v = aligned(len(like) * 2 * width).reshape((len(like), 2, width))
    for i in range(width):
        store(v, (n_events + 1) % 2, i, load(final_gradient, 0, i, like))
    source = nonempty(source)
    in_order_of_run = np.empty(run.time.size)
    most = 1  # spikes of a neuron in an interval
    same = 1
    for j in range(run.time.size):
        in_order_of_run[run.order[j]] = spike_gradient[j]
        if j > 0 and run.interval[j] == run.interval[j - 1] and run.neuron[j] == run.neuron[j - 1]:
            same += 1
            most = max(most, same)
        else:
            same = 1
    states = np.empty((len(start), 1, most + 1))
    adjoints = Adjoints(in_order_of_run, v, aligned(width), aligned(width), states, gradient, event_gradient)
    maps = spike_maps(neuron, run)
    stop = run.time.size
    for block in range(number_of_blocks(neuron, run) - 1, -1, -1):
        hold_block(neuron, n, duration, source, run, block)
        low, high = block_bounds(neuron, run, block)
        fill_maps(neuron, duration, source.times, run, low, spikes_before(run, low), stop, maps)
        stop = _pull_events(neuron, n, duration, source, run, (low, high), stop, maps, entries, adjoints)
