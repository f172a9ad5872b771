"""The table of measures of fragmentation: what each says of itself, and what follows from that."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.errors import InputError
from landscape.fragmentation import compare_tables
from landscape.measures import MEASURES, Measure, compared_measures, described, measures


def test_every_measure_of_the_package_lacks_nothing_and_says_what_it_is() -> None:
    own = [MEASURES[name] for name in MEASURES.own()]
    assert all(measure.lacks() == [] and measure.doc for measure in own)
    for places in ([m.place for m in own], [m.compared for m in compared_measures()]):
        assert len(set(places)) == len(places)


def test_what_a_measure_does_not_say_follows_from_its_title() -> None:
    measure = Measure(name="longest_fragment", title="Longest fragment of the mean loss (nats), at most")
    assert measure.row == measure.short == measure.title
    assert measure.label == "longest fragment of the mean loss"
    assert described("my_own_numbers").title == "My own numbers"
    assert described("my_own_numbers").label == "my own numbers"
    assert described("my_own_numbers").unit == "1"


def test_measures_of_a_family_are_found_by_their_own_names() -> None:
    assert "total_jump_of_samples" in MEASURES
    assert "jumps" not in MEASURES
    assert [measure.name for measure in measures()][:2] == [
        "discontinuities_per_length",
        "discontinuities_per_length_of_samples",
    ]


def test_a_measure_that_lacks_something_is_refused_with_all_that_it_lacks() -> None:
    with pytest.raises(InputError, match=r"'My own' has a name with .*; says that 'lower' values .*; has no function"):
        MEASURES.add(Measure(name="My own", less="lower"))
    with pytest.raises(InputError, match="'variation' has the name of one of the package"):
        MEASURES.add(MEASURES["variation"])


@pytest.mark.parametrize(("measure", "less"), [("total_jump", "first"), ("gradient_cosine", "second")])
def test_a_verdict_goes_by_which_values_of_the_measure_mean_less_fragmented(measure: str, less: str) -> None:
    values = np.array([[[0.10], [0.11], [0.12]], [[0.90], [0.92], [0.91]]])
    found = compare_tables(("first", "second"), {measure: values}, primary=measure, resamples=99)
    other = {"first": "second", "second": "first"}[less]
    assert found.stated
    assert found.verdict.startswith(f"{less} is less fragmented than {other}: {described(measure).label} ")
    numbers = "0.91 against 0.11" if less == "second" else "0.11 against 0.91"
    assert numbers in found.verdict
