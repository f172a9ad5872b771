"""Total variation along a line, split into jumps and the continuous rest, and sign changes of the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.profile import Profile
from landscape.fragmentation.resampling import Estimate, Resampling

if TYPE_CHECKING:
    from landscape.fragmentation.census import Census

__all__ = ["count_sign_changes", "sign_changes", "variation_measures"]

FloatArray = NDArray[np.float64]


def variation_measures(census: Census, profile: Profile, draws: Resampling, shares: FloatArray) -> dict[str, Estimate]:
    """Total variation of the mean loss and of single samples, and the share that is made by jumps.

    Jumps are exact; the continuous rest is the change from point to point less the jumps between, a lower bound.

    Args:
        census: the discontinuities.
        profile: values along the same line.
        draws: draws of the samples.
        shares: which share of each jump of a sample the mean loss has (below 1 where jumps of several samples at one
            place cancel in part); (n,).
    """
    n = census.n_samples
    single = len(profile.loss) == n
    signed, absolute, in_mean = _jumps_of_cells(census, profile, single, shares)
    with np.errstate(invalid="ignore"):
        change = np.diff(profile.loss, axis=1) - (signed if single else signed.mean(axis=0, keepdims=True))
    fine: NDArray[np.bool_] = np.asarray(np.isfinite(change).all(axis=0))
    change = change[:, fine]
    jumps = in_mean[:, fine].sum(axis=1)
    own = absolute[:, fine].sum(axis=1)

    def continuous(weights: FloatArray) -> FloatArray:
        return np.asarray(np.abs(weights @ change).sum(axis=1) / n)

    whole = np.full((1, 1), float(n))
    if single:
        total = draws.estimate(lambda w: w @ jumps / n + continuous(w))
        share = draws.estimate(lambda w: _ratio(w @ jumps / n, w @ jumps / n + continuous(w)))
    else:
        rest = float(continuous(whole)[0])
        total = Estimate(float(jumps.mean()) + rest)
        share = Estimate(float(_ratio(jumps.mean(), jumps.mean() + rest)))
    found = {
        "variation": total,
        "jump_share_of_variation": share,
        "variation_from_half": Estimate(_from_half(change, fine, jumps)),
    }
    if single:
        rests = np.abs(change).sum(axis=1)
        found["variation_of_samples"] = draws.estimate(lambda w: w @ (own + rests) / n)
        found["jump_share_of_variation_of_samples"] = draws.estimate(lambda w: _ratio(w @ own, w @ (own + rests)))
    return found


def sign_changes(profile: Profile, draws: Resampling) -> Estimate:
    """Sign changes of the mean loss's directional derivative from point to point, per unit length."""
    known = np.isfinite(profile.derivative).all(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])).astype(np.int8)))
    runs = [slice(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True) if b - a > 1]
    length = sum(float(profile.position[run][-1] - profile.position[run][0]) for run in runs)
    if length == 0.0:
        return Estimate(float("nan"))

    def measure(weights: FloatArray) -> FloatArray:
        counts = [count_sign_changes(weights @ profile.derivative[:, run]) for run in runs]
        return np.asarray(np.sum(counts, axis=0) / length)

    if len(profile.derivative) == draws.n:
        return draws.estimate(measure)
    return Estimate(float(measure(np.ones((1, 1)))[0]))


def count_sign_changes(values: FloatArray) -> NDArray[np.int64]:
    """Sign changes along the last axis, zeros passed over."""
    sign = np.sign(values)
    # Each zero takes the sign before it; zeros at the beginning stay.
    last = np.maximum.accumulate(np.where(sign != 0.0, np.arange(sign.shape[-1]), 0), axis=-1)
    carried = np.take_along_axis(sign, last, axis=-1)
    return np.count_nonzero(carried[..., 1:] * carried[..., :-1] < 0.0, axis=-1)


def _jumps_of_cells(
    census: Census, profile: Profile, single: bool, shares: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of the jumps, of their sizes, and of what the mean loss has of these, between neighbouring points.

    Each (n_samples, n_points - 1).
    """
    n, points = census.n_samples, profile.position
    cell = np.searchsorted(points, census.position, side="right") - 1
    if single and len(census):
        # A point within the bracket has the loss of one side; the jump is on the other side of the point.
        for beside in (-1, 0, 1):
            near = np.clip(cell + beside, 0, points.size - 1)
            at = (points[near] >= census.bracket[:, 0]) & (points[near] <= census.bracket[:, 1])
            there = profile.loss[census.sample, near]
            is_right = np.abs(there - census.loss[:, 1]) < np.abs(there - census.loss[:, 0])
            cell = np.where(at, np.where(is_right, near - 1, near), cell)
    inside = (cell >= 0) & (cell < points.size - 1)
    where = (census.sample[inside], cell[inside])
    size = np.abs(census.jump)
    sums = []
    for values in (census.jump, size, np.where(shares == 0.0, 0.0, shares * size)):
        cells = np.zeros((n, max(points.size - 1, 0)))
        with np.errstate(invalid="ignore"):
            np.add.at(cells, where, values[inside])
        sums.append(cells)
    return sums[0], sums[1], sums[2]


def _from_half(change: FloatArray, fine: NDArray[np.bool_], jumps: FloatArray) -> float:
    """Total variation of the mean loss from every second point; NaN where a point in between is not usable."""
    if not fine.all() or change.shape[1] < 2:
        return float("nan")
    mean = change.mean(axis=0)
    return float(jumps.mean() + np.abs(np.add.reduceat(mean, np.arange(0, mean.size, 2))).sum())


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0.0)
