"""All measures of the sampled values of a slice."""

from __future__ import annotations

from typing import Any

import numpy as np

from landscape.fragmentation.minima import local_minima, saddle_minimum_distance
from landscape.fragmentation.roughness import roughness
from landscape.fragmentation.silent_regions import silent_regions
from landscape.fragmentation.summary_record import Summary
from landscape.slices.surface import Surface

#: Minima less persistent than this share of the range of the sampled losses are left out of the second count.
NOTABLE_PERSISTENCE = 0.01


def analyze(surface: Surface) -> dict[str, Any]:
    """Measure a surface: its silent regions (``regions``) and the ``summary``, by name.

    ``SliceResult(surface, **analyze(surface))`` is what :func:`landscape.results.write_results` takes.

    Args:
        surface: the sampled values.
    """
    return {"regions": silent_regions(surface), "summary": summary(surface)}


def summary(surface: Surface) -> Summary:
    """The measures of a surface.

    Points that are not done, or whose loss is not finite, are left out and counted in ``points_excluded``.
    Values are never changed or filled in. A measure that is not defined is NaN.

    Args:
        surface: the sampled values.
    """
    usable = surface.done & np.isfinite(surface.loss)
    loss, accuracy = surface.loss[usable], surface.accuracy[usable]
    minima = local_minima(surface)
    rough = roughness(surface)
    nan = float("nan")
    lowest, highest = (float(loss.min()), float(loss.max())) if loss.size else (nan, nan)
    finite = np.isfinite(minima.persistence)
    # With a constant loss there is one minimum, the plateau, and it is notable.
    notable = ~finite | (minima.persistence >= NOTABLE_PERSISTENCE * (highest - lowest))
    share = surface.silent_share[usable]
    return Summary(
        points_used=int(loss.size),
        points_excluded=int(usable.size - loss.size),
        loss_lowest=lowest,
        loss_median=float(np.median(loss)) if loss.size else nan,
        loss_highest=highest,
        loss_at_centre=_at_centre(surface, surface.loss),
        accuracy_highest=float(accuracy.max()) if accuracy.size else nan,
        accuracy_at_centre=_at_centre(surface, surface.accuracy),
        silent_share_mean=float(share.mean()) if share.size else nan,
        sampled_total_variation=rough.sampled_total_variation,
        sampled_total_variation_over_net_change=rough.sampled_total_variation_over_net_change,
        sampled_total_variation_over_range=rough.sampled_total_variation_over_range,
        sampled_derivative_sign_changes_per_length=rough.sampled_derivative_sign_changes_per_length,
        largest_neighbour_change=rough.largest_neighbour_change,
        minima=len(minima),
        minima_above_1_percent=int(np.count_nonzero(notable)),
        saddle_minimum_distance=saddle_minimum_distance(minima),
        minimum_index=minima.index,
        minimum_loss=minima.loss,
        minimum_persistence=minima.persistence,
        minimum_points=minima.points,
    )


def _at_centre(surface: Surface, values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    where = [np.flatnonzero(axis == 0.0) for axis in surface.axes]
    if any(index.size == 0 for index in where):
        return float("nan")
    return float(values[tuple(int(index[0]) for index in where)])
