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
    remaining,
    reset,
    rest,
    slow_flow,
)
from landscape.simulator.tuples import load, store

__all__ = ["MAX_SPIKES", "LayerRun", "padded", "run_layer"]

MAX_SPIKES = 2**20
"""Spikes of one layer in one trial beyond which a simulation is given up (and says so): tens of megabytes."""

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
    larger = np.empty(min(2 * array.size, MAX_SPIKES), array.dtype)
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
def _advance(neuron, ticks, tape, before, after, rows, row, gain, flags):
    """Advance all neurons over one interval and deliver ``gain * rows[row]``; flag those that need a closer look."""
    start = rest(neuron)
    r = np.uintp(row)
    alerts = 0
    for i in range(rows.shape[1]):
        state = load(tape, before, i, start)
        state_end = flow(neuron, ticks, state)
        flag = alert(neuron, ticks, state, state_end)
        state_end = receive(neuron, state_end, gain * rows[r, np.uintp(i)])
        flag |= fires_on_arrival(neuron, state_end)
        store(tape, after, i, state_end)
        flags[i] = flag
        alerts += flag
    return alerts


@inline
def _look_closer(
    neuron,
    n,
    ticks,
    begin,
    end,
    k,
    tape,
    before,
    after,
    rows,
    row,
    gain,
    flags,
    time,
    spiking,
    interval,
    lifted,
    count,
):
    """Advance the flagged neurons again, from spike to spike. Returns the new number of spikes, or -1 if the buffers
    are too small for them."""
    start = rest(neuron)
    dt = end - begin
    for i in range(n):
        if not flags[i]:
            continue
        state = load(tape, before, i, start)
        state_end = flow(neuron, ticks, state)
        if alert(neuron, ticks, state, state_end):
            elapsed = 0.0
            left = ticks
            while True:
                found, delay, piece, state_end = next_spike(neuron, left, state, dt - elapsed)
                if not found:
                    break
                if count == time.size:
                    return -1
                elapsed = min(elapsed + delay, dt)
                state = reset(neuron, slow_flow(neuron, piece, state))
                left = remaining(neuron, left, piece, dt - elapsed)
                time[count] = min(begin + elapsed, end)
                spiking[count] = i
                interval[count] = k
                lifted[count] = False
                count += 1
        state_end = receive(neuron, state_end, gain * rows[row, i])
        if fires_on_arrival(neuron, state_end):
            if count == time.size:
                return -1
            state_end = reset(neuron, state_end)
            time[count] = end
            spiking[count] = i
            interval[count] = k
            lifted[count] = True
            count += 1
        store(tape, after, i, state_end)
    return count


@inline
def _run_events(neuron, n, duration, times, index, rows, keep, tape, flags, k, count, time, spiking, interval, lifted):
    """Events ``k`` and later. Returns the first interval that is not done and the number of spikes so far."""
    # No array is assigned in this loop: every assignment would cost atomic reference counts per event.
    n_events = times.size
    while k <= n_events:
        begin = times[k - 1] if k > 0 else 0.0
        end = times[k] if k < n_events else duration
        row = index[k] if k < n_events else 0
        gain = 1.0 if k < n_events else 0.0  # nothing arrives at the trial's end
        before = k if keep else k % 2
        after = k + 1 if keep else (k + 1) % 2
        ticks = clock(neuron, end - begin)
        if _advance(neuron, ticks, tape, before, after, rows, row, gain, flags):
            found = _look_closer(
                neuron,
                n,
                ticks,
                begin,
                end,
                k,
                tape,
                before,
                after,
                rows,
                row,
                gain,
                flags,
                time,
                spiking,
                interval,
                lifted,
                count,
            )
            if found < 0:
                return k, count
            count = found
        k += 1
    return k, count


@inline
def run_layer(neuron, n, duration, times, index, rows, keep):
    """Simulate ``n`` neurons that receive ``rows[index[k]]`` at ``times[k]`` (sorted, within the trial)."""
    n_events = times.size
    width = rows.shape[1]
    start = rest(neuron)
    tape = np.empty((len(start), n_events + 2 if keep else 2, width))
    for i in range(width):
        store(tape, 0, i, start)
    if rows.shape[0] == 0:
        rows = np.zeros((1, width))
    flags = np.zeros(width, np.int64)
    time = np.empty(min(max(64, 4 * n), MAX_SPIKES))
    spiking = np.empty(time.size, np.int64)
    interval = np.empty(time.size, np.int64)
    lifted = np.empty(time.size, np.bool_)
    # Typed numbers instead of literals: a literal argument would make its callees compile once more.
    k = np.int64(0)
    count = np.int64(0)
    final = n_events + 1 if keep else (n_events + 1) % 2
    while True:
        k, count = _run_events(
            neuron,
            n,
            duration,
            times,
            index,
            rows,
            keep,
            tape,
            flags,
            k,
            count,
            time,
            spiking,
            interval,
            lifted,
        )
        if k > n_events:
            break
        if time.size >= MAX_SPIKES:
            count = np.int64(0)
            final = -1
            break
        time = _grown(time)
        spiking = _grown(spiking)
        interval = _grown(interval)
        lifted = _grown(lifted)
    time = time[:count]
    spiking = spiking[:count]
    order = _time_order(time)
    return LayerRun(
        tape,
        time,
        spiking,
        interval[:count],
        lifted[:count],
        order,
        _taken(time, order),
        _taken(spiking, order),
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
