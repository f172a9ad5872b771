"""Gradient fidelity: does a step of size h change the loss as the exact derivative says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.fragmentation.fragments import check_resampling
from landscape.fragmentation.fragments_record import Fidelity
from landscape.fragmentation.profile import sample_profile
from landscape.fragmentation.resampling import Resampling, bca_interval

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["gradient_fidelity"]

FloatArray = NDArray[np.float64]

QUANTILES = (0.25, 0.5, 0.75, 0.95)
ROUNDING = 2.0**-48  # changes of the loss below this, relative to the loss, are rounding


def gradient_fidelity(
    network: Network,
    direction: Sequence[ArrayLike],
    bounds: tuple[float, float],
    data: Dataset,
    objective: Objective,
    *,
    points: int = 41,
    steps: ArrayLike | None = None,
    resamples: int = 499,
    level: float = 0.95,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fidelity:
    """Measure gradient fidelity on a line, from exact evaluations at both ends of every step.

    Steps go from equally spaced points, each in the direction in which the loss falls. (Along a line the derivative
    tells the step; against the gradient over all weights it would leave the line.)

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``.
        bounds: lower and higher end of the line; steps may leave it by their size.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        points: number of points from which steps are taken.
        steps: their sizes, positive; by default 2^-20 to 2^-4 of the range, a factor of 4 apart.
        resamples: number of bootstrap replicates.
        level: confidence level of the intervals.
        seed: seed of the draws of samples.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(samples done, samples in all)``.

    Raises:
        InputError: the bounds are no range, the steps are not positive, or a setting is out of range.
        DirectionError, DataError: as :func:`landscape.sweep`.
    """
    low, high = (float(bound) for bound in bounds)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"bounds ({low:g}, {high:g}) are no range; give the lower end first, then the higher one")
    if points < 1:
        raise InputError(f"points must be a positive whole number, not {points}")
    check_resampling(resamples, level)
    given = (high - low) * 2.0 ** np.arange(-20, -3, 2) if steps is None else steps
    sizes = np.unique(np.atleast_1d(np.asarray(given, np.float64)))
    if sizes.size == 0 or not (np.isfinite(sizes).all() and sizes[0] > 0.0):
        raise InputError("steps must be positive numbers")
    start = np.linspace(low, high, points + 2)[1:-1]
    # Both ends of every step are evaluated, in one sweep: which of them lies downhill is known only afterwards.
    ends = start[:, None] + np.concatenate([-sizes[::-1], sizes])
    places, where = np.unique(np.concatenate([start, ends.ravel()]), return_inverse=True)
    profile = sample_profile(network, direction, places, data, objective, threads=threads, progress=progress)
    where = where.ravel()
    loss = profile.loss[:, where]
    derivative = profile.derivative[:, where[:points]]
    n_steps, n = sizes.size, len(data)
    here = loss[:, :points]
    around = loss[:, points:].reshape(n, points, 2, n_steps)
    before, after = around[:, :, 0, ::-1], around[:, :, 1]
    draws = Resampling(n, resamples, level, seed)
    offsets = ends - start[:, None]  # the steps as they came out after rounding
    exact = np.stack([offsets[:, :n_steps][:, ::-1], offsets[:, n_steps:]])

    def measure(weights: FloatArray) -> FloatArray:
        """Quantiles and share of downhill steps that lower the loss, (n_steps, n_quantiles + 1)."""
        means = [
            (weights @ values.reshape(n, -1) / n).reshape(len(weights), *values.shape[1:])
            for values in (here, derivative, before, after)
        ]
        return np.array([_of_mean(a, b, c, d, exact) for a, b, c, d in zip(*means, strict=True)])

    value = measure(draws.once)[0]
    interval = np.full((*value.shape, 2), np.nan)
    if n > 1:
        replicates, jackknife = measure(draws.drawn), measure(draws.left_out)
        for index in np.ndindex(value.shape):
            if np.isfinite(value[index]):
                interval[index] = bca_interval(value[index], replicates[:, *index], jackknife[:, *index], level)
    return Fidelity(sizes, QUANTILES, value[:, :-1], interval[:, :-1], value[:, -1], interval[:, -1], points)


def _of_mean(
    here: FloatArray, slope: FloatArray, before: FloatArray, after: FloatArray, exact: FloatArray
) -> FloatArray:
    """Error quantiles and share of steps that lower the loss, of one mean loss; (n_steps, n_quantiles + 1)."""
    forward = (slope < 0.0)[:, None]
    with np.errstate(invalid="ignore"):
        change = np.where(forward, after, before) - here[:, None]
        predicted = np.where(forward, exact[1], exact[0]) * slope[:, None]
        largest = np.maximum(np.abs(change), np.abs(predicted))
        counted = largest > ROUNDING * np.abs(here)[:, None]
        error = np.abs(change - predicted) / np.where(counted, largest, 1.0)
    counted &= np.isfinite(error)
    rows = []
    for step in range(error.shape[1]):
        there = counted[:, step]
        errors = error[there, step]
        descents = there & (slope != 0.0)
        fell = np.mean(change[descents, step] < 0.0) if descents.any() else np.nan
        rows.append([*(np.quantile(errors, QUANTILES) if errors.size else np.full(len(QUANTILES), np.nan)), fell])
    return np.array(rows, np.float64)
