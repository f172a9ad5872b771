"""Directions in the parameter space of a network, one file for each kind.

``README.md`` in this folder tells how to add one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.errors import DirectionError
from landscape.lazy import loader
from landscape.registry import Registry
from landscape.slices.directions.kind import DirectionKind, Surroundings

if TYPE_CHECKING:
    from landscape.slices.directions.kinds.file import load_directions as load_directions
    from landscape.slices.directions.kinds.gradient import gradient_direction as gradient_direction
    from landscape.slices.directions.kinds.line import line_direction as line_direction
    from landscape.slices.directions.kinds.pca import principal_directions as principal_directions
    from landscape.slices.directions.kinds.random import random_directions as random_directions
    from landscape.slices.directions.kinds.weight import weight_direction as weight_direction
    from landscape.slices.directions.vectors import NORMALIZATIONS as NORMALIZATIONS
    from landscape.slices.directions.vectors import Direction as Direction
    from landscape.slices.directions.vectors import Directions as Directions
    from landscape.slices.directions.vectors import check_directions as check_directions
    from landscape.slices.directions.vectors import combine_directions as combine_directions
    from landscape.slices.directions.vectors import facts_of as facts_of
    from landscape.slices.directions.vectors import recipe_of as recipe_of

_HOME = {
    "NORMALIZATIONS": "vectors",
    "Direction": "vectors",
    "Directions": "vectors",
    "check_directions": "vectors",
    "combine_directions": "vectors",
    "facts_of": "vectors",
    "gradient_direction": "kinds.gradient",
    "line_direction": "kinds.line",
    "load_directions": "kinds.file",
    "principal_directions": "kinds.pca",
    "random_directions": "kinds.random",
    "recipe_of": "vectors",
    "weight_direction": "kinds.weight",
}

__all__ = [
    "KINDS",
    "NORMALIZATIONS",
    "Direction",
    "DirectionKind",
    "Directions",
    "Surroundings",
    "check_directions",
    "combine_directions",
    "facts_of",
    "gradient_direction",
    "line_direction",
    "load_directions",
    "principal_directions",
    "random_directions",
    "recipe_of",
    "register_direction",
    "weight_direction",
]

KINDS: Registry[DirectionKind] = Registry(f"{__name__}.kinds", "DIRECTION", "kind of direction", DirectionError)


__getattr__ = loader(__name__, _HOME)


def register_direction(kind: DirectionKind) -> None:
    """Make a kind of direction known by name, for configurations of this process.

    Args:
        kind: the kind of direction.

    Raises:
        DirectionError: the kind lacks something; all that it lacks is named.
    """
    KINDS.add(kind)
