"""A feed-forward network: a neuron model, weights, and the duration of a trial."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from landscape.arrays import as_array, as_number
from landscape.constants import Neuron
from landscape.errors import NetworkError
from landscape.network_record import NetworkData
from landscape.neurons import by_name, check_constants

__all__ = ["Network"]

LARGEST_WEIGHT = 1e200  # in size: sums of millions of them, with the largest threshold, are still numbers


class Network:
    """A feed-forward spiking network.

    Args:
        neuron: constants of a neuron model, as ``LIF(tau=1.0)``, the same for all neurons.
        weights: sequence of arrays (n_post, n_pre), float64, between -1e200 and 1e200; one matrix per layer; the last
            one leads to the output neurons. Copied, and not to be written to afterwards.
        duration: float; duration ``T`` of a trial, in the unit of ``neuron.tau``.

    Raises:
        NetworkError: the shapes of the weights do not chain, or a weight or a constant is out of its range.
    """

    __slots__ = ("duration", "neuron", "weights")

    def __init__(self, neuron: Neuron, weights: Sequence[np.ndarray], duration: float) -> None:
        self.neuron: Any = check_constants(neuron)
        self.weights = _checked_weights(weights)
        try:
            self.duration = as_number(duration)
        except ValueError:
            raise NetworkError(f"duration must be a number, not {duration!r}") from None
        if not 0.0 < self.duration < np.inf:
            raise NetworkError(f"duration must be positive and finite, not {self.duration}")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of neurons: inputs, hidden layers, outputs."""
        return (self.weights[0].shape[1], *(w.shape[0] for w in self.weights))

    @property
    def hidden_sizes(self) -> tuple[int, ...]:
        """Numbers of neurons of the hidden layers."""
        return self.sizes[1:-1]

    @property
    def parameters(self) -> np.ndarray:
        """All weights as one vector, (n_parameters,): layer by layer, row by row. A copy."""
        return np.concatenate([w.ravel() for w in self.weights])

    def with_parameters(self, parameters: np.ndarray) -> Network:
        """The same network with other weights.

        Args:
            parameters: the weights, (n_parameters,), in the order of :attr:`parameters`.

        Raises:
            NetworkError: these are not so many finite numbers.
        """
        try:
            vector = as_array(parameters).astype(np.float64)
        except ValueError as error:
            raise NetworkError(f"parameters must be an array of numbers, not {error}") from None
        total = sum(w.size for w in self.weights)
        if vector.shape != (total,):
            raise NetworkError(f"parameters have shape {vector.shape}, the network needs ({total},)")
        ends = np.cumsum([w.size for w in self.weights])[:-1]
        parts = np.split(vector, ends)
        shaped = [part.reshape(w.shape) for part, w in zip(parts, self.weights, strict=True)]
        return Network(self.neuron, shaped, self.duration)

    def with_weights(self, weights: Sequence[np.ndarray]) -> Network:
        """The same neurons and duration with other weights."""
        return Network(self.neuron, weights, self.duration)

    def save(self, path: str | Path) -> None:
        """Write the network to an HDF5 file, replacing it as a whole."""
        # Not at the top: it takes time to load.
        from landscape.h5.tree import save_network

        save_network(path, NetworkData.of(self))

    @classmethod
    def load(cls, path: str | Path, group: str = "network") -> Network:
        """Read a network.

        Args:
            path: a file written by :meth:`save`, or a result file.
            group: the group in the file; in a result file as ``"lif/network"``.

        Raises:
            ResultFileError: the file is missing, damaged or no network file.
            NetworkError: what it holds is no valid network.
        """
        from landscape.h5.tree import load_network

        return cls.from_data(load_network(path, group, NetworkData))

    @classmethod
    def from_data(cls, data: NetworkData) -> Network:
        """A network from its plain numbers, as result files hold them."""
        return cls.from_parts(data.neuron, data.constants, data.weights, data.duration)

    @classmethod
    def from_parts(
        cls, neuron: str, constants: dict[str, float], weights: Sequence[np.ndarray], duration: float
    ) -> Network:
        """A network from a model's name and plain data, as result files hold it.

        Args:
            neuron: name of the neuron model.
            constants: its constants by name.
            weights: weights of each layer, each (n_post, n_pre).
            duration: the trial's duration.

        Raises:
            NetworkError: these make no network, or there is no such model.
        """
        model = by_name(neuron)
        try:
            made = model(**constants)
        except TypeError:
            fields = ", ".join(model._fields)
            raise NetworkError(f"{neuron} neuron has constants {fields}, not {', '.join(constants)}") from None
        return cls(made, weights, duration)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return (
            self.neuron == other.neuron
            and type(self.neuron) is type(other.neuron)
            and self.duration == other.duration
            and self.sizes == other.sizes
            and all(np.array_equal(a, b) for a, b in zip(self.weights, other.weights, strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        sizes = "-".join(str(n) for n in self.sizes)
        return f"Network({self.neuron!r}, {sizes}, duration={self.duration})"


def _checked_weights(weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    if isinstance(weights, np.ndarray) and weights.ndim == 2:
        raise NetworkError("weights must be a list of matrices, one per layer; put the matrix in a list")
    if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str | bytes):
        raise NetworkError(f"weights must be a list of matrices, one per layer, not {type(weights).__name__}")
    checked: list[np.ndarray] = []
    for layer, given in enumerate(weights):
        try:
            w = as_array(given).astype(np.float64, order="C")
        except ValueError as error:
            raise NetworkError(f"weights of layer {layer} are no numeric array ({error})") from None
        if w.ndim != 2:
            raise NetworkError(f"weights of layer {layer} have {w.ndim} dimensions, not 2 (n_post, n_pre)")
        if w.size == 0:
            raise NetworkError(f"weights of layer {layer} have shape {w.shape}; a layer needs at least one neuron")
        fine = np.abs(w) <= LARGEST_WEIGHT  # not of nan
        if not fine.all():
            post, pre = np.argwhere(~fine)[0]
            what = f"beyond {LARGEST_WEIGHT:g}" if np.isfinite(w[post, pre]) else "not finite"
            raise NetworkError(f"weights of layer {layer} are {what}, first at [{post}, {pre}]: {w[post, pre]}")
        if checked and w.shape[1] != checked[-1].shape[0]:
            raise NetworkError(
                f"weights of layer {layer} have shape {w.shape}, but the layer below has "
                f"{checked[-1].shape[0]} neurons; the second number must be that"
            )
        w.flags.writeable = False
        checked.append(w)
    if not checked:
        raise NetworkError("weights are empty; give one matrix per layer")
    return checked
