"""Loss on both sides of a transition.

Where a spike comes by grazing, its time leaves the maximum like the root of the distance, and so does the loss: a
difference across a bracket of 1e-12 would be wrong by 1e-6. So each one-sided limit is extrapolated by polynomials in
the root of the distance, from five positions within the stretch that is free of other transitions; of several step
sizes the one is taken on which two orders agree best.
"""

from __future__ import annotations

import math

import numpy as np

from landscape.compilation import inline
from landscape.fragmentation.census.search import _flat_at
from landscape.readouts import interface
from landscape.simulator.packed import PackedNetwork
from landscape.simulator.trial import run_hidden

__all__ = ["WIDTHS", "loss_at", "observe", "one_sided_limit"]

NODES = 5
# Lagrange weights at 0 for the nodes 1, 2, ..., n of a polynomial in the root of the distance.
FIVE = (5.0, -10.0, 10.0, -5.0, 1.0)
FOUR = (4.0, -6.0, 4.0, -1.0)
SCALES = 10
ENOUGH = 4e-12  # nats: disagreement of both orders at which no smaller step is tried
FIRST_STEP = 2e-3  # root of the distance of the first node, in roots of the range
WIDTHS = (1e-6, 1e-8, 1e-10, 1e-12)  # of the range: brackets whose shrinking differences are kept


@inline
def observe(objective, neuron, line, label, position):
    """Loss of the sample at a position (nan if it cannot be simulated), the hidden layers' runs, and the times and
    neurons of the output's spikes."""
    drive = line.drive.copy()
    for k in range(drive.shape[0]):
        for i in range(drive.shape[1]):
            drive[k, i] += position * line.change[k, i]
    network = PackedNetwork(line.sizes, line.widths, line.starts, _flat_at(line, position), line.duration)
    runs, sources, fine = run_hidden(neuron, network, line.times, drive, True)
    last = line.sizes.size - 2
    if not fine:
        return np.nan, runs, np.empty(0), np.empty(0, np.int64)
    loss, _, readout = interface.read(objective, neuron, network, sources[last], runs, label, True)
    times, neurons = interface.output_spikes(objective, readout)
    return loss, runs, times, neurons


@inline
def loss_at(objective, neuron, line, label, position):
    """Loss of the sample at a position, nan if it cannot be simulated."""
    return observe(objective, neuron, line, label, position)[0]


@inline
def one_sided_limit(objective, neuron, line, label, edge, reach, span, beside, at_edge):
    """Limit of the loss at ``edge``, coming from the side of ``reach`` (signed distance to the next transition).

    Nearer than ``beside``, where the loss is ``at_edge``, rounding decides which side a position is on. Returns the
    limit and an estimate of its error.
    """
    best = at_edge
    error = np.inf
    side = 1.0 if reach > 0.0 else -1.0
    step = min(FIRST_STEP * math.sqrt(span), math.sqrt(abs(reach) / NODES**2 / 2.0))
    values = np.empty(NODES)
    for _ in range(SCALES):
        if step * step < beside:
            break
        for j in range(NODES):
            root = (j + 1) * step
            values[j] = loss_at(objective, neuron, line, label, edge + side * root * root)
        five = 0.0
        for j in range(NODES):
            five += FIVE[j] * values[j]
        four = 0.0
        for j in range(NODES - 1):
            four += FOUR[j] * values[j]
        if abs(five - four) < error:
            error = abs(five - four)
            best = five
        if error < ENOUGH:
            break
        step *= 0.5
    return best, error
