"""The lines of a plane on which discontinuity curves are met: their exact censuses, each made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Objective
from landscape.fragmentation.joining import Crossing
from landscape.slices.directions import check_directions

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["CurvesInterrupted", "FoundOnLine", "LineKey", "Plane"]

FloatArray = NDArray[np.float64]

LineKey = tuple[int, float, float, float]
"""A line of a plane: the axis along which it runs, its other coordinate, its ends."""


class FoundOnLine(NamedTuple):
    """What the census of a line of a plane has found."""

    crossings: list[Crossing]
    unresolved: int


class CurvesInterrupted(KeyboardInterrupt):
    """The tracing was interrupted; give ``finished``, by line, to ``resume`` and those lines are not searched again."""

    def __init__(self, finished: Mapping[LineKey, FoundOnLine]) -> None:
        super().__init__(f"interrupted after {len(finished)} lines")
        self.finished = finished


class Plane:
    """A plane through the space of weights: exact censuses of lines on it, and the crossings found so far."""

    def __init__(
        self,
        network: Network,
        directions: Sequence[Any],
        data: Dataset,
        objective: Objective,
        minimum: float,
        finished: Mapping[LineKey, FoundOnLine],
    ) -> None:
        self.network = network
        self.directions = check_directions(directions, network)
        self.data = data
        self.objective = objective
        self.minimum = minimum
        self.crossings: list[Crossing] = []
        self.unresolved = 0
        self.finished = dict(finished)

    def census(
        self,
        axis: int,
        at: float,
        bounds: tuple[float, float],
        points: int,
        samples: Sequence[int],
        threads: int | None,
    ) -> FoundOnLine:
        """The census of a line along an axis, where the other coordinate is ``at``."""
        key = (axis, at, *bounds)
        if key not in self.finished:
            self.finished[key] = self._search(axis, at, bounds, points, samples, threads)
        return self.finished[key]

    def _search(
        self,
        axis: int,
        at: float,
        bounds: tuple[float, float],
        points: int,
        samples: Sequence[int],
        threads: int | None,
    ) -> FoundOnLine:
        # Compiled code; not needed to read curves from a file.
        from landscape.fragmentation.census import find_discontinuities

        other = self.directions[1 - axis]
        moved = self.network.with_weights([w + at * d for w, d in zip(self.network.weights, other, strict=True)])
        data = self.data if len(samples) == len(self.data) else self.data.select(indices=np.asarray(samples))
        census = find_discontinuities(
            moved,
            self.directions[axis],
            bounds,
            data,
            self.objective,
            points=points,
            minimum=self.minimum,
            threads=threads,
        )
        crossings = []
        for row in range(len(census)):
            along = float(census.position[row])
            crossings.append(
                Crossing(
                    (along, at) if axis == 0 else (at, along),
                    int(samples[census.sample[row]]),
                    int(census.layer[row]),
                    int(census.neuron[row]),
                    int(census.number[row]),
                    str(census.mechanism[row]),
                    axis,
                    float(census.jump[row]),
                )
            )
        return FoundOnLine(crossings, len(census.unresolved))

    def add(self, found: FoundOnLine) -> list[int]:
        """Take over the crossings of a line; returns their numbers."""
        begin = len(self.crossings)
        self.unresolved += found.unresolved
        self.crossings += found.crossings
        return list(range(begin, len(self.crossings)))

    def split(self, numbers: Iterable[int], axis: int, places: FloatArray) -> list[tuple[int, ...]]:
        """Crossings of a line by the pieces between places on it; the ends count to the outer pieces."""
        parts: list[list[int]] = [[] for _ in range(places.size - 1)]
        for number in numbers:
            piece = int(np.searchsorted(places, self.crossings[number].place[axis], side="right")) - 1
            parts[min(max(piece, 0), places.size - 2)].append(number)
        return [tuple(part) for part in parts]
