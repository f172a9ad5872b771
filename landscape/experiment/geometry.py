"""From the description of a slice to its axes and directions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from landscape.config import SliceConfig
from landscape.slices.directions import KINDS, Directions, Surroundings, combine_directions, recipe_of

if TYPE_CHECKING:
    from landscape.slices.directions import Directions


def axis(low: float, high: float, points: int) -> NDArray[np.float64]:
    """Return evenly spaced coordinates (points,) from ``low`` to ``high``, 0 among them; 0 must be between the two.

    If 0 does not fall on the grid, the whole grid is shifted by up to half a step, so that it does: the
    centre of the slice, the trained network, is always among the points. Four points from -1 to 1 are -4/3,
    -2/3, 0, 2/3.
    """
    if points == 1:
        return np.array([0.0])
    step = (high - low) / (points - 1)
    # Not round(), which would put the spare point of an even grid now below and now above.
    centre = math.floor(-low / step + 0.5)
    # Products of the step by whole numbers: 0 is exact, and an even grid is exactly symmetric.
    return np.asarray((np.arange(points) - centre) * step, dtype=np.float64)


def axes_of(entry: SliceConfig) -> list[NDArray[np.float64]]:
    """Return the coordinates along each axis of a slice."""
    return [axis(low, high, points) for (low, high), points in zip(entry.bounds, entry.shape, strict=True)]


def line_of(entry: SliceConfig) -> tuple[float, float]:
    """Return the ends of a slice with one axis: its range, or where its axis begins and ends if that is shifted."""
    (line,) = ends_of(entry)
    return line


def ends_of(entry: SliceConfig) -> list[tuple[float, float]]:
    """Return the ends of each axis of a slice: its range, or where it begins and ends if it is shifted."""
    ends = []
    for (low, high), coordinates in zip(entry.bounds, axes_of(entry), strict=True):
        # Not the ends of the axis, which are rounded: what lies between them does not depend on the number of points.
        shifted = is_shifted(coordinates, low, high)
        ends.append((float(coordinates[0]), float(coordinates[-1])) if shifted else (low, high))
    return ends


def is_shifted(coordinates: NDArray[np.float64], low: float, high: float) -> bool:
    """Tell whether an axis does not begin where its range does, so that 0 is one of its points."""
    step = (high - low) / max(coordinates.size - 1, 1)
    return coordinates.size > 1 and abs(float(coordinates[0]) - low) > 1e-9 * step


def directions_of(entry: SliceConfig, around: Surroundings) -> Directions:
    """Return the directions of a slice: made, normalised one by one, then orthogonalised.

    Args:
        entry: the slice.
        around: what they are made from.

    Raises:
        DirectionError: a direction cannot be made, or two are parallel.
    """
    kinds = [KINDS[direction.kind] for direction in entry.directions]
    # Directions of one kind are made together, so that two random ones or two principal components differ.
    made = {}
    for kind in dict.fromkeys(kinds):
        asked = [direction for direction in entry.directions if direction.kind == kind.name]
        made[kind.name] = iter(kind.make(asked, around))
    scalings = [entry.normalization or kind.normalization for kind in kinds]
    scaled = [
        combine_directions([next(made[kind.name])], around.centre, scaling)[0]
        for kind, scaling in zip(kinds, scalings, strict=True)
    ]
    orthogonal = combine_directions(scaled, around.centre, "raw")
    facts = [
        {"kind": kind.name, **kind.facts(direction, entry.centre)}
        for kind, direction in zip(kinds, entry.directions, strict=True)
    ]
    return Directions(
        orthogonal,
        recipe=recipe_of(facts),
        normalization=", ".join(dict.fromkeys(scalings)),
        seed=around.seed if any(kind.seeded for kind in kinds) else None,
        network_norms=orthogonal.network_norms,
    )
