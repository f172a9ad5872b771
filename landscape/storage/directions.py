"""The directions of a slice in an HDF5 group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError, ResultFileError
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_entry, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.slices.directions import Directions

FloatArray = NDArray[np.float64]

_OWN_ATTRIBUTES = tuple(attribute.name for attribute in LAYOUT["directions"].attributes)


def write_directions(group: h5py.Group, directions: Directions) -> None:
    """Write directions, with their norms and inner products, into an empty group.

    Raises:
        InputError: there are none, or they are not all of one shape.
    """
    try:
        levels = [np.stack(parts).astype(np.float64) for parts in zip(*directions, strict=True)]
    except ValueError as error:
        raise InputError(f"{group.name}: the directions differ in shape; give arrays shaped like the weights") from error
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
    write_entries(group, "directions", values)


def read_directions(group: h5py.Group) -> Any:
    """Read what :func:`write_directions` wrote.

    Raises:
        ResultFileError: a part is missing.
    """
    class Directions(list):
        pass

    levels = []
    while f"weights_{len(levels)}" in group:
        levels.append(read_entry(group, f"weights_{len(levels)}"))
    if not levels:
        raise ResultFileError(f"{group.file.filename}: {group.name} has no weights_0; make the file again")
    attributes = read_attributes(group)
    d = Directions([[np.array(l[i]) for l in levels] for i in range(len(levels[0]))])
    d.__dict__.update(recipe=attributes["recipe"], normalization=attributes["normalization"], seed=attributes.get("seed"))
    return d
