"""Roughness of the sampled values along the axes of a slice.

All of it depends on the spacing of the points: a jump and a steep continuous piece look alike between two
points, and whatever happens and is undone between them is not seen. None of it counts discontinuities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roughness:
    """Resolution-bound roughness of the sampled loss, one value per axis.

    A *run* is a maximal row of at least two neighbouring usable points along an axis; usable are points that
    are done and whose loss is finite. A line of the grid is one run where all its points are usable. What is
    not defined is NaN.

    Attributes:
        sampled_total_variation: sum of the absolute loss changes between neighbours, mean over the grid lines
            that have a run; nats.
        sampled_total_variation_over_net_change: sum of the absolute changes over all runs, over the sum of
            the runs' absolute net changes (first to last point). 1 where the loss is monotonic along every
            run.
        sampled_total_variation_over_range: ``sampled_total_variation`` over the range of the sampled losses.
        sampled_derivative_sign_changes_per_length: sign changes of the directional derivative between the
            points of a run, zeros passed over, over the runs' summed length in units of the axis. Derivatives
            that are not finite end a run.
        largest_neighbour_change: largest absolute loss change between neighbours; nats.
    """

    sampled_total_variation: FloatArray
    sampled_total_variation_over_net_change: FloatArray
    sampled_total_variation_over_range: FloatArray
    sampled_derivative_sign_changes_per_length: FloatArray
    largest_neighbour_change: FloatArray


def roughness(surface: Surface) -> Roughness:
    """Roughness of the sampled loss along each axis.

    Args:
        surface: the sampled values.
    """
    usable = surface.done & np.isfinite(surface.loss)
    spread = float(np.ptp(surface.loss[usable])) if usable.any() else float("nan")
    columns: list[tuple[float, ...]] = []
    for number, axis in enumerate(surface.axes):
        variation = net = largest = 0.0
        lines_with_run = pairs = 0
        loss = np.moveaxis(surface.loss, number, -1).reshape(-1, axis.size)
        ok = np.moveaxis(usable, number, -1).reshape(-1, axis.size)
        for values, mask in zip(loss, ok, strict=True):
            runs = list(_runs(mask))
            lines_with_run += bool(runs)
            for run in runs:
                changes = np.abs(np.diff(values[run]))
                variation += float(changes.sum())
                net += abs(float(values[run][-1] - values[run][0]))
                largest = max(largest, float(changes.max()))
                pairs += changes.size
        mean_variation = _ratio(variation, lines_with_run)
        columns.append(
            (
                mean_variation,
                _ratio(variation, net),
                _ratio(mean_variation, spread),
                _sign_changes_per_length(surface, number, usable),
                largest if pairs else float("nan"),
            )
        )
    return Roughness(*(np.array(column) for column in zip(*columns, strict=True)))


def _sign_changes_per_length(surface: Surface, number: int, usable: NDArray[np.bool_]) -> float:
    axis = surface.axes[number]
    slope = np.moveaxis(surface.directional_derivative[..., number], number, -1).reshape(-1, axis.size)
    ok = np.moveaxis(usable, number, -1).reshape(-1, axis.size) & np.isfinite(slope)
    changes, length = 0, 0.0
    for values, mask in zip(slope, ok, strict=True):
        for run in _runs(mask):
            signs = np.sign(values[run])
            signs = signs[signs != 0.0]
            changes += int(np.count_nonzero(np.diff(signs)))
            length += abs(float(axis[run][-1] - axis[run][0]))
    return _ratio(changes, length)


def _runs(mask: NDArray[np.bool_]) -> Iterator[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - start > 1:
            yield slice(start, stop)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else float("nan")
