"""Common scales of several surfaces, and what to do with wide, constant and infinite values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm, Normalize
from numpy.typing import NDArray

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]

#: Positive values that span more than this factor are drawn on a logarithmic scale.
WIDE = 1e3

#: So are those whose largest is more than this factor above their median: a few cells would leave all others dark.
SKEWED = 10.0

#: A logarithmic scale spans no more than this factor: the colours are for the large values, not for the
#: tiniest.
_WIDEST = 1e6


@dataclass(frozen=True)
class Scale:
    """The range of values over all panels of a figure.

    Attributes:
        low: lowest value (logarithmic: lowest positive one).
        high: highest value; above ``low``.
        logarithmic: whether the scale is.
        constant: whether all values are equal.
        below: whether there are positive values below ``low``.
    """

    low: float
    high: float
    logarithmic: bool = False
    constant: bool = False
    below: bool = False

    @property
    def norm(self) -> Normalize:
        """The map from values to [0, 1]."""
        return LogNorm(self.low, self.high) if self.logarithmic else Normalize(self.low, self.high)

    @property
    def note(self) -> str:
        """What has to be said on the figure."""
        return "log scale" if self.logarithmic else ""

    def levels(self, count: int = 9) -> FloatArray:
        """Values for contour lines, without the ends of the range."""
        if self.logarithmic:
            return np.geomspace(self.low, self.high, count + 2)[1:-1]
        return np.linspace(self.low, self.high, count + 2)[1:-1]


def common_scale(values: Iterable[FloatArray], *, from_zero: bool = False) -> Scale | None:
    """One scale for all finite values; None where there are none.

    Args:
        values: arrays with NaN or infinity where there is nothing to draw.
        from_zero: begin a linear scale at 0.
    """
    found = [array[np.isfinite(array)].ravel() for array in values]
    joined = np.concatenate(found) if found else np.empty(0)
    if joined.size == 0:
        return None
    low, high = float(joined.min()), float(joined.max())
    positive = joined[joined > 0.0]
    if low >= 0.0 and positive.size and high > min(WIDE * float(positive.min()), SKEWED * float(np.median(positive))):
        bottom = max(float(positive.min()), high / _WIDEST)
        return Scale(bottom, high, logarithmic=True, below=bottom > float(positive.min()))
    if from_zero:
        low = min(low, 0.0)
    if high <= low:
        margin = max(abs(low) * 0.05, 0.05)
        return Scale(low - margin, high + margin, constant=True)
    return Scale(low, high)


def finite_values(surface: Surface, values: FloatArray) -> FloatArray:
    """The values where the point is done and they are finite, NaN elsewhere: nothing is made up for the
    others.
    """
    return np.where(surface.done & np.isfinite(values), values, np.nan)


def cell_edges(axis: FloatArray) -> FloatArray:
    """Edges of the cells around the coordinates (n,): half-way between neighbours; (n + 1,)."""
    if axis.size == 1:
        return np.array([axis[0] - 0.5, axis[0] + 0.5])
    middle = (axis[:-1] + axis[1:]) / 2
    return np.concatenate(([2 * axis[0] - middle[0]], middle, [2 * axis[-1] - middle[-1]]))
