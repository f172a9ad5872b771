"""Two models compared: paired differences of measures over trained networks and directions.

Networks are what is independent: the directions around one network share it. So networks (*seeds*) are the clusters of
every interval and test, directions only make a network's value more precise.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError
from landscape.fragmentation.comparison_record import (
    EXACT_SEEDS,
    FEW_SEEDS,
    RANDOM_SIGNS,
    Comparison,
    MeasureComparison,
    verdict_of,
)
from landscape.fragmentation.fragments import check_resampling
from landscape.fragmentation.resampling import Estimate, vary

__all__ = ["PRIMARY", "compare_tables"]

FloatArray = NDArray[np.float64]

PRIMARY = "discontinuities_per_length_of_samples"
"""The measure that decides whether a model is called less fragmented, chosen before any is looked at."""


def compare_tables(
    models: tuple[str, str],
    values: Mapping[str, ArrayLike],
    *,
    primary: str = PRIMARY,
    resamples: int = 9999,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare two models from their measures.

    Args:
        models: names of the first (reference) and of the second model.
        values: by measure, (2, n_networks, n_directions): model, trained network, direction. Networks and directions
            with the same number are pairs. A pair of lines of which one is not finite is left out.
        primary: the measure that the verdict is about; a smaller value is to mean less fragmented.
        resamples: number of bootstrap replicates.
        level: confidence level of the intervals.
        seed: seed of the draws.

    Raises:
        InputError: shapes do not fit, or a setting is out of range.
    """
    check_resampling(resamples, level)
    if len(models) != 2:
        raise InputError(f"two models are compared, not {len(models)}")
    if primary not in values:
        raise InputError(f"there is no measure {primary!r} to judge by; there are {', '.join(values)}")
    arrays = {name: np.array(given, np.float64) for name, given in values.items()}
    for name, array in arrays.items():
        if array.ndim != 3 or array.shape[0] != 2 or 0 in array.shape:
            raise InputError(f"measure {name} has shape {array.shape}; it must be (2, n_networks, n_directions)")
    measures = {name: _compared(name, array, resamples, level, seed) for name, array in arrays.items()}
    verdict, stated = verdict_of(models, measures[primary], level)
    return Comparison((models[0], models[1]), arrays, measures, primary, verdict, stated, level, resamples, seed)


def _compared(name: str, values: FloatArray, resamples: int, level: float, seed: int) -> MeasureComparison:
    from scipy import stats  # slow to import

    both: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=0))
    kept = np.flatnonzero(both.any(axis=1))
    pairs = [values[:, k][:, both[k]] for k in kept]  # of each network, (2, n_directions with a value)
    nan = float("nan")
    if not pairs:
        unknown = Estimate(nan)
        return MeasureComparison(name, (nan, nan), unknown, unknown, nan, nan, nan, nan, 0, 0)
    means = np.array([pair.mean(axis=1) for pair in pairs]).T  # (2, n)
    first, second = (float(mean) for mean in means.mean(axis=1))
    change = means[1] - means[0]
    n = change.size
    spread = float(change.std(ddof=1)) if n > 1 else nan
    # Equal differences have a spread of rounding only.
    varied = n > 1 and spread > 1e-12 * float(np.abs(means).max())
    difference, ratio = Estimate(second - first), Estimate(_ratio(second, first))
    if varied:
        drawn = _hierarchical(pairs, resamples, np.random.default_rng(seed))
        tails = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
        low, high = np.quantile(drawn[:, 1] - drawn[:, 0], tails)
        half = float(stats.t.ppf(tails[1], n - 1)) * spread / np.sqrt(n)
        centre = difference.value
        difference = Estimate(centre, float(min(low, centre - half)), float(max(high, centre + half)))
        ratios = _ratio(drawn[:, 1], drawn[:, 0])
        if np.isfinite(ratios).all() and vary(ratios):
            ratio = Estimate(ratio.value, *(float(end) for end in np.quantile(ratios, tails)))
    hedges = 1.0 - 3.0 / (4.0 * (n - 1) - 1.0) if n > 2 else 1.0
    return MeasureComparison(
        name=name,
        mean=(first, second),
        difference=difference,
        ratio=ratio,
        cohens_d=hedges * float(change.mean()) / spread if varied else nan,
        cliffs_delta=float(np.sign(means[1][:, None] - means[0][None, :]).mean()),
        p_permutation=_permutation(change, seed) if n > 1 else nan,
        p_wilcoxon=_signed_rank(change) if n >= FEW_SEEDS and change.any() else nan,
        networks=n,
        directions=int(both.sum()),
    )


def _ratio(second: Any, first: Any) -> Any:
    """Second over first; NaN where the first is not positive or too small for a ratio that is finite."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        found = np.divide(second, first)
    return np.where(np.isfinite(found) & (np.asarray(first) > 0.0), found, np.nan)[()]


def _hierarchical(pairs: list[FloatArray], resamples: int, rng: np.random.Generator) -> FloatArray:
    """Means of both models over networks drawn with replacement, directions drawn within each; (resamples, 2)."""
    n = len(pairs)
    networks = rng.integers(0, n, (resamples, n))
    means = np.empty((resamples, n, 2))
    for k, pair in enumerate(pairs):
        there = np.nonzero(networks == k)
        directions = rng.integers(0, pair.shape[1], (there[0].size, pair.shape[1]))
        means[there] = pair[:, directions].mean(axis=2).T
    return np.asarray(means.mean(axis=1))


def _permutation(change: FloatArray, seed: int) -> float:
    """Two-sided p of the mean under changes of the signs of the differences."""
    n = change.size
    observed = abs(change.sum())
    margin = 1e-12 * np.abs(change).sum()
    if n <= EXACT_SEEDS:
        signs = np.array(list(product((-1.0, 1.0), repeat=n)))
        return float(np.mean(np.abs(signs @ change) >= observed - margin))
    signs = np.random.default_rng([seed, 1]).choice([-1.0, 1.0], (RANDOM_SIGNS, n))
    beyond = np.count_nonzero(np.abs(signs @ change) >= observed - margin)
    return float((beyond + 1) / (RANDOM_SIGNS + 1))


def _signed_rank(change: FloatArray) -> float:
    """Two-sided exact p of Wilcoxon's signed-rank statistic; zeros are left out, equal sizes get their mean rank."""
    from scipy import stats

    size = np.round(np.abs(change) / np.abs(change).max(), 12)  # what is equal up to rounding is equal
    kept = size > 0.0
    ranks = np.rint(2.0 * stats.rankdata(size[kept])).astype(np.int64)  # doubled: mean ranks may end in a half
    share = np.ones(1)  # of all signs with which the ranks of the positive differences sum to 0, 1, 2, ...
    for rank in ranks:
        share = 0.5 * (np.pad(share, (0, rank)) + np.pad(share, (rank, 0)))
    middle = 0.5 * ranks.sum()
    positive = ranks[change[kept] > 0.0].sum()
    return min(1.0, float(share[np.abs(np.arange(share.size) - middle) >= abs(positive - middle)].sum()))
