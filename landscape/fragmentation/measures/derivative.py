"""What the exact directional derivative does from point to point; what happens between two points is not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure

FloatArray = NDArray[np.float64]


def _sign_changes(line: MeasuredLine) -> Estimate | None:
    """Sign changes of the mean loss's directional derivative from point to point, per unit length."""
    profile, draws = line.profile, line.draws
    if profile is None:
        return None
    known = np.isfinite(profile.derivative).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    runs = [slice(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True) if b - a > 1]
    length = sum(float(profile.position[run][-1] - profile.position[run][0]) for run in runs)
    if length == 0.0:
        return Estimate(float("nan"))

    def measure(weights: FloatArray) -> FloatArray:
        counts = [_count_sign_changes(weights @ profile.derivative[:, run]) for run in runs]
        return np.asarray(np.sum(counts, axis=0) / length)

    if len(profile.derivative) == draws.n:
        return draws.estimate(measure)
    return Estimate(float(measure(np.ones((1, 1)))[0]))


def _count_sign_changes(values: FloatArray) -> NDArray[np.int64]:
    """Sign changes along the last axis, zeros passed over."""
    sign = np.sign(values)
    # Each zero takes the sign before it; zeros at the beginning stay.
    last = np.maximum.accumulate(np.where(sign != 0.0, np.arange(sign.shape[-1]), 0), axis=-1)
    carried = np.take_along_axis(sign, last, axis=-1)
    return np.count_nonzero(carried[..., 1:] * carried[..., :-1] < 0.0, axis=-1)


def _zero(line: MeasuredLine) -> Estimate | None:
    if line.profile is None:
        return None
    known = np.isfinite(line.profile.derivative).all(axis=0)
    zero = (line.profile.derivative.mean(axis=0) == 0.0)[known]
    return Estimate(float(zero.mean()) if zero.size else float("nan"))


MEASURE = (
    Measure(
        name="derivative_sign_changes_per_length",
        of=_sign_changes,
        place=210,
        title="Sign changes of the derivative per unit length",
        doc="sign changes of the mean loss's directional derivative from point to point, per unit of the axis",
        values=True,
        compared=120,
        panel=50,
        short="Sign changes of the\nderivative per length",
    ),
    Measure(
        name="zero_derivative",
        of=_zero,
        place=220,
        title="Share of points where the derivative is exactly zero",
        doc="share of the points at which the directional derivative is exactly zero",
        share=True,
        values=True,
        row="Points where the derivative is exactly zero",
        compared=130,
        panel=60,
        short="Share of points with\nzero derivative",
    ),
)
