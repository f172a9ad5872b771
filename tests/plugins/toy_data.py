"""Data in one file of their own: two spikes, together or apart."""

from __future__ import annotations

import numpy as np

from landscape.datasets import Dataset, Source


def coincidence(n_samples: int = 20, seed: int = 0) -> Dataset:
    """Samples of two spikes, on one channel each: those of every other sample are together."""
    late = np.random.default_rng(seed).uniform(0.5, 1.5, n_samples) * (np.arange(n_samples) % 2)
    times = np.column_stack([np.full(n_samples, 0.5), 0.5 + late]).ravel()
    labels = np.arange(n_samples) % 2
    channels = np.tile([0, 1], n_samples)
    return Dataset(times, channels, np.arange(n_samples + 1) * 2, labels, n_channels=2, n_classes=2, name="coincidence")


SOURCE = Source("coincidence", coincidence, "two spikes, together or apart: 2 channels, 2 classes", generated=True)
