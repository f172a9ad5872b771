"""Measures of fragmentation in result files."""

from __future__ import annotations

import dataclasses

import h5py
import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.fragmentation import Fidelity, Profile, fragments
from landscape.results import ModelResult, ResultFile, SliceResult, validate, write_results


def measured(kind="lif"):
    census = synthetic.census(kind)
    positions = np.linspace(-1.0, 1.0, 15)
    loss = np.tile(positions**2, (census.n_samples, 1))
    return census, fragments(census, Profile(positions, loss, 2.0 * loss), resamples=99)


def with_fidelity(found):
    error = np.linspace(0.0, 1.9, 6).reshape(3, 2)
    around = np.stack([error * 0.9, error * 1.01], axis=-1)
    around[0, 0] = np.nan
    downhill = np.array([np.nan, 0.5, 1.0])
    fidelity = Fidelity(
        np.array([0.1, 0.2, 0.4]), (0.5, 0.95), error, around, downhill, np.stack([downhill, downhill], axis=-1), 41
    )
    return dataclasses.replace(found, fidelity=fidelity)


def write(path, kind="lif", change=lambda found: found):
    census, found = measured(kind)
    found = change(found)
    line = SliceResult(synthetic.surface(kind, (15,)), census=census, fragments=found)
    write_results(path, {kind: ModelResult(slices={"line": line, "other": synthetic.surface(kind, (5,))})})
    return found


def assert_same(one, other):
    assert set(one.estimates) == set(other.estimates)
    for name, estimate in one.estimates.items():
        np.testing.assert_array_equal(estimate, other[name], err_msg=name)
    for name in ("position", "jump", "size", "level", "resamples", "seed"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("kind", ["lif", "qif"])
def test_measures_are_read_as_they_were_written_and_the_file_is_valid(kind, tmp_path):
    found = write(tmp_path / "r.h5", kind)
    file = ResultFile(tmp_path / "r.h5")
    assert_same(file.fragments(kind, "line"), found)
    assert file.fragments(kind, "other") is None
    assert validate(tmp_path / "r.h5") == []
    write_results(tmp_path / "again.h5", file.read())
    assert_same(ResultFile(tmp_path / "again.h5").fragments(kind), found)


def test_gradient_fidelity_is_read_as_it_was_written(tmp_path):
    found = write(tmp_path / "r.h5", change=with_fidelity)
    assert validate(tmp_path / "r.h5") == []
    read = ResultFile(tmp_path / "r.h5").fragments("lif", "line")
    assert_same(read, found)
    for item in dataclasses.fields(Fidelity):
        values = getattr(found.fidelity, item.name)
        np.testing.assert_array_equal(getattr(read.fidelity, item.name), values, err_msg=item.name)


def test_a_damaged_gradient_fidelity_is_named(tmp_path):
    write(tmp_path / "r.h5", change=with_fidelity)
    with h5py.File(tmp_path / "r.h5", "a") as file:
        group = file["lif/line/fragments/fidelity"]
        group["step"][...] = [0.2, 0.1, 0.4]
        group["error"][1, 1] = 2.5
    problems = "\n".join(validate(tmp_path / "r.h5"))
    assert "step: is not ascending" in problems
    assert "error: holds a value outside [0, 2]" in problems
    with h5py.File(tmp_path / "r.h5", "a") as file:
        del file["lif/line/fragments/fidelity"].attrs["n_points"]
    assert "the attribute 'n_points' is missing" in "\n".join(validate(tmp_path / "r.h5"))
    with pytest.raises(ResultFileError, match="/fidelity has no attribute 'n_points'"):
        ResultFile(tmp_path / "r.h5").fragments("lif")


def test_measures_without_a_slice_are_a_piece_of_an_experiment(tmp_path):
    census, found = measured()
    write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"line": SliceResult(census=census, fragments=found)})})
    assert_same(ResultFile(tmp_path / "r.h5").model("lif").slices["line"].fragments, found)
    assert validate(tmp_path / "r.h5") == []


def test_measures_of_a_line_are_refused_on_a_plane(tmp_path):
    plane = SliceResult(synthetic.surface("lif", (3, 4)), fragments=measured()[1])
    with pytest.raises(InputError, match="one axis, and this one has two"):
        write_results(tmp_path / "r.h5", {"lif": ModelResult(slices={"plane": plane})})


def test_values_that_contradict_each_other_are_named(tmp_path):
    write(tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "a") as file:
        group = file["lif/line/fragments"]
        group["total_jump"][...] = [1.0, 2.0, 0.5]
        group["size"][0] = -1.0
        group.attrs["level"] = 95.0
    problems = "\n".join(validate(tmp_path / "r.h5"))
    for expected in (
        "total_jump: its interval ends before it begins",
        "size: holds a value outside [0, inf]",
        "'level' is 95",
    ):
        assert expected in problems


def test_what_is_missing_is_named(tmp_path):
    write(tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "a") as file:
        del file["lif/line/fragments"].attrs["level"]
    with pytest.raises(ResultFileError, match="no attribute 'level'"):
        ResultFile(tmp_path / "r.h5").fragments("lif")
