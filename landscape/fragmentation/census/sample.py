"""The census of one sample: transitions, the losses on both sides, and what follows in later layers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, kernel
from landscape.fragmentation.census.limits import WIDTHS, loss_at, observe, one_sided_limit
from landscape.fragmentation.census.search import (
    EVENT,
    KIND,
    LAYER,
    LEFT,
    MARGIN,
    NEURON,
    PARTNER,
    RESOLUTION,
    RIGHT,
    _order,
    find_transitions,
    sample_line,
)
from landscape.fragmentation.census.trace import GRAZING, make_room
from landscape.simulator.inputs import group, project
from landscape.simulator.packed import layer_rows

__all__ = ["SampleCensus", "census_of_sample"]

MOST_SPIKES = 2**14  # of one neuron in one trial
DISPLACED = 1e-5  # of the trial: a spike that moves less has not jumped (next to grazing it moves like a root)


class SampleCensus(NamedTuple):
    """Transitions of one sample by position; transitions whose brackets overlap share a ``cluster``."""

    whole: np.ndarray  # (n, 7) int64, columns of :mod:`.search`
    real: np.ndarray  # (n, 5)
    cluster: np.ndarray  # (n,) int64: number of the jump that the transition belongs to
    loss: np.ndarray  # (n_clusters, 2): one-sided limits
    error: np.ndarray  # (n_clusters, 2): estimated errors
    difference: np.ndarray  # (n_clusters, len(WIDTHS)): across brackets that shrink; nan where others are inside
    displaced: np.ndarray  # (m, 6) int64: cluster, layer, neuron, first spike that differs, spikes on the left, right
    displaced_time: np.ndarray  # (m, 2): its time on the left and on the right, nan where it is missing
    active_first: np.ndarray  # (hidden neurons,) bool: spike at the lower end
    toggles: np.ndarray  # (k, 3) int64: cluster at which a hidden neuron falls silent (0) or awakes (1)
    unresolved: np.ndarray  # (m, 2)
    fine: bool


@inline
def _channel(network, flat_direction, inputs, event, i, position):
    """The input channel that pulls a neuron down most at an event."""
    rows = layer_rows(network, network.flat, np.int64(0))
    changes = layer_rows(network, flat_direction, np.int64(0))
    best = np.int64(-1)
    lowest = np.inf
    for j in range(inputs.first[event], inputs.first[event + 1]):
        channel = inputs.channel[j]
        weight = inputs.multiplicity[j] * (rows[channel, i] + position * changes[channel, i])
        if weight < lowest:
            lowest = weight
            best = channel
    return best


@inline
def _active(runs, line, n_hidden):
    """Which hidden neurons spike, (n_hidden,)."""
    active = np.zeros(n_hidden, np.bool_)
    column = 0
    for layer in range(len(runs)):
        for j in range(runs[layer].neuron.size):
            active[column + runs[layer].neuron[j]] = True
        column += line.sizes[layer + 1]
    return active


@inline
def _nth_spike(times, neurons, i, number):
    """Time of a neuron's spike of that number (nan if it has fewer), and how many it has."""
    count = 0
    time = np.nan
    for j in range(neurons.size):
        if neurons[j] == i:
            if count == number:
                time = times[j]
            count += 1
    return time, count


@inline
def _first_displaced(times0, neurons0, times1, neurons1, i, duration):
    """Number of a neuron's first spike that differs on both sides of a jump (-1 if none), its times, and the counts."""
    number = 0
    while True:
        time0, count0 = _nth_spike(times0, neurons0, i, number)
        time1, count1 = _nth_spike(times1, neurons1, i, number)
        if number >= count0 and number >= count1:
            return -1, time0, time1, count0, count1
        if number >= count0 or number >= count1 or abs(time0 - time1) > DISPLACED * duration:
            return number, time0, time1, count0, count1
        number += 1


@inline
def _doubled(array):
    larger = np.empty((2 * array.shape[0], array.shape[1]))
    larger[: array.shape[0]] = array
    return larger


@inline
def _doubled_whole(array):
    larger = np.empty((2 * array.shape[0], array.shape[1]), np.int64)
    larger[: array.shape[0]] = array
    return larger


@kernel
def census_of_sample(objective, neuron, network, flat_direction, grid, times, channels, label, n_spiking, smallest):
    """Census of one sample on ``network.flat + position * flat_direction`` between the positions of ``grid``.

    ``n_spiking``: number of layers whose transitions are looked for (the hidden ones, and the output layer if the
    objective reads its spikes). ``smallest``: jumps below it need not be measured sharply.
    """
    inputs = group(times, channels, network.duration)
    drive = project(inputs, layer_rows(network, network.flat, np.int64(0)))
    change = project(inputs, layer_rows(network, flat_direction, np.int64(0)))
    line = sample_line(network, flat_direction, inputs, drive, change)
    room = make_room(inputs.times.size + MOST_SPIKES, MOST_SPIKES)
    found, fine = find_transitions(neuron, line, grid, n_spiking, room)
    n = found.size[0]
    order = _order(found.real[:, LEFT], n)
    whole = np.empty((n, found.whole.shape[1]), np.int64)
    real = np.empty((n, found.real.shape[1]))
    cluster = np.empty(n, np.int64)
    n_clusters = 0
    beyond = -np.inf
    beside = MARGIN * RESOLUTION * (grid[grid.size - 1] - grid[0])
    for j in range(n):
        for c in range(whole.shape[1]):
            whole[j, c] = found.whole[order[j], c]
        for c in range(real.shape[1]):
            real[j, c] = found.real[order[j], c]
        if n_clusters == 0 or real[j, LEFT] - beside > beyond:
            n_clusters += 1
            beyond = real[j, RIGHT] + beside
        else:
            beyond = max(beyond, real[j, RIGHT] + beside)
        cluster[j] = n_clusters - 1
        if whole[j, LAYER] == 0 and whole[j, EVENT] >= 0:
            whole[j, PARTNER] = _channel(
                network, flat_direction, inputs, whole[j, EVENT], whole[j, NEURON], real[j, LEFT]
            )
    loss = np.empty((n_clusters, 2))
    error = np.zeros((n_clusters, 2))
    difference = np.empty((n_clusters, len(WIDTHS)))
    low = grid[0]
    high = grid[grid.size - 1]
    span = high - low
    n_hidden = 0
    for layer in range(1, line.sizes.size - 1):
        n_hidden += line.sizes[layer]
    active_first = _active(observe(objective, neuron, line, label, low)[1], line, n_hidden)
    now = active_first.copy()
    toggles = np.empty((64, 3), np.int64)
    n_toggles = 0
    displaced = np.empty((64, 6), np.int64)
    displaced_time = np.empty((64, 2))
    n_displaced = 0
    first = 0
    for c in range(n_clusters):
        last = first
        grazes = False
        left = real[first, LEFT]
        right = real[first, RIGHT]
        while last < n and cluster[last] == c:
            grazes = grazes or whole[last, KIND] == GRAZING
            right = max(right, real[last, RIGHT])
            last += 1
        reach_left = left - (real[first - 1, RIGHT] if first > 0 else low)
        reach_right = (real[last, LEFT] if last < n else high) - right
        on_left = observe(objective, neuron, line, label, left - min(beside, reach_left))
        on_right = observe(objective, neuron, line, label, right + min(beside, reach_right))
        loss[c, 0] = on_left[0]
        loss[c, 1] = on_right[0]
        before = _active(on_left[1], line, n_hidden)
        after = _active(on_right[1], line, n_hidden)
        for i in range(n_hidden):
            # The state before is looked at too: at a model without margins a pair of changes may have been passed over.
            for state in (before[i], after[i]):
                if state != now[i]:
                    if n_toggles == toggles.shape[0]:
                        toggles = _doubled_whole(toggles)
                    toggles[n_toggles, 0] = c
                    toggles[n_toggles, 1] = i
                    toggles[n_toggles, 2] = 1 if state else 0
                    n_toggles += 1
                    now[i] = state
        for w in range(len(WIDTHS)):
            difference[c, w] = np.nan
        if abs(loss[c, 1] - loss[c, 0]) >= smallest or (grazes and abs(loss[c, 1] - loss[c, 0]) > 1e-3 * smallest):
            loss[c, 0], error[c, 0] = one_sided_limit(
                objective, neuron, line, label, left, -reach_left, span, beside, loss[c, 0]
            )
            loss[c, 1], error[c, 1] = one_sided_limit(
                objective, neuron, line, label, right, reach_right, span, beside, loss[c, 1]
            )
            for w in range(len(WIDTHS)):
                half = 0.5 * WIDTHS[w] * span
                if half < reach_left and half < reach_right:
                    ahead = loss_at(objective, neuron, line, label, right + half)
                    difference[c, w] = ahead - loss_at(objective, neuron, line, label, left - half)
        if abs(loss[c, 1] - loss[c, 0]) >= smallest:
            for layer in range(whole[first, LAYER], line.sizes.size - 1):
                if layer < line.sizes.size - 2:
                    t0 = on_left[1][layer].sorted_time
                    i0 = on_left[1][layer].sorted_neuron
                    t1 = on_right[1][layer].sorted_time
                    i1 = on_right[1][layer].sorted_neuron
                else:
                    t0 = on_left[2]
                    i0 = on_left[3]
                    t1 = on_right[2]
                    i1 = on_right[3]
                for i in range(line.sizes[layer + 1]):
                    number, time0, time1, count0, count1 = _first_displaced(t0, i0, t1, i1, i, line.duration)
                    if number < 0:
                        continue
                    if n_displaced == displaced.shape[0]:
                        displaced = _doubled_whole(displaced)
                        displaced_time = _doubled(displaced_time)
                    displaced[n_displaced, 0] = c
                    displaced[n_displaced, 1] = layer
                    displaced[n_displaced, 2] = i
                    displaced[n_displaced, 3] = number
                    displaced[n_displaced, 4] = count0
                    displaced[n_displaced, 5] = count1
                    displaced_time[n_displaced, 0] = time0
                    displaced_time[n_displaced, 1] = time1
                    n_displaced += 1
        first = last
    unresolved = found.unresolved[: found.size[1]].copy()
    return SampleCensus(
        whole,
        real,
        cluster,
        loss,
        error,
        difference,
        displaced[:n_displaced].copy(),
        displaced_time[:n_displaced].copy(),
        active_first,
        toggles[:n_toggles].copy(),
        unresolved,
        fine,
    )


@kernel
def losses_on_line(objective, neuron, network, flat_direction, positions, times, channels, label):
    """Losses (n,) of one sample at positions of a line."""
    inputs = group(times, channels, network.duration)
    drive = project(inputs, layer_rows(network, network.flat, np.int64(0)))
    change = project(inputs, layer_rows(network, flat_direction, np.int64(0)))
    line = sample_line(network, flat_direction, inputs, drive, change)
    losses = np.empty(positions.size)
    for j in range(positions.size):
        losses[j] = loss_at(objective, neuron, line, label, positions[j])
    return losses
