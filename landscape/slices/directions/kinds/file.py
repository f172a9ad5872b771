"""Directions from an HDF5 file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from landscape.errors import DirectionError
from landscape.network import Network
from landscape.paths import user_path
from landscape.slices.directions.kind import DirectionKind, Shapes, Surroundings, listed
from landscape.slices.directions.vectors import Direction, Directions, check_directions, layer_norms, recipe_of
from landscape.tables import Table
from landscape.text import natural_order

if TYPE_CHECKING:
    from landscape.network import Network


class Keys(Table):
    """Any direction, from a file; `"file:PATH"` for short. Named twice, the first and the second of the file."""

    path: Annotated[str, Field(min_length=1)]
    """HDF5 file with directions, relative to the working directory; its layout is described above."""


def load_directions(path: str | Path, network: Network) -> Directions:
    """Directions from an HDF5 file.

    It is a result file, of whose slices the first one with directions that fit the network is taken, or a file with
    datasets ``weights_0``, ``weights_1``, ..., each (count, n_post, n_pre) or (n_post, n_pre), at its root or in a
    group ``directions``.

    Args:
        path: the file.
        network: the network at the centre of the slice, which the shapes have to fit.

    Raises:
        DirectionError: the file is missing or unreadable, or its shapes do not fit the network.
    """
    from landscape.hdf5 import member, open_hdf5, read_array

    shapes = [w.shape for w in network.weights]
    names = [f"weights_{layer}" for layer in range(len(shapes))]

    try:
        with open_hdf5(user_path(path)) as file:
            found: list[str] = ["directions"] if "directions" in file else []
            file.visit(lambda name: found.append(name) if name.endswith("/directions") else None)
            fitting = [
                name
                for name in found
                if [
                    file[name][part].shape[-2:]
                    for part in sorted(file[name], key=natural_order)
                    if part.startswith("weights_")
                ]
                == shapes
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
    recipe = recipe_of([{"kind": "file", "path": Path(path).name}] * len(checked))
    return Directions(checked, recipe=recipe, network_norms=layer_norms(network))


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    """One direction per path; a file that is named twice gives its first and its second direction."""
    found = []
    for position, direction in enumerate(asked):
        stored = load_directions(direction.path, around.centre)
        number = asked[:position].count(direction)
        if number >= len(stored):
            raise DirectionError(f"{direction.path} holds {len(stored)} directions, named {number + 1} times")
        found.append(stored[number])
    return found


def _check(direction: Any, earlier: Sequence[Any], shapes: Shapes) -> None:
    """Read a file as the sweep will: other directions of the slice may be taken from it before."""
    from landscape.neurons import LIF

    number = list(earlier).count(direction)
    path = direction.path
    remedy = (
        f"{{model}} needs weights_0, weights_1, ... of shapes {listed(shapes)}, or (count, n_post, n_pre) for several "
        "directions"
    )
    # Only the shapes of a network matter here.
    network = Network(LIF(), [np.zeros(shape) for shape in shapes], 1.0)
    try:
        count = len(load_directions(path, network))
    except (DirectionError, OSError, LookupError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise DirectionError(f"{direction.path}: {reason}; {remedy}") from error
    if number >= count:
        raise DirectionError(f"{direction.path}: holds {count} directions, but is named {number + 1} times; {remedy}")


DIRECTION = DirectionKind(
    name="file",
    table=Keys,
    make=_make,
    facts=lambda direction, centre: {"path": Path(direction.path).name},
    words=lambda facts: f"file {facts['path']}",
    argument="path",
    file_key="path",
    several=True,
    check=_check,
)
