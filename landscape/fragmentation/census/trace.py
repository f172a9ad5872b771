"""One neuron through one trial, with its margins: how far its potential is from gaining or losing a spike.

Within a trial a spike train changes abruptly only where a local maximum of the potential touches the threshold: a
smooth maximum (*grazing*) or a kink at an inhibitory input (*order*: the input overtakes the threshold crossing, or
the reverse). At the trial's end the potential need not have a maximum for a spike to come or go. So the *margins* of
a spike train are the excess over the threshold of

- every local maximum below the threshold, after which there is no spike (*crests*), and
- for every spike the first local maximum that the potential would have reached without the reset (its *top*).

Maxima come and go in pairs with minima where the potential pauses while it rises, and within an interval it never does:
only at inputs. So the *shoulders* are kept too, the inputs at which the potential rises before and after.

Along a slice each margin is continuous, with the derivative given here, until one of them is zero: there, and only
there, the spike train jumps. (Derived here; mathematics of the maps: :mod:`landscape.neurons.interface`.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.neurons.interface import (
    arrival_variation,
    bend,
    clock,
    crest,
    excess,
    excess_variation,
    has_threshold,
    next_spike,
    receive,
    remaining,
    reset,
    rest,
    slope,
    slope_variation,
    slow_flow,
    slow_transport,
    spike_variation,
)
from landscape.simulator.tuples import apply, combine, dot, scaled

__all__ = [
    "CHANGE",
    "EVENT",
    "EXCESS",
    "EXCESS_CHANGE",
    "GRAZING",
    "KIND",
    "ORDER",
    "SEGMENT",
    "SLOPE",
    "SLOPE_CHANGE",
    "TIME",
    "TRIAL_END",
    "Inputs",
    "make_scratch",
    "trace",
]

GRAZING, ORDER, TRIAL_END = 0, 1, 2  # what a maximum is: smooth, at an input, at the trial's end

# A feed, the input of a layer on a slice, is an array (3, n_events): at TIMES, which change by CHANGES per unit of the
# position, neuron ``i`` receives ``base[i, row] + position * direction[i, row]``, with the row in ROWS.
TIMES, CHANGES, ROWS = 0, 1, 2

# A trace is one array, (rows, 6), because arrays of arrays are costly in compiled code. Its first row says how many
# spikes, crests and shoulders follow in the rows below, each in the order of time. Columns:
TIME = 0  # of the spike, of the crest
EXCESS = 1  # of the spike's top, of the crest, of the shoulder
EXCESS_CHANGE = 2  # per unit of the position
CHANGE, KIND, EVENT = 3, 4, 5  # spikes: change of the time, what the top is, its input (-1 for a smooth one)
SEGMENT = 5  # crests: number of spikes before
SLOPE, SLOPE_CHANGE = 3, 4  # shoulders: the smaller slope of both sides and its change
N_COLUMNS = 6


class Scratch(NamedTuple):
    """Arrays that one trace after another is written to."""

    spikes: np.ndarray
    crests: np.ndarray
    shoulders: np.ndarray
    used: np.ndarray  # (1,) int64: shoulders in use


@inline
def make_scratch(n_events, n_spikes):
    """Scratch arrays for a trial of ``n_events`` events and at most ``n_spikes`` spikes of a neuron."""
    n = 2 * (n_events + 1) + n_spikes
    return Scratch(
        np.empty((n_spikes, N_COLUMNS)), np.empty((n, N_COLUMNS)), np.empty((4 * n, N_COLUMNS)), np.zeros(1, np.int64)
    )


@inline
def _note_shoulder(neuron, scratch, before, v_before, after, v_after, time_change):
    """Keep an input at which the potential goes on rising, and how near it is to a pause."""
    n = scratch.used[0]
    if n == scratch.shoulders.shape[0]:
        return
    slope_before = slope(neuron, before)
    slope_after = slope(neuron, after)
    smaller = min(slope_before, slope_after)
    state, v = (after, v_after) if slope_after < slope_before else (before, v_before)
    scratch.shoulders[n, TIME] = 0.0
    scratch.shoulders[n, EXCESS] = excess(neuron, before)
    scratch.shoulders[n, EXCESS_CHANGE] = dot(excess_variation(neuron, before), v_before) + slope_before * time_change
    scratch.shoulders[n, SLOPE] = smaller
    scratch.shoulders[n, SLOPE_CHANGE] = dot(slope_variation(neuron, state), v) + bend(neuron, state) * time_change
    scratch.shoulders[n, N_COLUMNS - 1] = 0.0
    scratch.used[0] = n + 1


class Inputs(NamedTuple):
    """What the neurons of a layer receive at a position of the slice."""

    feed: np.ndarray  # (3, n_events)
    base: np.ndarray  # (n, rows)
    direction: np.ndarray  # (n, rows)
    position: float
    duration: float  # of the trial


@inline
def _top(neuron, inputs, i, k, left, state, v, scratch, spike):
    """Record the top of a spike in interval ``k``, of which ``left`` is left."""
    feed, direction = inputs.feed, inputs.direction
    n_events = feed.shape[1]
    at = scratch.spikes[spike, TIME]
    kind = GRAZING
    event = -1
    added = 0.0
    falling = slope(neuron, state) <= 0.0  # a spike at its very top
    while not falling:
        found, _, piece = crest(neuron, left, state)
        if found:
            v = apply(slow_transport(neuron, piece, state), v)
            state = slow_flow(neuron, piece, state)
            break
        v = apply(slow_transport(neuron, left, state), v)
        state = slow_flow(neuron, left, state)
        if k == n_events:
            kind = TRIAL_END
            break
        rising = slope(neuron, state)
        row = int(feed[ROWS, k])
        weight = inputs.base[i, row] + inputs.position * direction[i, row]
        after = receive(neuron, state, weight)
        if rising >= 0.0 and slope(neuron, after) <= 0.0:
            kind = ORDER
            event = k
            added = rising * feed[CHANGES, k]
            break
        column, shift = arrival_variation(neuron, after, weight)
        u = combine(v, column, direction[i, row], shift, feed[CHANGES, k])
        if rising >= 0.0:
            _note_shoulder(neuron, scratch, state, v, after, u, feed[CHANGES, k])
        v = u
        state = after
        at = feed[TIMES, k]
        k += 1
        end = feed[TIMES, k] if k < n_events else inputs.duration
        left = clock(neuron, end - at)
    scratch.spikes[spike, EXCESS] = excess(neuron, state)
    scratch.spikes[spike, EXCESS_CHANGE] = dot(excess_variation(neuron, state), v) + added
    scratch.spikes[spike, KIND] = kind
    scratch.spikes[spike, EVENT] = event


@inline
def _record(scratch, j, time, height, change, segment):
    scratch.crests[j, TIME] = time
    scratch.crests[j, EXCESS] = height
    scratch.crests[j, EXCESS_CHANGE] = change
    scratch.crests[j, CHANGE] = 0.0
    scratch.crests[j, KIND] = 0.0
    scratch.crests[j, SEGMENT] = segment


@inline
def trace(neuron, inputs, i, most, scratch):
    """Trace neuron ``i``; none of it depends on other neurons of its layer.

    The trace ends after ``most`` spikes. Returns it and whether there was room for all of them.
    """
    feed, base, direction, position, duration = inputs
    n_events = feed.shape[1]
    margins = has_threshold(neuron)
    state = rest(neuron)
    v = scaled(arrival_variation(neuron, state, 0.0)[0], 0.0)
    n_spikes = np.int64(0)
    n_crests = np.int64(0)
    scratch.used[0] = 0
    for k in range(n_events + 1):
        begin = feed[TIMES, k - 1] if k > 0 else 0.0
        end = feed[TIMES, k] if k < n_events else duration
        dt = end - begin
        elapsed = 0.0
        left = clock(neuron, dt)
        while True:
            found, delay, piece, state_end = next_spike(neuron, left, state, dt - elapsed)
            if not found:
                break
            if n_spikes == scratch.spikes.shape[0]:
                return np.zeros((1, N_COLUMNS)), False
            elapsed = min(elapsed + delay, dt)
            v = apply(slow_transport(neuron, piece, state), v)
            there = slow_flow(neuron, piece, state)
            left = remaining(neuron, left, piece, dt - elapsed)
            state = reset(neuron, there)
            gradient, jump = spike_variation(neuron, there, state)
            time = min(begin + elapsed, end)
            scratch.spikes[n_spikes, TIME] = time
            scratch.spikes[n_spikes, CHANGE] = dot(gradient, v)
            scratch.spikes[n_spikes, EXCESS] = 0.0
            scratch.spikes[n_spikes, EXCESS_CHANGE] = 0.0
            scratch.spikes[n_spikes, KIND] = TRIAL_END
            scratch.spikes[n_spikes, EVENT] = -1
            if margins:
                _top(neuron, inputs, i, k, left, there, v, scratch, n_spikes)
            v = apply(jump, v)
            n_spikes += 1
            if n_spikes == most:
                break
        if n_spikes == most:
            break
        if margins:
            found, delay, piece = crest(neuron, left, state)
            if found:
                there = slow_flow(neuron, piece, state)
                u = apply(slow_transport(neuron, piece, state), v)
                change = dot(excess_variation(neuron, there), u)
                _record(scratch, n_crests, begin + elapsed + delay, excess(neuron, there), change, n_spikes)
                n_crests += 1
        v = apply(slow_transport(neuron, left, state), v)
        rising = slope(neuron, state_end)
        if k == n_events:
            if margins and rising > 0.0:
                change = dot(excess_variation(neuron, state_end), v)
                _record(scratch, n_crests, end, excess(neuron, state_end), change, n_spikes)
                n_crests += 1
            break
        row = int(feed[ROWS, k])
        weight = base[i, row] + position * direction[i, row]
        state = receive(neuron, state_end, weight)
        if margins and rising >= 0.0 and slope(neuron, state) <= 0.0:
            change = dot(excess_variation(neuron, state_end), v) + rising * feed[CHANGES, k]
            _record(scratch, n_crests, end, excess(neuron, state_end), change, n_spikes)
            n_crests += 1
        column, shift = arrival_variation(neuron, state, weight)
        u = combine(v, column, direction[i, row], shift, feed[CHANGES, k])
        if margins and rising >= 0.0 and slope(neuron, state) > 0.0:
            _note_shoulder(neuron, scratch, state_end, v, state, u, feed[CHANGES, k])
        v = u
    n_shoulders = scratch.used[0]
    marks = np.empty((1 + n_spikes + n_crests + n_shoulders, N_COLUMNS))
    marks[0, 0] = n_spikes
    marks[0, 1] = n_crests
    marks[0, 2] = n_shoulders
    for c in range(N_COLUMNS):
        for j in range(n_spikes):
            marks[1 + j, c] = scratch.spikes[j, c]
        for j in range(n_crests):
            marks[1 + n_spikes + j, c] = scratch.crests[j, c]
        for j in range(n_shoulders):
            marks[1 + n_spikes + n_crests + j, c] = scratch.shoulders[j, c]
    return marks, True
