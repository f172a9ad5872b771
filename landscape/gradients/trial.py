"""Gradient and directional derivatives of one trial's loss, all layers."""

from __future__ import annotations

import numpy as np

from landscape.compilation import inline
from landscape.gradients.adjoint import layer_adjoint
from landscape.gradients.inputs import CHUNK, collect
from landscape.gradients.tangent import layer_tangent
from landscape.neurons.interface import arrival_variation, rest
from landscape.readouts import interface
from landscape.simulator.memory import aligned
from landscape.simulator.packed import layer_rows
from landscape.simulator.rooms import run_of

__all__ = ["trial_gradient", "trial_gradient_collected", "trial_tangent", "trial_tangent_in", "upper_row_tangents"]


@inline
def trial_gradient(objective, neuron, network, inputs, sources, hidden, readout, gradient):
    """Add the derivatives of the loss with respect to all weights to ``gradient`` (flat)."""
    entries = (inputs.first, inputs.channel, inputs.multiplicity)
    _adjoints(objective, neuron, network, entries, layer_rows(network, gradient, 0), sources, hidden, readout, gradient)


@inline
def trial_gradient_collected(objective, neuron, network, inputs, sources, hidden, readout, gradient, collected):
    """:func:`trial_gradient` that collects what belongs to the weights of the first layer, to be added later
    (:mod:`landscape.gradients.inputs`)."""
    n_events = inputs.times.size
    if network.sizes.size == 2 or n_events > CHUNK:  # without hidden layers the readout does it all
        trial_gradient(objective, neuron, network, inputs, sources, hidden, readout, gradient)
    else:
        begin = collected.size[0]
        rows = collected.rows[begin : begin + n_events]
        for k in range(n_events):
            for i in range(rows.shape[1]):
                rows[k, i] = 0.0
        entries = (np.arange(n_events + 1), np.arange(n_events), np.ones(n_events))
        _adjoints(objective, neuron, network, entries, rows, sources, hidden, readout, gradient)
        collect(collected, inputs, layer_rows(network, gradient, 0))


@inline
def _adjoints(objective, neuron, network, entries, first_gradient, sources, hidden, readout, gradient):
    n_layers = network.sizes.size - 1
    like = arrival_variation(neuron, rest(neuron), 0.0)[0]
    finals = [np.zeros((len(like), 1, network.widths[layer + 1])) for layer in range(n_layers - 1)]
    spike_gradient = np.zeros(0)  # of the layer in turn, from the layer above it
    for layer in range(n_layers - 1, -1, -1):
        source = sources[layer]
        if layer == 0:
            rows_of_events = entries
            event_gradient = np.zeros(0)  # nothing depends on the times of the inputs
        else:
            rows_of_events = (np.arange(source.times.size + 1), source.row, np.ones(source.times.size))
            event_gradient = np.zeros(source.times.size)
        if layer == n_layers - 1:
            interface.backward(
                objective,
                neuron,
                network,
                source,
                rows_of_events,
                hidden,
                readout,
                gradient,
                event_gradient,
                finals,
            )
        else:
            layer_adjoint(
                neuron,
                network.sizes[layer + 1],
                network.duration,
                source,
                run_of(hidden[layer]),
                spike_gradient,
                finals[layer],
                rows_of_events,
                first_gradient if layer == 0 else layer_rows(network, gradient, layer),
                event_gradient,
            )
        spike_gradient = event_gradient


@inline
def upper_row_tangents(network, directions):
    """What the directions (n_directions, n_flat) do to the weights of the layers above the first: a list of arrays
    (n_directions, n_rows, width)."""
    n_directions = directions.shape[0]
    blocks = []
    for layer in range(1, network.sizes.size - 1):
        n = network.sizes[layer] * network.widths[layer + 1]
        block = aligned(n_directions * n)
        for d in range(n_directions):
            for j in range(n):
                block[d * n + j] = directions[d, network.starts[layer] + j]
        blocks.append(block.reshape((n_directions, network.sizes[layer], network.widths[layer + 1])))
    return blocks


@inline
def trial_tangent(objective, neuron, network, directions, drive_tangent, sources, hidden, readout):
    """Derivatives of the loss along the directions (n_directions, n_flat), whose effect on the drive of the first
    layer is ``drive_tangent`` (n_directions, n_events, width)."""
    row_tangents = upper_row_tangents(network, directions)
    return trial_tangent_in(
        objective, neuron, network, directions, drive_tangent, row_tangents, sources, hidden, readout
    )


@inline
def trial_tangent_in(objective, neuron, network, directions, drive_tangent, row_tangents, sources, hidden, readout):
    """:func:`trial_tangent` with the :func:`upper_row_tangents` given, which are the same for all trials."""
    n_layers = network.sizes.size - 1
    n_directions = directions.shape[0]
    row_tangent = drive_tangent
    event_tangent = np.zeros((n_directions, sources[0].times.size))
    finals = []
    for layer in range(n_layers - 1):
        source = sources[layer]
        spike_tangent, final = layer_tangent(
            neuron,
            network.sizes[layer + 1],
            network.duration,
            source,
            run_of(hidden[layer]),
            row_tangent,
            event_tangent,
        )
        finals.append(final)
        event_tangent = spike_tangent
        row_tangent = row_tangents[layer]
    return interface.tangent(
        objective,
        neuron,
        network,
        directions,
        row_tangent,
        sources[n_layers - 1],
        event_tangent,
        hidden,
        finals,
        readout,
    )
