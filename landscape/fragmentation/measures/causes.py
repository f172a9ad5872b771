"""Why the loss jumps, and where that is not known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.measures.counts import counts
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure

FloatArray = NDArray[np.float64]


def _share(line: MeasuredLine, which: NDArray[np.bool_]) -> Estimate:
    """Share of some of the discontinuities, (k,), among all."""
    count = line.shared(counts)
    part = np.bincount(line.census.sample[which], minlength=line.census.n_samples).astype(np.float64)

    def ratio(weights: FloatArray) -> FloatArray:
        whole = weights @ count
        return np.divide(weights @ part, whole, out=np.full(whole.shape, np.nan), where=whole > 0.0)

    return line.draws.estimate(ratio)


def _of_mechanism(mechanism: str) -> Callable[[MeasuredLine], Estimate]:
    return lambda line: _share(line, line.census.mechanism == mechanism)


def _unresolved(line: MeasuredLine) -> Estimate:
    census = line.census
    given_up = np.bincount(
        census.unresolved[:, 0].astype(np.int64),
        census.unresolved[:, 2] - census.unresolved[:, 1],
        minlength=census.n_samples,
    )
    return Estimate(float(given_up.mean() / line.length))


_DOCS = {
    "grazing": "share of the discontinuities at which the potential touches the threshold",
    "order": "share at which the threshold crossing coincides with an incoming spike",
    "trial_end": "share at which the spike is at the trial's end",
}

# The table of a slice has the numbers of the census on all of these.
MEASURE = (
    *(
        Measure(
            name=f"share_{mechanism}",
            of=_of_mechanism(mechanism),
            place=160.0 + 10 * number,
            doc=doc,
            share=True,
            told=False,
        )
        for number, (mechanism, doc) in enumerate(_DOCS.items())
    ),
    Measure(
        name="share_downstream",
        of=lambda line: _share(line, line.census.downstream),
        place=190,
        doc="share at which the loss changes only by what the spike causes in later layers",
        share=True,
        told=False,
    ),
    Measure(
        name="unresolved",
        of=_unresolved,
        place=200,
        doc="share of the line, mean over samples, that the census gave up",
        share=True,
        told=False,
    ),
)
