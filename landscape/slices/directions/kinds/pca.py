"""Principal components of the training trajectory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.arrays import as_array
from landscape.errors import DirectionError
from landscape.slices.directions.kind import DirectionKind, Surroundings
from landscape.slices.directions.vectors import Direction, shaped
from landscape.tables import Table

if TYPE_CHECKING:
    from landscape.network import Network


class Keys(Table):
    """Principal components of the training trajectory, seen from the centre; the largest first."""


def principal_directions(trajectory: np.ndarray, network: Network, count: int = 2) -> list[Direction]:
    """Principal components of a training trajectory, the largest first (Li et al. 2018, arXiv:1712.09913, section 7).

    Args:
        trajectory: parameters along training, (n_kept, n_parameters).
        network: gives the shapes; its parameters are the origin from which the trajectory is measured.
        count: number of components.

    Raises:
        DirectionError: the trajectory has another number of parameters, or fewer independent directions than asked.
    """
    try:
        points = as_array(trajectory).astype(np.float64)
    except ValueError as error:
        raise DirectionError(f"the trajectory must be an array of numbers, not {error}") from None
    if points.ndim != 2 or points.shape[0] == 0 or points.shape[1] != network.parameters.size:
        raise DirectionError(
            f"the trajectory has shape {points.shape}; it must be (n_kept, {network.parameters.size}) for this network"
        )
    if not np.isfinite(points).all():
        raise DirectionError("the trajectory has numbers that are not finite")
    _, sizes, components = np.linalg.svd(points - network.parameters, full_matrices=False)
    rank = int(np.sum(sizes > 1e-10 * max(sizes[0], np.finfo(float).tiny)))
    if rank < count:
        raise DirectionError(f"the trajectory spans {rank} directions, {count} were asked for; train for longer")
    chosen = []
    for component in components[:count]:
        # The sign of a component means nothing; this choice makes it the same on every machine.
        sign = np.sign(component[np.argmax(np.abs(component))])
        chosen.append(shaped(sign * component, network))
    return chosen


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    if around.trajectory is None:
        raise DirectionError("there is no trajectory for 'pca'; train for some epochs")
    return principal_directions(around.trajectory, around.centre, count=len(asked))


def _problem(asked: int, entry: Any, training: Any) -> str:
    # The epochs 0, keep_every, 2 keep_every, ... and the last.
    kept = 1 + -(-training.epochs // training.keep_every)
    # The components are measured from the centre: if that is one of the kept networks, it spans nothing.
    spanned = kept if entry.centre == "best" and kept <= training.epochs else kept - 1
    if asked <= spanned:
        return ""
    return (
        f"the trajectory spans at most {spanned} 'pca' directions (epochs = {training.epochs}, keep_every = "
        f"{training.keep_every}), {asked} are asked for; train for more epochs or keep more of them"
    )


DIRECTION = DirectionKind(
    name="pca",
    table=Keys,
    make=_make,
    words=lambda facts: "principal components of the training trajectory",
    normalization="network",
    several=True,
    problem=_problem,
)
