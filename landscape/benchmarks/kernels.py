"""The hidden layer alone, and the roofline it is held against."""

from __future__ import annotations

import numpy as np

from landscape.compilation import kernel
from landscape.neurons.interface import clock, flow, receive, rest
from landscape.simulator.inputs import group, project
from landscape.simulator.layer import no_room, run_layer_in
from landscape.simulator.tuples import load, store

__all__ = ["calibrate", "first_drive", "run_hidden_layer"]


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
    room = no_room(neuron)
    index = np.arange(times.size)
    count = 0
    for _ in range(repeats):
        run, room = run_layer_in(room, neuron, n, duration, times, index, drive, False)
        count += run.time.size
    return count
