"""The files that hold the pieces of an experiment. Each is a small result file of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.errors import InputError

if TYPE_CHECKING:
    from landscape.network import Network
    from landscape.network_record import NetworkData
    from landscape.results import ModelResult
    from landscape.slices.directions import Directions
    from landscape.slices.surface import Surface


def write_piece(path: Path, model: str, content: ModelResult, attributes: Mapping[str, Any]) -> None:
    """Write one piece; the file appears when it is complete. It says which piece it is, so that one that was renamed or
    comes from elsewhere is told.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.results import write_results

    write_results(path, {model: content}, dict(attributes) | {"piece": path.name})


def read_piece(path: Path, model: str) -> ModelResult:
    """Read one piece.

    Raises:
        ResultFileError: the file is missing or damaged.
    """
    from landscape.results import ResultFile

    return ResultFile(path).model(model)


def read_partial_surface(
    path: Path, model: str, axes: Sequence[NDArray[np.float64]], directions: Directions, made_from: str | None
) -> Surface | None:
    """Return the surface that an interrupted sweep of the same points left, or None if there is none.

    It only saves time: one that is damaged, of other points or around another network (by the hash ``made_from``) must
    not keep the sweep from starting again.
    """
    if not path.is_file():
        return None
    from landscape.results import ResultFile

    try:
        found = ResultFile(path)
        if found.attributes.get("made_from") != made_from:
            return None
        surface = found.surface(model)
    except InputError:
        return None
    same = len(surface.axes) == len(axes) and np.array_equal(surface.directions.vectors, directions.vectors)
    same = same and all(np.array_equal(a, b) for a, b in zip(surface.axes, axes, strict=True))
    return surface if same else None


def network_of(stored: NetworkData) -> Network:
    """Return the network whose plain numbers are given."""
    from landscape.network import Network

    return Network.from_data(stored)
