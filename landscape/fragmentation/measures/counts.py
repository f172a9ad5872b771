"""How many discontinuities and fragments there are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine, effective_number
from landscape.fragmentation.resampling import Estimate, half_samples_interval
from landscape.measures import Measure

FloatArray = NDArray[np.float64]


def counts(line: MeasuredLine) -> FloatArray:
    """Number of discontinuities of each sample's loss, (n,)."""
    found: FloatArray = np.bincount(line.census.sample, minlength=line.census.n_samples).astype(np.float64)
    return found


def mean_of(line: MeasuredLine, values: NDArray[Any]) -> Estimate:
    """The mean of values of the samples, (n,)."""
    n = line.census.n_samples
    return line.draws.estimate(lambda weights: weights @ values / n)


def scaled(estimate: Estimate, value: float, factor: float, offset: float = 0.0) -> Estimate:
    """A value whose interval is that of an estimate times a factor, plus an offset."""
    return Estimate(value, offset + factor * estimate.low, offset + factor * estimate.high)


def _per_sample(line: MeasuredLine) -> Estimate:
    return mean_of(line, line.shared(counts))


def _merged(line: MeasuredLine) -> float:
    """Discontinuities of the mean loss over those of all samples: other samples break at other places, so that the mean
    loss has all of theirs, less what coincides.
    """
    count = line.shared(counts)
    return float(line.discontinuities.position.size / count.sum()) if count.any() else 1.0


def _per_length(line: MeasuredLine) -> Estimate:
    n, merged = line.census.n_samples, _merged(line)
    found = line.discontinuities.position.size / line.length
    return scaled(line.shared(_per_sample), found, merged * n / line.length)


def _per_length_of_samples(line: MeasuredLine) -> Estimate:
    per_sample = line.shared(_per_sample)
    return scaled(per_sample, per_sample.value / line.length, 1.0 / line.length)


def _fragments(line: MeasuredLine) -> Estimate:
    found = line.discontinuities.position.size + 1.0
    return scaled(line.shared(_per_sample), found, _merged(line) * line.census.n_samples, 1.0)


def _fragments_of_samples(line: MeasuredLine) -> Estimate:
    per_sample = line.shared(_per_sample)
    return scaled(per_sample, per_sample.value + 1.0, 1.0, 1.0)


def _effective_fragments(line: MeasuredLine) -> Estimate:
    census, draws = line.census, line.draws
    halves = np.array([effective_number(_gaps(line, chosen)) for chosen in draws.halves], dtype=np.float64)
    entropy = effective_number(np.diff([census.low, *line.discontinuities.position, census.high]))
    return Estimate(entropy, *half_samples_interval(entropy, halves, draws.level))


def _effective_fragments_of_samples(line: MeasuredLine) -> Estimate:
    census = line.census
    by_sample = [census.position[census.sample == sample] for sample in range(census.n_samples)]
    effective = [effective_number(np.diff([census.low, *places, census.high])) for places in by_sample]
    return mean_of(line, np.array(effective, np.float64))


def _gaps(line: MeasuredLine, chosen: NDArray[np.bool_]) -> FloatArray:
    """Lengths of the fragments that the chosen samples' discontinuities cut out."""
    census, (position, _, group) = line.census, line.discontinuities
    there = np.zeros(position.size, np.bool_)
    there[group[chosen[census.sample] & (group >= 0)]] = True
    return np.diff(np.concatenate([[census.low], position[there], [census.high]]))


MEASURE = (
    Measure(
        name="discontinuities_per_length",
        of=_per_length,
        place=10,
        title="Discontinuities of the mean loss per unit length",
        doc="discontinuities of the mean loss per unit of the axis",
        compared=60,
        panel=80,
        short="Discontinuities per length",
    ),
    Measure(
        name="discontinuities_per_length_of_samples",
        of=_per_length_of_samples,
        place=20,
        title="Discontinuities of a sample's loss per unit length",
        doc="the same of the loss of single samples, mean over them",
        row="… of a sample's loss",
        compared=10,
        panel=10,
        short="Discontinuities per length\nof a sample's loss",
    ),
    Measure(
        name="fragments",
        of=_fragments,
        place=120,
        title="Fragments of the mean loss",
        doc="number of fragments of the mean loss",
    ),
    Measure(
        name="fragments_of_samples",
        of=_fragments_of_samples,
        place=130,
        title="Fragments of a sample's loss",
        doc="the same of the loss of single samples, mean over them",
        row="… of a sample's loss",
    ),
    Measure(
        name="effective_fragments",
        of=_effective_fragments,
        place=140,
        title="Effective number of fragments of the mean loss",
        doc="exponential of the entropy of the fragments' shares of the line, mean loss",
        compared=90,
        panel=100,
        short="Effective fragments",
    ),
    Measure(
        name="effective_fragments_of_samples",
        of=_effective_fragments_of_samples,
        place=150,
        title="Effective number of fragments of a sample's loss",
        doc="the same of the loss of single samples, mean over them",
        row="… of a sample's loss",
        compared=40,
        panel=30,
        short="Effective fragments\nof a sample's loss",
    ),
)
