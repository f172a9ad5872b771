"""Augmented batches: in range, on the grid, in order, and as random as asked."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic.builders import data_of, some_data

from landscape.training import TrainingSettings
from landscape.training.augmentation import batch_of, time_grid


def a_batch(data, seed=0, indices=None, grid=None, **settings):
    chosen = np.arange(len(data)) if indices is None else np.asarray(indices)
    return batch_of(data, chosen, TrainingSettings(**settings), grid, np.random.default_rng(seed))


def binned_data(step=0.125, n=60):
    rng = np.random.default_rng(1)
    samples = [(np.sort(rng.integers(0, 24, 30)) * step, rng.integers(0, 20, 30)) for _ in range(n)]
    return data_of([*samples, ((), ())], rng.integers(0, 3, n + 1), 20, 3)


def test_without_augmentation_a_batch_is_the_samples_chosen():
    data = some_data()
    batch = a_batch(data, indices=[4, 1, 6])
    assert batch.content_hash() == data.select(indices=[4, 1, 6]).content_hash()


def test_everything_together_keeps_samples_labels_and_valid_spikes():
    data = binned_data()
    batch = a_batch(data, channel_shift=7, time_jitter=0.4, spike_dropout=0.3, grid=0.125)
    assert len(batch) == len(data)
    np.testing.assert_array_equal(batch.labels, data.labels)
    assert (batch.n_channels, batch.n_classes) == (data.n_channels, data.n_classes)
    assert batch.times.min() >= 0.0
    assert batch.channels.min() >= 0
    assert batch.channels.max() < data.n_channels
    for sample in batch:
        assert (np.diff(sample.times) >= 0).all()
    assert 0 < batch.n_spikes < data.n_spikes
    assert (batch.spike_counts <= data.spike_counts).all()


def test_channels_of_a_sample_move_together_and_leave_at_the_edge():
    data = data_of([([0.1, 0.2, 0.3], [0, 10, 19])] * 400, [0] * 400, 20, 3)
    batch = a_batch(data, channel_shift=2)
    shifts = []
    for sample in batch:
        middle = sample.channels[(sample.channels > 5) & (sample.channels < 15)]
        assert middle.size == 1
        shift = int(middle[0]) - 10
        shifts.append(shift)
        expected = [c + shift for c in (0, 10, 19) if 0 <= c + shift < 20]
        np.testing.assert_array_equal(sample.channels, expected)
    assert set(shifts) == {-2, -1, 0, 1, 2}
    counts = np.bincount(np.array(shifts) + 2)
    assert counts.min() > 45  # each of five shifts 80 times, standard deviation 8


def test_jittered_times_stay_on_the_grid_of_the_data():
    data = binned_data()
    grid = time_grid(data)
    assert grid == 0.125
    batch = a_batch(data, time_jitter=0.2, grid=grid)
    np.testing.assert_array_equal(batch.times / grid, np.round(batch.times / grid))
    assert batch.n_spikes == data.n_spikes
    assert (np.sort(batch.times) != np.sort(data.times)).any()


@pytest.mark.parametrize("step", [0.1, 1 / 3, 4.0 / 32, 1e-3])
def test_the_grid_of_binned_data_is_found_whatever_its_step(step):
    assert time_grid(binned_data(step)) == pytest.approx(step, rel=1e-9)


def test_continuous_times_have_no_grid():
    rng = np.random.default_rng(0)
    assert time_grid(data_of([(np.sort(rng.uniform(0, 3, 100)), np.zeros(100, int))], [0], 1, 1)) is None
    assert time_grid(data_of([((), ())], [0], 1, 1)) is None
    assert time_grid(data_of([([0.5, 0.5], [0, 0])], [0], 1, 1)) is None


def test_jitter_has_the_standard_deviation_asked_for():
    data = data_of([(np.full(20_000, 5.0), np.zeros(20_000, int))], [0], 1, 1)
    times = a_batch(data, time_jitter=0.3).times
    assert times.std() == pytest.approx(0.3, rel=0.03)
    assert times.mean() == pytest.approx(5.0, abs=0.01)


def test_dropout_leaves_out_the_share_asked_for():
    data = data_of([(np.full(20_000, 0.5), np.zeros(20_000, int))], [0], 1, 1)
    assert a_batch(data, spike_dropout=0.25).n_spikes == pytest.approx(15_000, abs=400)


def test_seeds_reproduce_a_batch_and_other_seeds_give_others():
    data = binned_data()
    settings = {"channel_shift": 3, "time_jitter": 0.2, "spike_dropout": 0.1}
    one, same, other = (a_batch(data, seed, **settings) for seed in (1, 1, 2))
    assert one.content_hash() == same.content_hash() != other.content_hash()


def test_the_data_are_left_as_they_were():
    data = binned_data()
    before = data.content_hash()
    a_batch(data, channel_shift=3, time_jitter=0.2, spike_dropout=0.1)
    assert data.content_hash() == before
