"""One sample at the positions of a line: its trial, its spikes, its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Objective
from landscape.evaluation import evaluate
from landscape.readouts import spikes_read
from landscape.simulator import Trial, simulate

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["SampleLine", "Spikes"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Spikes:
    """All spikes at one position, by layer, neuron and time; ``key`` numbers the neurons through all layers."""

    key: IntArray
    time: FloatArray


class SampleLine:
    """One sample on a line through the space of weights.

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``.
        data: the sample alone.
        objective: what the loss is.
    """

    def __init__(self, network: Network, direction: Sequence[np.ndarray], data: Dataset, objective: Objective) -> None:
        self.network, self.data, self.objective = network, data, objective
        self.direction = [np.asarray(part, np.float64) for part in direction]
        self.n_spiking = len(network.weights) - (0 if spikes_read(objective) else 1)
        self.offsets = np.concatenate([[0], np.cumsum(network.sizes[1 : 1 + self.n_spiking])])

    def at(self, position: float) -> Network:
        """The network at a position."""
        return self.network.with_weights(
            [w + position * d for w, d in zip(self.network.weights, self.direction, strict=True)]
        )

    def trial(self, network: Network) -> Trial:
        """The sample's trial in a network."""
        return simulate(network, self.data.times, self.data.channels)

    def spikes(self, position: float) -> Spikes:
        """All spikes at a position."""
        layers = self.trial(self.at(position)).layers[: self.n_spiking]
        key = np.concatenate(
            [layer.neurons + offset for layer, offset in zip(layers, self.offsets[:-1], strict=True)]
            or [np.empty(0, np.int64)]
        )
        time = np.concatenate([layer.times for layer in layers] or [np.empty(0)])
        order = np.lexsort((time, key))
        return Spikes(key[order].astype(np.int64), time[order])

    def loss(self, position: float) -> float:
        """The sample's loss at a position."""
        # Not by a sweep: that has no value where the derivative is infinite, as at a grazing spike.
        return evaluate(self.at(position), self.data, self.objective, threads=1).loss

    def layer_of(self, key: IntArray) -> IntArray:
        """Layers of neurons that are numbered through all layers."""
        return np.searchsorted(self.offsets, key, side="right").astype(np.int64) - 1
