"""Discontinuity curves in result files."""

from __future__ import annotations

from dataclasses import fields, replace

import h5py
import numpy as np
import pytest
from synthetic import anatomy as synthetic_anatomy
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.results import ModelResult, ResultFile, SliceResult, validate, write_results

AXES = [np.linspace(-1.0, 1.0, 5), np.linspace(-0.5, 0.5, 4)]


def write(path, *, crossing=True, **changes):
    found = replace(synthetic_anatomy.curves(AXES, crossing=crossing), **changes)
    plane = SliceResult(synthetic.surface("lif", (5, 4)), curves=found)
    write_results(path, {"lif": ModelResult(slices={"line": synthetic.surface("lif", (5,)), "plane": plane})})
    return found


def assert_same(one, other):
    for item in fields(one):
        a, b = getattr(one, item.name), getattr(other, item.name)
        if item.name == "axes":
            for x, y in zip(a, b, strict=True):
                np.testing.assert_array_equal(x, y)
        elif item.name == "attributes":
            assert set(a) == set(b)
            for name in a:
                np.testing.assert_array_equal(a[name], b[name])
        else:
            np.testing.assert_array_equal(a, b, err_msg=item.name)


@pytest.mark.parametrize("crossing", [True, False])
def test_curves_are_read_as_they_were_written_and_the_file_is_valid(crossing, tmp_path):
    found = write(tmp_path / "r.h5", crossing=crossing, attributes={"depth": 3}, samples=np.array([1, 4, 5]))
    file = ResultFile(tmp_path / "r.h5")
    assert_same(file.curves("lif", "plane"), found)
    assert file.curves("lif", "line") is None
    assert validate(tmp_path / "r.h5") == []
    write_results(tmp_path / "again.h5", file.read())
    assert_same(ResultFile(tmp_path / "again.h5").curves("lif", "plane"), found)


def test_a_curve_whose_mechanism_is_not_known_stays_so(tmp_path):
    write(tmp_path / "r.h5", mechanism=np.array(["", "grazing"]), layer=np.array([-1, 0]), neuron=np.array([-1, 0]))
    assert ResultFile(tmp_path / "r.h5").curves("lif", "plane").mechanism.tolist() == ["", "grazing"]
    assert validate(tmp_path / "r.h5") == []
    with pytest.raises(InputError, match="curve_mechanism 'magic' is none of order, grazing, trial_end"):
        write(tmp_path / "r.h5", mechanism=np.array(["magic", "grazing"]))


def test_curves_without_a_slice_are_a_piece_of_an_experiment(tmp_path):
    found = synthetic_anatomy.curves(AXES, crossing=True)
    write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"plane": SliceResult(curves=found)})})
    assert_same(ResultFile(tmp_path / "r.h5").model("lif").slices["plane"].curves, found)
    assert validate(tmp_path / "r.h5") == []


def test_curves_are_refused_on_a_line(tmp_path):
    line = SliceResult(synthetic.surface("lif", (5,)), curves=synthetic_anatomy.curves(AXES, crossing=True))
    with pytest.raises(InputError, match="two axes, and this one has one axis"):
        write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"line": line})})


def test_values_that_contradict_each_other_are_named(tmp_path):
    write(tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "a") as file:
        group = file["lif/plane/curves"]
        group["curve_points"][0] = 7
        group["curve_sample"][0] = 9
        group["point_position"][0] = [3.0, 0.0]
    problems = "\n".join(validate(tmp_path / "r.h5"))
    for expected in (
        "curve_points: does not add",
        "curve_sample: holds",
        "not on the plane",
    ):
        assert expected in problems
    with h5py.File(tmp_path / "r.h5", "a") as file:
        file["lif/plane/curves/curve_mechanism"][0] = 5
    assert "curve_mechanism: holds 5, which means nothing" in "\n".join(validate(tmp_path / "r.h5"))
    with pytest.raises(ResultFileError, match="curve_mechanism holds 5, which means nothing"):
        ResultFile(tmp_path / "r.h5").curves("lif", "plane")
