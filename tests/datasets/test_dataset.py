from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from hypothesis import given
from synthetic.ragged_data import of_classes, quick, ragged, small

from landscape.datasets import Dataset
from landscape.errors import DataError


def test_a_sample_is_its_times_channels_and_label():
    times, channels, label = small()[2]
    assert times.tolist() == [0.25, 0.25, 1.0]
    assert channels.tolist() == [1, 2, 1]
    assert label == 1
    assert type(label) is int


def test_a_sample_may_have_no_spikes():
    assert small()[1].times.size == 0
    assert Dataset([], [], [0, 0], [0], 1, 1).n_spikes == 0


def test_a_negative_index_counts_from_the_end():
    assert small()[-1].times.tolist() == small()[2].times.tolist()


def test_samples_can_be_iterated_and_counted():
    data = small()
    assert len(data) == 3
    assert [sample.label for sample in data] == [1, 0, 1]
    assert data.spike_counts.tolist() == [2, 0, 3]
    assert data.n_spikes == 5


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_without_sample_is_an_index_error_and_for_a_user_a_data_error(index):
    with pytest.raises(IndexError):
        small()[index]
    with pytest.raises(DataError, match=rf"no sample {index}: the data set has samples 0 to 2"):
        small().sample(index)


def test_arrays_have_the_documented_types_and_are_contiguous():
    data = small(times=np.arange(10, dtype=np.float32)[::2], channels=np.array([0, 1, 2, 3, 0], np.uint8))
    for name, dtype in [
        ("times", np.float64),
        ("channels", np.int32),
        ("offsets", np.int64),
        ("labels", np.int64),
        ("speakers", np.int64),
    ]:
        array = getattr(data, name)
        assert array.dtype == dtype, name
        assert array.flags.c_contiguous, name
        assert not array.flags.writeable, name


def test_a_data_set_cannot_be_changed():
    data = small()
    with pytest.raises(FrozenInstanceError):
        data.n_channels = 5
    with pytest.raises(ValueError, match="read-only"):
        data.times[0] = 1.0


def test_a_change_of_the_arrays_it_was_made_from_does_not_reach_it():
    times = np.array([0.0, 0.5, 0.25, 0.25, 1.0])
    data = small(times=times)
    times[0] = 0.4
    assert data.times[0] == 0.0
    assert times.flags.writeable


def test_a_read_only_array_is_not_copied():
    times = np.array([0.0, 0.5, 0.25, 0.25, 1.0])
    times.setflags(write=False)
    assert small(times=times).times is times


def test_the_representation_names_the_sizes():
    assert repr(small()) == "<Dataset 'small': 3 samples, 2 classes, 4 channels, 5 spikes>"
    assert repr(of_classes([0])) == "<Dataset: 1 samples, 1 classes, 1 channels, 1 spikes>"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda data: pickle.loads(pickle.dumps(data))])
def test_a_copy_or_pickle_has_the_same_content_and_stays_read_only(copied):
    data = small(class_names=["no", "yes"])
    again = copied(data)
    assert again.content_hash() == data.content_hash()
    assert (again.name, again.class_names) == ("small", ("no", "yes"))
    assert not again.times.flags.writeable


INVALID = {
    "a channel beyond the last": (
        {"channels": [0, 3, 1, 4, 1]},
        "sample 2: spike 1 is on channel 4, but n_channels=4 allows 0 to 3",
    ),
    "a negative channel": ({"channels": [0, 3, 1, -1, 1]}, "sample 2: spike 1 is on channel -1"),
    "a channel too large for its type": ({"channels": [0, 3, 1, 2**40, 1]}, "channels contain 1099511627776"),
    "channels that are floats": ({"channels": [0.0, 3, 1, 2, 1]}, "channels must be integers .* float64"),
    "fewer channels than times": (
        {"channels": [0, 3, 1, 2]},
        "channels has length 4, but one entry per spike makes 5",
    ),
    "a negative time": (
        {"times": [0.0, 0.5, -0.25, 0.25, 1.0]},
        "sample 2: spike 0 has time -0.25, .* negative",
    ),
    "a time that is no number": ({"times": [0.0, np.nan, 0.2, 0.2, 1.0]}, "sample 0: spike 1 has time nan"),
    "an infinite time": (
        {"times": [0.0, 0.5, 0.25, 0.25, np.inf]},
        "sample 2: spike 2 has time inf, .*finite",
    ),
    "times out of order": (
        {"times": [0.5, 0.0, 0.25, 0.25, 1.0]},
        r"sample 0: spike 1 comes at 0.0, after one at 0.5: sort the spikes",
    ),
    "times that are text": ({"times": list("abcde")}, "times must be real numbers .* dtype <U1"),
    "times that are complex": ({"times": np.zeros(5, complex)}, "times must be real numbers .* complex128"),
    "times in two dimensions": ({"times": np.zeros((5, 1))}, r"times must be a one-dimensional .* \(5, 1\)"),
    "times as a nested list": ({"times": [[0.0, 0.5], [0.25]]}, "times must be real numbers .*, got a nested sequence"),
    "a label beyond the last": ({"labels": [1, 2, 0]}, "sample 1 has label 2, but n_classes=2 allows 0 to 1"),
    "a negative label": ({"labels": [1, 0, -1]}, "sample 2 has label -1"),
    "labels that are floats": ({"labels": [1.0, 0.0, 1.0]}, "labels must be integers"),
    "fewer labels than samples": (
        {"labels": [1, 0]},
        "labels has length 2, but one entry per sample makes 3",
    ),
    "no sample": ({"offsets": [0], "times": [], "channels": [], "labels": []}, "has no samples"),
    "no offsets": ({"offsets": [], "times": [], "channels": [], "labels": []}, "has no samples"),
    "offsets that start late": ({"offsets": [1, 2, 2, 5]}, "offsets must start at 0, got 1"),
    "offsets that decrease": ({"offsets": [0, 3, 2, 5]}, r"offsets decrease at sample 1 \(from 3 to 2\)"),
    "offsets that end early": (
        {"offsets": [0, 2, 2, 4]},
        "offsets must end at the number of spikes, 5, got 4",
    ),
    "offsets that end late": (
        {"offsets": [0, 2, 2, 6]},
        "offsets must end at the number of spikes, 5, got 6",
    ),
    "offsets that are floats": ({"offsets": [0.0, 2.0, 2.0, 5.0]}, "offsets must be integers"),
    "no channels": ({"n_channels": 0}, "n_channels must be at least 1, got 0"),
    "no classes": ({"n_classes": 0}, "n_classes must be at least 1, got 0"),
    "a fraction of a channel": ({"n_channels": 4.5}, "n_channels must be an integer .* got 4.5"),
    "fewer speakers than samples": (
        {"speakers": [1]},
        "speakers has length 1, but one entry per sample makes 3",
    ),
    "speakers that are text": ({"speakers": list("abc")}, "speakers must be integers"),
    "fewer class names than classes": (
        {"class_names": ["no"]},
        "class_names has length 1, but one entry per class makes 2",
    ),
}


@pytest.mark.parametrize(("changes", "message"), INVALID.values(), ids=INVALID)
def test_invalid_arrays_are_refused_with_one_line_that_names_the_culprit(changes, message):
    with pytest.raises(DataError, match=message) as caught:
        small(**changes)
    assert "\n" not in str(caught.value)


def test_times_may_start_anew_with_every_sample_also_after_empty_ones():
    data = Dataset([0.5, 0.1, 0.0], [0, 0, 0], [0, 0, 1, 1, 1, 2, 3, 3], [0] * 7, 1, 1)
    assert data.spike_counts.tolist() == [0, 1, 0, 0, 1, 1, 0]


def test_the_content_hash_changes_with_everything_but_names():
    original = small().content_hash()
    assert small(name="other", class_names=["a", "b"]).content_hash() == original
    for changes in (
        {"times": [0.0, 0.5, 0.25, 0.25, 1.0 + 1e-15]},
        {"channels": [1, 3, 1, 2, 1]},
        {"offsets": [0, 1, 2, 5]},
        {"labels": [0, 0, 1]},
        {"speakers": [7, 7, 8]},
        {"speakers": None},
        {"n_channels": 5},
        {"n_classes": 3},
    ):
        assert small(**changes).content_hash() != original, changes


def test_the_content_hash_is_the_same_on_every_machine():
    assert small().content_hash() == "78a4efe418c50193499647aa415dba6c659499170d957a4676664e9659933002"


@quick
@given(ragged())
def test_samples_put_together_are_the_data_set(data):
    assert np.array_equal(np.concatenate([sample.times for sample in data]), data.times)
    assert np.array_equal(np.concatenate([sample.channels for sample in data]), data.channels)
    assert [sample.label for sample in data] == data.labels.tolist()


def test_the_fields_are_the_constructor_s_arguments():
    data = small()
    assert Dataset(*(getattr(data, field.name) for field in fields(data))).content_hash() == data.content_hash()
