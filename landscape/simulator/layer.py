"""One layer, one trial: the kernel on which everything stands.

In a feed-forward network the neurons of a layer do not interact, and all of them receive their inputs at the same
times, the spikes of the layer below. So a layer is advanced from event to event, all neurons at once by a loop
without branches; the rare neuron for which that loop raises an alert is advanced again, alone, from spike to spike.

Rows of ``tape`` are the states just after each event: row 0 at the start of the trial, row ``k + 1`` after event
``k``, row ``n_events + 1`` at the trial's end. Without ``keep`` only two rows exist and take turns.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.neurons.interface import (
    alert,
    clock,
    fires_on_arrival,
    flow,
    next_spike,
    receive,
    reset,
    rest,
    slow_flow,
)
from landscape.simulator.tuples import load, store

__all__ = ["MAX_SPIKES", "LayerRun", "padded", "run_layer"]

MAX_SPIKES = 20_000_000
"""Spikes of one layer in one trial beyond which a simulation is given up (and says so): half a gigabyte."""

LANES = 8


def padded(n: int) -> int:
    """``n`` rounded up to whole vector registers. Neurons beyond ``n`` have zero weights and are never looked at."""
    return max(LANES, -(-n // LANES) * LANES)


class LayerRun(NamedTuple):
    """What a layer did in a trial. Spikes come in two orders: by interval and neuron (as found), and by time."""

    tape: np.ndarray  # (state, rows, padded neurons)
    time: np.ndarray  # (n_spikes,) as found: by interval, then neuron, then time
    neuron: np.ndarray  # (n_spikes,) int64, as found
    interval: np.ndarray  # (n_spikes,) int64: interval k ends with event k
    lifted: np.ndarray  # (n_spikes,) bool: caused by event k at once, not by a crossing before it
    order: np.ndarray  # (n_spikes,) int64: the spikes sorted by time
    sorted_time: np.ndarray  # (n_spikes,)
    sorted_neuron: np.ndarray  # (n_spikes,) int64
    final: np.ndarray  # (1,) int64: the tape row of the trial's end; -1 if there were too many spikes


@inline
def _grown(array):
    # Loops instead of slices and fancy indexing, here and below: as fast, and a fraction of the compile time.
    larger = np.empty(2 * array.size, array.dtype)
    for j in range(array.size):
        larger[j] = array[j]
    return larger


@inline
def _taken(array, order):
    taken = np.empty(order.size, array.dtype)
    for j in range(order.size):
        taken[j] = array[order[j]]
    return taken


@inline
def run_layer(neuron, n, duration, times, index, rows, keep):
    """Simulate ``n`` neurons that receive ``rows[index[k]]`` at ``times[k]`` (sorted, within the trial)."""
    n_events = times.size
    width = rows.shape[1]
    start = rest(neuron)
    tape = np.empty((len(start), n_events + 2 if keep else 2, width))
    for i in range(width):
        store(tape, 0, i, start)
    silence = np.zeros(width)
    flags = np.zeros(width, np.bool_)
    spike_time = np.empty(max(64, 2 * n))
    spike_neuron = np.empty(spike_time.size, np.int64)
    spike_interval = np.empty(spike_time.size, np.int64)
    spike_lifted = np.empty(spike_time.size, np.bool_)
    count = 0
    before = 0
    final = 0
    begin = 0.0
    for k in range(n_events + 1):
        end = times[k] if k < n_events else duration
        drive = rows[index[k]] if k < n_events else silence
        dt = end - begin
        ticks = clock(neuron, dt)
        after = k + 1 if keep else 1 - before
        alerts = 0
        for i in range(width):
            state = load(tape, before, i, start)
            state_end = flow(neuron, ticks, state)
            flag = alert(neuron, ticks, state, state_end)
            state_end = receive(neuron, state_end, drive[i])
            flag |= fires_on_arrival(neuron, state_end)
            store(tape, after, i, state_end)
            flags[i] = flag
            alerts += flag
        if alerts:
            for i in range(n):
                if not flags[i]:
                    continue
                state = load(tape, before, i, start)
                state_end = flow(neuron, ticks, state)
                if alert(neuron, ticks, state, state_end):
                    elapsed = 0.0
                    while True:
                        rest_dt = max(dt - elapsed, 0.0)
                        rest_ticks = clock(neuron, rest_dt)
                        found, delay = next_spike(neuron, rest_ticks, state, rest_dt)
                        if not found:
                            break
                        elapsed = min(elapsed + delay, dt)
                        state = reset(neuron, slow_flow(neuron, clock(neuron, delay), state))
                        if count == spike_time.size:
                            if count >= MAX_SPIKES:
                                none = spike_interval[:0]
                                return LayerRun(
                                    tape,
                                    spike_time[:0],
                                    none,
                                    none,
                                    spike_lifted[:0],
                                    none,
                                    spike_time[:0],
                                    none,
                                    _row_number(-1),
                                )
                            spike_time = _grown(spike_time)
                            spike_neuron = _grown(spike_neuron)
                            spike_interval = _grown(spike_interval)
                            spike_lifted = _grown(spike_lifted)
                        spike_time[count] = min(begin + elapsed, end)
                        spike_neuron[count] = i
                        spike_interval[count] = k
                        spike_lifted[count] = False
                        count += 1
                    state_end = slow_flow(neuron, rest_ticks, state)
                state_end = receive(neuron, state_end, drive[i])
                if fires_on_arrival(neuron, state_end):
                    state_end = reset(neuron, state_end)
                    if count == spike_time.size:
                        spike_time = _grown(spike_time)
                        spike_neuron = _grown(spike_neuron)
                        spike_interval = _grown(spike_interval)
                        spike_lifted = _grown(spike_lifted)
                    spike_time[count] = end
                    spike_neuron[count] = i
                    spike_interval[count] = k
                    spike_lifted[count] = True
                    count += 1
                store(tape, after, i, state_end)
        before = after
        final = after
        begin = end
    spike_time = spike_time[:count]
    spike_neuron = spike_neuron[:count]
    order = _time_order(spike_time)
    return LayerRun(
        tape,
        spike_time,
        spike_neuron,
        spike_interval[:count],
        spike_lifted[:count],
        order,
        _taken(spike_time, order),
        _taken(spike_neuron, order),
        _row_number(final),
    )


@inline
def _row_number(row):
    number = np.empty(1, np.int64)
    number[0] = row
    return number


@inline
def _time_order(times):
    """Indices that sort the times; equal times keep their order. Nearly sorted input costs next to nothing."""
    n = times.size
    order = np.empty(n, np.int64)
    for j in range(n):
        order[j] = j
    # Runs of 16 by insertion, then merged in pairs; pairs that are in order already are only copied.
    run = 16
    for begin in range(0, n, run):
        for j in range(begin + 1, min(begin + run, n)):
            i = order[j]
            t = times[i]
            k = j - 1
            while k >= begin and times[order[k]] > t:
                order[k + 1] = order[k]
                k -= 1
            order[k + 1] = i
    other = np.empty(n if n > run else 0, np.int64)
    while run < n:
        for begin in range(0, n, 2 * run):
            middle = min(begin + run, n)
            end = min(begin + 2 * run, n)
            a = begin
            b = middle
            for j in range(begin, end):
                if a < middle and (b >= end or times[order[a]] <= times[order[b]]):
                    other[j] = order[a]
                    a += 1
                else:
                    other[j] = order[b]
                    b += 1
        order, other = other, order
        run *= 2
    return order
