from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic.ragged_data import of_classes, quick, ragged, samples, small

from landscape.errors import DataError

MIXED = of_classes([0, 1, 2, 0, 1, 2, 0, 1, 0, 0], speakers=[0, 0, 0, 1, 1, 1, 2, 2, 2, 2])


def numbers(data) -> list[int]:
    """Which samples of ``of_classes`` data these are."""
    return data.channels.tolist()


def test_classes_and_speakers_are_kept_in_order():
    assert numbers(MIXED.select(classes=[1, 2])) == [1, 2, 4, 5, 7]
    assert numbers(MIXED.select(speakers=(2, 0))) == [0, 1, 2, 6, 7, 8, 9]
    assert numbers(MIXED.select(classes=range(1), speakers=[2])) == [6, 8, 9]


def test_labels_and_sizes_stay_unless_relabelled():
    chosen = MIXED.select(classes=[2])
    assert chosen.labels.tolist() == [2, 2]
    assert (chosen.n_classes, chosen.n_channels) == (3, 10)


def test_relabelling_numbers_the_classes_in_the_order_given():
    data = of_classes([0, 1, 2, 3], class_names=["a", "b", "c", "d"])
    chosen = data.select(classes=[3, 1], relabel=True)
    assert chosen.labels.tolist() == [1, 0]
    assert chosen.n_classes == 2
    assert chosen.class_names == ("d", "b")


def test_relabelling_without_classes_numbers_those_that_are_left():
    chosen = of_classes([0, 4, 2, 4], n_classes=6).select(indices=[1, 2, 3], relabel=True)
    assert chosen.labels.tolist() == [1, 0, 1]
    assert chosen.n_classes == 2


def test_indices_keep_their_order_and_may_repeat_or_be_negative():
    chosen = MIXED.select(indices=[5, 0, -1, 5])
    assert numbers(chosen) == [5, 0, 9, 5]
    assert chosen.labels.tolist() == [2, 0, 0, 2]
    assert chosen.speakers.tolist() == [1, 0, 2, 1]


def test_a_selection_keeps_the_spikes_of_each_sample():
    chosen = small().select(indices=[2, 1, 0])
    assert chosen.times.tolist() == [0.25, 0.25, 1.0, 0.0, 0.5]
    assert chosen.offsets.tolist() == [0, 3, 3, 5]


@pytest.mark.parametrize("count", range(1, 11))
def test_a_count_is_balanced_as_far_as_the_classes_allow(count):
    per_class = np.bincount(MIXED.select(count=count, seed=3).labels, minlength=3)
    available = np.array([5, 3, 2])
    assert per_class.sum() == count
    # A class has fewer than another only where it has no more to give.
    assert (per_class >= np.minimum(available, per_class.max() - 1)).all()


def test_a_smaller_count_is_a_subset_of_a_larger_one():
    assert set(numbers(MIXED.select(count=4, seed=5))) < set(numbers(MIXED.select(count=7, seed=5)))


def test_a_draw_depends_on_its_seed_alone():
    data = of_classes([0, 1] * 50)
    assert numbers(data.select(count=10, seed=1)) == numbers(data.select(count=10, seed=1))
    assert numbers(data.select(count=10, seed=1)) != numbers(data.select(count=10, seed=2))
    assert numbers(data.split(0.5, seed=1)[0]) == numbers(data.split(0.5, seed=1)[0])
    assert numbers(data.split(0.5, seed=1)[0]) != numbers(data.split(0.5, seed=2)[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": [0, 3]}, "classes: 3 is not in this data set, which has 0 to 2"),
        ({"classes": [-1]}, "classes: -1 is not in this data set"),
        ({"classes": [1, 1]}, r"names a class twice: \[1, 1\]"),
        ({"classes": [0.5]}, "classes must be integers"),
        ({"classes": []}, "no sample meets the selection"),
        ({"speakers": [5]}, "speakers: 5 is not in this data set, which has 0 to 2"),
        ({"indices": [10]}, "indices names sample 10: the data set has samples 0 to 9"),
        ({"indices": [-11]}, "indices names sample -11"),
        ({"indices": []}, "no sample meets the selection"),
        ({"indices": [0], "classes": [1]}, "no sample meets the selection"),
        ({"count": 11}, "count=11 asks for more samples than the 10 there are"),
        ({"classes": [2], "count": 3}, "count=3 asks for more samples than the 2 there are"),
        ({"count": 0}, "count must be at least 1, got 0"),
        ({"count": 2.5}, "count must be an integer"),
        ({"count": 2, "seed": -1}, "seed must be at least 0, got -1"),
        ({"count": 2, "seed": None}, "seed must be an integer .* got None"),
    ],
)
def test_an_impossible_selection_is_refused(arguments, message):
    with pytest.raises(DataError, match=message):
        MIXED.select(**arguments)


def test_speakers_cannot_be_selected_where_they_are_unknown():
    with pytest.raises(DataError, match="does not know its speakers"):
        of_classes([0, 1]).select(speakers=[0])


def test_a_list_of_known_numbers_in_a_message_is_short():
    data = of_classes([0] * 15, speakers=range(0, 30, 2))
    with pytest.raises(DataError, match=r"has 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, \.\.\.$"):
        data.select(speakers=[1])


def test_a_split_is_stratified():
    first, second = of_classes([0] * 50 + [1] * 30 + [2] * 20).split(0.7, seed=4)
    assert np.bincount(first.labels).tolist() == [35, 21, 14]
    assert np.bincount(second.labels).tolist() == [15, 9, 6]


def test_small_classes_share_what_rounding_leaves():
    first, _ = of_classes([*range(10)] + [10] * 100).split(0.4)
    assert np.bincount(first.labels, minlength=11)[10] == 40
    assert len(first) == 44


@pytest.mark.parametrize("fraction", [0, 1, 1.5, -0.5, float("nan")])
def test_a_fraction_that_is_none_is_refused(fraction):
    with pytest.raises(DataError, match="fraction must lie between 0 and 1"):
        MIXED.split(fraction)


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_a_split_that_leaves_a_part_empty_is_refused(fraction):
    with pytest.raises(DataError, match=f"fraction={fraction} of 10 samples leaves a part empty"):
        MIXED.split(fraction)


@quick
@given(ragged(), st.data())
def test_a_selection_is_exactly_the_samples_asked_for(data, draw):
    indices = draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1))
    chosen = data.select(indices=indices)
    for position, index in enumerate(indices):
        for mine, theirs in zip(chosen[position], data[index], strict=True):
            assert np.array_equal(mine, theirs)


@quick
@given(ragged(), st.data())
def test_a_draw_of_all_samples_is_the_data_set(data, draw):
    count = draw.draw(st.integers(1, len(data)))
    chosen = data.select(count=count, seed=draw.draw(st.integers(0, 99)))
    assert len(chosen) == count
    assert samples(chosen) <= samples(data)
    assert data.select(count=len(data)).content_hash() == data.content_hash()


@quick
@given(ragged(min_samples=2), st.floats(0.3, 0.7), st.integers(0, 99))
def test_a_split_keeps_every_sample_once_and_every_class_s_share(data, fraction, seed):
    first, second = data.split(fraction, seed)
    assert samples(first) + samples(second) == samples(data)
    assert len(first) == round(fraction * len(data))
    share = fraction * np.bincount(data.labels, minlength=data.n_classes)
    assert (np.abs(np.bincount(first.labels, minlength=data.n_classes) - share) <= 1 + 1e-9).all()
