"""A kind of direction in one file of its own: Gaussian random in a single layer."""

from __future__ import annotations

import numpy as np

from landscape.errors import DirectionError
from landscape.slices.directions import DirectionKind
from landscape.tables import Index, Table


class Keys(Table):
    """Gaussian random in a single layer."""

    layer: Index = 0
    """The layer, 0 is the first hidden one."""


def make(asked, around):
    """One direction per table."""
    rng = np.random.default_rng(around.seed)
    drawn = []
    for direction in asked:
        parts = [np.zeros(w.shape) for w in around.centre.weights]
        parts[direction.layer] = rng.standard_normal(parts[direction.layer].shape)
        drawn.append(parts)
    return drawn


def check(direction, earlier, shapes):
    """Refuse a layer that there is not."""
    if direction.layer >= len(shapes):
        raise DirectionError(f"{{model}} has no layer {direction.layer}, its last one is {len(shapes) - 1}")


DIRECTION = DirectionKind(
    name="one_layer",
    table=Keys,
    make=make,
    words=lambda facts: f"random in layer {facts['layer']}",
    normalization="neuron",
    several=True,
    seeded=True,
    check=check,
)
