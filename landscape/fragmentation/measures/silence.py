"""Where hidden neurons are silent in all samples; exactly bounded along the line, for these samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.measured_line import MeasuredLine
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure


def _hidden(line: MeasuredLine) -> int:
    return int(np.sum(line.census.attributes.get("hidden_sizes", 0)))


def _steps(line: MeasuredLine) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lengths from change to change along the line, and how many neurons are silent on each; (n,)."""
    pieces = line.census.silent_interval
    places = np.concatenate([[line.census.low], pieces[:, 0], pieces[:, 1], [line.census.high]])
    steps = np.concatenate([[0], np.ones(len(pieces)), -np.ones(len(pieces)), [0]])
    order = np.argsort(places, kind="stable")
    return np.diff(places[order]), np.cumsum(steps[order])[:-1]


def _neurons(line: MeasuredLine) -> Estimate:
    if not (n_hidden := _hidden(line)):
        return Estimate(float("nan"))
    width, silent = line.shared(_steps)
    return Estimate(float(np.sum(width * silent) / (n_hidden * line.length)))


def _length(line: MeasuredLine) -> Estimate:
    if not _hidden(line):
        return Estimate(float("nan"))
    width, silent = line.shared(_steps)
    return Estimate(float(np.sum(width[silent > 0]) / line.length))


def _all_length(line: MeasuredLine) -> Estimate:
    if not (n_hidden := _hidden(line)):
        return Estimate(float("nan"))
    width, silent = line.shared(_steps)
    return Estimate(float(np.sum(width[silent == n_hidden]) / line.length))


MEASURE = (
    Measure(
        name="silent_neurons",
        of=_neurons,
        place=270,
        title="Share of hidden neurons that are silent, mean over the line",
        doc="share of the hidden neurons that are silent in all samples, mean over the line",
        share=True,
        row="Silent hidden neurons, mean over the line",
        compared=140,
    ),
    Measure(
        name="silent_length",
        of=_length,
        place=280,
        title="Part of the line on which a hidden neuron is silent",
        doc="share of the line on which at least one is",
        share=True,
    ),
    Measure(
        name="all_silent_length",
        of=_all_length,
        place=290,
        title="Part of the line on which all are",
        doc="share of the line on which all are",
        share=True,
    ),
)
