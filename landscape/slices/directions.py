"""Directions in the parameter space of a network, and the slice they span.

A direction is a list of arrays shaped like ``network.weights``. Directions of a slice are normalised one by one and
then made orthogonal, in this order, so that the axes of a plane are truly at right angles (a second normalisation
per neuron would undo it; the orthogonalised direction is only scaled as a whole, back to its length).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.arithmetic import inner, norm
from landscape.errors import DirectionError

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = [
    "NORMALIZATIONS",
    "Direction",
    "Directions",
    "combine_directions",
    "gradient_direction",
    "line_direction",
    "load_directions",
    "principal_directions",
    "random_directions",
    "weight_direction",
]

Direction = list[np.ndarray]

NORMALIZATIONS = ("neuron", "layer", "network", "unit", "raw")


class Directions(list[Direction]):
    """A list of directions that remembers how it was made.

    Attributes:
        recipe: how the directions were made, in words.
        normalization: one of :data:`NORMALIZATIONS`.
        seed: seed of the random directions, or None.
        network_norms: norm of all weights of each layer of the network that they were normalised to, (n_layers,).
    """

    def __init__(
        self,
        directions: Iterable[Direction],
        *,
        recipe: str,
        normalization: str = "raw",
        seed: int | None = None,
        network_norms: np.ndarray | None = None,
    ) -> None:
        super().__init__(directions)
        self.recipe = recipe
        self.normalization = normalization
        self.seed = seed
        self.network_norms = np.empty(0) if network_norms is None else network_norms

    @property
    def vectors(self) -> np.ndarray:
        """The directions as rows, (count, n_parameters), in the order of ``Network.parameters``."""
        return np.array([np.concatenate([part.ravel() for part in direction]) for direction in self])

    @property
    def gram(self) -> np.ndarray:
        """Inner products of the directions, (count, count)."""
        vectors = self.vectors
        return np.array([[inner(a, b) for b in vectors] for a in vectors])

    @property
    def norms(self) -> np.ndarray:
        """Euclidean norms of the directions, (count,)."""
        return np.sqrt(np.diag(self.gram))


def random_directions(
    network: Network, count: int = 2, seed: int | None = 0, normalization: str = "neuron"
) -> Directions:
    """Gaussian random directions, normalised and then orthogonalised.

    Args:
        network: the network at the centre of the slice.
        count: number of directions.
        seed: seed of NumPy's PCG64 generator; None draws one from the system (it is not recorded then).
        normalization: ``"neuron"`` scales the incoming weights of each neuron to the norm of that neuron's weights
            in the network, ``"layer"`` each layer to the layer's norm, ``"network"`` all to the norm of all weights,
            ``"unit"`` all to norm 1; ``"raw"`` leaves the standard normal numbers.

    Raises:
        DirectionError: count is not positive, exceeds the number of parameters, or the normalisation is unknown.
    """
    if not isinstance(count, int | np.integer) or count < 1:
        raise DirectionError(f"count of directions must be a positive whole number, not {count!r}")
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise DirectionError(f"seed of directions must be a whole number, 0 or more, or None, not {seed!r}") from None
    drawn = [[rng.standard_normal(w.shape) for w in network.weights] for _ in range(count)]
    return combine_directions(drawn, network, normalization, recipe="random", seed=seed)


def gradient_direction(network: Network, data: Dataset, objective: Any, *, threads: int | None = None) -> Direction:
    """The gradient of the mean loss at the network, as a direction.

    Raises:
        DirectionError: the gradient is zero.
    """
    from landscape.evaluation import loss_and_gradient

    _, gradient = loss_and_gradient(network, data, objective, threads=threads)
    if not any(part.any() for part in gradient):
        raise DirectionError("the gradient is zero at the centre; choose another direction or centre")
    return gradient


def line_direction(start: Network, end: Network) -> Direction:
    """The difference ``end - start``: with centre ``start``, coordinate 1 is ``end``.

    Raises:
        DirectionError: the networks have different sizes or equal weights.
    """
    if start.sizes != end.sizes:
        raise DirectionError(f"no line joins networks of sizes {start.sizes} and {end.sizes}; they must be equal")
    difference = [b - a for a, b in zip(start.weights, end.weights, strict=True)]
    if not any(part.any() for part in difference):
        raise DirectionError("the two networks have the same weights; no line joins them")
    return difference


def principal_directions(trajectory: np.ndarray, network: Network, count: int = 2) -> list[Direction]:
    """Principal components of a training trajectory, the largest first.

    Args:
        trajectory: parameters along training, (n_kept, n_parameters).
        network: gives the shapes; its parameters are the origin from which the trajectory is measured.
        count: number of components.

    Raises:
        DirectionError: the trajectory has another number of parameters, or fewer independent directions than asked.
    """
    points = np.asarray(trajectory, np.float64)
    if points.ndim != 2 or points.shape[0] == 0 or points.shape[1] != network.parameters.size:
        raise DirectionError(
            f"the trajectory has shape {points.shape}; it must be (n_kept, {network.parameters.size}) for this network"
        )
    if not np.isfinite(points).all():
        raise DirectionError("the trajectory has numbers that are not finite")
    _, sizes, components = np.linalg.svd(points - network.parameters, full_matrices=False)
    rank = int(np.sum(sizes > 1e-10 * max(sizes[0], np.finfo(float).tiny)))
    if rank < count:
        raise DirectionError(f"the trajectory spans {rank} directions, {count} were asked for; train for longer")
    chosen = []
    for component in components[:count]:
        # The sign of a component means nothing; this choice makes it the same on every machine.
        sign = np.sign(component[np.argmax(np.abs(component))])
        chosen.append(_shaped(sign * component, network))
    return chosen


def weight_direction(network: Network, layer: int, post: int, pre: int) -> Direction:
    """The direction of a single weight, ``network.weights[layer][post, pre]``.

    Raises:
        DirectionError: there is no such weight.
    """
    direction = [np.zeros(w.shape) for w in network.weights]
    shape: tuple[int, ...] = direction[layer].shape if 0 <= layer < len(direction) else (0, 0)
    if not (0 <= post < shape[0] and 0 <= pre < shape[-1]):
        shapes = ", ".join(str(w.shape) for w in network.weights)
        raise DirectionError(f"there is no weight [{post}, {pre}] in layer {layer}; the layers have shapes {shapes}")
    direction[layer][post, pre] = 1.0
    return direction


def load_directions(path: str | Path, network: Network) -> Directions:
    """Directions from an HDF5 file.

    It is a result file, of whose slices the first one with directions that fit the network is taken, or a file with
    datasets ``weights_0``, ``weights_1``, ..., each (count, n_post, n_pre) or (n_post, n_pre), at its root or in a
    group ``directions``.

    Raises:
        DirectionError: the file is missing or unreadable, or its shapes do not fit the network.
    """
    from landscape.hdf5 import member, open_hdf5, read_array

    shapes = [w.shape for w in network.weights]
    names = [f"weights_{layer}" for layer in range(len(shapes))]

    try:
        with open_hdf5(path) as file:
            found: list[str] = ["directions"] if "directions" in file else []
            file.visit(lambda name: found.append(name) if name.endswith("/directions") else None)
            fitting = [
                name
                for name in found
                if [file[name][part].shape[-2:] for part in sorted(file[name]) if part.startswith("weights_")] == shapes
            ]
            group = file[(fitting or found)[0]] if found else file
            parts = [read_array(member(group, name)).astype(np.float64, copy=False) for name in names]
    except Exception as error:  # of a damaged file h5py has all kinds
        reason = str(error).partition("\n")[0]
        raise DirectionError(
            f"{path}: no directions can be read ({reason}); it needs weights_0, weights_1, ..."
        ) from None
    parts = [part[None] if part.ndim == 2 else part for part in parts]
    counts = {part.shape[0] for part in parts if part.ndim == 3}
    if len(counts) != 1:
        raise DirectionError(f"{path}: weights_0, weights_1, ... must hold the same number of directions")
    made = [[part[number] for part in parts] for number in range(counts.pop())]
    checked = check_directions(made, network)
    return Directions(checked, recipe=f"file {Path(path).name}", network_norms=_layer_norms(network))


def combine_directions(
    directions: Sequence[Direction],
    network: Network,
    normalization: str = "neuron",
    *,
    recipe: str = "given",
    seed: int | None = None,
) -> Directions:
    """Normalise directions one by one, then make them orthogonal (modified Gram-Schmidt, twice).

    Raises:
        DirectionError: a direction does not fit the network, is zero, or is parallel to those before it.
    """
    if normalization not in NORMALIZATIONS:
        raise DirectionError(f"normalization {normalization!r} is unknown; choose from {', '.join(NORMALIZATIONS)}")
    made: list[np.ndarray] = []
    for number, direction in enumerate(check_directions(directions, network)):
        scaled = _normalized(direction, network, normalization)
        vector = np.concatenate([part.ravel() for part in scaled])
        length = norm(vector)
        if length == 0.0:
            raise DirectionError(
                f"direction {number} is zero after normalisation {normalization!r}; choose another normalisation"
            )
        for _ in range(2):
            for other in made:
                vector = vector - inner(vector, other) / inner(other, other) * other
        left = norm(vector)
        if left < 1e-8 * length:
            raise DirectionError(f"direction {number} is parallel to the ones before it; they span no plane")
        made.append(vector if not made else vector * (length / left))
    return Directions(
        [_shaped(vector, network) for vector in made],
        recipe=recipe,
        normalization=normalization,
        seed=seed,
        network_norms=_layer_norms(network),
    )


def check_directions(directions: Sequence[Direction], network: Network) -> list[Direction]:
    """Copies of the directions as float64 arrays, each finite, not zero, and shaped like the network's weights.

    Raises:
        DirectionError: one is not.
    """
    shapes = [w.shape for w in network.weights]
    checked = []
    for number, direction in enumerate(directions):
        try:
            parts = [np.array(part, np.float64) for part in direction]
        except (TypeError, ValueError):
            raise DirectionError(f"direction {number} is no list of numeric arrays") from None
        found = [part.shape for part in parts]
        if found != shapes:
            raise DirectionError(
                f"direction {number} has arrays of shapes {found}; the network's weights have shapes {shapes}"
            )
        if not all(np.isfinite(part).all() for part in parts):
            raise DirectionError(f"direction {number} has numbers that are not finite")
        if not any(part.any() for part in parts):
            raise DirectionError(f"direction {number} is zero; the slice would be a point")
        checked.append(parts)
    if not checked:
        raise DirectionError("there are no directions; give one per axis")
    return checked


def _normalized(direction: Direction, network: Network, normalization: str) -> Direction:
    if normalization == "raw":
        return direction
    if normalization == "unit" or normalization == "network":
        length = np.sqrt(sum(float(np.sum(part**2)) for part in direction))
        target = 1.0 if normalization == "unit" else norm(network.parameters)
        return [part * (target / length) for part in direction]
    axis = 1 if normalization == "neuron" else None
    scaled = []
    for part, w in zip(direction, network.weights, strict=True):
        own = np.sqrt(np.sum(part**2, axis=axis, keepdims=True))
        target_norm = np.sqrt(np.sum(w**2, axis=axis, keepdims=True))
        factor = np.divide(target_norm, own, out=np.zeros_like(own), where=own > 0.0)
        scaled.append(part * factor)
    return scaled


def _layer_norms(network: Network) -> np.ndarray:
    return np.array([norm(w) for w in network.weights])


def _shaped(vector: np.ndarray, network: Network) -> Direction:
    return [np.array(w) for w in network.with_parameters(vector).weights]
