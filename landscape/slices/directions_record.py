"""The directions of a slice, as a result file holds them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from landscape.errors import DirectionError
from landscape.h5.fields import array, attribute, layers, record
from landscape.slices.directions import Directions

__all__ = ["DirectionsRecord"]

FloatArray = NDArray[np.float64]


@record(
    "directions",
    title="directions, in a slice",
    doc="The directions that span the slice. `weights_n` holds the part of each in the weights that lead to layer n.",
    dims={
        "direction": "number of the direction, from 0",
        "other_direction": "number of the direction, from 0",
        "channel": "number of the input channel",
        "neuron_{n}": "number of the neuron in layer {n}",
        "weight_layer": "number of the weights: n for those of `weights_n`",
    },
    derived={
        "gram": array(("direction", "other_direction"), "inner products of the directions", unit="potential2"),
        "norms": array("direction", "Euclidean norms of the directions", unit="potential"),
    },
)
class DirectionsRecord:
    """Stands for :class:`~landscape.slices.directions.Directions`; ``weights`` is (count, n_post, n_pre) per layer."""

    weights: list[FloatArray] = layers(
        "weights_{n}",
        ("direction", "neuron_{n}", "neuron_{n-1}"),
        "the directions' weights to layer {n}",
        unit="potential",
    )
    recipe: str = attribute("text", "how the directions were made")
    normalization: str = attribute("text", "how each was scaled: neuron, layer, network, unit or raw")
    seed: int | None = attribute("integer", "seed of random directions", default=None)
    network_norms: FloatArray | None = array(
        "weight_layer", "Euclidean norm of the centre's n-th weights", unit="potential", default=None
    )

    @classmethod
    def of(cls, directions: Directions) -> DirectionsRecord:
        """The record of directions.

        Raises:
            DirectionError: there are none, or they are not all of one shape.
        """
        try:
            weights = [np.stack(parts).astype(np.float64) for parts in zip(*directions, strict=True)]
        except ValueError as error:
            raise DirectionError("the directions differ in shape; give arrays shaped like the weights") from error
        if not weights:
            raise DirectionError("there are no directions; give one per axis")
        norms = np.ravel(directions.network_norms)
        return cls(
            weights=weights,
            recipe=str(directions.recipe),
            normalization=str(directions.normalization),
            seed=directions.seed,
            network_norms=norms if norms.size == len(weights) else None,
        )

    @property
    def content(self) -> Directions:
        """The directions."""
        return Directions(
            [[np.array(part[number]) for part in self.weights] for number in range(len(self.weights[0]))],
            recipe=self.recipe,
            normalization=self.normalization,
            seed=self.seed,
            network_norms=self.network_norms,
        )

    @property
    def gram(self) -> FloatArray:
        """Inner products of the directions, (count, count)."""
        vectors = np.concatenate([part.reshape(len(part), -1) for part in self.weights], axis=1)
        return np.asarray(vectors @ vectors.T)

    @property
    def norms(self) -> FloatArray:
        """Euclidean norms of the directions, (count,)."""
        return np.sqrt(np.diag(self.gram))
