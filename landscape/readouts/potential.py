"""Potential readouts: the outputs are non-spiking leaky integrators, the highest score names the class.

The score of a class is the maximum over the trial (``max_potential``) or the time average (``mean_potential``) of
its output's potential; the loss is the cross entropy of the softmax of the scores. Both are closed forms: between
two events ``V = s (V0 + I0 (1 - s))`` with ``s = exp(-dt / tau)``, whose maximum and integral are elementary.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.neurons.decay import decay
from landscape.neurons.interface import implements
from landscape.readouts import interface
from landscape.readouts.cross_entropy import cross_entropy
from landscape.simulator.packed import layer_rows

__all__ = ["MaxPotential", "MeanPotential"]


class MaxPotential(NamedTuple):
    """Score of a class: the maximum of its output's potential over the trial, the start (``V = 0``) included."""

    # Without fields these would be empty tuples: false, and equal to one another.
    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __ne__(self, other: object) -> bool:
        return type(other) is not type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class MeanPotential(NamedTuple):
    """Score of a class: the time average of its output's potential over the trial."""

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __ne__(self, other: object) -> bool:
        return type(other) is not type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class _MaxReadout(NamedTuple):
    score_gradient: np.ndarray  # (n_out,)
    interval: np.ndarray  # (n_out,) int64: interval of the maximum; -1 where it is the start of the trial
    sigma: np.ndarray  # (n_out,) where in the interval, 1 - exp(-dt / tau)
    kink: np.ndarray  # (n_out,) dV/dt just before the event at which V has a kink maximum, else 0


class _MeanReadout(NamedTuple):
    score_gradient: np.ndarray  # (n_out,)


@implements(interface.output_spikes, MaxPotential)
def _no_spikes_max(objective, readout):
    return np.empty(0), np.empty(0, np.int64)


@implements(interface.output_spikes, MeanPotential)
def _no_spikes_mean(objective, readout):
    return np.empty(0), np.empty(0, np.int64)


# --- maximum --------------------------------------------------------------------------------------------------------


@inline
def _decay(source, k, duration, tau):
    """``(s, sigma)`` of interval ``k``, which ends with event ``k`` (the last one with the trial)."""
    begin = source.times[k - 1] if k > 0 else 0.0
    end = source.times[k] if k < source.times.size else duration
    return decay(end - begin, tau)


@implements(interface.read, MaxPotential)
def _read_max(objective, neuron, network, source, rooms, label, keep):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    n_events = source.times.size
    v = np.zeros(n)
    current = np.zeros(n)
    scores = np.zeros(n)
    interval = np.empty(n, np.int64)
    for i in range(n):
        interval[i] = -1
    where = np.zeros(n)
    kink = np.zeros(n)
    for k in range(n_events + 1):
        s, sigma = _decay(source, k, network.duration, neuron.tau)
        for i in range(n):
            # V(sigma) = (1 - sigma) (v + current sigma): a maximum inside, or the end of the interval
            v_end = s * (v[i] + current[i] * sigma)
            i_end = s * s * current[i]
            if current[i] > v[i] and i_end < v_end:
                peak = 0.25 * (v[i] + current[i]) * ((v[i] + current[i]) / current[i])
                if peak > scores[i]:
                    scores[i] = peak
                    interval[i] = k
                    where[i] = 0.5 * (current[i] - v[i]) / current[i]
                    kink[i] = 0.0
            elif v_end > scores[i]:
                scores[i] = v_end
                interval[i] = k
                where[i] = sigma
                kink[i] = (i_end - v_end) / neuron.tau
            v[i] = v_end
            current[i] = i_end
        if k < n_events:
            row = source.rows[source.row[k]]
            for i in range(n):
                current[i] += row[i]
    loss, correct, score_gradient = cross_entropy(scores, 1.0, label)
    return loss, correct, _MaxReadout(score_gradient, interval, where, kink)


@implements(interface.tangent, MaxPotential)
def _tangent_max(objective, neuron, network, directions, row_tangent, source, event_tangent, hidden, finals, readout):
    n = network.sizes[network.sizes.size - 1]
    n_events = source.times.size
    n_directions = event_tangent.shape[0]
    v = np.zeros((n_directions, n))
    current = np.zeros((n_directions, n))
    result = np.zeros(n_directions)
    for k in range(n_events + 1):
        s, sigma = _decay(source, k, network.duration, neuron.tau)
        for d in range(n_directions):
            for i in range(n):
                if readout.interval[i] == k:
                    at = readout.sigma[i]
                    change = (1.0 - at) * (v[d, i] + current[d, i] * at)
                    if k < n_events:
                        change += readout.kink[i] * event_tangent[d, k]
                    result[d] += readout.score_gradient[i] * change
                v[d, i] = s * (v[d, i] + current[d, i] * sigma)
                current[d, i] *= s * s
            if k < n_events:
                row = source.rows[source.row[k]]
                change_row = row_tangent[d, source.row[k]]
                delay = event_tangent[d, k] / neuron.tau
                for i in range(n):
                    v[d, i] -= row[i] * delay
                    current[d, i] += change_row[i] + 2.0 * row[i] * delay
    return result


@implements(interface.backward, MaxPotential)
def _backward_max(objective, neuron, network, source, sources, hidden, readout, gradient, event_gradient, finals):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    n_events = source.times.size
    first, channel, count = sources
    row_gradient = layer_rows(network, gradient, n_layers - 1)
    lam_v = np.zeros(n)
    lam_i = np.zeros(n)
    for k in range(n_events, -1, -1):
        s, sigma = _decay(source, k, network.duration, neuron.tau)
        if k < n_events:
            row = source.rows[source.row[k]]
            total = 0.0
            for i in range(n):
                total += row[i] * (2.0 * lam_i[i] - lam_v[i]) / neuron.tau
                if readout.interval[i] == k:
                    total += readout.kink[i] * readout.score_gradient[i]
            if event_gradient.size:
                event_gradient[k] += total
            for j in range(first[k], first[k + 1]):
                target = row_gradient[channel[j]]
                for i in range(n):
                    target[i] += count[j] * lam_i[i]
        for i in range(n):
            lam_i[i] = s * (sigma * lam_v[i] + s * lam_i[i])
            lam_v[i] *= s
            if readout.interval[i] == k:
                at = readout.sigma[i]
                lam_v[i] += (1.0 - at) * readout.score_gradient[i]
                lam_i[i] += (1.0 - at) * at * readout.score_gradient[i]


# --- mean -----------------------------------------------------------------------------------------------------------
#
# One input of weight w at time t adds w tau (1 - s)**2 / 2 to the integral of V up to T, with s = exp(-(T - t) / tau):
# the outputs need not be simulated at all.


@implements(interface.read, MeanPotential)
def _read_mean(objective, neuron, network, source, rooms, label, keep):
    n = network.sizes[network.sizes.size - 1]
    duration = network.duration
    scores = np.zeros(n)
    for k in range(source.times.size):
        sigma = -math.expm1(-(duration - source.times[k]) / neuron.tau)
        share = 0.5 * neuron.tau * sigma * sigma / duration
        row = source.rows[source.row[k]]
        for i in range(n):
            scores[i] += share * row[i]
    loss, correct, score_gradient = cross_entropy(scores, 1.0, label)
    return loss, correct, _MeanReadout(score_gradient)


@implements(interface.tangent, MeanPotential)
def _tangent_mean(objective, neuron, network, directions, row_tangent, source, event_tangent, hidden, finals, readout):
    n = network.sizes[network.sizes.size - 1]
    duration = network.duration
    n_directions = event_tangent.shape[0]
    result = np.zeros(n_directions)
    for k in range(source.times.size):
        sigma = -math.expm1(-(duration - source.times[k]) / neuron.tau)
        share = 0.5 * neuron.tau * sigma * sigma / duration
        slope = -sigma * (1.0 - sigma) / duration
        row = source.rows[source.row[k]]
        for d in range(n_directions):
            change_row = row_tangent[d, source.row[k]]
            for i in range(n):
                change = share * change_row[i] + slope * event_tangent[d, k] * row[i]
                result[d] += readout.score_gradient[i] * change
    return result


@implements(interface.backward, MeanPotential)
def _backward_mean(objective, neuron, network, source, sources, hidden, readout, gradient, event_gradient, finals):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    duration = network.duration
    first, channel, count = sources
    row_gradient = layer_rows(network, gradient, n_layers - 1)
    for k in range(source.times.size):
        sigma = -math.expm1(-(duration - source.times[k]) / neuron.tau)
        share = 0.5 * neuron.tau * sigma * sigma / duration
        if event_gradient.size:
            row = source.rows[source.row[k]]
            total = 0.0
            for i in range(n):
                total += row[i] * readout.score_gradient[i]
            event_gradient[k] -= total * sigma * (1.0 - sigma) / duration
        for j in range(first[k], first[k + 1]):
            target = row_gradient[channel[j]]
            for i in range(n):
                target[i] += count[j] * share * readout.score_gradient[i]
