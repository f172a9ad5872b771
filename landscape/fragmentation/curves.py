"""Discontinuity curves of a plane and the fragments they bound, from the segments between crossings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["chains", "faces"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


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
