"""Minima of the sampled mean loss; they depend on the spacing of the points."""

from __future__ import annotations

import numpy as np

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.minima import Minima, local_minima, saddle_minimum_distance
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure


def _minima(line: MeasuredLine) -> Minima | None:
    return None if line.surface is None else local_minima(line.surface)


def _number(line: MeasuredLine) -> Estimate | None:
    minima = line.shared(_minima)
    return None if minima is None else Estimate(float(len(minima)))


def _distance(line: MeasuredLine) -> Estimate | None:
    minima = line.shared(_minima)
    return None if minima is None else Estimate(saddle_minimum_distance(minima))


def _distance_over_range(line: MeasuredLine) -> Estimate | None:
    surface, minima = line.surface, line.shared(_minima)
    if surface is None or minima is None:
        return None
    usable = surface.loss[surface.done & np.isfinite(surface.loss)]
    spread = float(np.ptp(usable)) if usable.size else 0.0
    return Estimate(saddle_minimum_distance(minima) / spread if spread > 0.0 else float("nan"))


MEASURE = (
    Measure(
        name="minima",
        of=_number,
        place=300,
        title="Local minima of the sampled mean loss",
        doc="number of local minima of the sampled mean loss",
        values=True,
        told=False,
        compared=150,
    ),
    Measure(
        name="saddle_minimum_distance",
        of=_distance,
        place=310,
        title="Mean rise from a minimum to its saddle (nats)",
        doc="mean rise from a minimum of the sampled mean loss to the saddle where it meets another one",
        unit="nat",
        values=True,
        told=False,
    ),
    Measure(
        name="saddle_minimum_distance_over_range",
        of=_distance_over_range,
        place=320,
        title="Mean rise from a minimum to its saddle, over the range of the loss",
        doc="the same over the range of the sampled losses",
        values=True,
        told=False,
        compared=160,
    ),
)
