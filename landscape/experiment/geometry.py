"""From the description of a slice to its axes and directions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import DirectionConfig, SliceConfig
from landscape.errors import DirectionError

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network
    from landscape.slices.directions import Directions


#: What is natural to each kind: random directions have no scale of their own, a line has its two ends.
DEFAULT_NORMALIZATION = {
    "random": "neuron",
    "gradient": "network",
    "pca": "network",
    "line": "raw",
    "weight": "raw",
    "file": "raw",
}


@dataclass(frozen=True)
class Surroundings:
    """What directions can be made from.

    Attributes:
        centre: the network at coordinate 0.
        initial: the network before training.
        best: the best network of training.
        trajectory: parameter vectors at the kept epochs (n_kept, n_parameters), or None.
        data: the samples of the slice.
        objective: readout and loss.
    """

    centre: Network
    initial: Network
    best: Network
    trajectory: NDArray[np.float64] | None
    data: Dataset
    objective: Any


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


def directions_of(entry: SliceConfig, seed: int, around: Surroundings, *, model: str) -> Directions:
    """Return the directions of a slice: made, normalised one by one, then orthogonalised.

    Args:
        entry: the slice.
        seed: seed of its random directions.
        around: what they are made from.
        model: name of the model, for messages.

    Raises:
        DirectionError: a direction cannot be made, or two are parallel.
    """
    try:
        return _directions_of(entry, seed, around)
    except DirectionError as error:
        raise DirectionError(f"slice {entry.name} ({model}): {error}") from error


def _directions_of(entry: SliceConfig, seed: int, around: Surroundings) -> Directions:
    from landscape.slices.directions import Directions, combine_directions, random_directions

    kinds = [direction.kind for direction in entry.directions]
    if set(kinds) == {"random"}:
        scaling = entry.normalization or DEFAULT_NORMALIZATION["random"]
        return random_directions(around.centre, count=len(kinds), seed=seed, normalization=scaling)
    # Directions of one kind are made together, so that two random ones or two principal components differ.
    made = {kind: iter(_of_kind(kind, entry, seed, around)) for kind in dict.fromkeys(kinds)}
    scalings = [entry.normalization or DEFAULT_NORMALIZATION[kind] for kind in kinds]
    scaled = [
        combine_directions([next(made[kind])], around.centre, scaling)[0]
        for kind, scaling in zip(kinds, scalings, strict=True)
    ]
    recipe = ", ".join(dict.fromkeys(_in_words(direction, entry) for direction in entry.directions))
    seed_used = seed if "random" in kinds else None
    orthogonal = combine_directions(scaled, around.centre, "raw", recipe=recipe, seed=seed_used)
    return Directions(
        orthogonal,
        recipe=recipe,
        normalization=", ".join(dict.fromkeys(scalings)),
        seed=seed_used,
        network_norms=orthogonal.network_norms,
    )


def _of_kind(kind: str, entry: SliceConfig, seed: int, around: Surroundings) -> list[Any]:
    """Return all directions of one kind that a slice asks for."""
    from landscape.slices import directions as make

    asked = [direction for direction in entry.directions if direction.kind == kind]
    centre = around.centre
    match kind:
        case "random":
            return make.random_directions(centre, count=len(asked), seed=seed, normalization="raw")
        case "pca":
            if around.trajectory is None:
                raise DirectionError("there is no trajectory for 'pca'; train for some epochs")
            return make.principal_directions(around.trajectory, centre, count=len(asked))
        case "gradient":
            return [make.gradient_direction(centre, around.data, around.objective) for _ in asked]
        case "line":
            return [make.line_direction(around.initial, around.best) for _ in asked]
        case "weight":
            return [make.weight_direction(centre, *_weight(direction)) for direction in asked]
        case _:
            return _from_files([direction.path or "" for direction in asked], centre)


def _from_files(paths: list[str], centre: Network) -> list[Any]:
    """Return one direction per path; a file that is named twice gives its first and its second direction."""
    from landscape.slices.directions import load_directions

    found = []
    for position, path in enumerate(paths):
        stored = load_directions(Path(path).expanduser(), centre)
        number = paths[:position].count(path)
        if number >= len(stored):
            raise DirectionError(f"{path} holds {len(stored)} directions, named {number + 1} times")
        found.append(stored[number])
    return found


def _weight(direction: DirectionConfig) -> tuple[int, int, int]:
    assert direction.layer is not None
    assert direction.post is not None
    assert direction.pre is not None
    return direction.layer, direction.post, direction.pre


def _in_words(direction: DirectionConfig, entry: SliceConfig) -> str:
    match direction.kind:
        case "gradient":
            return f"gradient at the {entry.centre} network"
        case "line":
            return "line from the initial to the best network"
        case "pca":
            return "principal components of the training trajectory"
        case "weight":
            return "weight of layer {}, neuron {}, input {}".format(*_weight(direction))
        case "file":
            return f"file {Path(direction.path or '').name}"
    return "random"
