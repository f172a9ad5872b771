"""Local minima of the sampled loss and how deep they are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from landscape.slices.surface import Surface


@dataclass(frozen=True, eq=False)
class Minima:
    """The local minima of sampled values, the most persistent first (then the lower, then the earlier one).

    Attributes:
        index: index along each axis of the first point (in C order) of each minimum; int32, (n_minima,
            n_axes).
        loss: loss there, nats; (n_minima,).
        persistence: by how much the loss must rise on the way to a lower minimum; infinite for a minimum from
            which none is reached (the lowest one of each connected set of usable points); (n_minima,).
        points: number of points in the minimum's plateau; int32, (n_minima,).
        gap: by how much the loss must rise until the set around the minimum meets that of any other minimum,
            the lower or the higher one; infinite where it meets none; (n_minima,). At most the persistence.
    """

    index: NDArray[np.int32]
    loss: NDArray[np.float64]
    persistence: NDArray[np.float64]
    points: NDArray[np.int32]
    gap: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.loss.size)


def local_minima(surface: Surface) -> Minima:
    """The local minima of the sampled loss, by the persistence of its sublevel sets.

    Points are raised one by one, the lowest first, and joined to their neighbours that are there already: two
    in 1D, eight in 2D (with the diagonal ones, so that a narrow oblique valley is not cut into pieces). A
    minimum is born with the first point of a set; where two sets meet, the one with the higher minimum ends,
    and its persistence is the difference (Edelsbrunner, Letscher, Zomorodian 2002, "Topological persistence
    and simplification"). Of two equally low minima the one that comes first in C order stays. A plateau is
    one minimum, however many points it has.

    The values are used as they are. Points that are not done, or whose loss is not finite, are no neighbours
    of any point. How many minima there are depends on the spacing of the points.

    Args:
        surface: the sampled values, on one or two axes.
    """
    usable = surface.done & np.isfinite(surface.loss)
    # With a rim of unusable points around it, every point's neighbours are at the same distances in memory.
    rimmed = np.pad(usable, 1)
    values = np.pad(np.where(usable, surface.loss, np.inf), 1, constant_values=np.inf).ravel()
    steps = _steps_to_neighbours(rimmed.shape)
    order = np.flatnonzero(rimmed.ravel())
    order = order[np.argsort(values[order], kind="stable")]

    root = np.full(values.size, -1, dtype=np.int64)
    birth = np.zeros(values.size, dtype=np.int64)  # of a root: the first point of its minimum
    plateau = np.zeros(values.size, dtype=np.int64)  # of a root: points joined at the height of the minimum
    gap = np.full(values.size, np.inf)  # of the first point of a minimum: rise to the first saddle
    found: list[tuple[int, float, int]] = []  # first point, persistence, points in the plateau

    def find(point: int) -> int:
        while root[point] != point:
            root[point] = root[root[point]]
            point = int(root[point])
        return point

    for point in order.tolist():
        root[point], birth[point], plateau[point] = point, point, 1
        height = values[point]
        for step in steps:
            other = point + step
            if root[other] < 0:
                continue
            a, b = find(point), find(other)
            if a == b:
                continue
            # The older set is the one with the lower minimum; of equal ones, the one that comes first.
            if (values[birth[b]], birth[b]) < (values[birth[a]], birth[a]):
                a, b = b, a
            if height > values[birth[b]]:
                found.append((int(birth[b]), float(height - values[birth[b]]), int(plateau[b])))
                for first in (birth[a], birth[b]):
                    gap[first] = min(gap[first], height - values[first])
            elif values[birth[a]] == height:
                plateau[a] += plateau[b]
            root[b] = a
    left = [point for point in order.tolist() if root[point] == point]
    found += [(int(birth[point]), float("inf"), int(plateau[point])) for point in left]

    found.sort(key=lambda minimum: (-minimum[1], values[minimum[0]], minimum[0]))
    firsts = np.array([minimum[0] for minimum in found], dtype=np.int64)
    index = np.stack(np.unravel_index(firsts, rimmed.shape), axis=-1) - 1
    return Minima(
        index=index.astype(np.int32),
        loss=values[firsts].astype(np.float64),
        persistence=np.array([minimum[1] for minimum in found], dtype=np.float64),
        points=np.array([minimum[2] for minimum in found], dtype=np.int32),
        gap=gap[firsts],
    )


def saddle_minimum_distance(minima: Minima) -> float:
    """Saddle-minimum average distance (SMAD), nats: mean rise from a minimum to the first saddle at which its set
    meets that of another minimum; 0 where no two minima meet.

    It is the mean length of the edges between minima and saddles of the merge tree of sublevel sets, unweighted, as
    the package Landscaper defines it (Chen et al. 2026, arXiv:2602.07135). The deeper of two minima counts too, from
    its own depth; that is what sets it apart from a mean of persistences. Its neighbourhoods are those of
    :func:`local_minima`. Like the number of minima it depends on the spacing of the points.
    """
    gaps = minima.gap[np.isfinite(minima.gap)]
    return float(gaps.mean()) if gaps.size else 0.0


def _steps_to_neighbours(shape: tuple[int, ...]) -> list[int]:
    strides = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    return [
        sum(s * stride for s, stride in zip(step, strides, strict=True))
        for step in product((-1, 0, 1), repeat=len(shape))
        if any(step)
    ]
