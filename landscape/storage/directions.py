"""The directions of a slice in an HDF5 group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError, ResultFileError
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import (
    read_attributes,
    read_entry,
    read_required,
    write_attributes,
    write_entries,
)

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

_OWN_ATTRIBUTES = tuple(attribute.name for attribute in LAYOUT["directions"].attributes)


def write_directions(group: h5py.Group, directions: Directions) -> None:
    """Write directions, with their norms and inner products, into an empty group.

    Raises:
        InputError: there are none, or they are not all of one shape.
    """
    try:
        levels = [np.stack(parts).astype(np.float64) for parts in zip(*directions, strict=True)]
    except ValueError as error:
        raise InputError(
            f"{group.name}: the directions differ in shape; give arrays shaped like the weights"
        ) from error
    if not levels:
        raise InputError(f"{group.name}: there are no directions; give one per axis")
    vectors = np.concatenate([part.reshape(len(directions), -1) for part in levels], axis=1)
    gram = vectors @ vectors.T
    write_attributes(
        group,
        {
            "recipe": str(directions.recipe),
            "normalization": str(directions.normalization),
            "seed": directions.seed,
        },
    )
    count = np.arange(len(directions))
    sizes = [levels[0].shape[2], *(part.shape[1] for part in levels)]
    values: dict[str, ArrayLike] = {
        "direction": count,
        "other_direction": count,
        "gram": gram,
        "norms": np.sqrt(np.diag(gram)),
    }
    values |= {f"neuron_{level}": np.arange(size) for level, size in enumerate(sizes)}
    values |= {f"weights_{level}": part for level, part in enumerate(levels)}
    norms = np.ravel(directions.network_norms)
    if norms.size == len(levels):
        values |= {"weight_layer": np.arange(norms.size), "network_norms": norms}
    write_entries(group, "directions", values)


def read_directions(group: h5py.Group) -> Directions:
    """Read what :func:`write_directions` wrote.

    Raises:
        ResultFileError: a part is missing.
    """
    # Not at the top: storage lies below the layer that the type belongs to.
    from landscape.slices.directions import Directions

    levels: list[NDArray[Any]] = []
    while f"weights_{len(levels)}" in group:
        levels.append(read_required(group, f"weights_{len(levels)}"))
    attributes = read_attributes(group)
    if not levels or "recipe" not in attributes or "normalization" not in attributes:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} lacks weights_0, recipe or normalization; make the file again"
        )
    seed = attributes.get("seed")
    return Directions(
        [[np.array(part[number]) for part in levels] for number in range(levels[0].shape[0])],
        recipe=str(attributes["recipe"]),
        normalization=str(attributes["normalization"]),
        seed=None if seed is None else int(seed),
        network_norms=read_entry(group, "network_norms"),
    )
