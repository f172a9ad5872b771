"""What of a census is compiled: the transitions of a sample, and its losses and spikes at positions of the line.

The two are kernels of their own, so that the search, by far the larger one, is compiled once for a neuron model,
whatever the objective.
"""

from __future__ import annotations

import numpy as np

from landscape.compilation import inline, kernel
from landscape.fragmentation.census.search import (
    EVENT,
    LAYER,
    LEFT,
    NEURON,
    PARTNER,
    Line,
    ascending,
    find_transitions,
)
from landscape.fragmentation.census.trace import make_scratch
from landscape.neurons.interface import has_threshold
from landscape.readouts import interface
from landscape.simulator.inputs import group, project
from landscape.simulator.packed import PackedNetwork, layer_rows
from landscape.simulator.rooms import run_of
from landscape.simulator.trial import run_hidden

__all__ = ["observe_on_line", "transitions_on_line"]

MOST_SPIKES = 2**14  # of one neuron in one trial


@inline
def _line_of(network, flat_direction, inputs, read):
    return Line(
        network.sizes,
        network.widths,
        network.starts,
        network.duration,
        network.flat,
        flat_direction,
        inputs.times,
        project(inputs, layer_rows(network, network.flat, np.int64(0))),
        project(inputs, layer_rows(network, flat_direction, np.int64(0))),
        read,
    )


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
def transitions_on_line(neuron, network, flat_direction, grid, times, channels, read):
    """Transitions of one sample on ``network.flat + position * flat_direction`` between the positions of ``grid``.

    Of all hidden layers, and of the output layer if ``read`` is not 0: the number of each output neuron's spikes that
    are followed (-1: all of them). In the order of positions: their columns (n, 7) int64 and (n, 5) of
    :mod:`.search`, the pieces that were given up (m, 2), whether all could be simulated, and whether the model has a
    threshold.
    """
    inputs = group(times, channels, network.duration)
    line = _line_of(network, flat_direction, inputs, read)
    scratch = make_scratch(inputs.times.size, MOST_SPIKES)
    found, fine = find_transitions(neuron, line, grid, scratch)
    n = found.size[0]
    order = ascending(found.real[:, LEFT], n)
    whole = np.empty((n, found.whole.shape[1]), np.int64)
    real = np.empty((n, found.real.shape[1]))
    for j in range(n):
        for c in range(whole.shape[1]):
            whole[j, c] = found.whole[order[j], c]
        for c in range(real.shape[1]):
            real[j, c] = found.real[order[j], c]
        if whole[j, LAYER] == 0 and whole[j, EVENT] >= 0:
            event, i = whole[j, EVENT], whole[j, NEURON]
            whole[j, PARTNER] = _channel(network, flat_direction, inputs, event, i, real[j, LEFT])
    return whole, real, found.unresolved[: found.size[1]].copy(), fine, has_threshold(neuron)


@kernel
def observe_on_line(objective, neuron, network, flat_direction, positions, times, channels, label):
    """Losses and spikes of one sample at positions of a line.

    Returns the losses (n,), nan where the sample cannot be simulated; the spikes at all positions, one after another
    and layer by layer: their times and units (neurons numbered through all layers, the output layer included); and
    where each position's spikes end, (n,).
    """
    inputs = group(times, channels, network.duration)
    line = _line_of(network, flat_direction, inputs, np.int64(0))
    last = line.sizes.size - 2
    losses = np.empty(positions.size)
    ends = np.empty(positions.size, np.int64)
    spike_times = np.empty(256)
    units = np.empty(256, np.int64)
    n = 0
    flat = line.centre.copy()
    drive = line.drive.copy()
    for p in range(positions.size):
        position = positions[p]
        for k in range(drive.shape[0]):
            for i in range(drive.shape[1]):
                drive[k, i] = line.drive[k, i] + position * line.change[k, i]
        for j in range(line.starts[1], flat.size):
            flat[j] = line.centre[j] + position * line.direction[j]
        here = PackedNetwork(line.sizes, line.widths, line.starts, flat, line.duration)
        rooms, sources, fine = run_hidden(neuron, here, line.times, drive, np.bool_(True))
        losses[p] = np.nan
        if fine:
            loss, _, readout = interface.read(objective, neuron, here, sources[last], rooms, label, np.bool_(True))
            losses[p] = loss
            first = 0
            for layer in range(last + 1):
                if layer < last:
                    run = run_of(rooms[layer])
                    own_times, own = run.sorted_time, run.sorted_neuron
                else:
                    own_times, own = interface.output_spikes(objective, readout)
                while n + own.size > units.size:
                    more_times = np.empty(2 * units.size)
                    more = np.empty(2 * units.size, np.int64)
                    for j in range(n):
                        more_times[j] = spike_times[j]
                        more[j] = units[j]
                    spike_times = more_times
                    units = more
                for j in range(own.size):
                    spike_times[n] = own_times[j]
                    units[n] = first + own[j]
                    n += 1
                first += line.sizes[layer + 1]
        ends[p] = n
    return losses, spike_times[:n].copy(), units[:n].copy(), ends
