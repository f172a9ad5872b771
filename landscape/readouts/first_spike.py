"""First-spike readout: the output neuron that spikes first names the class.

With ``t_k`` the first spike time of output neuron ``k``, the loss is the cross entropy of
``softmax(-t / tau_readout)`` plus ``gamma (exp(t_label / T) - 1)``. An output that does not spike within the trial
has a pseudospike after it where its model has one (Klos and Memmesheimer, arXiv:2309.14523), which keeps the loss
continuous when a spike leaves at ``T``, in the output as in the hidden layers (there the gradient has a kink: before
``T`` a spike acts through its decaying current, after it through a rate); otherwise ``t_k = T``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.gradients.adjoint import layer_adjoint
from landscape.gradients.tangent import layer_tangent
from landscape.neurons.interface import (
    arrival_variation,
    has_pseudospikes,
    implements,
    pseudospike,
    pseudospike_variation,
    rest,
)
from landscape.readouts import interface
from landscape.readouts.cross_entropy import cross_entropy
from landscape.simulator.layer import run_layer_in
from landscape.simulator.packed import layer_rows
from landscape.simulator.rooms import Room, run_of
from landscape.simulator.tuples import dot, load, scaled, store

__all__ = ["FirstSpike"]


class FirstSpike(NamedTuple):
    """First-spike readout and loss.

    Args:
        gamma: float; weight of the penalty ``exp(t_label / T) - 1`` on late spikes of the label's neuron.
        tau_readout: float, optional; time scale of the softmax, in the unit of all times; the neurons' ``tau`` if not
            given.
    """

    gamma: float = 0.0
    tau_readout: float | None = None


class _Readout(NamedTuple):
    room: Room  # with the run of the output layer
    first: np.ndarray  # (n_out,) int64: position, in the order of time, of the first spike; -1 if there is none
    time_gradient: np.ndarray  # (n_out,) dL/dt
    rates: list[np.ndarray]  # per hidden layer (n,): pseudospike rates; empty if no pseudospike was needed
    drives: list[np.ndarray]  # per layer (n,): summed pseudospike rates of the layer below


@inline
def _pseudo_pass(neuron, network, hidden):
    """Rates of the hidden layers and summed drives of all layers at the trial's end, bottom up."""
    start = rest(neuron)
    rates = [np.empty(0) for _ in range(0)]
    drives = [np.empty(0) for _ in range(0)]
    for layer in range(network.sizes.size - 1):
        n = network.sizes[layer + 1]
        drive = np.zeros(n)
        if layer > 0:
            rows = layer_rows(network, network.flat, layer)
            below = rates[layer - 1]
            for j in range(below.size):
                for i in range(n):
                    drive[i] += rows[j, i] * below[j]
        drives.append(drive)
        if layer < network.sizes.size - 2:
            run = run_of(hidden[layer])
            rate = np.empty(n)
            for i in range(n):
                rate[i] = pseudospike(neuron, load(run.final, 0, i, start), drive[i])[1]
            rates.append(rate)
    return rates, drives


@implements(interface.read, FirstSpike)
def _read(objective, neuron, network, source, rooms, label, keep):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    duration = network.duration
    fine = run_layer_in(rooms, n_layers - 1, neuron, n, duration, source, keep)
    room = rooms[n_layers - 1]
    run = run_of(room)
    times = np.empty(n)
    scores = np.empty(n)
    first = np.empty(n, np.int64)
    for i in range(n):
        first[i] = -1
    missing = n
    for j in range(run.sorted_neuron.size):
        i = run.sorted_neuron[j]
        if first[i] < 0:
            first[i] = j
            times[i] = run.sorted_time[j]
            missing -= 1
            if missing == 0:
                break
    rates = [np.empty(0) for _ in range(0)]
    drives = [np.empty(0) for _ in range(0)]
    if missing:
        if has_pseudospikes(neuron):
            rates, drives = _pseudo_pass(neuron, network, rooms)
            start = rest(neuron)
            for i in range(n):
                if first[i] < 0:
                    state = load(run.final, 0, i, start)
                    times[i] = duration + pseudospike(neuron, state, drives[n_layers - 1][i])[0]
        else:
            for i in range(n):
                if first[i] < 0:
                    times[i] = duration
    # tau_readout is filled in by the Python layer where it was not given.
    for i in range(n):
        scores[i] = -times[i]
    loss, correct, time_gradient = cross_entropy(scores, objective.tau_readout, label)
    for i in range(n):
        time_gradient[i] = -time_gradient[i]
    if objective.gamma != 0.0:
        loss += objective.gamma * math.expm1(times[label] / duration)
        time_gradient[label] += objective.gamma / duration * math.exp(times[label] / duration)
    if not fine:
        loss = math.nan
    return loss, correct, _Readout(room, first, time_gradient, rates, drives)


@implements(interface.output_spikes, FirstSpike)
def _output_spikes(objective, readout):
    run = run_of(readout.room)
    return run.sorted_time, run.sorted_neuron


@implements(interface.tangent, FirstSpike)
def _tangent(objective, neuron, network, directions, row_tangent, source, event_tangent, hidden, finals, readout):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    n_directions = event_tangent.shape[0]
    run = run_of(readout.room)
    spike_tangent, final = layer_tangent(neuron, n, network.duration, source, run, row_tangent, event_tangent)
    result = np.zeros(n_directions)
    pseudo = len(readout.drives) > 0
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    for d in range(n_directions):
        below = np.zeros(0)
        below_tangent = np.zeros(0)
        if pseudo:
            for layer in range(n_layers - 1):
                size = network.sizes[layer + 1]
                drive_tangent = _drive_tangent(network, directions, d, layer, below, below_tangent)
                rate_tangent = np.empty(size)
                for i in range(size):
                    state = load(run_of(hidden[layer]).final, 0, i, start)
                    changes = pseudospike_variation(neuron, state, readout.drives[layer][i])
                    v = load(finals[layer], d, i, like)
                    rate_tangent[i] = dot(changes[2], v) + changes[3] * drive_tangent[i]
                below = readout.rates[layer]
                below_tangent = rate_tangent
            drive_tangent = _drive_tangent(network, directions, d, n_layers - 1, below, below_tangent)
        else:
            drive_tangent = np.zeros(0)
        for i in range(n):
            if readout.first[i] >= 0:
                result[d] += readout.time_gradient[i] * spike_tangent[d, readout.first[i]]
            elif pseudo and readout.time_gradient[i] != 0.0:  # a time that does not matter may be infinite
                state = load(run.final, 0, i, start)
                changes = pseudospike_variation(neuron, state, readout.drives[n_layers - 1][i])
                change = dot(changes[0], load(final, d, i, like)) + changes[1] * drive_tangent[i]
                result[d] += readout.time_gradient[i] * change
    return result


@inline
def _drive_tangent(network, directions, d, layer, below, below_tangent):
    n = network.sizes[layer + 1]
    change = np.zeros(n)
    if layer > 0:
        rows = layer_rows(network, network.flat, layer)
        row_tangent = layer_rows(network, directions[d], layer)
        for j in range(below.size):
            for i in range(n):
                change[i] += rows[j, i] * below_tangent[j] + row_tangent[j, i] * below[j]
    return change


@implements(interface.backward, FirstSpike)
def _backward(objective, neuron, network, source, sources, hidden, readout, gradient, event_gradient, finals):
    n_layers = network.sizes.size - 1
    n = network.sizes[n_layers]
    run = run_of(readout.room)
    start = rest(neuron)
    like = arrival_variation(neuron, start, 0.0)[0]
    spike_gradient = np.zeros(run.time.size)
    final = np.zeros((len(like), 1, network.widths[n_layers]))
    drive_gradient = np.zeros(n)
    for i in range(n):
        if readout.first[i] >= 0:
            spike_gradient[readout.first[i]] = readout.time_gradient[i]
        elif len(readout.drives) > 0 and readout.time_gradient[i] != 0.0:  # a time that does not matter may be infinite
            state = load(run.final, 0, i, start)
            changes = pseudospike_variation(neuron, state, readout.drives[n_layers - 1][i])
            store(final, 0, i, scaled(changes[0], readout.time_gradient[i]))
            drive_gradient[i] = changes[1] * readout.time_gradient[i]
    if len(readout.drives) > 0:
        for layer in range(n_layers - 1, 0, -1):
            rows = layer_rows(network, network.flat, layer)
            row_gradient = layer_rows(network, gradient, layer)
            below = readout.rates[layer - 1]
            below_gradient = np.empty(below.size)
            for j in range(below.size):
                total = 0.0
                for i in range(drive_gradient.size):
                    total += rows[j, i] * drive_gradient[i]
                    row_gradient[j, i] += below[j] * drive_gradient[i]
                state = load(run_of(hidden[layer - 1]).final, 0, j, start)
                changes = pseudospike_variation(neuron, state, readout.drives[layer - 1][j])
                store(finals[layer - 1], 0, j, scaled(changes[2], total))
                below_gradient[j] = changes[3] * total
            drive_gradient = below_gradient
    layer_adjoint(
        neuron,
        n,
        network.duration,
        source,
        run,
        spike_gradient,
        final,
        sources,
        layer_rows(network, gradient, n_layers - 1),
        event_gradient,
    )
