"""Two models compared: paired differences of measures over trained networks and directions.

Networks are what is independent: the directions around one network share it. So networks (*seeds*) are the clusters of
every interval and test, directions only make a network's value more precise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError
from landscape.fragmentation.fragments import check_resampling
from landscape.fragmentation.resampling import Estimate, vary

__all__ = ["PRIMARY", "Comparison", "MeasureComparison", "compare_tables"]

FloatArray = NDArray[np.float64]

PRIMARY = "discontinuities_per_length_of_samples"
"""The measure that decides whether a model is called less fragmented, chosen before any is looked at."""

LABELS = {
    "discontinuities_per_length": "discontinuities of the mean loss per unit length",
    "discontinuities_per_length_of_samples": "discontinuities of a sample's loss per unit length",
    "jump_share_of_variation": "share of the mean loss's variation made by jumps",
    "jump_share_of_variation_of_samples": "share of a sample's loss variation made by jumps",
    "total_jump": "sum of the mean loss's jumps",
    "total_jump_of_samples": "sum of the jumps of a sample's loss",
}
"""Measures as the verdict names them; others by their names."""

EXACT_SEEDS = 14  # up to so many networks all sign changes are tried
RANDOM_SIGNS = 9999
FEW_SEEDS = 6  # with fewer networks no test of the signs of their differences can reach 0.05


@dataclass(frozen=True, eq=False)
class MeasureComparison:
    """One measure of two models.

    Attributes:
        name: name of the measure.
        mean: mean of each model over networks, of each over its directions; (2,).
        difference: second model less first, with its interval: the wider one, to either side, of a hierarchical
            bootstrap (networks, then directions within each) and of Student's t over the networks' differences. The
            former alone is too narrow with few networks, the latter alone is not to be trusted with skewed differences.
            NaN where all networks differ alike: their spread, and so the uncertainty, is not known then.
        ratio: second over first mean, with a hierarchical bootstrap interval; NaN where the first is not positive, or
            too small.
        cohens_d: paired: mean difference over its standard deviation among networks, corrected for few networks
            (Hedges 1981); NaN where all differ alike.
        cliffs_delta: share of pairs of networks, one of each model, in which the second has the larger value, less the
            share in which it has the smaller one; in [-1, 1].
        p_permutation: two-sided sign-change permutation test of the networks' mean difference; all 2^n changes up to
            14 networks, so not below 2^(1-n).
        p_wilcoxon: two-sided Wilcoxon signed-rank test of the networks' differences, exact, without those that are
            zero and with mean ranks for equal ones; NaN for fewer than 6 networks, which cannot reach 0.05, or without
            a difference.
        networks: number of pairs of networks with a value.
        directions: number of pairs of lines with a value.
    """

    name: str
    mean: tuple[float, float]
    difference: Estimate
    ratio: Estimate
    cohens_d: float
    cliffs_delta: float
    p_permutation: float
    p_wilcoxon: float
    networks: int
    directions: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two models compared, measure by measure.

    Attributes:
        models: names of the first (reference) and of the second model.
        values: measures by name, each (2, n_networks, n_directions); NaN where not known.
        measures: comparison of each.
        primary: the measure that the verdict is about.
        verdict: one sentence.
        stated: whether the verdict says that one model is less fragmented.
        level: confidence level.
        resamples: number of bootstrap replicates.
        seed: seed of the draws.
        status: what became of each line, (2, n_networks, n_directions), as :class:`landscape.slices.surface.Status`:
            pending, done, or failed where it could not be measured; None where all are done.
        attributes: what else is known (text, numbers, lists of them), as of the networks and lines that were compared.
    """

    models: tuple[str, str]
    values: dict[str, FloatArray]
    measures: dict[str, MeasureComparison]
    primary: str
    verdict: str
    stated: bool
    level: float
    resamples: int
    seed: int
    status: NDArray[np.uint8] | None = None
    attributes: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> MeasureComparison:
        return self.measures[name]

    def least_p(self) -> float:
        """The smallest p that the permutation test can give with the networks of the primary measure; NaN without."""
        return _least_p(self.measures[self.primary].networks)

    def verdict_on(self, first: str, second: str) -> str:
        """The verdict with other names for the two models, as a figure or a report calls them."""
        return _verdict((first, second), self.measures[self.primary], self.level)[0]

    def table(self) -> dict[str, Any]:
        """The comparison as flat arrays and text by name, for a result file."""
        rows = list(self.measures.values())
        return {
            "model": np.array(self.models, np.str_),
            "measure": np.array([row.name for row in rows], np.str_),
            "values": np.array([self.values[row.name] for row in rows]),
            "mean": np.array([row.mean for row in rows]),
            "difference": np.array([row.difference for row in rows]),
            "ratio": np.array([row.ratio for row in rows]),
            "cohens_d": np.array([row.cohens_d for row in rows]),
            "cliffs_delta": np.array([row.cliffs_delta for row in rows]),
            "p_permutation": np.array([row.p_permutation for row in rows]),
            "p_wilcoxon": np.array([row.p_wilcoxon for row in rows]),
            "networks": np.array([row.networks for row in rows], np.int64),
            "directions": np.array([row.directions for row in rows], np.int64),
            "primary": self.primary,
            "verdict": self.verdict,
            "stated": self.stated,
            "level": self.level,
            "resamples": self.resamples,
            "seed": self.seed,
        }


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
    verdict, stated = _verdict(models, measures[primary], level)
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


def _least_p(n: int) -> float:
    """The smallest p of :func:`_permutation` with ``n`` differences."""
    if n < 2:
        return float("nan")
    return 2.0 ** (1 - n) if n <= EXACT_SEEDS else 1.0 / (RANDOM_SIGNS + 1)


def _verdict(models: tuple[str, str], found: MeasureComparison, level: float) -> tuple[str, bool]:
    """One sentence, and whether it states that one model is less fragmented."""
    first, second = models
    what = LABELS.get(found.name, found.name.replace("_", " "))
    if found.networks < 2:
        there = "there is 1" if found.networks == 1 else f"there are {found.networks}"
        need = f"it takes at least two pairs of trained networks, {there}"
        return f"Whether {second} is less fragmented than {first} is not stated: {need}.", False
    low, high = found.difference.low, found.difference.high
    if np.isnan(low):
        same = f"difference {found.difference.value:.3g} in each of {found.networks} pairs of networks"
        why = f"{what}: {same}, so that its uncertainty is not known"
        return f"Whether {second} is less fragmented than {first} is not stated: {why}.", False
    interval = (
        f"difference {found.difference.value:.3g}, {100 * level:g}% interval [{low:.3g}, {high:.3g}] over "
        f"{found.networks} pairs of networks and {found.directions} pairs of lines"
    )
    if low <= 0.0 <= high:
        return f"Whether {second} is less fragmented than {first} is not stated: {what}: {interval}.", False
    less, more = (second, first) if high < 0.0 else (first, second)
    values = found.mean[::-1] if less == second else found.mean
    claim = f"{less} is less fragmented than {more}: {what} {values[0]:.3g} against {values[1]:.3g}; {interval}."
    if found.networks < FEW_SEEDS:
        claim += (
            f" Provisional: with {found.networks} pairs of networks the permutation test can give no p below "
            f"{_least_p(found.networks):.3g}."
        )
    return claim, True
