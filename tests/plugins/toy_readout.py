"""A readout in one file of its own: the class whose output receives most names it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from landscape.neurons.interface import implements
from landscape.readouts import Readout, interface
from landscape.simulator.packed import layer_rows
from landscape.tables import Positive, Table


class TotalDrive(NamedTuple):
    """The score of a class is the sum of all inputs of its output, times ``gain``; cross entropy of their softmax.

    Args:
        gain: float; factor of the scores.
    """

    gain: float = 1.0


class Keys(Table):
    """The class whose output receives most."""

    gain: Positive = 1.0
    """Factor of the scores."""


class Read(NamedTuple):
    """What is kept of a trial."""

    score_gradient: np.ndarray  # (n_out,)


@implements(interface.read, TotalDrive)
def _read(objective, neuron, network, source, rooms, label, keep):
    scores = np.zeros(network.sizes[network.sizes.size - 1])
    for k in range(source.times.size):
        row = source.rows[source.row[k]]
        for i in range(scores.size):
            scores[i] += objective.gain * row[i]
    highest = scores.max()
    gradient = np.exp(scores - highest)
    total = gradient.sum()
    gradient *= objective.gain / total
    gradient[label] -= objective.gain
    correct = True
    for i in range(scores.size):
        correct &= i == label or scores[i] < scores[label]
    return highest - scores[label] + math.log(total), correct, Read(gradient)


@implements(interface.output_spikes, TotalDrive)
def _output_spikes(objective, readout):
    return np.empty(0), np.empty(0, np.int64)


@implements(interface.tangent, TotalDrive)
def _tangent(objective, neuron, network, directions, row_tangent, source, event_tangent, hidden, finals, readout):
    result = np.zeros(event_tangent.shape[0])
    for k in range(source.times.size):
        for d in range(result.size):
            row = row_tangent[d, source.row[k]]
            for i in range(readout.score_gradient.size):
                result[d] += readout.score_gradient[i] * row[i]
    return result


@implements(interface.backward, TotalDrive)
def _backward(objective, neuron, network, source, sources, hidden, readout, gradient, event_gradient, finals):
    first, channel, count = sources
    rows = layer_rows(network, gradient, network.sizes.size - 2)
    for j in range(first[source.times.size]):
        target = rows[channel[j]]
        for i in range(readout.score_gradient.size):
            target[i] += count[j] * readout.score_gradient[i]


READOUT = Readout(name="total_drive", implementation=TotalDrive, constants=Keys, loss="total-drive loss")
