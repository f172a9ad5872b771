from __future__ import annotations

import numpy as np
import pytest

from landscape.datasets import load_dataset, yin_yang
from landscape.datasets.yin_yang import classify
from landscape.errors import DataError


def by_channel(data) -> np.ndarray:
    """(n_samples, n_channels) time of each channel's only spike."""
    times = np.empty((len(data), data.n_channels))
    times[np.repeat(np.arange(len(data)), data.spike_counts), data.channels] = data.times
    return times


def test_every_channel_spikes_once_and_the_bias_at_its_time():
    data = yin_yang(50)
    assert (data.n_channels, data.n_classes) == (5, 3)
    assert data.class_names == ("yin", "yang", "dot")
    for sample in data:
        assert sorted(sample.channels) == [0, 1, 2, 3, 4]
        assert sample.times[sample.channels == 4] == 0.1


def test_times_are_linear_in_the_coordinates_and_their_mirror_images():
    times = by_channel(yin_yang(500, seed=3))
    x, y, mirrored_x, mirrored_y = ((times - 0.1) / 1.4).T[:4]
    assert np.allclose(x + mirrored_x, 1)
    assert np.allclose(y + mirrored_y, 1)
    assert (np.hypot(x - 0.5, y - 0.5) <= 0.5 + 1e-12).all()


def test_labels_are_the_classes_of_the_points():
    data = yin_yang(2000, seed=1)
    x, y = ((by_channel(data) - 0.1) / 1.4).T[:2]
    assert np.array_equal(classify(x, y), data.labels)


def test_known_points_have_the_published_classes():
    # The two dots, the lobes around them, and the two halves.
    points = [(0.25, 0.5), (0.75, 0.5), (0.25, 0.35), (0.75, 0.65), (0.5, 0.9), (0.5, 0.1)]
    assert [int(classify(x, y)) for x, y in points] == [2, 2, 1, 0, 1, 0]


def test_the_halves_are_mirror_images():
    x, y = np.random.default_rng(0).uniform(0, 1, (2, 5000))
    inside = np.hypot(x - 0.5, y - 0.5) < 0.5
    here, opposite = classify(x[inside], y[inside]), classify(1 - x[inside], 1 - y[inside])
    assert np.array_equal(here == 2, opposite == 2)
    assert (here + opposite)[here < 2].tolist() == [1] * np.count_nonzero(here < 2)


@pytest.mark.parametrize("n", [1, 2, 3, 100, 1001])
def test_classes_are_balanced(n):
    per_class = np.bincount(yin_yang(n).labels, minlength=3)
    assert per_class.sum() == n
    assert np.ptp(per_class) <= 1


def test_points_are_uniform_in_their_region():
    data = yin_yang(30000, seed=5)
    x, y = ((by_channel(data) - 0.1) / 1.4).T[:2]
    dots = data.labels == 2
    # Half of the dots' points lie in each; half of a dot's points lie within r_small / sqrt(2).
    assert abs(np.mean(x[dots] < 0.5) - 0.5) < 0.02
    distance = np.minimum(np.hypot(x - 0.25, y - 0.5), np.hypot(x - 0.75, y - 0.5))[dots]
    assert abs(np.mean(distance < 0.1 / np.sqrt(2)) - 0.5) < 0.02
    # A half of the symbol has the area of half the disc less one dot; its lobe hangs over the middle.
    upper = data.labels == 1
    area = np.pi * 0.5**2 / 2 - np.pi * 0.1**2
    below = np.pi * 0.25**2 / 2 - np.pi * 0.1**2 / 2
    assert abs(np.mean(y[upper] < 0.5) - below / area) < 0.02


def test_the_same_seed_gives_the_same_data():
    assert yin_yang(100, seed=7).content_hash() == yin_yang(100, seed=7).content_hash()
    assert yin_yang(100, seed=7).content_hash() != yin_yang(100, seed=8).content_hash()


def test_radii_and_times_can_be_chosen():
    data = yin_yang(300, r_small=0.01, r_big=2.0, t_min=1.0, t_max=3.0, bias_time=None)
    assert data.n_channels == 4
    times = by_channel(data)
    assert times.min() >= 1.0
    assert times.max() <= 3.0
    x, y = ((times - 1.0) / 2.0 * 4.0).T[:2]
    assert np.array_equal(classify(x, y, 0.01, 2.0), data.labels)


def test_options_reach_it_through_load_dataset():
    data = load_dataset("yin-yang", n_samples=10, seed=2, bias_time=0.5)
    assert data.content_hash() == yin_yang(10, 2, bias_time=0.5).content_hash()
    assert data.name == "yin-yang"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_samples": 0}, "n_samples must be at least 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"seed": 0.5}, "seed must be an integer"),
        ({"r_small": 0.0}, "r_small must be a finite number greater than 0"),
        ({"r_small": 0.25}, "r_small=0.25 leaves nothing around the dots"),
        ({"r_big": -1}, "r_big must be a finite number greater than 0"),
        ({"t_min": -0.1}, "t_min must be a finite number of at least 0"),
        ({"t_max": 0.1}, r"t_max=0.1 must be greater than t_min=0.1"),
        ({"bias_time": -1}, "bias_time must be a finite number of at least 0"),
    ],
)
def test_an_impossible_parameter_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        yin_yang(**arguments)
