"""The gradient of the loss at the centre."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from landscape.constants import Objective
from landscape.errors import DirectionError
from landscape.slices.directions.kind import DirectionKind, Surroundings
from landscape.slices.directions.vectors import Direction
from landscape.tables import Table

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network


class Keys(Table):
    """The gradient of the slice's loss at the centre."""


def gradient_direction(
    network: Network, data: Dataset, objective: Objective, *, threads: int | None = None
) -> Direction:
    """The gradient of the mean loss at the network, as a direction.

    Args:
        network: the network at the centre of the slice.
        data: the samples that the loss is the mean over.
        objective: the readout, as ``FirstSpike()``.
        threads: number of threads, all cores by default; the result does not depend on it.

    Raises:
        DirectionError: the gradient is zero.
        DataError: the data do not fit the network.
        SimulationError: a layer spikes without bound, or the gradient is infinite.
    """
    from landscape.evaluation import loss_and_gradient

    _, gradient = loss_and_gradient(network, data, objective, threads=threads)
    if not any(part.any() for part in gradient):
        raise DirectionError("the gradient is zero at the centre; choose another direction or centre")
    return gradient


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    return [gradient_direction(around.centre, around.data, around.objective) for _ in asked]


DIRECTION = DirectionKind(
    name="gradient",
    table=Keys,
    make=_make,
    facts=lambda direction, centre: {"centre": centre},
    words=lambda facts: f"gradient at the {facts['centre']} network",
    normalization="network",
    evaluations=1.0,
)
