"""How the gradient over all weights turns from point to point along a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.fragmentation.fragments import check_resampling
from landscape.fragmentation.resampling import Estimate, Resampling, bca_interval
from landscape.parallel import run_blocks

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["gradient_cosines"]

FloatArray = NDArray[np.float64]

BLOCK_MEMORY = 2**26  # bytes of the gradients of the points that are computed together
MOST_PRODUCTS = 2**33  # multiplications for all pairs of samples; with more of them there are no intervals


def gradient_cosines(
    network: Network,
    direction: Sequence[ArrayLike],
    positions: ArrayLike,
    data: Dataset,
    objective: Objective,
    discontinuities: ArrayLike = (),
    *,
    resamples: int = 999,
    level: float = 0.95,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, Estimate]:
    """Measure the cosines between the mean loss's gradients at neighbouring points of a line.

    They are 1 where the gradient keeps its direction, and depend on the spacing of the points. Pairs of points of which
    one has no gradient (it is exactly zero there, or the point cannot be simulated) are left out.

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``.
        positions: (n_points,), strictly increasing, two or more.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        discontinuities: places of the mean loss's discontinuities; (n,).
        resamples: number of bootstrap replicates.
        level: confidence level of the intervals, over samples from the same source, so many; NaN where there are
            too many samples, weights and points for them.
        seed: seed of the draws of samples.
        threads: number of threads; the result does not depend on it.

    Returns:
        ``gradient_cosine``: median over the pairs of neighbouring points, ``gradient_cosine_within``: of those without
        a discontinuity between them, ``gradient_cosine_across``: of the others; ``zero_gradient``: share of the points
        at which the gradient is exactly zero.

    Raises:
        InputError: there are fewer than two points, or a setting is out of range.
        DirectionError, DataError: as :func:`landscape.sweep`.
    """
    check_resampling(resamples, level)
    axis = np.array(positions, np.float64)
    if axis.ndim != 1 or axis.size < 2:
        raise InputError("cosines between neighbouring points need two points or more")
    n_weights = sum(weights.size for weights in network.weights)
    single = 2 * axis.size * n_weights * len(data) ** 2 <= MOST_PRODUCTS
    parts = [data.select(indices=[sample]) for sample in range(len(data))] if single else [data]
    draws = Resampling(len(parts), resamples, level, seed)
    all_weights = np.concatenate([draws.once, draws.drawn, draws.left_out])
    squares = np.empty((len(all_weights), axis.size))
    products = np.empty((len(all_weights), axis.size - 1))
    block = max(1, BLOCK_MEMORY // (8 * len(parts) * n_weights))
    before: FloatArray | None = None
    for first in range(0, axis.size, block):
        points = axis[first : first + block]
        gradients = _gradients(network, direction, points, parts, objective, threads)
        for place in range(points.size):
            here = gradients[:, place]
            squares[:, first + place] = _products(all_weights, here, here)
            if before is not None:
                products[:, first + place - 1] = _products(all_weights, before, here)
            before = here
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = products / np.sqrt(squares[:, :-1] * squares[:, 1:])
    broken = np.histogram(np.asarray(discontinuities, np.float64), axis)[0] > 0
    everywhere = np.ones(axis.size - 1, np.bool_)
    found = {}
    for name, chosen in (("", everywhere), ("_within", ~broken), ("_across", broken)):
        found["gradient_cosine" + name] = _estimate(_medians(cosine[:, chosen]), draws)
    known = np.isfinite(squares).all(axis=0)
    found["zero_gradient"] = _estimate(_shares(squares[:, known] == 0.0), draws)
    return found


def _gradients(
    network: Network,
    direction: Sequence[ArrayLike],
    points: FloatArray,
    parts: Sequence[Dataset],
    objective: Objective,
    threads: int | None,
) -> FloatArray:
    """Gradients of the loss of each part of the data, (n_parts, n_points, n_weights)."""
    from landscape.slices.sweep import sweep

    directions = [[np.asarray(part, np.float64) for part in direction]]
    inner = 1 if len(parts) > 1 else threads

    def work(part: Dataset) -> FloatArray:
        surface = sweep(network, directions, [points], part, objective, gradient="full", threads=inner)
        assert surface.gradient is not None
        return surface.gradient

    found: dict[int, FloatArray] = dict(run_blocks(work, parts, threads))
    return np.stack([found[number] for number in range(len(parts))])


def _products(weights: FloatArray, one: FloatArray, other: FloatArray) -> FloatArray:
    """Inner products of two weighted sums of gradients; weights (n_draws, n_parts), gradients (n_parts, n_weights)."""
    # Not by BLAS, whose sums over many weights may depend on its number of threads.
    pairs = np.einsum("iw,jw->ij", one, other)
    return np.asarray(np.sum((weights @ pairs) * weights, axis=1))


def _medians(cosine: FloatArray) -> FloatArray:
    """Medians over the pairs that have a cosine, (n_draws,)."""
    return np.array([np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in cosine])


def _shares(which: NDArray[np.bool_]) -> FloatArray:
    return which.mean(axis=1) if which.shape[1] else np.full(len(which), np.nan)


def _estimate(values: FloatArray, draws: Resampling) -> Estimate:
    """The measure with its interval, from its values with the weights of the data, of the draws, of the jackknife."""
    value, drawn, left_out = np.split(values, [1, 1 + len(draws.drawn)])
    if draws.n < 2 or not np.isfinite(value[0]):
        return Estimate(float(value[0]))
    return Estimate(float(value[0]), *bca_interval(float(value[0]), drawn, left_out, draws.level))
