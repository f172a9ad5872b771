"""How the gradient over all weights turns from point to point, and where it is zero.

These are of the mean loss's gradients at the points of a surface; with intervals they are measured by
:func:`~landscape.fragmentation.cosines.gradient_cosines`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure

FloatArray = NDArray[np.float64]


def _zero(line: MeasuredLine) -> Estimate | None:
    surface = line.surface
    if surface is None or surface.gradient_norm is None or not surface.done.any():
        return None
    return Estimate(float(np.mean(surface.gradient_norm[surface.done] == 0.0)))


def _cosines(line: MeasuredLine) -> FloatArray | None:
    """Cosines between gradients at neighbouring points, (n_points - 1,); NaN where one is zero or not known."""
    if line.surface is None or line.surface.gradient is None:
        return None
    gradient = line.surface.gradient
    norm = np.linalg.norm(gradient, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = np.einsum("pw,pw->p", gradient[:-1] / norm[:-1, None], gradient[1:] / norm[1:, None])
    return found


def _broken(line: MeasuredLine) -> NDArray[np.bool_]:
    """Between which neighbouring points the mean loss has a discontinuity, (n_points - 1,)."""
    assert line.surface is not None
    axis = line.surface.axes[0]
    return np.histogram(line.discontinuities.position, axis)[0] > 0 if axis.size > 1 else np.empty(0, np.bool_)


def _median(cosines: FloatArray) -> Estimate:
    known = cosines[np.isfinite(cosines)]
    return Estimate(float(np.median(known)) if known.size else float("nan"))


def _cosine(line: MeasuredLine) -> Estimate | None:
    cosines = line.shared(_cosines)
    return None if cosines is None else _median(cosines)


def _within(line: MeasuredLine) -> Estimate | None:
    cosines = line.shared(_cosines)
    return None if cosines is None else _median(cosines[~line.shared(_broken)])


def _across(line: MeasuredLine) -> Estimate | None:
    cosines = line.shared(_cosines)
    return None if cosines is None else _median(cosines[line.shared(_broken)])


MEASURE = (
    Measure(
        name="zero_gradient",
        of=_zero,
        place=230,
        title="Points where the gradient over all weights is exactly zero",
        doc="share of the points at which the gradient over all weights is exactly zero",
        share=True,
        values=True,
    ),
    Measure(
        name="gradient_cosine",
        of=_cosine,
        place=240,
        title="Median cosine between gradients at neighbouring points",
        doc="median cosine between the mean loss's gradients at neighbouring points",
        values=True,
        less="larger",
    ),
    Measure(
        name="gradient_cosine_within",
        of=_within,
        place=250,
        doc="the same of neighbours without a discontinuity of it between them",
        values=True,
        row="… without a discontinuity of the mean loss between them",
        less="larger",
    ),
    Measure(
        name="gradient_cosine_across",
        of=_across,
        place=260,
        doc="the same of the other neighbours",
        values=True,
        row="… with one between them",
        less="larger",
    ),
)
