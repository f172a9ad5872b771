"""Intervals for measures of a data set's landscape; the samples of the data set are what is resampled.

A measure is a function of *weights*: how often each sample is counted. All ones gives the measure itself, the counts
of a draw with replacement a bootstrap replicate, a single zero the jackknife. Measures take many weights at once, so
that resampling is a matrix product and no sample is simulated again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Estimate", "Resampling", "bca_interval", "half_samples_interval", "vary"]

FloatArray = NDArray[np.float64]

MOST_HALVES = 400
ROUNDING = 1e-12  # relative; replicates that differ by less are equal


class Estimate(NamedTuple):
    """A measure with its interval; the interval is NaN where none is known."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


class Resampling:
    """Draws of a data set's samples, the same for all measures.

    Args:
        n: number of samples.
        resamples: number of bootstrap replicates.
        level: confidence level of the intervals, in (0, 1).
        seed: seed of the draws.

    Attributes:
        once: the weights of the data set itself, (1, n).
        drawn: the weights of bootstrap draws, (resamples, n).
        left_out: weights with one sample left out, (n, n).
        halves: which samples are in random halves, drawn without replacement; (n_halves, n).
    """

    def __init__(self, n: int, resamples: int = 999, level: float = 0.95, seed: int = 0) -> None:
        self.n = n
        self.level = level
        rng = np.random.default_rng(seed)
        self.once = np.ones((1, n))
        self.drawn = rng.multinomial(n, np.full(n, 1.0 / n), size=resamples).astype(np.float64)
        # Weights sum to n, as those of the draws do.
        self.left_out = (1.0 - np.eye(n)) * (n / max(n - 1, 1))
        count = min(resamples, MOST_HALVES) if n > 1 else 0
        half = np.tile(np.arange(n) < n // 2, (count, 1))
        self.halves: NDArray[np.bool_] = np.random.default_rng([seed, 1]).permuted(half, axis=1)

    def estimate(self, measure: Callable[[FloatArray], FloatArray]) -> Estimate:
        """A measure and its BCa interval.

        Args:
            measure: of weights (n_draws, n), each row summing to ``n``; gives (n_draws,).
        """
        value = float(measure(self.once)[0])
        if self.n < 2 or not np.isfinite(value):
            return Estimate(value)
        return Estimate(value, *bca_interval(value, measure(self.drawn), measure(self.left_out), self.level))


def bca_interval(value: float, replicates: FloatArray, jackknife: FloatArray, level: float) -> tuple[float, float]:
    """Bias-corrected and accelerated bootstrap interval (Efron 1987, "Better bootstrap confidence intervals", eq. 3.8).

    Args:
        value: the estimate.
        replicates: bootstrap replicates, (n_resamples,).
        jackknife: the estimate with each sample left out, (n,).
        level: confidence level.

    Returns:
        Lower and upper end; NaN if a replicate is not finite, or if all are equal: samples that do not vary tell
        nothing of how far the measure is from that of others.
    """
    from scipy import special  # slow to import

    if not (np.isfinite(replicates).all() and np.isfinite(jackknife).all() and vary(replicates)):
        return float("nan"), float("nan")
    # Replicates equal to the estimate count half: measures that are counts have many.
    below = np.mean(replicates < value) + 0.5 * np.mean(replicates == value)
    shift = special.ndtri(np.clip(below, 0.5 / replicates.size, 1.0 - 0.5 / replicates.size))
    centred = jackknife.mean() - jackknife
    spread = np.sum(centred**2)
    acceleration = np.sum(centred**3) / (6.0 * spread**1.5) if spread > 0.0 else 0.0
    normal = special.ndtri([0.5 - 0.5 * level, 0.5 + 0.5 * level]) + shift
    shares = special.ndtr(shift + normal / (1.0 - acceleration * normal))
    low, high = np.quantile(replicates, np.clip(shares, 0.0, 1.0))
    return float(low), float(high)


def half_samples_interval(value: float, halves: FloatArray, level: float) -> tuple[float, float]:
    """Interval of a positive measure that grows with the number of samples, as a number of fragments does.

    Bootstrap draws repeat samples, whose discontinuities then coincide: such a measure comes out too small. Random
    halves repeat none, and a measure of half the samples varies about its mean as the measure of all samples varies
    about its own (Shao & Tu 1995, "The Jackknife and Bootstrap", section 5.2), relatively to its size.

    Args:
        value: the measure of all samples.
        halves: the measure of random halves, (n_halves,).
        level: confidence level.

    Returns:
        Lower and upper end; NaN if a measure is not positive or not finite, or if those of all halves are equal.
    """
    if not (value > 0.0 and np.isfinite(halves).all() and (halves > 0.0).all() and vary(halves)):
        return float("nan"), float("nan")
    deviation = np.log(halves) - np.log(halves).mean()
    low, high = np.quantile(deviation, [0.5 - 0.5 * level, 0.5 + 0.5 * level])
    return float(value * np.exp(-high)), float(value * np.exp(-low))


def vary(values: FloatArray) -> bool:
    """Whether values differ by more than rounding."""
    return bool(values.size and np.ptp(values) > ROUNDING * np.abs(values).max())
