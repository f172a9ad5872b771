"""The samples of a workload in the dense form that simulators of batches take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from landscape.benchmarks.workloads import Workload
from landscape.evaluation import evaluate
from landscape.readouts import FirstSpike

__all__ = ["Events", "capped_loss", "grouped", "most_events"]


class Events(NamedTuple):
    """Input events of a batch, padded to as many as the sample with most has.

    Attributes:
        times: array (n_samples, n_events), increasing, infinite where a sample has no more.
        counts: array (n_samples, n_events, n_channels); spikes of each channel in each event.
    """

    times: np.ndarray
    counts: np.ndarray


def grouped(load: Workload) -> Events:
    """Spikes of each sample, those at the same time as one event."""
    data = load.data
    samples = [data[i] for i in range(len(data))]
    distinct = [np.unique(times, return_inverse=True) for times, _, _ in samples]
    most = max(times.size for times, _ in distinct)
    times = np.full((len(samples), most), np.inf)
    counts = np.zeros((len(samples), most, data.n_channels))
    for i, (own, event) in enumerate(distinct):
        times[i, : own.size] = own
        np.add.at(counts[i], (event, samples[i][1]), 1)
    return Events(times, counts)


def most_events(load: Workload) -> tuple[int, int]:
    """Most events of any sample, input events and spikes together: of the hidden layer (its inputs and its spikes), and
    of the whole network (the output neurons' spikes too)."""
    data = load.data
    hidden, output = (counts.sum(axis=1) for counts in evaluate(load.network, data, FirstSpike()).spike_counts)
    inputs = np.array([np.unique(data[i][0]).size for i in range(len(data))])
    return int((inputs + hidden).max()), int((inputs + hidden + output).max())


def capped_loss(first: np.ndarray, labels: np.ndarray, tau: float) -> float:
    """Mean of ``-log softmax(-t / tau)[label]`` for first spike times ``t`` (n_samples, n_out)."""
    scores = -first / tau
    best = scores.max(axis=1)
    total = best + np.log(np.exp(scores - best[:, None]).sum(axis=1))
    return float((total - scores[np.arange(len(labels)), labels]).mean())
