"""What single spikes do to small changes, for all spikes of a layer at once.

Over an interval with one spike a variation is carried to the spike, changed there, and carried on: a matrix, and a row
that gives the change of the spike time. Both depend on the recorded trial alone. One by one they are long chains of
operations that wait for one another; here they are computed in vector registers, and what is left to do for a spike is
a small product, forwards (tangent) or transposed (adjoint).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from landscape.compilation import apart, inline, routine
from landscape.neurons.interface import (
    arrival_variation,
    clock,
    flow,
    in_range,
    reset,
    rest,
    spike_variation,
    transport,
)
from landscape.simulator.tuples import apply_transposed, load, product, store

__all__ = ["SpikeMaps", "fill_maps", "spike_maps"]


class SpikeMaps(NamedTuple):
    """For each spike of a run, in the order in which they were found."""

    single: np.ndarray  # (n_spikes,) bool: the only one of its neuron in its interval, and what follows is accurate
    change: np.ndarray  # (variation, 1, n_spikes): row: variation at the interval's beginning to change of the time
    matrix: np.ndarray  # (variation squared, 1, n_spikes): from the beginning of the interval to its end
    states: np.ndarray  # (state, 1, n_spikes): at the beginning
    before: np.ndarray  # (n_spikes,): time from the beginning to the spike
    after: np.ndarray  # (n_spikes,): time from the spike to the end


@inline
def spike_maps(neuron, run):
    """Room for the maps of a run."""
    n = run.time.size
    start = rest(neuron)
    n_variations = len(arrival_variation(neuron, start, 0.0)[0])
    return SpikeMaps(
        np.empty(n, np.bool_),
        np.empty((n_variations, 1, n)),
        np.empty((n_variations * n_variations, 1, n)),
        np.empty((len(start), 1, n)),
        np.empty(n),
        np.empty(n),
    )


@routine
def fill_maps(neuron, duration, times, run, low, first, stop, maps):
    """Compute the maps of the spikes ``first`` to before ``stop``, those of a block that begins with interval ``low``
    and is held by the tape."""
    start = rest(neuron)
    n_events = times.size
    for j in range(first, stop):
        k = run.interval[j]
        i = run.neuron[j]
        same_before = j > first and run.interval[j - 1] == k and run.neuron[j - 1] == i
        same_after = j + 1 < stop and run.interval[j + 1] == k and run.neuron[j + 1] == i
        maps.single[j] = not (same_before or same_after or run.lifted[j])
        store(maps.states, 0, j, load(run.tape, k - low, i, start))
        maps.before[j] = run.time[j] - (times[k - 1] if k > 0 else 0.0)
        maps.after[j] = (times[k] if k < n_events else duration) - run.time[j]
    _compute(neuron, first, stop, maps.states, maps.before, maps.after, maps.change, maps.matrix, maps.single)


@apart
def _compute(neuron, first, stop, states, before, after, change, matrix, single):
    start = rest(neuron)
    for j in range(first, stop):
        spike = np.uintp(j)
        state = load(states, 0, j, start)
        piece = clock(neuron, before[spike])
        left = clock(neuron, after[spike])
        arrived = flow(neuron, piece, state)
        gone = reset(neuron, arrived)
        row, jump = spike_variation(neuron, arrived, gone)
        reached = transport(neuron, piece, state)
        whole = product(transport(neuron, left, gone), product(jump, reached))
        store(change, 0, j, apply_transposed(reached, row))
        store(matrix, 0, j, whole)
        accurate = in_range(neuron, piece, state) & in_range(neuron, left, gone)
        # An infinite jump times zero is no number, where the change itself may be finite.
        single[spike] = single[spike] & accurate & (abs(jump[0]) < math.inf)
