"""Directions in the parameter space of a network, and the slice they span.

A direction is a list of arrays shaped like ``network.weights``. Directions of a slice are normalised one by one and
then made orthogonal, in this order, so that the axes of a plane are truly at right angles (a second normalisation
per neuron would undo it; the orthogonalised direction is only scaled as a whole, back to its length).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.arithmetic import inner, norm
from landscape.arrays import as_array
from landscape.errors import DirectionError

if TYPE_CHECKING:
    from landscape.network import Network

Direction = list[np.ndarray]

#: Of the numbers of a direction and of coordinates along it, in size: weights on a slice are then numbers too.
LARGEST = 1e100

NORMALIZATIONS = ("neuron", "layer", "network", "unit", "raw")


class Directions(list[Direction]):
    """A list of directions that remembers how it was made.

    Attributes:
        recipe: how the directions were made: what :func:`recipe_of` gives for directions of a known kind, else any
            words.
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


def recipe_of(facts: Sequence[Mapping[str, Any]]) -> str:
    """How directions were made, as text: the name of their kind, or, where there is more to say, the kind of each and
    what belongs to it, as a JSON list of one object each. :mod:`landscape.slices.wording` makes sentences of it.
    """
    first, *others = facts
    plain = set(first) == {"kind"} and all(own == first for own in others)
    return str(first["kind"]) if plain else json.dumps(list(facts))


def facts_of(directions: Directions) -> list[dict[str, Any]] | None:
    """How each direction was made, the inverse of :func:`recipe_of`; None where the recipe is in words."""
    recipe = str(directions.recipe)
    if re.fullmatch(r"[A-Za-z0-9_-]+", recipe):
        return [{"kind": recipe}] * len(directions)
    try:
        facts = json.loads(recipe)
    except (ValueError, RecursionError):
        return None
    kinds = isinstance(facts, list) and all(isinstance(own, dict) and isinstance(own.get("kind"), str) for own in facts)
    return facts if kinds and len(facts) == len(directions) else None


def combine_directions(
    directions: Sequence[Direction],
    network: Network,
    normalization: str = "neuron",
    *,
    recipe: str = "given",
    seed: int | None = None,
) -> Directions:
    """Normalise directions one by one, then make them orthogonal (modified Gram-Schmidt, twice).

    Args:
        directions: each a list of arrays shaped like ``network.weights``.
        network: the network at the centre of the slice.
        normalization: as of :func:`random_directions`.
        recipe: how the directions were made, kept with them.
        seed: the seed that they were drawn with, kept with them; None if there is none.

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
        [shaped(vector, network) for vector in made],
        recipe=recipe,
        normalization=normalization,
        seed=seed,
        network_norms=layer_norms(network),
    )


def check_directions(directions: Sequence[Direction], network: Network) -> list[Direction]:
    """Copies of the directions as float64 arrays, each of numbers up to 1e100, not zero, and shaped like the network's
    weights.

    Raises:
        DirectionError: one is not.
    """
    shapes = [w.shape for w in network.weights]
    checked = []
    for number, direction in enumerate(directions):
        try:
            parts = [as_array(part).astype(np.float64) for part in direction]
        except (TypeError, ValueError) as error:
            raise DirectionError(f"direction {number} is no list of numeric arrays ({error})") from None
        found = [part.shape for part in parts]
        if found != shapes:
            raise DirectionError(
                f"direction {number} has arrays of shapes {found}; the network's weights have shapes {shapes}"
            )
        if not all(np.isfinite(part).all() for part in parts):
            raise DirectionError(f"direction {number} has numbers that are not finite")
        if not all((np.abs(part) <= LARGEST).all() for part in parts):
            raise DirectionError(f"direction {number} has numbers beyond {LARGEST:g}; scale it down")
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


def layer_norms(network: Network) -> np.ndarray:
    """Norm of all weights of each layer, (n_layers,)."""
    return np.array([norm(w) for w in network.weights])


def shaped(vector: np.ndarray, network: Network) -> Direction:
    """A vector like ``network.parameters`` as a direction."""
    return [np.array(w) for w in network.with_parameters(vector).weights]
