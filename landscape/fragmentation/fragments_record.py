"""How fragmented a loss is along a line: what is measured, and how well derivatives predict the loss there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.resampling import Estimate
from landscape.h5.fields import Dim, array, attribute, group, record, table
from landscape.measures import MEASURES, Measure, described

__all__ = ["Fidelity", "Fragments"]

FloatArray = NDArray[np.float64]

#: The error of a step is at most 2, beside rounding.
_MOST_ERROR = 2.0 * (1.0 + 1e-12)
_MOST_SHARE = 1.0 + 1e-12

#: Measures of which there can only be a number of things, or none.
_COUNTED = ("fragments", "discontinuities_per_length")


def _estimate(doc: str, unit: str = "1", *, optional: bool = False) -> Any:
    return array(
        "estimate",
        doc,
        unit=unit,
        optional=optional,
        nan=True,
        inf=True,
        make=lambda values: Estimate(*values.tolist()),
    )


def _own() -> list[Measure]:
    """The measures of the package, in order; those of plugins are further columns."""
    return sorted((MEASURES[name] for name in MEASURES.own()), key=lambda measure: measure.place)


@record(
    "fidelity",
    title="fragments/fidelity",
    doc="How far the derivative along the line predicts the mean loss, by the size of a step.",
    dims={"end": Dim("0: lower end of the interval, 1: upper end", size=2)},
)
class Fidelity:
    """How well the exact derivative predicts a step along a line, by the size of the step.

    The error of a step is ``|L(a + h) - L(a) - h L'(a)| / max(|L(a + h) - L(a)|, |h L'(a)|)``: 0 where the derivative
    tells the change exactly, 1 where one of the two is zero, 2 where the change is as large as predicted and of the
    other sign. On a smooth loss it falls as ``h``; a step over a discontinuity keeps it up, the more steps meet one.
    Steps where both are rounding are left out.

    Attributes:
        step: sizes of the steps, increasing; (n_steps,).
        quantiles: which quantiles over the points of the line ``error`` holds.
        error: quantiles of the error of the mean loss, (n_steps, n_quantiles); NaN with no step left.
        interval: their intervals, over samples from the same source, so many; (n_steps, n_quantiles, 2).
        downhill: share of steps against the derivative that lower the loss, (n_steps,).
        downhill_interval: likewise; (n_steps, 2).
        n_points: points from which steps were taken.
    """

    step: FloatArray = array("step", "size of a step along the line", ascending="strictly", lowest=0.0)
    quantiles: tuple[float, ...] = array(
        "quantile",
        "quantile over the points of the line",
        name="quantile",
        lowest=0.0,
        highest=1.0,
        make=lambda values: tuple(values.tolist()),
    )
    error: FloatArray = array(
        ("step", "quantile"),
        "by how much the derivative misses the change over a step, as a share of the larger of the two",
        nan=True,
        lowest=0.0,
        highest=_MOST_ERROR,
    )
    interval: FloatArray = array(
        ("step", "quantile", "end"),
        "interval of the error",
        name="error_interval",
        nan=True,
        lowest=0.0,
        highest=_MOST_ERROR,
    )
    downhill: FloatArray = array(
        "step",
        "share of steps against the derivative that lower the loss",
        nan=True,
        lowest=0.0,
        highest=_MOST_SHARE,
    )
    downhill_interval: FloatArray = array(
        ("step", "end"), "interval of that share", nan=True, lowest=0.0, highest=_MOST_SHARE
    )
    n_points: int = attribute("integer", "number of points from which steps were taken", lowest=1)


@record(
    "fragments",
    of="line",
    title="fragments, in a slice with one axis",
    doc=(
        "Measures of fragmentation along the line, for the samples of the census. A fragment is a maximal piece "
        "without a discontinuity. Every measure has three numbers: its value and the ends of its interval, which says "
        "how it varies with other samples from the same source, so many of them; not with other directions or "
        "networks. What is not known or not defined is NaN. A measure that needs values between the discontinuities is "
        "there if they were sampled."
    ),
    dims={
        "estimate": Dim("0: value, 1: lower end of its interval, 2: upper end", size=3),
        "discontinuity": "number of a discontinuity of the mean loss",
        "fragment": "number of a fragment of the mean loss, from 0",
    },
)
class Fragments:
    """Measures of fragmentation along a line, with intervals, and the fragments of the mean loss.

    A fragment is a maximal piece of the line without a discontinuity. "Of samples" means: of the loss of a single
    sample, mean over the samples; otherwise the measure is of their mean loss. Intervals say how far the measure would
    vary with other samples from the same source, so many of them: BCa bootstrap over samples, random half-samples for
    ``effective_fragments``. They say nothing of other directions or other trained networks. Where the data do not tell
    an interval it is NaN. A measure that is not defined is NaN.

    Attributes:
        estimates: by name, those of :data:`landscape.measures.MEASURES` that could be made; each says what it is. Some
            need values along the line, those of gradients and minima a surface.
        position: places of the mean loss's discontinuities; (n,).
        jump: its jumps there, nats; (n,).
        size: lengths of its fragments, in order; (n + 1,).
        level: confidence level of the intervals.
        resamples: number of bootstrap replicates.
        seed: seed of the draws.
        fidelity: gradient fidelity on the same line; None where it was not measured.
    """

    estimates: dict[str, Estimate] = table(
        {measure.name: _estimate(measure.doc, measure.unit, optional=measure.values) for measure in _own()},
        further=_estimate(""),
        unit_of=lambda name: described(name).unit,
    )
    position: FloatArray = array("discontinuity", "where it is", ascending=True)
    jump: FloatArray = array("discontinuity", "jump of the mean loss there", unit="nat", inf=True)
    size: FloatArray = array("fragment", "its length, in order along the line", lowest=0.0)
    level: float = attribute("number", "confidence level of the intervals", above=0.0, below=1.0)
    resamples: int = attribute("integer", "number of bootstrap replicates")
    seed: int = attribute("integer", "seed of their draws")
    fidelity: Fidelity | None = group(Fidelity, default=None)

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        if self.size.size != self.position.size + 1:
            yield f"size: {self.size.size} fragments do not lie between {self.position.size} discontinuities"
        for name, (value, low, high) in self.estimates.items():
            if low > high:
                yield f"{name}: its interval ends before it begins"
            if name in _COUNTED and not value >= 0.0:
                yield f"{name}: is {value:g}, which is no such number"
