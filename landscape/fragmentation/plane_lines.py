"""The exact lines of a plane on which a sample's discontinuity curves are met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Objective
from landscape.fragmentation.joining import Crossing
from landscape.slices.directions import check_directions

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["MECHANISMS", "SampleOnPlane"]

MECHANISMS = ("grazing", "order", "trial_end")


class SampleOnPlane:
    """One sample on a plane through the space of weights: exact censuses of lines, and the crossings found so far."""

    def __init__(
        self,
        network: Network,
        directions: Sequence[Any],
        data: Dataset,
        sample: int,
        objective: Objective,
        minimum: float,
    ) -> None:
        self.network = network
        self.directions = check_directions(directions, network)
        self.data = data
        self.sample = sample
        self.objective = objective
        self.minimum = minimum
        self.crossings: list[Crossing] = []
        self.unresolved = 0

    def crossings_on(self, axis: int, at: float, bounds: tuple[float, float], points: int) -> list[int]:
        """Take the census of a line along an axis, where the other coordinate is ``at``; return numbers of
        crossings.
        """
        # Compiled code; not needed to read curves from a file.
        from landscape.fragmentation.census.line import find_discontinuities
        from landscape.fragmentation.census.samples import UnfitSampleError

        other = self.directions[1 - axis]
        moved = self.network.with_weights([w + at * d for w, d in zip(self.network.weights, other, strict=True)])
        try:
            census = find_discontinuities(
                moved,
                self.directions[axis],
                bounds,
                self.data.select(indices=[self.sample]),
                self.objective,
                points=points,
                minimum=self.minimum,
                threads=1,
            )
        except UnfitSampleError as error:
            raise UnfitSampleError(self.sample) from error
        begin = len(self.crossings)
        self.unresolved += len(census.unresolved)
        for row in range(len(census)):
            along = float(census.position[row])
            self.crossings.append(
                Crossing(
                    (along, at) if axis == 0 else (at, along),
                    int(census.layer[row]),
                    int(census.neuron[row]),
                    int(census.number[row]),
                    MECHANISMS.index(census.mechanism[row]),
                    axis,
                    float(census.jump[row]),
                )
            )
        return list(range(begin, len(self.crossings)))

    def split(self, numbers: Iterable[int], axis: int, places: NDArray[np.float64]) -> list[tuple[int, ...]]:
        """Crossings of a line by the pieces between places on it; the ends count to the outer pieces."""
        parts: list[list[int]] = [[] for _ in range(places.size - 1)]
        for number in numbers:
            part = int(np.searchsorted(places, self.crossings[number].place[axis], side="right")) - 1
            parts[min(max(part, 0), places.size - 2)].append(number)
        return [tuple(part) for part in parts]
