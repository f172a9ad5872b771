"""Gaussian random directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.errors import DirectionError
from landscape.slices.directions.kind import DirectionKind, Surroundings
from landscape.slices.directions.vectors import Direction, Directions, combine_directions, recipe_of
from landscape.tables import Table

if TYPE_CHECKING:
    from landscape.network import Network


class Keys(Table):
    """Gaussian random numbers, from the slice's `seed`; two of them differ."""


def random_directions(
    network: Network, count: int = 2, seed: int | None = 0, normalization: str = "neuron"
) -> Directions:
    """Gaussian random directions, normalised and then orthogonalised.

    Normalised per neuron a step is as large for each neuron as its weights are: the filter normalisation of Li et al.
    2018 (arXiv:1712.09913, section 4), where the incoming weights of a neuron are its filter.

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
    drawn = _drawn(network, count, seed)
    return combine_directions(drawn, network, normalization, recipe=recipe_of([{"kind": "random"}] * count), seed=seed)


def _drawn(network: Network, count: int, seed: int | None) -> list[Direction]:
    if not isinstance(count, int | np.integer) or count < 1:
        raise DirectionError(f"count of directions must be a positive whole number, not {count!r}")
    try:
        rng = np.random.default_rng(seed)
    except (TypeError, ValueError):
        raise DirectionError(f"seed of directions must be a whole number, 0 or more, or None, not {seed!r}") from None
    return [[rng.standard_normal(w.shape) for w in network.weights] for _ in range(count)]


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    return _drawn(around.centre, len(asked), around.seed)


DIRECTION = DirectionKind(
    name="random",
    table=Keys,
    make=_make,
    words=lambda facts: "Gaussian random",
    normalization="neuron",
    several=True,
    seeded=True,
)
