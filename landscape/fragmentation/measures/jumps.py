"""How large the jumps are."""

from __future__ import annotations

import numpy as np

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.measures.counts import mean_of, scaled
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure


def _total_of_samples(line: MeasuredLine) -> Estimate:
    census = line.census
    return mean_of(line, np.bincount(census.sample, np.abs(census.jump), minlength=census.n_samples))


def _total(line: MeasuredLine) -> Estimate:
    jumps = line.shared(_total_of_samples)
    merged = float(np.abs(line.discontinuities.jump).sum())
    # Jumps of several samples at one place cancel in part.
    return scaled(jumps, merged, merged / jumps.value if jumps.value > 0.0 else 1.0)


def _largest(line: MeasuredLine) -> Estimate:
    # Other samples can exceed it by any amount, which no resampling of these shows.
    jump = line.discontinuities.jump
    return Estimate(float(np.abs(jump).max()) if jump.size else 0.0)


def _largest_of_samples(line: MeasuredLine) -> Estimate:
    largest = np.zeros(line.census.n_samples)
    np.maximum.at(largest, line.census.sample, np.abs(line.census.jump))
    return mean_of(line, largest)


MEASURE = (
    Measure(
        name="total_jump",
        of=_total,
        unit="nat",
        place=30,
        title="Summed jumps of the mean loss (nats)",
        doc="sum of the absolute jumps of the mean loss",
        compared=70,
        panel=90,
        short="Summed jumps (nats)",
        label="sum of the mean loss's jumps",
    ),
    Measure(
        name="total_jump_of_samples",
        of=lambda line: line.shared(_total_of_samples),
        unit="nat",
        place=40,
        title="Summed jumps of a sample's loss (nats)",
        doc="the same of the loss of single samples, mean over them",
        row="… of a sample's loss (nats)",
        compared=20,
        panel=20,
        short="Summed jumps of a\nsample's loss (nats)",
        label="sum of the jumps of a sample's loss",
    ),
    Measure(
        name="largest_jump",
        of=_largest,
        unit="nat",
        place=50,
        title="Largest jump of the mean loss (nats)",
        doc="largest absolute jump of the mean loss; no interval is known",
        compared=80,
    ),
    Measure(
        name="largest_jump_of_samples",
        of=_largest_of_samples,
        unit="nat",
        place=60,
        title="Largest jump of a sample's loss (nats)",
        doc="the same of the loss of single samples, mean over them",
        row="… of a sample's loss, mean over samples (nats)",
        compared=30,
        panel=70,
        short="Largest jump of a\nsample's loss (nats)",
    ),
)
