"""The hidden layer alone, and the roofline it is held against."""

from __future__ import annotations

import numpy as np

from landscape.compilation import kernel
from landscape.gradients.inputs import add_collected, input_gradients
from landscape.gradients.trial import trial_gradient_collected
from landscape.neurons.interface import clock, flow, receive, rest
from landscape.readouts import interface
from landscape.simulator.inputs import group, project, project_to
from landscape.simulator.layer import run_layer_in
from landscape.simulator.memory import aligned
from landscape.simulator.packed import Source, layer_rows
from landscape.simulator.rooms import no_room, run_of
from landscape.simulator.trial import rooms_for, run_hidden_in
from landscape.simulator.tuples import load, store

__all__ = ["STAGES", "calibrate", "first_drive", "run_hidden_layer", "run_stages"]

STAGES = ("spikes into events", "projection", "hidden layer", "output layer and loss", "adjoint")


@kernel
def calibrate(neuron, duration, drive, repeats):
    """As many flows and inputs as a layer has on this drive (n_events, width), in one plain loop: no spikes, no signs
    to look at, nothing to remember."""
    n_events, width = drive.shape
    start = rest(neuron)
    states = np.empty((len(start), 1, width))
    ticks = clock(neuron, duration / (n_events + 1))
    for _ in range(repeats):
        for i in range(width):
            store(states, 0, i, start)
        for k in range(n_events + 1):
            event = np.uintp(min(k, n_events - 1))
            for i in range(width):
                state = flow(neuron, ticks, load(states, 0, i, start))
                store(states, 0, i, receive(neuron, state, drive[event, np.uintp(i)]))
    return states


@kernel
def first_drive(times, channels, duration, rows):
    """Times of the input events of a sample and the drive of the first layer there."""
    inputs = group(times, channels, duration)
    return inputs.times, project(inputs, rows)


@kernel
def run_hidden_layer(neuron, n, duration, times, drive, repeats):
    """Spikes in all of a layer on a drive, simulated several times."""
    rooms = [no_room(neuron)]
    source = Source(times, np.arange(times.size), drive)
    count = 0
    for _ in range(repeats):
        run_layer_in(rooms, 0, neuron, n, duration, source, False)
        count += run_of(rooms[0]).time.size
    return count


@kernel
def run_stages(objective, neuron, network, times, channels, offsets, labels, n_stages, keep):
    """The first ``n_stages`` of :data:`STAGES` for all samples: what an evaluation does, cut short.

    ``keep``: record the runs as for a gradient.
    """
    rows = layer_rows(network, network.flat, np.int64(0))
    gradient = np.zeros(network.flat.size)
    rooms = rooms_for(neuron, network)
    most = np.int64(0)
    for sample in range(labels.size):
        most = max(most, offsets[sample + 1] - offsets[sample])
    index = np.arange(most)
    drive = aligned(most * rows.shape[1]).reshape((most, rows.shape[1]))
    collected = input_gradients(network.sizes[0], rows.shape[1], most)
    total = 0.0
    for sample in range(labels.size):
        chosen = slice(offsets[sample], offsets[sample + 1])
        inputs = group(times[chosen], channels[chosen], network.duration)
        n_events = inputs.times.size
        total += n_events
        if n_stages < 2:
            continue
        project_to(drive, inputs, rows)
        if n_stages < 3:
            continue
        sources, _ = run_hidden_in(rooms, neuron, network, inputs.times, index[:n_events], drive[:n_events], keep)
        if n_stages < 4:
            continue
        source = sources[len(sources) - 1]
        loss, _, readout = interface.read(objective, neuron, network, source, rooms, labels[sample], keep)
        total += loss
        if n_stages < 5:
            continue
        trial_gradient_collected(objective, neuron, network, inputs, sources, rooms, readout, gradient, collected)
    add_collected(collected, layer_rows(network, gradient, np.int64(0)))
    return total
