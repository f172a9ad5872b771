"""How fragmented a loss is along a line: measures of a census and of the values between its discontinuities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.errors import InputError
from landscape.fragmentation.fragments_record import Fragments
from landscape.fragmentation.minima import local_minima, saddle_minimum_distance
from landscape.fragmentation.profile import Profile
from landscape.fragmentation.resampling import Estimate, Resampling, half_samples_interval
from landscape.fragmentation.variation import sign_changes, variation_measures

if TYPE_CHECKING:
    from landscape.fragmentation.census import Census
    from landscape.slices.surface import Surface

__all__ = ["effective_number", "fragments", "mean_discontinuities"]

FloatArray = NDArray[np.float64]


def fragments(
    census: Census,
    values: Surface | Profile | None = None,
    *,
    resamples: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Fragments:
    """Measure how fragmented a loss is along the line of a census.

    Args:
        census: the discontinuities.
        values: losses and derivatives along the same line. Intervals of measures made of them need the losses
            (``sample_losses=True``) or, with :func:`~landscape.fragmentation.profile.sample_profile`, the derivatives
            of single samples.
        resamples: number of bootstrap replicates.
        level: confidence level, between 0 and 1.
        seed: seed of the draws.

    Raises:
        InputError: a setting is out of range, or the values are of other samples or of another line.
    """
    check_resampling(resamples, level)
    profile = values if isinstance(values, Profile) or values is None else Profile.of_surface(values)
    if profile is not None:
        _check_profile(profile, census)
    draws = Resampling(census.n_samples, resamples, level, seed)
    position, jump, group = mean_discontinuities(census)
    estimates = _counted(census, position, jump, group, draws)
    estimates |= _silent(census)
    if profile is not None:
        estimates |= variation_measures(census, profile, draws, _shares_in_mean(census, jump, group))
        estimates["derivative_sign_changes_per_length"] = sign_changes(profile, draws)
        known = np.isfinite(profile.derivative).all(axis=0)
        zero = (profile.derivative.mean(axis=0) == 0.0)[known]
        estimates["zero_derivative"] = Estimate(float(zero.mean()) if zero.size else float("nan"))
    if values is not None and not isinstance(values, Profile):
        estimates |= _sampled(values, position)
    edges = np.concatenate([[census.low], position, [census.high]])
    return Fragments(estimates, position, jump, np.diff(edges), level, resamples, seed)


def check_resampling(resamples: int, level: float) -> None:
    """Raise :class:`InputError` unless the settings of a bootstrap are within their ranges."""
    if resamples < 1:
        raise InputError(f"resamples must be a positive whole number, not {resamples}")
    if not 0.0 < level < 1.0:
        raise InputError(f"level must be between 0 and 1, as 0.95, not {level}")


def mean_discontinuities(census: Census) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """The discontinuities of the mean loss.

    Those of several samples whose brackets overlap (equal samples break at equal places) are one, with the sum of their
    jumps; none if the sum is below the census's threshold.

    Returns:
        position: (m,), increasing.
        jump: jumps of the mean loss, nats; (m,).
        group: for each row of the census the place in ``position``; -1 where jumps cancel.
    """
    if len(census) == 0:
        return np.empty(0), np.empty(0), np.empty(0, np.int64)
    # A bracket's upper end never falls far behind: rows are sorted by position, brackets are of almost equal width.
    reach = np.maximum.accumulate(census.bracket[:, 1])
    apart = np.concatenate([[True], census.bracket[1:, 0] > reach[:-1]])
    group = np.cumsum(apart) - 1
    first = np.flatnonzero(apart)
    with np.errstate(invalid="ignore"):
        jump = np.add.reduceat(census.jump, first)
    kept = ~(np.abs(jump) < census.attributes.get("minimum", 1e-9))
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    return census.position[first][kept], jump[kept] / census.n_samples, number[group]


def effective_number(sizes: FloatArray) -> float:
    """Effective number of pieces: exponential of the entropy of their shares (Hill number of order 1)."""
    share = sizes[sizes > 0.0] / sizes.sum()
    return float(np.exp(-np.sum(share * np.log(share))))


def _counted(
    census: Census, position: FloatArray, jump: FloatArray, group: NDArray[np.int64], draws: Resampling
) -> dict[str, Estimate]:
    n, length = census.n_samples, census.high - census.low
    count: FloatArray = np.bincount(census.sample, minlength=n).astype(np.float64)
    total = np.bincount(census.sample, np.abs(census.jump), minlength=n)
    largest = np.zeros(n)
    np.maximum.at(largest, census.sample, np.abs(census.jump))
    by_sample = [census.position[census.sample == sample] for sample in range(n)]
    effective = np.array(
        [effective_number(np.diff([census.low, *places, census.high])) for places in by_sample], np.float64
    )

    def mean_of(values: NDArray[Any]) -> Estimate:
        return draws.estimate(lambda weights: weights @ values / n)

    def scaled(estimate: Estimate, value: float, factor: float, offset: float = 0.0) -> Estimate:
        return Estimate(value, offset + factor * estimate.low, offset + factor * estimate.high)

    per_sample = mean_of(count)
    jumps = mean_of(total)
    # Other samples break at other places: the mean loss has the discontinuities of all of them, less what coincides.
    merged = position.size / count.sum() if count.any() else 1.0
    total_merged = float(np.abs(jump).sum())
    kept = total_merged / jumps.value if jumps.value > 0.0 else 1.0
    halves = np.array(
        [effective_number(_gaps(census, position, group, chosen)) for chosen in draws.halves], dtype=np.float64
    )
    entropy = effective_number(np.diff([census.low, *position, census.high]))
    found = {
        "discontinuities_per_length": scaled(per_sample, position.size / length, merged * n / length),
        "discontinuities_per_length_of_samples": scaled(per_sample, per_sample.value / length, 1.0 / length),
        "total_jump": scaled(jumps, total_merged, kept),
        "total_jump_of_samples": jumps,
        "largest_jump": Estimate(float(np.abs(jump).max()) if jump.size else 0.0),
        "largest_jump_of_samples": mean_of(largest),
        "fragments": scaled(per_sample, position.size + 1.0, merged * n, 1.0),
        "fragments_of_samples": scaled(per_sample, per_sample.value + 1.0, 1.0, 1.0),
        "effective_fragments": Estimate(entropy, *half_samples_interval(entropy, halves, draws.level)),
        "effective_fragments_of_samples": mean_of(effective),
    }
    for name in ("grazing", "order", "trial_end"):
        found[f"share_{name}"] = _share(census, census.mechanism == name, count, draws)
    found["share_downstream"] = _share(census, census.downstream, count, draws)
    given_up = np.bincount(
        census.unresolved[:, 0].astype(np.int64), census.unresolved[:, 2] - census.unresolved[:, 1], minlength=n
    )
    found["unresolved"] = Estimate(float(given_up.mean() / length))
    return found


def _gaps(census: Census, position: FloatArray, group: NDArray[np.int64], chosen: NDArray[np.bool_]) -> FloatArray:
    """Lengths of the fragments that the chosen samples' discontinuities cut out."""
    there = np.zeros(position.size, np.bool_)
    there[group[chosen[census.sample] & (group >= 0)]] = True
    return np.diff(np.concatenate([[census.low], position[there], [census.high]]))


def _shares_in_mean(census: Census, jump: FloatArray, group: NDArray[np.int64]) -> FloatArray:
    """Which share of each jump is left in the mean loss, where jumps of several samples meet at one place; (n,)."""
    kept = group >= 0
    sizes = np.bincount(group[kept], np.abs(census.jump[kept]), minlength=jump.size)
    with np.errstate(invalid="ignore"):
        left = np.abs(jump) * census.n_samples / sizes
    left[np.isnan(left)] = 1.0  # infinite jumps
    return np.where(kept, left[group] if jump.size else 0.0, 0.0)


def _share(census: Census, which: NDArray[np.bool_], count: FloatArray, draws: Resampling) -> Estimate:
    part = np.bincount(census.sample[which], minlength=census.n_samples).astype(np.float64)

    def ratio(weights: FloatArray) -> FloatArray:
        whole = weights @ count
        return np.divide(weights @ part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0)

    return draws.estimate(ratio)


def _silent(census: Census) -> dict[str, Estimate]:
    n_hidden = int(np.sum(census.attributes.get("hidden_sizes", 0)))
    length = census.high - census.low
    pieces = census.silent_interval
    if n_hidden == 0:
        nan = Estimate(float("nan"))
        return {"silent_neurons": nan, "silent_length": nan, "all_silent_length": nan}
    # Number of silent neurons from change to change along the line.
    places = np.concatenate([[census.low], pieces[:, 0], pieces[:, 1], [census.high]])
    steps = np.concatenate([[0], np.ones(len(pieces)), -np.ones(len(pieces)), [0]])
    order = np.argsort(places, kind="stable")
    width = np.diff(places[order])
    silent = np.cumsum(steps[order])[:-1]
    return {
        "silent_neurons": Estimate(float(np.sum(width * silent) / (n_hidden * length))),
        "silent_length": Estimate(float(np.sum(width[silent > 0]) / length)),
        "all_silent_length": Estimate(float(np.sum(width[silent == n_hidden]) / length)),
    }


def _sampled(surface: Surface, position: FloatArray) -> dict[str, Estimate]:
    """What only a surface tells: gradients over all weights, and minima of the sampled mean loss."""
    minima = local_minima(surface)
    distance = saddle_minimum_distance(minima)
    usable = surface.loss[surface.done & np.isfinite(surface.loss)]
    spread = float(np.ptp(usable)) if usable.size else 0.0
    found = {
        "minima": Estimate(float(len(minima))),
        "saddle_minimum_distance": Estimate(distance),
        "saddle_minimum_distance_over_range": Estimate(distance / spread if spread > 0.0 else float("nan")),
    }
    if surface.gradient_norm is not None and surface.done.any():
        found["zero_gradient"] = Estimate(float(np.mean(surface.gradient_norm[surface.done] == 0.0)))
    if surface.gradient is not None:
        cosine = _neighbour_cosines(surface.gradient)
        axis = surface.axes[0]
        broken = np.histogram(position, axis)[0] > 0 if axis.size > 1 else np.empty(0, np.bool_)
        for name, chosen in (("", cosine), ("_within", cosine[~broken]), ("_across", cosine[broken])):
            known = chosen[np.isfinite(chosen)]
            found["gradient_cosine" + name] = Estimate(float(np.median(known)) if known.size else float("nan"))
    return found


def _neighbour_cosines(gradient: FloatArray) -> FloatArray:
    """Cosines between gradients at neighbouring points, (n_points - 1,); NaN where one is zero or not known."""
    norm = np.linalg.norm(gradient, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.einsum("pw,pw->p", gradient[:-1] / norm[:-1, None], gradient[1:] / norm[1:, None])


def _check_profile(profile: Profile, census: Census) -> None:
    for what, rows in (("losses", len(profile.loss)), ("derivatives", len(profile.derivative))):
        if rows not in (1, census.n_samples):
            raise InputError(f"the values hold {what} of {rows} samples, the census has {census.n_samples}")
    edge = 1e-9 * (census.high - census.low)
    if profile.position[0] < census.low - edge or profile.position[-1] > census.high + edge:
        raise InputError(
            f"the values reach from {profile.position[0]:g} to {profile.position[-1]:g}, the census only from "
            f"{census.low:g} to {census.high:g}; they must be of the same line"
        )
