from __future__ import annotations

import h5py
import numpy as np
import pytest
from hypothesis import given
from synthetic.ragged_data import quick, ragged, small

from landscape.datasets import Dataset, load_dataset
from landscape.errors import DataError, InputError


@quick
@given(data=ragged())
def test_a_saved_data_set_comes_back_exactly(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "data.h5"
    data.save(path)
    again = Dataset.load(path)
    assert again.content_hash() == data.content_hash()
    assert again.name == data.name


def test_names_come_back_whatever_the_alphabet(tmp_path):
    small(name="Zahlwörter", class_names=["fünf", "零"]).save(tmp_path / "data.h5")
    again = Dataset.load(tmp_path / "data.h5")
    assert (again.name, again.class_names) == ("Zahlwörter", ("fünf", "零"))


def test_the_file_has_the_documented_layout(tmp_path):
    small().save(tmp_path / "data.h5")
    with h5py.File(tmp_path / "data.h5") as file:
        assert set(file) == {"times", "channels", "offsets", "labels", "speakers"}
        assert {name: file[name].dtype for name in ("times", "channels", "labels")} == {
            "times": np.float64,
            "channels": np.int32,
            "labels": np.int64,
        }
        assert dict(file.attrs) == {
            "format": "landscape-dataset",
            "format_version": 1,
            "name": "small",
            "n_channels": 4,
            "n_classes": 2,
            "content_hash": small().content_hash(),
        }


def test_saving_replaces_a_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "data.h5"
    path.write_text("something else")
    small().save(path)
    assert len(Dataset.load(path)) == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.h5"]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "data.h5"
    small().save(path)
    monkeypatch.setattr(Dataset, "content_hash", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        small(name="second").save(path)
    monkeypatch.undo()
    assert Dataset.load(path).name == "small"
    assert [entry.name for entry in tmp_path.iterdir()] == ["data.h5"]


def test_saving_where_no_file_can_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"data.h5: cannot write there"):
        small().save(tmp_path / "file" / "data.h5")


def test_a_file_of_another_version_is_refused(tmp_path):
    path = tmp_path / "data.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(DataError, match=r"data.h5: has format version 2, this package reads 1"):
        Dataset.load(path)


def test_an_altered_array_is_noticed(tmp_path):
    path = tmp_path / "data.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        file["times"][1] = 0.75
    with pytest.raises(DataError, match="do not match its content_hash"):
        load_dataset(path)


@pytest.mark.parametrize("member", ["times", "labels"])
def test_a_missing_array_is_named(tmp_path, member):
    path = tmp_path / "data.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        del file[member]
    with pytest.raises(DataError, match=f"data.h5: lacks the array /{member}"):
        Dataset.load(path)


@pytest.mark.parametrize("attribute", ["n_channels", "content_hash", "format_version"])
def test_a_missing_attribute_is_named(tmp_path, attribute):
    path = tmp_path / "data.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        del file.attrs[attribute]
    with pytest.raises(DataError, match=f"data.h5: lacks the attribute '{attribute}'"):
        Dataset.load(path)


def test_a_file_that_is_no_saved_data_set_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["times"] = [0.0]
    with pytest.raises(DataError, match=r"other.h5: is no saved data set"):
        Dataset.load(tmp_path / "other.h5")
