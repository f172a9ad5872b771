"""The census of a line in result files: what comes back, here and in other programs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace

import h5py
import numpy as np
import pytest
import xarray
from synthetic import results as synthetic

from landscape.errors import InputError, ResultFileError
from landscape.results import ModelResult, ResultFile, SliceResult, info, put_record, validate, write_results


def same(one, other):
    """Whether two censuses are equal to the bit, with the same types."""
    for item in fields(one):
        mine, theirs = getattr(one, item.name), getattr(other, item.name)
        if item.name == "attributes":
            assert mine.keys() == theirs.keys()
            for key, value in mine.items():
                np.testing.assert_array_equal(theirs[key], value, err_msg=key)
        elif isinstance(mine, np.ndarray):
            assert mine.dtype.kind == theirs.dtype.kind, item.name
            assert mine.shape == theirs.shape, item.name
            np.testing.assert_array_equal(theirs, mine, err_msg=item.name)
        else:
            assert mine == theirs, item.name


@pytest.fixture
def path(tmp_path):
    """A file with a line and a plane of two models, without a census."""
    slices = {"line": synthetic.surface(shape=(5,)), "plane": synthetic.surface(shape=(3, 2))}
    write_results(tmp_path / "r.h5", {"lif": ModelResult(slices=slices), "qif": ModelResult(slices=slices)})
    return tmp_path / "r.h5"


@pytest.mark.parametrize("census", [synthetic.census(), synthetic.census("qif"), synthetic.census(unresolved=2)])
def test_a_census_comes_back_as_it_was(path, census):
    put_record(path, "lif", census)
    found = ResultFile(path).census("lif")
    assert found is not None
    same(census, found)
    same(census, ResultFile(path).model("lif").slices["line"].census)
    assert ResultFile(path).census("qif", "line") is None
    assert validate(path) == []


def test_a_census_of_all_samples_names_none_and_infinite_jumps_are_kept(path):
    census = replace(synthetic.census(), samples=None)
    census.loss[0], census.jump[0] = (1.0, np.inf), np.inf
    census.loss[1], census.jump[1] = (np.inf, 1.0), -np.inf
    put_record(path, "lif/line", census)
    same(census, ResultFile(path).census("lif", "line"))
    assert validate(path) == []


def test_a_census_is_written_and_read_with_its_slice(tmp_path):
    census = synthetic.census()
    line = SliceResult(synthetic.surface(shape=(5,)), census=census)
    write_results(
        tmp_path / "a.h5", {"lif": ModelResult(slices={"plane": synthetic.surface(shape=(3, 2)), "line": line})}
    )
    write_results(tmp_path / "b.h5", ResultFile(tmp_path / "a.h5").read())
    same(census, ResultFile(tmp_path / "b.h5").census("lif", "line"))
    assert ResultFile(tmp_path / "b.h5").census("lif") is None
    assert validate(tmp_path / "b.h5") == []


def test_a_file_may_hold_a_census_without_its_slice(tmp_path):
    census = synthetic.census()
    path = tmp_path / "piece.h5"
    write_results(path, {"lif": ModelResult(slices={"line": SliceResult(census=census)})})
    same(census, ResultFile(path).model("lif").slices["line"].census)
    assert validate(path) == []
    with h5py.File(path, "a") as file:
        file["lif/line/discontinuities/position"][0] = 7.0
    assert len([problem for problem in validate(path) if "/position" in problem]) == 2
    with pytest.raises(InputError, match="'census' is no kind of record that goes here; there are network, raster"):
        ModelResult(slices={"line": synthetic.surface(shape=(5,))}, census=census)


def test_a_later_census_takes_the_place_of_an_earlier_one_and_a_later_surface_of_both(path):
    put_record(path, "lif", synthetic.census())
    put_record(path, "lif", synthetic.census(count=3))
    found = ResultFile(path).census("lif")
    assert found is not None
    assert len(found) == 3
    synthetic.surface(shape=(4,)).save(path, "lif")
    assert ResultFile(path).census("lif") is None
    assert validate(path) == []


def test_a_census_needs_a_slice_with_one_axis(path, tmp_path):
    before = path.read_bytes()
    with pytest.raises(InputError, match="of a slice with one axis"):
        put_record(path, "lif/plane", synthetic.census())
    with pytest.raises(ResultFileError, match="no slice 'lin'; it has 'line', 'plane'"):
        put_record(path, "lif/lin", synthetic.census())
    with pytest.raises(ResultFileError, match="no such file"):
        put_record(tmp_path / "none.h5", "lif", synthetic.census())
    wrong = synthetic.census()
    with pytest.raises(InputError, match="mechanism 'magic' is none of order, grazing, trial_end"):
        put_record(path, "lif", replace(wrong, mechanism=np.full(len(wrong), "magic")))
    assert path.read_bytes() == before


def test_other_programs_read_a_census(path):
    census = synthetic.census()
    put_record(path, "lif", census)
    with xarray.open_dataset(path, group="lif/line/discontinuities", engine="h5netcdf") as data:
        assert data.loss.dims == ("discontinuity", "side")
        np.testing.assert_array_equal(data.jump, census.jump)
        assert data.downstream.dtype == bool
        np.testing.assert_array_equal(data.downstream, census.downstream)
        meanings = data.mechanism.attrs["flag_meanings"].split()
        assert [meanings[number] for number in data.mechanism.values] == census.mechanism.tolist()
        assert data.attrs["transitions_grazing"] == 900
        assert data.position.attrs["units"] == "1"
    with h5py.File(path) as file:
        group = file["lif/line/discontinuities"]
        assert all(item.dtype.kind in "fiu" for item in group.values())
        assert group["difference"].dims[1][0].name == "/lif/line/discontinuities/widths"
        assert group["confirmed"].attrs["flag_meanings"] == "not_evaluated contradicted confirmed"


def test_info_shows_the_census(path):
    put_record(path, "lif", synthetic.census())
    text = info(path)
    assert "jump  (discontinuity: 12)  float64  [nat]" in text
    assert "@transitions_grazing = 900" in text


def test_a_damaged_census_is_refused_with_its_place(path):
    put_record(path, "lif", synthetic.census())
    with h5py.File(path, "a") as file:
        file["lif/line/discontinuities/kind"][0] = 9
    with pytest.raises(ResultFileError, match="/lif/line/discontinuities/kind holds 9"):
        ResultFile(path).census("lif")
    with h5py.File(path, "a") as file:
        file["lif/line/discontinuities/kind"][0] = 1
        del file["lif/line/discontinuities"].attrs["high"]
    with pytest.raises(ResultFileError, match="no attribute 'high'"):
        ResultFile(path).census("lif")


def test_a_census_is_read_without_the_compiler(path):
    put_record(path, "lif", synthetic.census())
    code = (
        "import sys\n"
        "from landscape.results import ResultFile\n"
        f"assert len(ResultFile({str(path)!r}).census('lif')) == 12\n"
        "sys.exit(any(name in sys.modules for name in ('numba', 'matplotlib')))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
