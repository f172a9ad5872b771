"""One trial of a feed-forward network: layer after layer, each from the sorted spikes of the one below."""

from __future__ import annotations

import numpy as np

from landscape.compilation import inline
from landscape.simulator.layer import run_layer
from landscape.simulator.packed import Source, layer_rows

__all__ = ["run_hidden", "spike_source"]


@inline
def run_hidden(neuron, network, times, drive, keep):
    """Run the hidden layers on the drive (n_events, width) of the first layer at the given times.

    Returns the runs, the input (:class:`Source`) of every layer including the output layer, and whether all went
    well (no layer had too many spikes).
    """
    source = Source(times, np.arange(times.size), drive)
    sources = [source]
    runs = []
    for layer in range(network.sizes.size - 2):
        n = network.sizes[layer + 1]
        run = run_layer(neuron, n, network.duration, source.times, source.row, source.rows, keep)
        runs.append(run)
        if run.final[0] < 0:
            return runs, sources, False
        source = spike_source(network, run, layer + 1)
        sources.append(source)
    return runs, sources, True


@inline
def spike_source(network, run, layer):
    """The spikes of a run as input of the layer above it."""
    return Source(run.sorted_time, run.sorted_neuron, layer_rows(network, network.flat, layer))
