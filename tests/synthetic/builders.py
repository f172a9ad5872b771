"""Small networks and data sets for tests of behaviour."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import landscape as ls

KINDS = pytest.mark.parametrize("kind", ["lif", "qif"])
OBJECTIVES = [ls.FirstSpike(), ls.MaxPotential(), ls.MeanPotential()]
READOUTS = pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: type(objective).__name__)


def a_neuron(kind, tau=1.0, threshold=1.0):
    """LIF or QIF neuron by name."""
    return ls.LIF(tau, threshold) if kind == "lif" else ls.QIF(tau)


def a_network(kind, seed=0, sizes=(5, 6, 4, 3), duration=4.0, strength=1.0):
    """Network whose neurons spike a few times per trial, some of them never, with weights of both signs."""
    rng = np.random.default_rng(seed)
    mean, spread = (0.9, 1.3) if kind == "lif" else (1.6, 2.2)
    weights = [strength * rng.normal(mean, spread, (post, pre)) for pre, post in pairwise(sizes)]
    return ls.Network(a_neuron(kind), weights, duration)


def some_data(seed=0, n_samples=7, n_channels=5, n_classes=3, n_spikes=9, end=3.0):
    """Random samples; every third one has spikes that coincide, the last one has no spikes at all."""
    rng = np.random.default_rng(seed)
    times, channels = [], []
    for sample in range(n_samples):
        n = 0 if n_samples > 1 and sample == n_samples - 1 else n_spikes
        drawn = np.sort(rng.uniform(0.0, end, n))
        times.append(np.round(drawn, 1) if sample % 3 == 1 else drawn)
        channels.append(rng.integers(0, n_channels, n))
    return data_of(
        list(zip(times, channels, strict=True)), rng.integers(0, n_classes, n_samples), n_channels, n_classes
    )


def data_of(samples, labels, n_channels, n_classes):
    """Dataset of a list of ``(times, channels)``."""
    offsets = np.cumsum([0, *(len(times) for times, _ in samples)])
    times = np.concatenate([np.asarray(times, np.float64) for times, _ in samples])
    channels = np.concatenate([np.asarray(channels, np.int64) for _, channels in samples])
    return ls.Dataset(times, channels, offsets, np.asarray(labels), n_channels, n_classes)


def moved(network, direction, coordinate):
    """The network at a coordinate along a direction, built explicitly."""
    return network.with_weights([w + coordinate * d for w, d in zip(network.weights, direction, strict=True)])


def counts_of(trial, sizes):
    """Spike counts of every neuron of every layer of a trial, as one tuple."""
    return tuple(
        int(count)
        for layer, size in zip(trial.layers, sizes[1:], strict=True)
        for count in np.bincount(layer.neurons, minlength=size)
    )
