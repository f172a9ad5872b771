"""Loss on both sides of a transition.

Beside a jump a loss is smooth: its limit follows from two positions by a straight line. But where a spike comes by
grazing, its time leaves the maximum like the root of the distance, and so does the loss: a difference across a bracket
of 1e-12 would be wrong by 1e-6. On that side the limit is extrapolated by polynomials in the root of the distance, from
five positions within the stretch that is free of other transitions; of several step sizes the one is taken on which two
orders agree best.

A loss may also be so steep that it changes much within a bracket (QIF networks near their separatrix). What shrinks in
proportion to the bracket is no jump.
"""

from __future__ import annotations

import math

import numpy as np

from landscape.compilation import inline
from landscape.fragmentation.census.search import _flat_at
from landscape.neurons.interface import has_threshold
from landscape.readouts import interface
from landscape.simulator.packed import PackedNetwork
from landscape.simulator.trial import run_hidden

__all__ = ["WIDTHS", "is_steep", "loss_at", "observe", "root_limit", "smooth_limit"]

NODES = 5
# Lagrange weights at 0 for the nodes 1, 2, ..., n of a polynomial in the root of the distance.
FIVE = (5.0, -10.0, 10.0, -5.0, 1.0)
FOUR = (4.0, -6.0, 4.0, -1.0)
SCALES = 12
NEAREST = 1e-14  # of the range: nearer to a jump, rounding decides which side a position is on
SHRUNK = 0.2  # of a difference, when the bracket is a tenth or less
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
def smooth_limit(objective, neuron, line, label, edge, reach, beside, at_edge):
    """Limit of a loss without a root at ``edge``, coming from the side of ``reach`` (signed distance to the next
    transition); the loss at the distance ``beside`` is ``at_edge``. Returns the limit and an estimate of its error."""
    if abs(reach) < 2.0 * beside:
        return at_edge, np.inf
    farther = edge + (2.0 * beside if reach > 0.0 else -2.0 * beside)
    change = at_edge - loss_at(objective, neuron, line, label, farther)
    return at_edge + change, 0.1 * abs(change)


@inline
def is_steep(objective, neuron, line, label, left, right, beside, outer_left, outer_right):
    """Whether the loss changes across a bracket because it is steep, and not because it jumps.

    The bracket is ``beside`` wider than ``left`` to ``right`` on both sides; the losses at its ends are given.
    """
    if not has_threshold(neuron):
        # Where spikes come and go at the trial's end only, no rounding moves a jump away from adjacent numbers.
        inside = loss_at(objective, neuron, line, label, right) - loss_at(objective, neuron, line, label, left)
        return abs(inside) < SHRUNK * abs(outer_right - outer_left)
    for _ in range(2):
        beside *= 0.1
        inner_left = loss_at(objective, neuron, line, label, left - beside)
        inner_right = loss_at(objective, neuron, line, label, right + beside)
        across = abs(outer_right - outer_left)
        if abs(inner_right - inner_left) < SHRUNK * across:
            # Unless rounding has put a jump into one of the outer parts.
            aside = (abs(inner_left - outer_left), abs(outer_right - inner_right))
            return not (max(aside) > (1.0 - SHRUNK) * across and min(aside) < SHRUNK * across)
        outer_left = inner_left
        outer_right = inner_right
    return False


@inline
def root_limit(objective, neuron, line, label, edge, reach, span, at_edge):
    """Limit at ``edge`` of a loss that leaves it like a root, coming from the side of ``reach``.

    ``at_edge`` is the loss beside it. Returns the limit and an estimate of its error.
    """
    best = at_edge
    error = np.inf
    side = 1.0 if reach > 0.0 else -1.0
    step = min(FIRST_STEP * math.sqrt(span), math.sqrt(abs(reach) / NODES**2 / 2.0))
    values = np.empty(NODES)
    for _ in range(SCALES):
        if step * step < NEAREST * span:
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
