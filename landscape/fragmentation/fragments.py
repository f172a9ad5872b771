"""How fragmented a loss is along a line: measures of a census and of the values between its discontinuities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape.errors import InputError
from landscape.fragmentation.fragments_record import Fragments
from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.profile import Profile
from landscape.fragmentation.resampling import Resampling
from landscape.measures import measures

if TYPE_CHECKING:
    from landscape.fragmentation.census import Census
    from landscape.slices.surface import Surface

__all__ = ["check_resampling", "fragments"]


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
    surface = None if isinstance(values, Profile) else values
    line = MeasuredLine(census, Resampling(census.n_samples, resamples, level, seed), profile, surface)
    estimates = {measure.name: found for measure in measures() if (found := measure.of(line)) is not None}
    position, jump, _ = line.discontinuities
    edges = np.concatenate([[census.low], position, [census.high]])
    return Fragments(estimates, position, jump, np.diff(edges), level, resamples, seed)


def check_resampling(resamples: int, level: float) -> None:
    """Raise :class:`InputError` unless the settings of a bootstrap are within their ranges."""
    if resamples < 1:
        raise InputError(f"resamples must be a positive whole number, not {resamples}")
    if not 0.0 < level < 1.0:
        raise InputError(f"level must be between 0 and 1, as 0.95, not {level}")


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
