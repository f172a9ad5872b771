"""The anatomy of a sample in result files."""

from __future__ import annotations

from dataclasses import fields, replace

import h5py
import numpy as np
import pytest
from synthetic import anatomy as synthetic_anatomy
from synthetic import results as synthetic

from landscape.errors import ResultFileError
from landscape.results import ModelResult, ResultFile, SliceResult, validate, write_results


def write(path, kind="lif"):
    census = synthetic.census(kind)
    most = int(np.bincount(census.sample, minlength=1).argmax())
    found = synthetic_anatomy.anatomy(census, sample=most)
    line = SliceResult(synthetic.surface(kind, (15,)), census=census, anatomy=found)
    write_results(path, {kind: ModelResult(slices={"line": line, "other": synthetic.surface(kind, (5,))})})
    return found


def assert_same(one, other):
    for item in fields(one):
        a, b = getattr(one, item.name), getattr(other, item.name)
        if item.name == "both_sides":
            assert (a is None) == (b is None)
            if a is not None:
                assert_same(a, b)
        else:
            np.testing.assert_array_equal(a, b, err_msg=item.name)


@pytest.mark.parametrize("kind", ["lif", "qif"])
def test_an_anatomy_is_read_as_it_was_written_and_the_file_is_valid(kind, tmp_path):
    found = write(tmp_path / "r.h5", kind)
    assert (found.both_sides is None) == (kind == "qif")
    file = ResultFile(tmp_path / "r.h5")
    assert_same(file.anatomy(kind, "line"), found)
    assert file.anatomy(kind, "other") is None
    assert validate(tmp_path / "r.h5") == []


def test_an_anatomy_survives_reading_and_writing_the_whole_file(tmp_path):
    found = write(tmp_path / "r.h5")
    write_results(tmp_path / "again.h5", ResultFile(tmp_path / "r.h5").read())
    assert_same(ResultFile(tmp_path / "again.h5").anatomy("lif"), found)


def test_an_anatomy_without_discontinuities_or_spikes_can_be_stored(tmp_path):
    nothing = np.empty(0)
    empty = replace(
        synthetic_anatomy.anatomy(synthetic.census("qif")),
        curve_layer=nothing,
        curve_neuron=nothing,
        vertex_curve=nothing,
        vertex_position=nothing,
        vertex_time=nothing,
    )
    line = SliceResult(synthetic.surface("qif", (15,)), anatomy=empty)
    write_results(tmp_path / "r.h5", {"qif": ModelResult(slices={"line": line})})
    assert ResultFile(tmp_path / "r.h5").anatomy("qif").vertex_time.size == 0
    assert validate(tmp_path / "r.h5") == []


def test_what_is_missing_is_named(tmp_path):
    write(tmp_path / "r.h5")
    with h5py.File(tmp_path / "r.h5", "a") as file:
        del file["lif/line/anatomy"].attrs["sample"]
    with pytest.raises(ResultFileError, match="no attribute 'sample'"):
        ResultFile(tmp_path / "r.h5").anatomy("lif")
    assert any("'sample' is missing" in problem for problem in validate(tmp_path / "r.h5"))
