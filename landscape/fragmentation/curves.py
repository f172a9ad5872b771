"""Discontinuity curves of a plane and the fragments they bound, as flat arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.fragments import effective_number

__all__ = ["Curves", "chains", "faces"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Curves:
    """Discontinuity curves of single samples' losses on a plane, and the fragments that they cut out.

    Where a curve crosses a line of the grid (or a line within a cell that was divided) is exact, to 1e-12 of the line.
    Between two such points on the sides of a cell it is *taken to be straight*; that they are of one curve is judged
    from the spike, the mechanism, and the signs of the jumps (``joint``). Closed curves that lie within one cell, and
    bulges that enter and leave a cell by the same side between two examined lines without being told from it, are not
    seen: numbers of fragments are lower bounds in that respect, and rise with a finer grid.

    Curve ``k`` has the points ``offsets[k]`` to ``offsets[k + 1]``; a closed one repeats its first point.

    Attributes:
        axes: the lines of the grid, one array per axis.
        n_samples: number of samples.
        offsets: (n_curves + 1,)
        sample: sample of each curve; (n_curves,).
        layer: layer of the spike that comes or goes, at most points of the curve; (n_curves,).
        neuron: its neuron; (n_curves,).
        mechanism: at most points of the curve; (n_curves,).
        point: coordinates along both axes; (n_points, 2).
        axis: axis along which the line through the point runs; -1 for a point where a curve is taken to end or to
            branch; (n_points,), int8.
        jump: jump of the sample's loss there in the direction of this axis, nats; NaN for the latter; (n_points,).
        joint: how a point is joined to the next one of its curve
            (:class:`~landscape.fragmentation.joining.Joint`), -1 for the last; (n_points,), int8.
        ambiguous: smallest cells in which a sample's crossings could not all be joined without doubt; sample, lower and
            upper end along the first, along the second axis; (n_ambiguous, 5).
        crossed: number of pairs of a smallest cell and a sample with a curve through it.
        region_area: area of each fragment of the mean loss, the largest first; (n_regions,).
        region_offsets: (n_regions + 1,)
        region_outline: outer boundaries of these fragments; drawn in this order, those inside others come out on top;
            (n_vertices, 2).
        sample_region_area: areas of the fragments of single samples, the largest first.
        sample_region_offsets: (n_samples + 1,)
        attributes: what else is known (text and numbers).
    """

    axes: tuple[FloatArray, FloatArray]
    n_samples: int
    offsets: IntArray
    sample: IntArray
    layer: IntArray
    neuron: IntArray
    mechanism: NDArray[np.str_]
    point: FloatArray
    axis: NDArray[np.int8]
    jump: FloatArray
    joint: NDArray[np.int8]
    ambiguous: FloatArray
    crossed: int
    region_area: FloatArray
    region_offsets: IntArray
    region_outline: FloatArray
    sample_region_area: FloatArray
    sample_region_offsets: IntArray
    attributes: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.sample.size)

    @property
    def area(self) -> float:
        """Area of the plane, in units of both axes."""
        return float(np.prod([axis[-1] - axis[0] for axis in self.axes]))

    @property
    def ambiguous_share(self) -> float:
        """Share of the pairs of a smallest cell and a sample, of those with a curve, that are ambiguous."""
        return len(self.ambiguous) / self.crossed if self.crossed else 0.0

    @property
    def fragments(self) -> int:
        """Number of fragments of the mean loss."""
        return int(self.region_area.size)

    @property
    def effective_fragments(self) -> float:
        """Effective number of fragments of the mean loss: exponential of the entropy of the shares of the area."""
        return effective_number(self.region_area)

    @property
    def sample_fragments(self) -> IntArray:
        """Number of fragments of each sample's loss, (n_samples,)."""
        return np.diff(self.sample_region_offsets)

    @property
    def sample_effective_fragments(self) -> FloatArray:
        """Effective number of fragments of each sample's loss, (n_samples,)."""
        parts = np.split(self.sample_region_area, self.sample_region_offsets[1:-1])
        return np.array([effective_number(part) for part in parts])

    @property
    def length(self) -> FloatArray:
        """Length of each curve, in units of the axes; (n_curves,)."""
        parts = [self.point[a:b] for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]
        return np.array([np.hypot(*np.diff(part, axis=0).T).sum() for part in parts], np.float64)

    def table(self) -> dict[str, Any]:
        """The arrays and numbers by name, for a result file; the axes are those of the grid."""
        left_out = {"axes", "attributes"}
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in left_out}


def chains(segments: Sequence[tuple[int, int, int]]) -> list[tuple[list[int], list[int]]]:
    """Put segments together to curves, which end where not exactly two segments meet.

    Args:
        segments: (point, point, joint).

    Returns:
        For each curve its points and the joints between them; a closed curve repeats its first point.
    """
    at: dict[int, list[int]] = {}
    for number, (a, b, _) in enumerate(segments):
        at.setdefault(a, []).append(number)
        at.setdefault(b, []).append(number)
    used = [False] * len(segments)
    found = []

    def follow(point: int, number: int) -> tuple[list[int], list[int]]:
        points, joints = [point], []
        while True:
            used[number] = True
            a, b, joint = segments[number]
            point = b if points[-1] == a else a
            points.append(point)
            joints.append(joint)
            onward = [other for other in at[point] if not used[other]]
            if len(at[point]) != 2 or not onward:
                return points, joints
            number = onward[0]

    for ends_only in (True, False):
        for point in sorted(at):
            if ends_only and len(at[point]) == 2:
                continue
            found += [follow(point, number) for number in at[point] if not used[number]]
    return found


def faces(lines: Sequence[FloatArray], low: FloatArray, high: FloatArray) -> tuple[FloatArray, list[FloatArray]]:
    """The regions into which lines cut a rectangle.

    Args:
        lines: each (n, 2), n >= 2.
        low: lower corner.
        high: upper corner.

    Returns:
        Areas, the largest first, and outer boundaries, each (n, 2).
    """
    import shapely

    frame = shapely.box(*low, *high).exterior
    drawn = [shapely.LineString(line) for line in lines]
    whole = shapely.unary_union([frame, *drawn])
    parts = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(whole))))
    area = np.array([part.area for part in parts], np.float64)
    order = np.argsort(-area, kind="stable")
    return area[order], [np.array(parts[k].exterior.coords, np.float64) for k in order]
