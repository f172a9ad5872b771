"""Ragged data sets and SHD files for the tests beside this."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import h5py
import hypothesis
import numpy as np
from hypothesis import strategies as st

from landscape.datasets import Dataset

SHARED = Path(__file__).parents[2].parent / "shared" / "data"

quick = hypothesis.settings(max_examples=50, deadline=None)


@st.composite
def ragged(draw, min_samples: int = 1, max_time: float = 10.0) -> Dataset:
    """Data sets of a few samples, empty ones, equal times and doubled spikes among them."""
    n_channels = draw(st.integers(1, 12))
    n_classes = draw(st.integers(1, 4))
    n_samples = draw(st.integers(min_samples, 12))
    spike = st.tuples(
        st.floats(0.0, max_time, allow_subnormal=False) | st.sampled_from([0.0, 0.5, max_time]),
        st.integers(0, n_channels - 1),
    )
    trains = [sorted(draw(st.lists(spike, max_size=8)), key=lambda s: s[0]) for _ in range(n_samples)]
    spikes = [spike for train in trains for spike in train]
    return Dataset(
        times=[time for time, _ in spikes],
        channels=[channel for _, channel in spikes],
        offsets=np.cumsum([0, *map(len, trains)]),
        labels=draw(st.lists(st.integers(0, n_classes - 1), min_size=n_samples, max_size=n_samples)),
        n_channels=n_channels,
        n_classes=n_classes,
        speakers=draw(st.none() | st.lists(st.integers(-3, 3), min_size=n_samples, max_size=n_samples)),
        name=draw(st.text(st.characters(exclude_categories=["C"]), max_size=5)),
    )


def small(**changes) -> Dataset:
    """Three samples (2, 0 and 3 spikes), with any argument replaced."""
    arguments = {
        "times": [0.0, 0.5, 0.25, 0.25, 1.0],
        "channels": [0, 3, 1, 2, 1],
        "offsets": [0, 2, 2, 5],
        "labels": [1, 0, 1],
        "n_channels": 4,
        "n_classes": 2,
        "speakers": [7, 7, 9],
        "name": "small",
    }
    return Dataset(**(arguments | changes))


def of_classes(labels, n_classes: int | None = None, **fields) -> Dataset:
    """One spike per sample, whose channel is the sample's number."""
    n = len(labels)
    n_classes = max(labels) + 1 if n_classes is None else n_classes
    return Dataset(np.zeros(n), np.arange(n), np.arange(n + 1), labels, n, n_classes, **fields)


def samples(data: Dataset) -> Counter:
    """Every sample with all that belongs to it, without their order."""
    speakers = [None] * len(data) if data.speakers is None else data.speakers.tolist()
    return Counter(
        (tuple(s.times.tolist()), tuple(s.channels.tolist()), s.label, speaker)
        for s, speaker in zip(data, speakers, strict=True)
    )


def write_shd(
    path: Path,
    times=([0.125, 0.25], [], [0.5, 0.5, 1.5]),
    units=([3, 0], [], [1, 2, 699]),
    labels=(1, 0, 4),
    speakers=None,
    keys=None,
    dtype=np.float16,
) -> Path:
    """Write a file in SHD layout; None leaves a member out."""
    with h5py.File(path, "w") as file:
        file.create_group("spikes")
        for name, trains, kind in (("times", times, dtype), ("units", units, np.uint16)):
            if trains is not None:
                member = file["spikes"].create_dataset(name, (len(trains),), h5py.vlen_dtype(kind))
                for sample, train in enumerate(trains):
                    member[sample] = np.array(train, kind)
        if labels is not None:
            file["labels"] = np.array(labels, np.int64)
        if speakers is not None:
            file["extra/speaker"] = np.array(speakers, np.uint16)
        if keys is not None:
            file["extra/keys"] = np.array([key.encode() for key in keys])
    return path
