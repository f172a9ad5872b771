"""One trial in full, for :func:`landscape.simulate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape.compilation import inline, kernel
from landscape.constants import Objective
from landscape.datasets import Dataset
from landscape.datasets.checks import vector
from landscape.errors import SimulationError
from landscape.neurons import LeakyIntegrator
from landscape.neurons.interface import current, potential, rest
from landscape.readouts import spikes_read
from landscape.simulator.inputs import group, project
from landscape.simulator.layer import run_layer_in
from landscape.simulator.packed import Source, pack
from landscape.simulator.result import LayerActivity, Trial
from landscape.simulator.rooms import MAX_SPIKES, no_room, run_of
from landscape.simulator.tuples import load

if TYPE_CHECKING:
    from landscape.network import Network

__all__ = ["simulate_trial"]


@kernel
def _run(neuron, n, duration, times, index, rows):
    """Spikes and final state of one layer; the last array is empty if it spiked without bound."""
    rooms = [no_room(neuron)]
    fine = run_layer_in(rooms, 0, neuron, n, duration, Source(times, index, rows), False)
    return _kept(neuron, n if fine else 0, rooms[0])


@inline
def _kept(neuron, n, room):
    """Copies of the spikes and of the final state of ``n`` neurons."""
    run = run_of(room)
    start = rest(neuron)
    final = np.empty((2, n))
    for i in range(n):
        state = load(run.final, 0, i, start)
        final[0, i] = potential(neuron, state)
        final[1, i] = current(neuron, state)
    return run.sorted_time.copy(), run.sorted_neuron.copy(), final


@kernel
def _first_drive(times, channels, duration, rows):
    inputs = group(times, channels, duration)
    return inputs.times, project(inputs, rows)


def simulate_trial(network: Network, times: np.ndarray, channels: np.ndarray, objective: Objective | None) -> Trial:
    """See :func:`landscape.simulate`."""
    # The data set's own checks serve here too: one sample, one class.
    times = vector("times", times, np.float64, "one time per spike")
    channels = vector("channels", channels, np.int32, "one channel per spike")
    if times.shape == channels.shape:
        order = np.argsort(times, kind="stable")
        times, channels = times[order], channels[order]
    data = Dataset(times, channels, np.array([0, times.size]), np.array([0]), network.sizes[0], 1)
    index_limit = len(network.weights) - 1
    layers = []
    for layer, weights in enumerate(network.weights):
        rows = pack([weights]).reshape(weights.shape[1], -1)
        if layer == 0:
            event_times, rows = _first_drive(data.times, data.channels, network.duration, rows)
            index = np.arange(event_times.size)
        neuron = network.neuron
        if layer == index_limit and objective is not None and spikes_read(objective) == 0:
            neuron = LeakyIntegrator(network.neuron.tau)
        event_times, index, final = _run(neuron, weights.shape[0], network.duration, event_times, index, rows)
        if final.shape[1] == 0:
            raise SimulationError(
                f"layer {layer} has more than {MAX_SPIKES:,} spikes in one trial; "
                "the weights are too large for the neuron's threshold"
            )
        layers.append(LayerActivity(event_times, index, final[0], final[1]))
    return Trial(layers)
