"""The two workloads that everything is measured on: W1, a small network, and W2, of the size of spoken digits."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from landscape.datasets import Dataset
from landscape.errors import InputError
from landscape.network import Network
from landscape.neurons import LIF, QIF

__all__ = ["WORKLOADS", "Workload", "workload"]

DURATION = 4.0
N_SAMPLES = 100
BINS = 64
# name, model: seed, mean and standard deviation of the input weights, of the output weights
WORKLOADS = {
    ("W1", "lif"): (101, 1.5, 1.5, 0.16, 0.4),
    ("W1", "qif"): (102, 4.0, 3.0, 0.22, 0.5),
    ("W2", "lif"): (201, 0.006, 0.03, 0.05, 0.15),
    ("W2", "qif"): (202, 0.02, 0.04, 0.05, 0.15),
}
SIZES = {"W1": (5, 30, 3), "W2": (700, 128, 20)}
NEURONS: dict[str, Any] = {"lif": LIF(), "qif": QIF()}


class Workload(NamedTuple):
    """A network with the samples it is run on."""

    name: str
    model: str
    network: Network
    data: Dataset


def workload(name: str, model: str, *, n_in: int | None = None, n_samples: int = N_SAMPLES) -> Workload:
    """Build a workload.

    Args:
        name: ``"W1"``: 5-30-3, each channel spikes once; ``"W2"``: 700-128-20, about 2,000 spikes a sample in 64 bins.
        model: ``"lif"`` or ``"qif"``
        n_in: input channels, if not the workload's own; the number of spikes stays the same.
        n_samples: samples, 100 in the workload itself.

    Raises:
        InputError: there is no such workload.
    """
    if (name, model) not in WORKLOADS:
        known = ", ".join(" ".join(key) for key in WORKLOADS)
        raise InputError(f"workload {name} {model} is unknown; known ones are {known}")
    seed, in_mean, in_sd, out_mean, out_sd = WORKLOADS[name, model]
    own, n_hidden, n_out = SIZES[name]
    n_in = own if n_in is None else n_in
    rng = np.random.default_rng(seed)
    w_in = in_mean + in_sd * rng.standard_normal((n_hidden, n_in))
    w_out = out_mean + out_sd * rng.standard_normal((n_out, n_hidden))
    labels = rng.integers(0, n_out, n_samples)
    if name == "W1":
        drawn = rng.uniform(0, 1.5, (n_samples, n_in))
        samples = [(times[order := np.argsort(times)], order) for times in drawn]
    else:
        counts = rng.poisson(2000 / (n_in * BINS), (n_samples, n_in, BINS))
        samples = []
        for sample in counts:
            bins, channels = np.nonzero(sample.T)
            several = sample.T[bins, channels]
            samples.append((np.repeat(bins * DURATION / BINS, several), np.repeat(channels, several)))
    data = Dataset(
        np.concatenate([times for times, _ in samples]),
        np.concatenate([channels for _, channels in samples]),
        np.cumsum([0, *(times.size for times, _ in samples)]),
        labels,
        n_in,
        n_out,
    )
    return Workload(name, model, Network(NEURONS[model], [w_in, w_out], DURATION), data)
