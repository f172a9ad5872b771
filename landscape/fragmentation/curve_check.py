"""How far traced curves are from the truth: exact censuses of lines that tracing did not use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.slices.directions import check_directions

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.fragmentation.curves_record import Curves
    from landscape.network import Network

__all__ = ["CurveCheck", "check_curves"]

FloatArray = NDArray[np.float64]


class CurveCheck(NamedTuple):
    """Traced curves against exact discontinuities on random lines across the plane.

    Attributes:
        distance: from each exact discontinuity of a sample to the nearest curve of that sample, in units of the axes;
            infinite where the sample has none; (n_found,).
        exact: number of discontinuities of each line, all samples together; (n_lines,).
        traced: number of times that the curves cross it; (n_lines,).
    """

    distance: FloatArray
    exact: NDArray[np.int64]
    traced: NDArray[np.int64]


def check_curves(
    curves: Curves,
    network: Network,
    directions: Sequence[Any],
    data: Dataset,
    objective: Objective,
    *,
    lines: int = 8,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CurveCheck:
    """Compare curves with exact censuses of random lines through the plane.

    Args:
        curves: what :func:`~landscape.fragmentation.plane.trace_curves` gave for the following arguments.
        network: the network at the origin.
        directions: the two directions.
        data: the samples that were traced.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        lines: number of lines; each runs between random points of opposite sides.
        seed: seed of the lines.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(lines done, lines in all)``.

    Raises:
        InputError: the data are not those of the curves, or ``lines`` is not positive.
    """
    import shapely

    from landscape.fragmentation.census import find_discontinuities

    if len(data) != curves.n_samples:
        raise InputError(f"the curves are of {curves.n_samples} samples, the data have {len(data)}")
    if lines < 1:
        raise InputError(f"lines must be a positive whole number, not {lines}")
    checked = check_directions(directions, network)
    drawn: list[list[Any]] = [[] for _ in range(curves.n_samples)]
    for number, sample in enumerate(curves.sample):
        drawn[sample].append(shapely.LineString(curves.point[curves.offsets[number] : curves.offsets[number + 1]]))
    together = [shapely.MultiLineString(own) for own in drawn]
    rng = np.random.default_rng(seed)
    low, high = (np.array([axis[k] for axis in curves.axes]) for k in (0, -1))
    distances: list[float] = []
    exact, traced = [], []
    for line in range(lines):
        if progress is not None:
            progress(line, lines)
        ends = low + (high - low) * rng.random((2, 2))
        ends[:, line % 2] = low[line % 2], high[line % 2]
        step = ends[1] - ends[0]
        start = network.with_weights(
            [w + ends[0][0] * a + ends[0][1] * b for w, a, b in zip(network.weights, *checked, strict=True)]
        )
        direction = [step[0] * a + step[1] * b for a, b in zip(*checked, strict=True)]
        minimum = float(curves.attributes.get("minimum", 1e-9))
        census = find_discontinuities(start, direction, (0.0, 1.0), data, objective, minimum=minimum, threads=threads)
        places = shapely.points(ends[0] + census.position[:, None] * step)
        for place, sample in zip(places, census.sample, strict=True):
            distances.append(float(shapely.distance(place, together[sample])) if drawn[sample] else np.inf)
        exact.append(len(census))
        crossed = [shapely.intersection(shapely.LineString(ends), own) for own in together]
        traced.append(sum(shapely.get_num_geometries(found) for found in crossed if not found.is_empty))
    if progress is not None:
        progress(lines, lines)
    return CurveCheck(np.array(distances, np.float64), np.array(exact, np.int64), np.array(traced, np.int64))
