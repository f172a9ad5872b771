"""A kind of result is one class: it is found by being there, and nothing else knows of it."""

from __future__ import annotations

from collections.abc import Iterator

import h5py
import numpy as np
import pytest
import xarray
from synthetic import results as synthetic

from landscape.errors import InputError
from landscape.h5.fields import RECORDS, array, attribute, record
from landscape.h5.kinds import kinds
from landscape.results import ModelResult, ResultFile, SliceResult, put_record, validate, write_results
from landscape.results.page import page_tables


@pytest.fixture
def peaks() -> Iterator[type]:
    """A kind that is there during a test only."""

    @record("highest", of="line", name="peaks", title="highest", doc="Peaks.", dims={"peak": "number of the peak"})
    class Peaks:
        position: np.ndarray = array("peak", "where it is", ascending=True)
        height: float = attribute("number", "height of the highest", lowest=0.0)

        def problems(self) -> Iterator[str]:
            if self.position.size == 0:
                yield "position: there is no peak"

        def problems_on(self, surface) -> Iterator[str]:
            if self.position.size > surface.n_points:
                yield "there are more peaks than points"

    yield Peaks
    RECORDS.remove(Peaks)


def test_a_kind_is_written_read_checked_and_described(peaks, tmp_path):
    found = peaks(position=np.array([0.25, 0.5]), height=2.0)
    line = SliceResult(synthetic.surface(shape=(5,)), peaks=found)
    write_results(tmp_path / "r.h5", {"lif": ModelResult({"line": line, "other": synthetic.surface(shape=(1,))})})
    file = ResultFile(tmp_path / "r.h5")
    np.testing.assert_array_equal(file.peaks("lif", "line").position, found.position)
    assert file.peaks("lif", "other") is None
    assert file.find(peaks, "lif").height == 2.0
    assert file.model("lif").slices["line"].peaks.height == 2.0
    assert "peaks" in dir(file)
    assert validate(tmp_path / "r.h5") == []
    assert "| `height` | number | yes | height of the highest |" in page_tables()
    with xarray.open_dataset(tmp_path / "r.h5", group="lif/line/highest", engine="h5netcdf") as data:
        assert data.position.attrs["long_name"] == "where it is"

    put_record(tmp_path / "r.h5", "lif/other", found)
    assert validate(tmp_path / "r.h5") == ["/lif/other/highest: there are more peaks than points"]
    put_record(tmp_path / "r.h5", "lif/other", peaks(position=np.empty(0), height=2.0))
    assert validate(tmp_path / "r.h5") == ["/lif/other/highest/position: there is no peak"]
    with h5py.File(tmp_path / "r.h5", "a") as raw:
        raw["lif/other/highest"].attrs["height"] = -1.0
    assert "'height' is -1, not at least 0" in validate(tmp_path / "r.h5")[0]


def test_a_kind_keeps_to_its_place_and_its_name(peaks, tmp_path):
    found = peaks(position=np.array([0.5]), height=2.0)
    plane = SliceResult(synthetic.surface(shape=(3, 2)), peaks=found)
    with pytest.raises(InputError, match="peaks is of a slice with one axis, and this one has two axes"):
        write_results(tmp_path / "r.h5", {"lif": ModelResult({"plane": plane})})
    with pytest.raises(InputError, match="'highest' means something else"):
        write_results(tmp_path / "r.h5", {"highest": ModelResult()})
    with pytest.raises(InputError, match="'peaks' is no kind of record that goes here"):
        ModelResult(peaks=found)


def test_the_kinds_of_the_package_are_found_without_being_named():
    names = {kind.__name__ for kind in kinds()}
    assert {"Census", "Anatomy", "Fragments", "Curves", "SilentRegions", "Summary"} <= names
    assert {"NetworkData", "TrainingRecord", "RasterData", "Comparison"} <= names
