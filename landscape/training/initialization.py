"""Initial networks that are neither silent nor in a frenzy, for any data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from landscape.constants import Neuron, Objective
from landscape.errors import ConfigError, DataError
from landscape.evaluation import evaluated
from landscape.network import Network
from landscape.neurons import model_of
from landscape.readouts import FirstSpike
from landscape.training.settings import InitSettings

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["default_settings", "initial_network"]

PROBE_SAMPLES = 200  # samples on which the activity of a layer is measured


def default_settings(neuron: Neuron, n_layers: int) -> InitSettings:
    """Mean and spread of the drive that give one to two spikes per neuron in a trial of a few ``tau``."""
    model = model_of(neuron)
    drives = [model.hidden_drive] * (n_layers - 1) + [model.output_drive]
    return InitSettings(tuple(drive.mean for drive in drives), tuple(drive.spread for drive in drives))


def initial_network(
    neuron: Neuron,
    sizes: Sequence[int],
    duration: float,
    data: Dataset,
    seed: int = 0,
    settings: InitSettings | None = None,
    *,
    objective: Objective | None = None,
) -> Network:
    """A network with random weights whose neurons receive a chosen drive from the data.

    The weights of a layer are independent and normal. Their mean and standard deviation follow from how often the
    presynaptic neurons or channels spike, ``c_i`` times per sample on average: with ``w = m + d xi`` a neuron's drive
    ``sum_i w_i c_i`` has mean ``m sum(c)`` and standard deviation ``d sqrt(sum(c**2))`` over neurons. Layers are made
    bottom up, the activity of each measured on the data before the next is made.

    Args:
        neuron: ``LIF(...)`` or ``QIF(...)``.
        sizes: numbers of inputs, hidden neurons per layer, and outputs.
        duration: duration of a trial.
        data: the training data.
        seed: seed of NumPy's PCG64 generator.
        settings: mean and spread of the drive per layer; by default those of :func:`default_settings`.
        objective: readout with which the activity is measured; it changes nothing, but one that is used anyway
            saves compiling another. ``FirstSpike()`` by default.

    Raises:
        ConfigError: the settings are for another number of layers.
        DataError: the data's channels are not the inputs.
    """
    n_layers = len(sizes) - 1
    if settings is None:
        settings = default_settings(neuron, n_layers)
    if len(settings.mean) != n_layers:
        raise ConfigError(
            f"initialization: {len(settings.mean)} means and spreads for {n_layers} layers; give one of each per layer"
        )
    if data.n_channels != sizes[0]:
        raise DataError(f"the data set has {data.n_channels} channels, the network {sizes[0]} inputs; they must agree")
    rng = np.random.default_rng(seed)
    probe = data.select(count=min(PROBE_SAMPLES, len(data)), seed=0)
    within = probe.times <= duration
    counts = np.bincount(probe.channels[within], minlength=sizes[0]) / len(probe)
    weights: list[np.ndarray] = []
    for layer in range(n_layers):
        if not counts.any():
            counts = np.ones(sizes[layer])  # a silent layer: nothing to go by
        mean = settings.mean[layer] / counts.sum()
        spread = settings.spread[layer] / np.sqrt(np.sum(counts**2))
        weights.append(mean + spread * rng.standard_normal((sizes[layer + 1], sizes[layer])))
        if layer < n_layers - 1:
            # An added output layer of zeros makes the layer just drawn a hidden one; its activity is what counts.
            probing = Network(neuron, [*weights, np.zeros((data.n_classes, sizes[layer + 1]))], duration)
            found = evaluated(probing, probe, FirstSpike() if objective is None else objective)
            counts = found.spike_counts[-2].mean(axis=0)
    return Network(neuron, weights, duration)
