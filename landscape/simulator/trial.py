"""One trial of a feed-forward network: layer after layer, each from the sorted spikes of the one below."""

from __future__ import annotations

import numpy as np

from landscape.compilation import inline
from landscape.simulator.layer import run_layer_in
from landscape.simulator.packed import Source, layer_rows
from landscape.simulator.rooms import no_room, run_of

__all__ = ["rerun_hidden_in", "rooms_for", "run_hidden", "run_hidden_in", "spike_source"]


@inline
def rooms_for(neuron, network):
    """A room for every layer, the output layer included; the first trial makes them large enough."""
    rooms = [no_room(neuron)]
    for _ in range(network.sizes.size - 2):
        rooms.append(no_room(neuron))  # noqa: PERF401 (compiled code)
    return rooms


@inline
def run_hidden(neuron, network, times, drive, keep):
    """Run the hidden layers on the drive (n_events, width) of the first layer at the given times.

    Returns the rooms with their runs, the input (:class:`Source`) of every layer including the output layer, and
    whether all went well (no layer had too many spikes). The sources are valid as long as the rooms.
    """
    rooms = rooms_for(neuron, network)
    sources, fine = run_hidden_in(rooms, neuron, network, times, np.arange(times.size), drive, keep)
    return rooms, sources, fine


@inline
def run_hidden_in(rooms, neuron, network, times, index, drive, keep):
    """:func:`run_hidden` in rooms that are there already; the runs are valid until the next ones in them. Returns the
    sources, and whether all went well.

    The drive of event ``k`` is ``drive[index[k]]``.
    """
    source = Source(times, index, drive)
    sources = [source]
    for layer in range(network.sizes.size - 2):
        n = network.sizes[layer + 1]
        if not run_layer_in(rooms, layer, neuron, n, network.duration, source, keep):
            return sources, False
        source = spike_source(network, rooms[layer], layer + 1)
        sources.append(source)
    return sources, True


@inline
def rerun_hidden_in(rooms, sources, first, neuron, network, keep):
    """Run the hidden layers from ``first``, at least 1, again in a network that differs in the weights of these and of
    the output layer only, in the same rooms, and put their ``sources`` in their places.

    Returns whether all went well.
    """
    n_hidden = network.sizes.size - 2
    for layer in range(first, n_hidden):
        source = spike_source(network, rooms[layer - 1], layer)
        sources[layer] = source
        n = network.sizes[layer + 1]
        if not run_layer_in(rooms, layer, neuron, n, network.duration, source, keep):
            return False
    sources[n_hidden] = spike_source(network, rooms[n_hidden - 1], n_hidden)
    return True


@inline
def spike_source(network, room, layer):
    """The spikes of a run as input of the layer above it."""
    run = run_of(room)
    return Source(run.sorted_time, run.sorted_neuron, layer_rows(network, network.flat, layer))
