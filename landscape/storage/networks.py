"""A network as plain numbers in an HDF5 group, written and read without the compiled parts of the package."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import NetworkError, ResultFileError
from landscape.storage.files import check_format, open_for_reading, replace_file
from landscape.storage.layout import FORMAT, FORMAT_VERSION, NETWORK_FORMAT
from landscape.storage.tables import write_entries

FloatArray = NDArray[np.float64]


class NetworkData(NamedTuple):
    """The content of a network group.

    Attributes:
        neuron: name of the neuron model, as ``"lif"``.
        constants: the model's constants by name, in trial time units or potential units.
        weights: one float64 array of shape (n_post, n_pre) per layer, input side first.
        duration: trial duration, in the time unit of the network's ``tau``.
    """

    neuron: str
    constants: dict[str, float]
    weights: list[FloatArray]
    duration: float

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of neurons per layer, the input channels first."""
        return (self.weights[0].shape[1], *(w.shape[0] for w in self.weights))


def network_data(network: Any) -> NetworkData:
    """The plain numbers of a :class:`landscape.Network` (or the argument itself, where it is a
    NetworkData).
    """
    if isinstance(network, NetworkData):
        return network
    # Not at the top: the neuron models bring the compiler, which a reader of result files does not need.
    from landscape.neurons import neuron_name

    constants = {name: float(value) for name, value in network.neuron._asdict().items()}
    weights = [np.asarray(w, dtype=np.float64) for w in network.weights]
    return NetworkData(str(neuron_name(network.neuron)), constants, weights, float(network.duration))


def write_network(
    group: h5py.Group,
    neuron_name: str,
    constants: Mapping[str, float],
    weights: Sequence[ArrayLike],
    duration: float,
) -> None:
    """Write a network into an empty HDF5 group.

    Args:
        group: where; it receives the attribute ``neuron``, the scalars ``duration`` and ``constants/NAME``,
            and ``weights_0``, ``weights_1``, ... with the dimension scales ``neuron_0``, ``neuron_1``, ...
        neuron_name: name of the neuron model.
        constants: constants of the model, by name.
        weights: arrays of shape (n_post, n_pre), input side first.
        duration: trial duration.

    Raises:
        NetworkError: weights that do not chain or are not finite, a constant or duration that is no finite
            number.
    """
    data = NetworkData(
        neuron_name,
        {name: float(value) for name, value in constants.items()},
        [np.asarray(w, dtype=np.float64) for w in weights],
        float(duration),
    )
    problems = network_problems(data)
    if problems:
        raise NetworkError(f"network not written: {problems[0]}")
    group.attrs["neuron"] = data.neuron
    values: dict[str, ArrayLike] = {"duration": data.duration}
    values |= {f"neuron_{level}": np.arange(size) for level, size in enumerate(data.sizes)}
    values |= {f"weights_{level}": matrix for level, matrix in enumerate(data.weights)}
    write_entries(group, "network", values)
    units = {name: "trial time" if name.startswith("tau") else "potential" for name in data.constants}
    write_entries(group.create_group("constants"), "constants", data.constants, units)


def read_network(group: h5py.Group) -> NetworkData:
    """Read what :func:`write_network` wrote.

    Raises:
        ResultFileError: a part of the group is missing or of the wrong kind.
        NetworkError: the weights do not chain or are not finite, or a constant or the duration is not finite.
    """
    where = f"{group.file.filename}: group {group.name}"
    neuron = group.attrs.get("neuron")
    if not isinstance(neuron, str):
        raise ResultFileError(f"{where}: no attribute 'neuron', so no network; give a file saved by Network.save")
    if not isinstance(group.get("duration"), h5py.Dataset) or not isinstance(group.get("constants"), h5py.Group):
        raise ResultFileError(f"{where}: 'duration' or 'constants' is missing; save the network again")
    try:
        duration = float(group["duration"][()])
        constants = {name: float(value[()]) for name, value in group["constants"].items()}
        weights: list[FloatArray] = []
        while f"weights_{len(weights)}" in group:
            weights.append(np.asarray(group[f"weights_{len(weights)}"][...], dtype=np.float64))
    except (TypeError, ValueError, AttributeError) as error:
        raise ResultFileError(f"{where}: a value is not a number; save the network again") from error
    data = NetworkData(neuron, constants, weights, duration)
    problems = network_problems(data)
    if problems:
        raise NetworkError(f"{where}: {problems[0]}; save the network again")
    return data


def save_network(
    path: str | os.PathLike[str],
    neuron_name: str,
    constants: Mapping[str, float],
    weights: Sequence[ArrayLike],
    duration: float,
) -> None:
    """Write a network to a file of its own: the group ``network`` beside the attributes that name the format.

    The arguments are those of :func:`write_network`.

    Raises:
        NetworkError: as :func:`write_network`.
        InputError: the file cannot be written.
    """
    with replace_file(path) as file:
        file.attrs["format"] = NETWORK_FORMAT
        file.attrs["format_version"] = np.int64(FORMAT_VERSION)
        write_network(file.create_group("network"), neuron_name, constants, weights, duration)


def load_network(path: str | os.PathLike[str], group: str = "network") -> NetworkData:
    """Read a network from its own file, or from a result file (``group="lif/network"``).

    Raises:
        ResultFileError: no such file, no HDF5, damaged, of another format or version, or without that group.
        NetworkError: the numbers do not make a network.
    """
    with open_for_reading(path) as file:
        check_format(file, (NETWORK_FORMAT, FORMAT))
        found = file.get(group)
        if not isinstance(found, h5py.Group):
            offers = [f"{name}/network" for name in file if f"{name}/network" in file]
            hint = f"it has {', '.join(offers)}" if offers else "save the network again"
            raise ResultFileError(f"{path}: no group {group!r}; {hint}")
        return read_network(found)


def network_problems(data: NetworkData) -> list[str]:
    """What keeps these numbers from being a network, one line each; empty where nothing does."""
    problems = []
    if not math.isfinite(data.duration) or data.duration <= 0.0:
        problems.append(f"the duration is {data.duration}, not a positive number")
    for name, value in data.constants.items():
        if not math.isfinite(value):
            problems.append(f"the constant {name} is {value}, not a finite number")
    if not data.weights:
        problems.append("there are no weights (weights_0 is missing)")
    for level, matrix in enumerate(data.weights):
        if matrix.ndim != 2 or 0 in matrix.shape:
            problems.append(f"weights_{level} has shape {matrix.shape}, not (n_post, n_pre)")
        elif not np.all(np.isfinite(matrix)):
            problems.append(f"weights_{level} has {np.count_nonzero(~np.isfinite(matrix))} values that are not finite")
    if all(matrix.ndim == 2 for matrix in data.weights):
        for level in range(1, len(data.weights)):
            needed, found = data.weights[level - 1].shape[0], data.weights[level].shape[1]
            if needed != found:
                problems.append(
                    f"weights_{level} takes {found} neurons but weights_{level - 1} leads to {needed}: they "
                    "do not chain"
                )
    return problems
