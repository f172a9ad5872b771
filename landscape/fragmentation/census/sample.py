"""The census of one sample: transitions, the losses on both sides, and what follows in later layers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.compilation import inline, kernel
from landscape.fragmentation.census.limits import WIDTHS, loss_at, one_sided_limit
from landscape.fragmentation.census.search import (
    KIND,
    EVENT,
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
from landscape.simulator.packed import PackedNetwork, layer_rows

__all__ = ["SampleCensus", "census_of_sample"]

MOST_SPIKES = 2**14  # of one neuron in one trial


class SampleCensus(NamedTuple):
    """Transitions of one sample by position; transitions whose brackets overlap share a ``cluster``."""

    whole: np.ndarray  # (n, 8) int64, columns of :mod:`.search`
    real: np.ndarray  # (n, 5)
    cluster: np.ndarray  # (n,) int64: number of the jump that the transition belongs to
    loss: np.ndarray  # (n_clusters, 2): one-sided limits
    error: np.ndarray  # (n_clusters, 2): estimated errors
    difference: np.ndarray  # (n_clusters, len(WIDTHS)): across brackets that shrink; nan where others are inside
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
            whole[j, PARTNER] = _channel(network, flat_direction, inputs, whole[j, EVENT], whole[j, NEURON], real[j, LEFT])
    loss = np.empty((n_clusters, 2))
    error = np.zeros((n_clusters, 2))
    difference = np.empty((n_clusters, len(WIDTHS)))
    low = grid[0]
    high = grid[grid.size - 1]
    span = high - low
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
        loss[c, 0] = loss_at(objective, neuron, line, label, left - min(beside, reach_left))
        loss[c, 1] = loss_at(objective, neuron, line, label, right + min(beside, reach_right))
        for w in range(len(WIDTHS)):
            difference[c, w] = np.nan
        if abs(loss[c, 1] - loss[c, 0]) >= smallest or (grazes and loss[c, 1] != loss[c, 0]):
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
        first = last
    unresolved = found.unresolved[: found.size[1]].copy()
    return SampleCensus(whole, real, cluster, loss, error, difference, unresolved, fine)


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

