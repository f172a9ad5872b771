"""Which samples to take: balanced draws and stratified splits, as functions of the labels alone."""

from __future__ import annotations

import numpy as np

from landscape.datasets.checks import Integers, whole_number
from landscape.errors import DataError


def generator(seed: int) -> np.random.Generator:
    """Return the random generator of ``seed``, refusing what is no seed."""
    return np.random.default_rng(whole_number("seed", seed, 0))


def balanced(labels: Integers, count: int, seed: int) -> Integers:
    """Draw ``count`` samples, as equally many of each class as the classes allow.

    Every class is shuffled; the draw then takes the first sample of each class, the second of each, and so
    on, in a shuffled order of classes. A class that runs out leaves its share to the others, and the samples
    drawn for a smaller ``count`` are among those for a larger one.

    Returns the positions in ``labels``, ascending. Raises DataError if there are fewer than ``count``
    samples.
    """
    count = whole_number("count", count, 1)
    if count > len(labels):
        raise DataError(f"count={count} asks for more samples than the {len(labels)} there are: give a smaller count")
    turn, place = _turns(labels, generator(seed))
    return np.sort(np.lexsort((place, turn))[:count])


def stratified(labels: Integers, fraction: float, seed: int) -> tuple[Integers, Integers]:
    """Cut the samples in two, the first part with ``fraction`` of every class to within one sample.

    The first part has ``round(fraction * n_samples)`` samples. Each class gives the whole part of its share,
    and the classes with the largest remainders one more (ties fall by the seed).

    Returns the positions in ``labels`` of both parts, ascending. Raises DataError if a part would be empty.
    """
    n_samples = len(labels)
    if not 0 < fraction < 1:
        raise DataError(f"fraction must lie between 0 and 1, got {fraction!r}")
    n_first = round(fraction * n_samples)
    if not 0 < n_first < n_samples:
        raise DataError(
            f"fraction={fraction!r} of {n_samples} samples leaves a part empty: use another fraction or more samples"
        )
    rng = generator(seed)
    classes, members = np.unique(labels, return_counts=True)
    quota = np.floor(fraction * members).astype(np.int64)
    remainder = fraction * members - quota
    favoured = np.lexsort((rng.permutation(len(classes)), -remainder))
    quota[favoured[: n_first - int(quota.sum())]] += 1
    turn, _ = _turns(labels, rng)
    first = turn < quota[np.searchsorted(classes, labels)]
    return np.flatnonzero(first), np.flatnonzero(~first)


def _turns(labels: Integers, rng: np.random.Generator) -> tuple[Integers, Integers]:
    """Shuffle every class: the place of each sample in its class, and that of its class among the classes."""
    turn = np.empty(len(labels), dtype=np.int64)
    place = np.empty(len(labels), dtype=np.int64)
    classes = np.unique(labels)
    for position, label in zip(rng.permutation(len(classes)), classes, strict=True):
        members = np.flatnonzero(labels == label)
        turn[members] = rng.permutation(len(members))
        place[members] = position
    return turn, place
