"""Batches of a data set, with small random changes of the input spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape.training.settings import TrainingSettings

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["batch_of", "time_grid"]

GRID_TIMES = 4096  # more distinct times than this are no grid


def time_grid(data: Dataset) -> float | None:
    """The step of the grid on which all times of a data set lie, or None if they lie on none."""
    distinct = np.unique(data.times)
    if not 2 <= distinct.size <= GRID_TIMES:
        return None
    step = float(np.diff(distinct).min())
    multiples = distinct / step
    return step if np.allclose(multiples, np.round(multiples), rtol=0.0, atol=1e-6) else None


def batch_of(
    data: Dataset,
    indices: np.ndarray,
    settings: TrainingSettings,
    grid: float | None,
    rng: np.random.Generator,
) -> Dataset:
    """The samples of the given indices, augmented as the settings say."""
    batch = data.select(indices=indices)
    if not (settings.channel_shift or settings.time_jitter or settings.spike_dropout):
        return batch
    counts = np.diff(batch.offsets)
    sample = np.repeat(np.arange(len(batch)), counts)
    times, channels = batch.times, batch.channels
    keep = np.ones(times.size, np.bool_)
    if settings.channel_shift:
        shifts = rng.integers(-settings.channel_shift, settings.channel_shift + 1, len(batch))
        channels = channels + shifts[sample]
        keep &= (channels >= 0) & (channels < data.n_channels)
    if settings.spike_dropout:
        keep &= rng.random(times.size) >= settings.spike_dropout
    if settings.time_jitter:
        times = times + settings.time_jitter * rng.standard_normal(times.size)
        if grid is not None:
            times = np.round(times / grid) * grid
        times = np.maximum(times, 0.0)
    sample, times, channels = sample[keep], times[keep], channels[keep]
    if settings.time_jitter:
        order = np.lexsort((channels, times, sample))
        times, channels = times[order], channels[order]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(sample, minlength=len(batch)))])
    return type(data)(times, channels, offsets, batch.labels, data.n_channels, data.n_classes)
