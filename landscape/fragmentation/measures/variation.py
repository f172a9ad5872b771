"""Total variation along a line, split into jumps and the continuous rest.

Jumps are exact; the continuous rest is the change from point to point less the jumps between. That misses what is
undone between two points: it is a lower bound that rises with the number of points, and the share of jumps an upper
one. Points that are not finite are left out with the cells beside them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.profile import Profile
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Changes:
    """What a loss changes by from point to point.

    Attributes:
        rest: changes less the jumps, between usable points; (n_samples, n_usable), or one row where only the mean loss
            is known.
        fine: between which neighbouring points they are known, (n_points - 1,).
        in_mean: summed sizes of each sample's jumps as far as they are in the mean loss, (n_samples,).
        own: summed sizes of each sample's jumps, (n_samples,).
    """

    rest: FloatArray
    fine: NDArray[np.bool_]
    in_mean: FloatArray
    own: FloatArray

    @property
    def single(self) -> bool:
        """Whether the losses of single samples are known."""
        return len(self.rest) == len(self.own)

    def continuous(self, weights: FloatArray) -> FloatArray:
        """Variation of the mean loss between its jumps, with weights of the samples (n_draws, n); (n_draws,)."""
        return np.asarray(np.abs(weights @ self.rest).sum(axis=1) / len(self.own))


def changes_of(line: MeasuredLine) -> Changes | None:
    """The changes of a line; None where there are no values along it."""
    profile = line.profile
    if profile is None:
        return None
    single = len(profile.loss) == line.census.n_samples
    signed, absolute, in_mean = _jumps_of_cells(line, profile, single)
    with np.errstate(invalid="ignore"):
        change = np.diff(profile.loss, axis=1) - (signed if single else signed.mean(axis=0, keepdims=True))
    fine: NDArray[np.bool_] = np.asarray(np.isfinite(change).all(axis=0))
    return Changes(change[:, fine], fine, in_mean[:, fine].sum(axis=1), absolute[:, fine].sum(axis=1))


def _variation(line: MeasuredLine) -> Estimate | None:
    found = line.shared(changes_of)
    if found is None:
        return None
    n, jumps = len(found.own), found.in_mean
    if found.single:
        return line.draws.estimate(lambda w: w @ jumps / n + found.continuous(w))
    return Estimate(float(jumps.mean()) + _rest_of_mean(found))


def _share(line: MeasuredLine) -> Estimate | None:
    found = line.shared(changes_of)
    if found is None:
        return None
    n, jumps = len(found.own), found.in_mean
    if found.single:
        return line.draws.estimate(lambda w: _ratio(w @ jumps / n, w @ jumps / n + found.continuous(w)))
    return Estimate(float(_ratio(jumps.mean(), jumps.mean() + _rest_of_mean(found))))


def _rest_of_mean(found: Changes) -> float:
    return float(found.continuous(np.full((1, 1), float(len(found.own))))[0])


def _from_half(line: MeasuredLine) -> Estimate | None:
    found = line.shared(changes_of)
    if found is None:
        return None
    # A point in between that is not usable leaves no way from every second point to the next.
    if not found.fine.all() or found.rest.shape[1] < 2:
        return Estimate(float("nan"))
    mean = found.rest.mean(axis=0)
    rest = np.abs(np.add.reduceat(mean, np.arange(0, mean.size, 2))).sum()
    return Estimate(float(found.in_mean.mean() + rest))


def _variation_of_samples(line: MeasuredLine) -> Estimate | None:
    found = line.shared(changes_of)
    if found is None or not found.single:
        return None
    own, rests = found.own, np.abs(found.rest).sum(axis=1)
    return line.draws.estimate(lambda w: w @ (own + rests) / len(own))


def _share_of_samples(line: MeasuredLine) -> Estimate | None:
    found = line.shared(changes_of)
    if found is None or not found.single:
        return None
    own, rests = found.own, np.abs(found.rest).sum(axis=1)
    return line.draws.estimate(lambda w: _ratio(w @ own, w @ (own + rests)))


def _jumps_of_cells(line: MeasuredLine, profile: Profile, single: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sums of the jumps, of their sizes, and of what the mean loss has of these, between neighbouring points.

    Each (n_samples, n_points - 1).
    """
    census = line.census
    shares = _shares_in_mean(line)
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


def _shares_in_mean(line: MeasuredLine) -> FloatArray:
    """Which share of each jump is left in the mean loss, where jumps of several samples meet at one place; (n,)."""
    census, (_, jump, group) = line.census, line.discontinuities
    kept = group >= 0
    sizes = np.bincount(group[kept], np.abs(census.jump[kept]), minlength=jump.size)
    with np.errstate(invalid="ignore"):
        left = np.abs(jump) * census.n_samples / sizes
    left[np.isnan(left)] = 1.0  # infinite jumps
    return np.where(kept, left[group] if jump.size else 0.0, 0.0)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0.0)


MEASURE = (
    Measure(
        name="variation",
        of=_variation,
        unit="nat",
        place=70,
        title="Total variation of the mean loss (nats), at least",
        doc="total variation of the mean loss along the line; between points a lower bound",
        values=True,
        told=False,
        compared=100,
    ),
    Measure(
        name="variation_of_samples",
        of=_variation_of_samples,
        unit="nat",
        place=80,
        doc="the same of the loss of single samples, mean over them",
        values=True,
        told=False,
    ),
    Measure(
        name="variation_from_half",
        of=_from_half,
        unit="nat",
        place=90,
        doc="total variation of the mean loss from every second point",
        values=True,
        told=False,
    ),
    Measure(
        name="jump_share_of_variation",
        of=_share,
        place=100,
        title="Share of the mean loss's variation made by jumps, at most",
        doc="share of the mean loss's total variation that is made by jumps",
        share=True,
        values=True,
        row="Share of the mean loss's total variation made by jumps, at most",
        compared=110,
        panel=40,
        short="Share of the variation\nmade by jumps",
    ),
    Measure(
        name="jump_share_of_variation_of_samples",
        of=_share_of_samples,
        place=110,
        title="Share of a sample's loss variation made by jumps, at most",
        doc="share of the samples' total variation that is made by jumps",
        share=True,
        values=True,
        row="… of a sample's loss",
        compared=50,
    ),
)
