from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic.ragged_data import SHARED, of_classes, quick, ragged, small

from landscape.datasets import Dataset, digits, load_shd
from landscape.datasets.packing import pack, unpack
from landscape.errors import DataError


def by_channel_within_times(data: Dataset) -> Dataset:
    """The data with spikes at one time in order of channel, and times rounded to float16."""
    halves = data.times.astype(np.float16).astype(np.float64)
    sample = np.repeat(np.arange(len(data)), data.spike_counts)
    order = np.lexsort((data.channels, halves, sample))
    return Dataset(
        halves[order],
        data.channels[order],
        data.offsets,
        data.labels,
        data.n_channels,
        data.n_classes,
        data.speakers,
        class_names=[f"class {label}" for label in range(data.n_classes)],
    )


def test_the_embedded_digits_are_what_their_page_says():
    start = time.perf_counter()
    data = digits()
    assert time.perf_counter() - start < 5  # takes half a second
    assert (len(data), data.n_channels, data.n_classes, data.name) == (400, 700, 20, "digits")
    pairs = set(zip(data.labels.tolist(), data.speakers.tolist(), strict=True))
    assert len(pairs) == 400
    assert np.bincount(data.speakers).tolist() == [20] * 20
    assert data.class_names[1] == "one"
    assert data.class_names[15] == "fünf"
    assert 5300 < data.spike_counts.mean() < 5400
    assert data.times.max() < 0.75


@pytest.mark.skipif(not SHARED.exists(), reason="needs the file that the digits were packed from")
def test_the_embedded_digits_are_those_of_the_original_file():
    original, data = load_shd(SHARED / "synthetic_digits.h5.gz"), digits()
    assert np.array_equal(data.times, original.times)
    assert data.content_hash() == by_channel_within_times(original).content_hash()
    assert data.class_names == original.class_names
    assert unpack(pack(original.select(count=40))).content_hash() == data.select(count=40).content_hash()


@quick
@given(ragged(max_time=1000.0))
def test_packing_loses_nothing(data):
    data = by_channel_within_times(data)
    again = unpack(pack(data), name="again")
    assert again.content_hash() == data.content_hash()
    assert again.class_names == data.class_names
    assert again.name == "again"


def test_packing_needs_neither_speakers_nor_class_names():
    data = of_classes([0, 1, 2], n_classes=5)
    again = unpack(pack(data))
    assert again.content_hash() == data.content_hash()
    assert again.class_names == ()


@quick
@given(st.integers(1, 700))
def test_many_spikes_on_one_channel_at_one_time_can_be_packed(n):
    data = Dataset(np.full(n, 0.5), np.zeros(n, int), [0, n], [0], 1, 1)
    assert unpack(pack(data)).content_hash() == data.content_hash()


@pytest.mark.parametrize("time_", [0.1, 1e6])
def test_a_time_that_is_no_half_precision_number_cannot_be_packed(time_):
    with pytest.raises(DataError, match=f"time {time_} is no float16"):
        pack(small(times=[0.0, 0.5, 0.25, 0.25, time_] if time_ > 1 else [0.0, 0.5, time_, 0.25, 1.0]))


def test_too_many_channels_cannot_be_packed():
    with pytest.raises(DataError, match="65537 channels cannot be packed"):
        pack(small(n_channels=65537))


@pytest.mark.parametrize("damage", [lambda c: c[:-20], lambda c: b"", lambda c: c[:40] + b"\0" + c[41:]])
def test_damaged_content_is_refused(damage):
    with pytest.raises(DataError, match="packed data set 'digits' is damaged"):
        unpack(damage(pack(small())), name="digits")
