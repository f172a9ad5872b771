"""A measure of fragmentation of one's own: how many large jumps a sample's loss has."""

from __future__ import annotations

import numpy as np

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure

SIZE = 0.001  # nats


def large_jumps(line: MeasuredLine) -> Estimate:
    """Mean over the samples, with its interval."""
    census = line.census
    large = census.sample[np.abs(census.jump) >= SIZE]
    counts = np.bincount(large, minlength=census.n_samples).astype(np.float64)
    return line.draws.estimate(lambda weights: weights @ counts / census.n_samples)


MEASURE = Measure(
    name="large_jumps",
    of=large_jumps,
    title=f"Jumps of a sample's loss of at least {SIZE} nats",
    doc="jumps of a sample's loss that are large, mean over samples",
    compared=200,
    panel=1,
)
