from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic.ragged_data import quick, ragged, small

from landscape.datasets import Dataset
from landscape.errors import DataError


def one_sample(times, **fields) -> Dataset:
    return Dataset(times, np.zeros(len(times), int), [0, len(times)], [0], 1, 1, **fields)


def test_neighbouring_channels_are_pooled_into_groups_of_nearly_equal_size():
    data = Dataset(np.zeros(10), np.arange(10), [0, 10], [0], 10, 1)
    assert data.pool_channels(3).channels.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert data.pool_channels(3).n_channels == 3
    assert data.pool_channels(10).content_hash() == data.content_hash()
    assert set(data.pool_channels(1).channels) == {0}


@pytest.mark.parametrize(
    ("n", "message"),
    [
        (0, "n_channels must be at least 1, got 0"),
        (5, "4 channels cannot be pooled to 5"),
        (1.5, "n_channels must be an integer"),
    ],
)
def test_channels_cannot_be_pooled_to_none_or_more(n, message):
    with pytest.raises(DataError, match=message):
        small().pool_channels(n)


def test_times_move_to_the_start_of_their_bin():
    binned = one_sample([0.0, 0.1, 0.25, 0.49, 0.99, 1.0]).bin_times(4, 1.0)
    assert binned.times.tolist() == [0.0, 0.0, 0.25, 0.25, 0.75, 0.75]


def test_bins_are_at_the_places_that_the_workload_uses():
    bins = np.arange(64)
    binned = one_sample((bins + 0.5) * 4.0 / 64).bin_times(64, 4.0)
    assert np.array_equal(binned.times, bins * 4.0 / 64)


def test_spikes_that_meet_in_a_bin_stay_separate():
    data = Dataset([0.1, 0.2, 0.3], [5, 5, 5], [0, 3], [0], 6, 1)
    assert data.bin_times(1, 1.0).times.tolist() == [0.0, 0.0, 0.0]


def test_a_spike_after_the_duration_cannot_be_binned():
    with pytest.raises(DataError, match=r"sample 2 has a spike at 1.0, after duration=0.9"):
        small().bin_times(4, 0.9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1.0), "n_bins must be at least 1"),
        ((2.0, 1.0), "n_bins must be an integer"),
        ((4, 0.0), "duration must be a finite number greater than 0"),
        ((4, np.inf), "duration must be a finite number"),
        ((4, "long"), "duration must be a number greater than 0, got 'long'"),
    ],
)
def test_bins_that_are_none_are_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        small().bin_times(*arguments)


@quick
@given(ragged(max_time=3.0), st.integers(1, 50), st.floats(3.0, 1e3))
def test_binning_keeps_multiplicities_moves_no_spike_forward_and_is_idempotent(data, n_bins, duration):
    binned = data.bin_times(n_bins, duration)
    assert np.array_equal(binned.channels, data.channels)
    assert np.array_equal(binned.offsets, data.offsets)
    assert (binned.times <= data.times).all()
    assert (data.times - binned.times <= duration / n_bins * (1 + 1e-12)).all()
    assert len(np.unique(binned.times)) <= n_bins
    assert np.array_equal(binned.bin_times(n_bins, duration).times, binned.times)
    # How many spikes of a channel are in a bin is what counting would have given.
    expected = Counter(zip(np.minimum(data.times // (duration / n_bins), n_bins - 1), data.channels, strict=True))
    if not np.isclose(data.times % (duration / n_bins), 0).any():
        found = np.round(binned.times / (duration / n_bins))
        assert Counter(zip(found, binned.channels, strict=True)) == expected


def test_every_sample_is_stretched_to_the_span():
    normalized = small().normalize_time(2.0, offset=0.5)
    assert normalized.times.tolist() == [0.5, 2.5, 0.5, 0.5, 2.5]


def test_a_sample_with_one_time_goes_to_the_offset():
    assert one_sample([0.3, 0.3]).normalize_time(2.0, offset=0.5).times.tolist() == [0.5, 0.5]
    assert one_sample([0.3]).normalize_time(2.0).times.tolist() == [0.0]
    assert one_sample([]).normalize_time(2.0).n_spikes == 0


@quick
@given(ragged(), st.floats(1e-3, 1e3), st.floats(0.0, 10.0))
def test_normalized_times_are_in_order_within_the_span_and_keep_their_proportions(data, span, offset):
    normalized = data.normalize_time(span, offset)
    assert np.isfinite(normalized.times).all()
    for before, after in zip(data, normalized, strict=True):
        if len(before.times):
            extent = before.times[-1] - before.times[0]
            assert after.times[0] == offset
            assert after.times[-1] == (offset + span if extent > 0 else offset)
            assert np.array_equal(before.channels, after.channels)
            expected = (before.times - before.times[0]) / (extent or 1.0) * span + offset
            assert np.allclose(after.times, expected, rtol=1e-12)


@pytest.mark.parametrize("arguments", [(0.0,), (-1.0,), (np.nan,), (1.0, -0.1), (1.0, np.inf), (None,)])
def test_a_span_or_offset_that_is_none_is_refused(arguments):
    with pytest.raises(DataError, match=r"(span|offset) must be a (finite )?number"):
        small().normalize_time(*arguments)


def test_scaling_is_linear():
    scaled = small().scale_time(4.0, offset=1.0)
    assert scaled.times.tolist() == [1.0, 3.0, 2.0, 2.0, 5.0]


@pytest.mark.parametrize("arguments", [(0.0,), (-2.0,), (np.nan,), (1.0, -1.0)])
def test_a_factor_that_is_not_positive_is_refused(arguments):
    with pytest.raises(DataError, match=r"(factor|offset) must be a finite number"):
        small().scale_time(*arguments)


@quick
@given(ragged(), st.integers(1, 12))
def test_pooling_keeps_every_spike_and_the_order_of_channels(data, n):
    n = min(n, data.n_channels)
    pooled = data.pool_channels(n)
    assert np.array_equal(pooled.times, data.times)
    group = dict(sorted(zip(data.channels.tolist(), pooled.channels.tolist(), strict=True)))
    assert list(group.values()) == sorted(group.values())


def test_everything_else_about_the_data_stays():
    data = small(class_names=["a", "b"])
    for changed in (
        data.pool_channels(2),
        data.bin_times(3, 1.0),
        data.normalize_time(1.0),
        data.scale_time(2.0),
    ):
        assert changed.name == "small"
        assert changed.class_names == ("a", "b")
        assert changed.speakers.tolist() == [7, 7, 9]
        assert changed.labels.tolist() == [1, 0, 1]
