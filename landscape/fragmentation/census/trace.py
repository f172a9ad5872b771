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

__all__ = ["CHANGE", "EXCESS", "EXCESS_CHANGE", "GRAZING", "ORDER", "TIME", "TRIAL_END", "Feed", "Room", "Trace"]
__all__ += ["make_room", "trace"]

GRAZING, ORDER, TRIAL_END = 0, 1, 2  # what a maximum is: smooth, at an input, at the trial's end
TIME, EXCESS, EXCESS_CHANGE, CHANGE = 0, 1, 2, 3  # columns of spikes and crests; ``CHANGE`` of spikes only


class Feed(NamedTuple):
    """The input of a layer on a slice: at ``times[k]``, which changes by ``changes[k]`` per unit of the position, a
    neuron ``i`` receives ``base[i, row[k]] + position * direction[i, row[k]]``."""

    times: np.ndarray  # (n_events,)
    changes: np.ndarray  # (n_events,)
    row: np.ndarray  # (n_events,) int64
    base: np.ndarray  # (n_neurons, n_rows)
    direction: np.ndarray  # (n_neurons, n_rows)
    duration: float


class Trace(NamedTuple):
    """The spikes of a neuron and its margins, each in the order of time."""

    spikes: np.ndarray  # (n_spikes, 4): time, excess of the top and its change, change of the time
    tops: np.ndarray  # (n_spikes, 2) int64: what the top is, event (-1 for a smooth one)
    crests: np.ndarray  # (n_crests, 3): time, excess, its change
    segments: np.ndarray  # (n_crests,) int64: number of spikes before
    shoulders: np.ndarray  # (n_shoulders, 4): excess and its change, the smaller slope and its change


class Room(NamedTuple):
    """Scratch arrays of a trace."""

    spikes: np.ndarray
    tops: np.ndarray
    crests: np.ndarray
    segments: np.ndarray
    shoulders: np.ndarray
    used: np.ndarray  # (1,) int64: shoulders in use


@inline
def make_room(n_events, n_spikes):
    """Room for a trial of ``n_events`` events and at most ``n_spikes`` spikes."""
    n = 2 * (n_events + 1) + n_spikes
    return Room(
        np.empty((n_spikes, 4)),
        np.empty((n_spikes, 2), np.int64),
        np.empty((n, 3)),
        np.empty(n, np.int64),
        np.empty((4 * n, 4)),
        np.zeros(1, np.int64),
    )


@inline
def _note_shoulder(neuron, room, before, v_before, after, v_after, time_change):
    """Keep an input at which the potential goes on rising, and how near it is to a pause."""
    n = room.used[0]
    if n == room.shoulders.shape[0]:
        return
    slope_before = slope(neuron, before)
    slope_after = slope(neuron, after)
    state, v, smaller = (
        (after, v_after, slope_after) if slope_after < slope_before else (before, v_before, slope_before)
    )
    room.shoulders[n, 0] = excess(neuron, before)
    room.shoulders[n, 1] = dot(excess_variation(neuron, before), v_before) + slope_before * time_change
    room.shoulders[n, 2] = smaller
    room.shoulders[n, 3] = dot(slope_variation(neuron, state), v) + bend(neuron, state) * time_change
    room.used[0] = n + 1


@inline
def _top(neuron, feed, position, i, k, time, left, state, v, room, spike):
    """Record the top of a spike at ``time`` in interval ``k``, of which ``left`` is left."""
    n_events = feed.times.size
    at = time
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
        weight = feed.base[i, feed.row[k]] + position * feed.direction[i, feed.row[k]]
        after = receive(neuron, state, weight)
        if rising >= 0.0 and slope(neuron, after) <= 0.0:
            kind = ORDER
            event = k
            added = rising * feed.changes[k]
            break
        column, shift = arrival_variation(neuron, after, weight)
        u = combine(v, column, feed.direction[i, feed.row[k]], shift, feed.changes[k])
        if rising >= 0.0:
            _note_shoulder(neuron, room, state, v, after, u, feed.changes[k])
        v = u
        state = after
        at = feed.times[k]
        k += 1
        end = feed.times[k] if k < n_events else feed.duration
        left = clock(neuron, end - at)
    room.spikes[spike, EXCESS] = excess(neuron, state)
    room.spikes[spike, EXCESS_CHANGE] = dot(excess_variation(neuron, state), v) + added
    room.tops[spike, 0] = kind
    room.tops[spike, 1] = event


@inline
def _record(room, j, time, height, change, segment):
    room.crests[j, TIME] = time
    room.crests[j, EXCESS] = height
    room.crests[j, EXCESS_CHANGE] = change
    room.segments[j] = segment


@inline
def trace(neuron, feed, position, i, room):
    """Trace neuron ``i`` at a position of the slice; None of it depends on other neurons of its layer.

    Returns the trace and whether there was room for all its spikes.
    """
    n_events = feed.times.size
    margins = has_threshold(neuron)
    state = rest(neuron)
    v = scaled(arrival_variation(neuron, state, 0.0)[0], 0.0)
    n_spikes = 0
    n_crests = 0
    room.used[0] = 0
    for k in range(n_events + 1):
        begin = feed.times[k - 1] if k > 0 else 0.0
        end = feed.times[k] if k < n_events else feed.duration
        dt = end - begin
        elapsed = 0.0
        left = clock(neuron, dt)
        while True:
            found, delay, piece, state_end = next_spike(neuron, left, state, dt - elapsed)
            if not found:
                break
            if n_spikes == room.spikes.shape[0]:
                return Trace(
                    room.spikes[:0], room.tops[:0], room.crests[:0], room.segments[:0], room.shoulders[:0]
                ), False
            elapsed = min(elapsed + delay, dt)
            v = apply(slow_transport(neuron, piece, state), v)
            there = slow_flow(neuron, piece, state)
            left = remaining(neuron, left, piece, dt - elapsed)
            state = reset(neuron, there)
            row, jump = spike_variation(neuron, there, state)
            time = min(begin + elapsed, end)
            room.spikes[n_spikes, TIME] = time
            room.spikes[n_spikes, CHANGE] = dot(row, v)
            room.spikes[n_spikes, EXCESS] = 0.0
            room.spikes[n_spikes, EXCESS_CHANGE] = 0.0
            room.tops[n_spikes, 0] = TRIAL_END
            room.tops[n_spikes, 1] = -1
            if margins:
                _top(neuron, feed, position, i, k, time, left, there, v, room, n_spikes)
            v = apply(jump, v)
            n_spikes += 1
        if margins:
            found, delay, piece = crest(neuron, left, state)
            if found:
                there = slow_flow(neuron, piece, state)
                u = apply(slow_transport(neuron, piece, state), v)
                change = dot(excess_variation(neuron, there), u)
                _record(room, n_crests, begin + elapsed + delay, excess(neuron, there), change, n_spikes)
                n_crests += 1
        v = apply(slow_transport(neuron, left, state), v)
        rising = slope(neuron, state_end)
        if k == n_events:
            if margins and rising > 0.0:
                change = dot(excess_variation(neuron, state_end), v)
                _record(room, n_crests, end, excess(neuron, state_end), change, n_spikes)
                n_crests += 1
            break
        weight = feed.base[i, feed.row[k]] + position * feed.direction[i, feed.row[k]]
        state = receive(neuron, state_end, weight)
        if margins and rising >= 0.0 and slope(neuron, state) <= 0.0:
            change = dot(excess_variation(neuron, state_end), v) + rising * feed.changes[k]
            _record(room, n_crests, end, excess(neuron, state_end), change, n_spikes)
            n_crests += 1
        column, shift = arrival_variation(neuron, state, weight)
        u = combine(v, column, feed.direction[i, feed.row[k]], shift, feed.changes[k])
        if margins and rising >= 0.0 and slope(neuron, state) > 0.0:
            _note_shoulder(neuron, room, state_end, v, state, u, feed.changes[k])
        v = u
    found_trace = Trace(
        room.spikes[:n_spikes].copy(),
        room.tops[:n_spikes].copy(),
        room.crests[:n_crests].copy(),
        room.segments[:n_crests].copy(),
        room.shoulders[: room.used[0]].copy(),
    )
    return found_trace, True
