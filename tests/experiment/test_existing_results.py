"""What is looked at of an earlier result when a run begins, and what that costs."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest
from synthetic import results as synthetic_results
from synthetic import tiny_experiment

from landscape import results
from landscape.config import load_config
from landscape.errors import ResultFileError
from landscape.experiment import Experiment, existing, experiment
from landscape.experiment.existing import check_result
from landscape.experiment.folder import FolderInUseError


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "landscape.h5"
    synthetic_results.write_example(path, models=("lif",))
    return path


def test_a_result_whose_checksum_fits_is_not_read_through(result, monkeypatch):
    monkeypatch.setattr(existing, "validate", lambda path: pytest.fail("read through"))
    said = []
    check_result(result, said.append)
    assert said == []


def test_one_that_another_program_wrote_to_is_read_through_and_that_is_said(result):
    with h5py.File(result, "r+") as file:
        file["lif/line/loss"][()] = file["lif/line/loss"][()] + 1.0
    said = []
    check_result(result, said.append)
    assert said == [f"checking {result}, which another program wrote to"]
    with h5py.File(result, "r+") as file:
        file["lif/line/loss"][0] = float("nan")
    with pytest.raises(ResultFileError, match=r"damaged result file .*not finite.*left as it is"):
        check_result(result, said.append)


def test_no_name_is_looked_for_in_the_whole_file(result, monkeypatch):
    asked = []

    class Named(h5py.Dataset):
        """A dataset that was reached by a reference: the library does not know its name."""

        @property
        def name(self):
            asked.append(self)
            return super().name

    by_reference = h5py.Group.__getitem__

    def found(self, key):
        item = by_reference(self, key)
        return Named(item.id) if isinstance(key, h5py.Reference) and isinstance(item, h5py.Dataset) else item

    monkeypatch.setattr(h5py.Group, "__getitem__", found)
    assert results.validate(result) == []
    assert "(axis_0: " in results.info(result)
    assert asked == []


def test_the_folder_is_held_while_it_is_looked_at(tmp_path, monkeypatch):
    config, out = load_config(tiny_experiment.write(tmp_path)), tmp_path / "results"

    def look(*given):
        with pytest.raises(FolderInUseError), Experiment(config, out).at_work():
            pass
        raise ResultFileError("looked at")

    monkeypatch.setattr(experiment, "check_result", look)
    with pytest.raises(ResultFileError, match="looked at"), Experiment(config, out).at_work():
        pass
