"""Samples prepared as an experiment says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic.tiny_experiment import tiny

from landscape.errors import DataError
from landscape.experiment import prepare_data


def test_samples_are_prepared_in_trial_units() -> None:
    config = tiny(
        "data.source=digits",
        "data.samples=12",
        "data.test_samples=6",
        "data.classes=[3, 1]",
        "data.channels=35",
        "data.bins=8",
        "data.normalize_time=true",
        "data.span=2.0",
        "data.offset=0.5",
    )
    train, test = prepare_data(config)
    assert (len(train), len(test)) == (12, 6)
    for data in (train, test):
        assert data.n_classes == 2
        assert data.n_channels == 35
        assert data.times.min() == 0.5
        assert data.times.max() == 0.5 + 7 * 0.25
        assert set(np.unique(data.times)) <= {0.5 + 0.25 * step for step in range(8)}


def test_bins_without_normalisation_divide_the_trial() -> None:
    train, _ = prepare_data(tiny("data.bins=8", "data.time_scale=10.0"))
    assert train.times.max() > 4.0
    np.testing.assert_array_equal(np.mod(train.times, 0.5), 0.0)


def test_training_and_test_samples_differ_and_depend_on_the_seed() -> None:
    train, test = prepare_data(tiny())
    assert (len(train), len(test)) == (40, 20)
    assert not {tuple(sample.times) for sample in train} & {tuple(sample.times) for sample in test}
    again, _ = prepare_data(tiny())
    other, _ = prepare_data(tiny("seed=4"))
    assert again.content_hash() == train.content_hash() != other.content_hash()


def test_a_test_file_with_fewer_classes_gets_those_of_the_training_file(tmp_path: Path) -> None:
    from landscape.datasets import digits

    data = digits()
    data.select(count=40, seed=1).save(tmp_path / "train.h5")
    some = data.select(classes=[0, 1], relabel=True, count=4)
    some.save(tmp_path / "test.h5")
    files = [f"data.source={tmp_path / 'train.h5'}", f"data.test_source={tmp_path / 'test.h5'}"]
    sizes = ["data.samples=40", "data.test_samples=4"]
    train, test = prepare_data(tiny(*files, *sizes))
    assert train.n_classes == test.n_classes == 20
    swapped = [f"data.test_source={tmp_path / 'train.h5'}", f"data.source={tmp_path / 'test.h5'}"]
    with pytest.raises(DataError, match=r"20 classes, the training file only 2"):
        prepare_data(tiny(*swapped))
