"""The measures of the sampled values of a slice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.h5.fields import array, record

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

__all__ = ["Summary"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer]


def _number(doc: str, unit: str = "1", **options: Any) -> Any:
    return array((), doc, unit=unit, nan=True, inf=True, make=float, **options)


def _count(doc: str) -> Any:
    return array((), doc, dtype="i4", make=int, lowest=0)


def _per_axis(doc: str, unit: str = "1") -> Any:
    return array("axis", doc, unit=unit, nan=True, inf=True)


@record(
    "summary",
    of="slice",
    title="summary, in a slice",
    doc=(
        "Measures of the sampled values as they are; points that are not done, or whose loss is not finite, are left "
        "out and counted. The `sampled_...` ones, the counts of minima and the largest change depend on the spacing of "
        "the points: they are no count of discontinuities. A measure that is not defined (0/0) is NaN."
    ),
    dims={"axis": "number of the axis", "minimum": "number of the minimum, most persistent first"},
)
class Summary:
    """Measures of the sampled values of a slice; what is not defined is NaN. Those along the axes are (n_axes,)."""

    points_used: int = _count("number of points that enter the measures")
    points_excluded: int = _count("number of points left out")
    loss_lowest: float = _number("lowest sampled loss", "nat")
    loss_median: float = _number("median of the sampled losses", "nat")
    loss_highest: float = _number("highest sampled loss", "nat")
    loss_at_centre: float = _number("loss where all coordinates are 0", "nat")
    accuracy_highest: float = _number("highest sampled accuracy")
    accuracy_at_centre: float = _number("accuracy where all coordinates are 0")
    silent_share_mean: float = _number("share of silent hidden neurons, mean over points")
    sampled_total_variation: FloatArray = _per_axis(
        "sum of the absolute loss changes between neighbouring points along the axis, mean over grid lines", "nat"
    )
    sampled_total_variation_over_net_change: FloatArray = _per_axis(
        "the same, summed over grid lines, over the summed absolute net changes from the lines' first to last points "
        "(large where lines end about as high as they begin, as across a valley)"
    )
    sampled_total_variation_over_range: FloatArray = _per_axis(
        "sampled total variation over the range of the sampled losses"
    )
    sampled_derivative_sign_changes_per_length: FloatArray = _per_axis(
        "sign changes of the directional derivative between sampled points, per unit of the axis"
    )
    largest_neighbour_change: FloatArray = _per_axis("largest absolute loss change between neighbouring points", "nat")
    minima: int = _count("number of local minima of the sampled loss; a plateau counts once")
    minima_above_1_percent: int = _count("those whose persistence is at least 1 % of the range of the sampled losses")
    saddle_minimum_distance: float = _number(
        "saddle-minimum average distance (SMAD): mean rise from a minimum to the saddle where it meets another one",
        "nat",
    )
    minimum_index: IntArray = array(
        ("minimum", "axis"), "index of the minimum's first point along each axis", dtype="i4", lowest=0
    )
    minimum_loss: FloatArray = array("minimum", "loss at the minimum", unit="nat")
    minimum_persistence: FloatArray = array(
        "minimum",
        "how far the loss must rise to leave for a lower minimum; infinite where there is none to be reached",
        unit="nat",
        inf=True,
        nan=True,
    )
    minimum_points: IntArray = array("minimum", "number of points in the minimum's plateau", dtype="i4", lowest=1)

    def problems_on(self, surface: Surface) -> Iterator[str]:
        """What does not fit the surface that is measured, one line each."""
        n_done = int(surface.done.sum())
        if self.points_used > n_done or self.points_used + self.points_excluded != surface.n_points:
            yield (
                f"counts {self.points_used} points used and {self.points_excluded} excluded, but the slice has "
                f"{n_done} done of {surface.n_points}; analyze it again"
            )
