"""A network as plain numbers, read and written without the compiled parts of the package."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.errors import NetworkError
from landscape.h5.fields import array, attribute, layers, record, table
from landscape.neurons import neuron_name

__all__ = ["NetworkData"]

FloatArray = NDArray[np.float64]


def _unit_of(constant: str) -> str:
    return "trial time" if constant.startswith("tau") else "potential"


@record(
    "network",
    of="model",
    title="/MODEL/network, /MODEL/training/initial, /MODEL/training/final",
    doc=(
        "A network. The model's own `network` is the one that is used: the best of training, where it was trained. The "
        "subgroup `constants` holds the constants of the neuron model by name, as `tau` and `threshold`."
    ),
    dims={"channel": "number of the input channel", "neuron_{n}": "number of the neuron in layer {n}"},
)
class NetworkData:
    """The plain numbers of a network.

    Attributes:
        neuron: name of the neuron model, as ``"lif"``.
        constants: the model's constants by name, in trial time units or potential units.
        weights: one float64 array of shape (n_post, n_pre) per layer, input side first.
        duration: trial duration, in the time unit of the network's ``tau``.

    Raises:
        NetworkError: weights that do not chain or are not finite, a constant or duration that is no finite number.
    """

    neuron: str = attribute("text", "name of the neuron model")
    constants: dict[str, float] = table({}, further=array((), "", make=float), group="constants", unit_of=_unit_of)
    weights: list[FloatArray] = layers(
        "weights_{n}",
        ("neuron_{n}", "neuron_{n-1}"),
        "weights that lead to layer {n}",
        unit="potential",
    )
    duration: float = array((), "trial duration, in the time unit of tau", unit="trial time", make=float)

    def __post_init__(self) -> None:
        own = {
            "constants": {name: float(value) for name, value in self.constants.items()},
            "weights": [np.asarray(part, dtype=np.float64) for part in self.weights],
            "duration": float(self.duration),
        }
        for name, value in own.items():
            object.__setattr__(self, name, value)
        problem = _problem(self)
        if problem:
            raise NetworkError(problem)

    @classmethod
    def of(cls, network: Any) -> NetworkData:
        """The plain numbers of a network."""
        # Not at the top: the neuron models bring the compiler, which a reader of result files does not need.

        constants = {name: float(value) for name, value in network.neuron._asdict().items()}
        return cls(str(neuron_name(network.neuron)), constants, list(network.weights), network.duration)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of neurons per layer, the input channels first."""
        return (self.weights[0].shape[1], *(w.shape[0] for w in self.weights))


def _problem(data: NetworkData) -> str:
    """What keeps these numbers from being a network; empty where nothing does."""
    if not math.isfinite(data.duration) or data.duration <= 0.0:
        return f"the duration is {data.duration}, not a positive number"
    for name, value in data.constants.items():
        if not math.isfinite(value):
            return f"the constant {name} is {value}, not a finite number"
    if not data.weights:
        return "there are no weights (weights_0 is missing)"
    for n, matrix in enumerate(data.weights):
        if matrix.ndim != 2 or 0 in matrix.shape:
            return f"weights_{n} has shape {matrix.shape}, not (n_post, n_pre)"
        if not np.all(np.isfinite(matrix)):
            return f"weights_{n} has {np.count_nonzero(~np.isfinite(matrix))} values that are not finite"
        if n and matrix.shape[1] != data.weights[n - 1].shape[0]:
            below = data.weights[n - 1].shape[0]
            return (
                f"weights_{n} takes {matrix.shape[1]} neurons but weights_{n - 1} leads to {below}: they do not chain"
            )
    return ""
