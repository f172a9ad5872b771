"""From the description of a slice to its axes and directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import DirectionConfig, SliceConfig
from landscape.errors import DirectionError

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network
    from landscape.slices.directions import Directions


@dataclass(frozen=True)
class Surroundings:
    """What directions can be made from.

    Attributes:
        centre: the network at coordinate 0.
        initial: the network before training.
        trained: the best network of training.
        trajectory: parameter vectors at the kept epochs (n_kept, n_parameters), or None.
        data: the samples of the slice.
        objective: readout and loss.
    """

    centre: Network
    initial: Network
    trained: Network
    trajectory: NDArray[np.float64] | None
    data: Dataset
    objective: Any


def axis(low: float, high: float, points: int) -> NDArray[np.float64]:
    """Return evenly spaced coordinates (points,) from ``low`` to ``high`` that include 0 where 0 is between them.

    If 0 does not fall on the grid, the whole grid is shifted by up to half a step, so that it does: the centre of
    the slice, the trained network, is always among the points. Four points from -1 to 1 are -4/3, -2/3, 0, 2/3.
    """
    if points == 1:
        return np.array([0.0 if low <= 0.0 <= high else (low + high) / 2])
    if not low <= 0.0 <= high:
        return np.linspace(low, high, points)
    step = (high - low) / (points - 1)
    centre = round(-low / step)
    # Products of the step by whole numbers: 0 is exact, and an even grid is exactly symmetric.
    return (np.arange(points) - centre) * step


def axes_of(entry: SliceConfig) -> list[NDArray[np.float64]]:
    """Return the coordinates along each axis of a slice."""
    return [axis(low, high, points) for (low, high), points in zip(entry.bounds, entry.shape, strict=True)]


def directions_of(entry: SliceConfig, seed: int, around: Surroundings) -> Directions:
    """Return the directions of a slice: made one by one, normalised, then orthogonalised.

    Args:
        entry: the slice.
        seed: seed of its random directions.
        around: what they are made from.

    Raises:
        DirectionError: a direction cannot be made, or two are parallel.
    """
    from landscape.slices import directions as make

    kinds = [direction.kind for direction in entry.directions]
    if set(kinds) == {"random"}:
        return make.random_directions(
            around.centre, count=len(kinds), seed=seed, normalization=entry.normalization
        )
    # Directions of one kind are made together, so that two of them differ.
    made = {kind: iter(_of_kind(kind, entry, seed, around)) for kind in dict.fromkeys(kinds)}
    return make.combine_directions([next(made[kind]) for kind in kinds], around.centre, entry.normalization)


def _of_kind(kind: str, entry: SliceConfig, seed: int, around: Surroundings) -> list[Any]:
    """Return all directions of one kind that a slice asks for."""
    from landscape.slices import directions as make

    asked = [direction for direction in entry.directions if direction.kind == kind]
    if kind == "random":
        return list(make.random_directions(around.centre, count=len(asked), seed=seed, normalization="raw"))
    if kind == "pca":
        if around.trajectory is None:
            raise DirectionError(
                f"slice '{entry.name}': there is no training trajectory for 'pca' directions; train for epochs >= 1"
            )
        return list(make.principal_directions(around.trajectory, around.centre, count=len(asked)))
    return [_single(direction, entry, around) for direction in asked]


def _single(direction: DirectionConfig, entry: SliceConfig, around: Surroundings) -> Any:
    raise NotImplementedError
