"""The Yin-Yang data set: a small task that a linear classifier cannot solve, as spike times.

Source: L. Kriener, J. Göltz and M. A. Petrovici, "The Yin-Yang dataset", Neuro-Inspired Computational
Elements Conference (2022), arXiv:2102.08211. Written from the definition given there; the spike encoding is
the usual one, time linear in the value.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from landscape.datasets.checks import Floats, Integers, finite_number, frozen, whole_number
from landscape.datasets.dataset import Dataset
from landscape.datasets.registry import Source
from landscape.datasets.selection import generator
from landscape.datasets.sizes import DataSize
from landscape.errors import DataError

CLASS_NAMES = ("yin", "yang", "dot")


def yin_yang(
    n_samples: int = 1000,
    seed: int = 0,
    *,
    r_small: float = 0.1,
    r_big: float = 0.5,
    t_min: float = 0.1,
    t_max: float = 1.5,
    bias_time: float | None = 0.1,
) -> Dataset:
    """Draw points of the Yin-Yang symbol and encode each as one spike per channel.

    A point ``(x, y)`` is drawn uniformly from the part of the disc that belongs to its class; the classes are
    equally frequent (to within one sample) and in random order. Channels 0 to 3 spike at ``t_min + (t_max -
    t_min) * v`` for ``v = x, y, 1 - x, 1 - y``, coordinates in units of the disc's diameter; channel 4 spikes
    at ``bias_time``.

    Args:
        n_samples: Number of points.
        seed: The points are a function of ``seed``, ``n_samples`` and the radii. Use another seed for the test data.
        r_small, r_big: Radius of the two dots and of the disc.
        t_min, t_max: Times that stand for the values 0 and 1, in trial units.
        bias_time: Time of the bias spike; None leaves it and its channel out.

    Returns:
        Dataset: 5 channels (4 without bias), 3 classes: ``yin``, ``yang`` and ``dot``, numbered as in the published
            code.

    Raises:
        DataError: a size or time is negative, ``r_small`` does not fit into half the disc, or ``t_max`` is not
            after ``t_min``.
    """
    n_samples = whole_number("n_samples", n_samples, 1)
    r_big = finite_number("r_big", r_big, above=True)
    r_small = finite_number("r_small", r_small, above=True)
    t_min = finite_number("t_min", t_min)
    t_max = finite_number("t_max", t_max)
    if r_small >= r_big / 2:
        raise DataError(f"r_small={r_small:g} leaves nothing around the dots: it must be less than r_big / 2")
    if t_max <= t_min:
        raise DataError(f"t_max={t_max:g} must be greater than t_min={t_min:g}")
    rng = generator(seed)
    labels = rng.permutation(np.arange(n_samples) % 3)
    points = np.empty((n_samples, 2))
    for label in range(3):
        members = np.flatnonzero(labels == label)
        points[members] = _draw(rng, label, len(members), r_small, r_big)
    points /= 2 * r_big
    times = t_min + (t_max - t_min) * np.concatenate([points, 1 - points], axis=1)
    if bias_time is not None:
        bias = np.full((n_samples, 1), finite_number("bias_time", bias_time))
        times = np.concatenate([times, bias], axis=1)
    n_channels = times.shape[1]
    order = np.argsort(times, axis=1, kind="stable")
    return Dataset(
        times=frozen(np.take_along_axis(times, order, axis=1).ravel()),
        channels=order.ravel(),
        offsets=frozen(np.arange(n_samples + 1) * n_channels),
        labels=frozen(labels),
        n_channels=n_channels,
        n_classes=3,
        name="yin-yang",
        class_names=CLASS_NAMES,
    )


def classify(x: npt.ArrayLike, y: npt.ArrayLike, r_small: float = 0.1, r_big: float = 0.5) -> Integers:
    """Return the class of points of the disc: 2 in a dot, 1 in the upper half with its lobe, 0 in the rest.

    ``x`` and ``y`` (any shape) run from 0 to ``2 * r_big``; the disc's centre is ``(r_big, r_big)``, the dots
    lie ``r_big / 2`` to the left and right of it. The upper half (larger ``y``) lacks a lobe of radius
    ``r_big / 2`` around the right dot and has one more around the left.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    left = np.hypot(x - 0.5 * r_big, y - r_big)
    right = np.hypot(x - 1.5 * r_big, y - r_big)
    upper = (left <= 0.5 * r_big) | ((y > r_big) & (right > 0.5 * r_big))
    dot = (left < r_small) | (right < r_small)
    return np.where(dot, 2, upper.astype(np.int64))


def _draw(rng: np.random.Generator, label: int, count: int, r_small: float, r_big: float) -> Floats:
    """Draw ``count`` points uniformly from a class's region, by rejection."""
    accepted = [np.empty((0, 2))]
    missing = count
    while missing:
        # The dots have squares of their own to draw from, so that small ones cost no more than large ones.
        candidates = rng.uniform(-1.0, 1.0, (4 * missing + 16, 2))
        if label == 2:
            candidates *= r_small
            candidates[:, 0] += rng.choice([-0.5, 0.5], len(candidates)) * r_big
        else:
            candidates *= r_big
        candidates = candidates[np.hypot(*candidates.T) <= r_big] + r_big
        candidates = candidates[classify(candidates[:, 0], candidates[:, 1], r_small, r_big) == label][:missing]
        accepted.append(candidates)
        missing -= len(candidates)
    return np.concatenate(accepted)


SOURCE = Source(
    "yin-yang",
    yin_yang,
    "points of the Yin-Yang symbol, drawn anew from a seed: 5 channels, 3 classes",
    size=DataSize(samples=6000, classes=3, spikes=5.0, events=5.0),
    generated=True,
)
