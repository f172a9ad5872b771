from __future__ import annotations

import gzip
import time

import h5py
import numpy as np
import pytest
from synthetic.ragged_data import SHARED, write_shd

from landscape.datasets import load_dataset, load_shd
from landscape.errors import DataError


def compressed(path, name="data.h5.gz"):
    target = path.with_name(name)
    target.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return target


def test_a_file_in_shd_layout_is_read(tmp_path):
    path = write_shd(tmp_path / "test.h5", speakers=[4, 5, 4])
    data = load_shd(path)
    assert data.times.tolist() == [0.125, 0.25, 0.5, 0.5, 1.5]
    assert data.channels.tolist() == [3, 0, 1, 2, 699]
    assert data.offsets.tolist() == [0, 2, 2, 5]
    assert data.labels.tolist() == [1, 0, 4]
    assert data.speakers.tolist() == [4, 5, 4]
    assert (data.n_channels, data.n_classes, data.name) == (700, 5, "test")


def test_half_precision_times_are_converted_exactly(tmp_path):
    halves = np.sort(np.random.default_rng(0).uniform(0, 1.4, 500).astype(np.float16))
    path = write_shd(tmp_path / "test.h5", [halves], [np.zeros(500)], [0])
    assert np.array_equal(load_shd(path).times, halves.astype(np.float64))


def test_times_of_another_precision_are_read_as_they_are(tmp_path):
    path = write_shd(tmp_path / "test.h5", [[0.1, 0.2]], [[0, 1]], [0], dtype=np.float64)
    assert load_shd(path).times.tolist() == [0.1, 0.2]


def test_speakers_and_keys_are_optional(tmp_path):
    data = load_shd(write_shd(tmp_path / "test.h5"))
    assert data.speakers is None
    assert data.class_names == ()


def test_the_keys_name_the_classes(tmp_path):
    keys = ["zero", "one", "two", "three", "four", "fünf"]
    data = load_shd(write_shd(tmp_path / "test.h5", keys=keys))
    assert data.n_classes == 6
    assert data.class_names == tuple(keys)


def test_sizes_can_be_given(tmp_path):
    data = load_shd(write_shd(tmp_path / "test.h5", keys=list("abcde")), n_channels=1000, n_classes=10)
    assert (data.n_channels, data.n_classes, data.class_names) == (1000, 10, ())


@pytest.mark.parametrize("name", ["data.h5.gz", "data.h5"])
def test_gzip_is_told_by_content(tmp_path, name):
    plain = write_shd(tmp_path / "plain.h5")
    data = load_shd(compressed(plain, name))
    assert data.content_hash() == load_shd(plain).content_hash()
    assert data.name == "data"


BAD_CONTENT = {
    "a unit beyond the channels": (
        {"units": ([3, 0], [], [1, 700, 2])},
        "sample 2: spike 1 is on channel 700",
    ),
    "times out of order": (
        {"times": ([0.25, 0.125], [], [0, 0, 0])},
        "sample 0: spike 1 comes at 0.125, after",
    ),
    "a negative time": (
        {"times": ([0, 1], [], [-1, 0, 0])},
        "sample 2: spike 0 has time -1.0, which is negative",
    ),
    "a time that is no number": ({"times": ([0, 1], [], [0, np.nan, 1])}, "sample 2: spike 1 has time nan"),
    "an infinite time": ({"times": ([0, np.inf], [], [0, 0, 0])}, "sample 0: spike 1 has time inf"),
    "a negative label": ({"labels": (0, -1, 0)}, "sample 1 has label -1"),
    "only negative labels": ({"labels": (-1, -1, -1)}, "sample 0 has label -1"),
    "a label beyond the keys": ({"keys": list("abc")}, "sample 2 has label 4, but n_classes=3"),
    "no samples": ({"times": (), "units": (), "labels": ()}, "has no samples"),
    "no labels": ({"labels": None}, "lacks the array /labels"),
    "no times": ({"times": None}, "lacks the array /spikes/times"),
    "no units": ({"units": None}, "lacks the array /spikes/units"),
    "fewer labels than samples": ({"labels": (0, 1)}, "spikes/times has 3 samples but labels has 2"),
    "fewer unit trains than time trains": (
        {"units": ([3, 0], [])},
        "spikes/times has 3 samples but spikes/units has 2",
    ),
    "a sample with more times than units": (
        {"units": ([3, 0], [], [1, 2])},
        "sample 2 has 3 entries in spikes/times but 2 in spikes/units",
    ),
    "fewer speakers than samples": (
        {"speakers": [1, 2]},
        "spikes/times has 3 samples but extra/speaker has 2",
    ),
}


@pytest.mark.parametrize(("changes", "message"), BAD_CONTENT.values(), ids=BAD_CONTENT)
def test_a_bad_file_is_refused_with_one_line_that_names_file_and_culprit(tmp_path, changes, message):
    path = write_shd(tmp_path / "bad.h5", **changes)
    for load in (load_shd, load_dataset):
        with pytest.raises(DataError, match=message) as caught:
            load(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


def test_a_file_of_another_layout_is_refused(tmp_path):
    path = tmp_path / "bad.h5"
    with h5py.File(path, "w") as file:
        file["spikes/times"] = np.zeros((3, 4))
        file["spikes/units"] = np.zeros(3)
        file["labels"] = np.zeros((3, 1), int)
    with pytest.raises(DataError, match=r"/spikes/times has shape \(3, 4\): SHD layout has one entry per sample"):
        load_shd(path)
    with h5py.File(path, "r+") as file:
        del file["labels"], file["spikes/times"]
        file["labels"] = np.zeros(3)
        file["spikes/times"] = np.zeros(3)
    with pytest.raises(DataError, match="/labels has dtype float64, not integers"):
        load_shd(path)
    with h5py.File(path, "r+") as file:
        del file["labels"]
        file["labels"] = np.zeros(3, int)
    with pytest.raises(DataError, match="/spikes/times has dtype float64, not variable-length arrays of numbers"):
        load_shd(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"shd_test.h5: there is no such file"):
        load_shd(tmp_path / "shd_test.h5")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"cannot be read \(is a folder"):
        load_shd(tmp_path)


@pytest.mark.parametrize("content", [b"", b"time,unit\n0.1,3\n", b"\x89HDF"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_that_is_not_hdf5_is_refused(tmp_path, content, pack):
    path = tmp_path / "table.csv"
    path.write_bytes(pack(content))
    with pytest.raises(DataError, match=r"table.csv: is not an HDF5 file"):
        load_shd(path)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(tmp_path, share):
    whole = write_shd(tmp_path / "whole.h5", [np.arange(500) / 1000] * 20, [np.arange(500)] * 20, [0] * 20)
    for content in (whole.read_bytes(), compressed(whole).read_bytes()):
        path = tmp_path / "part.h5"
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(DataError, match=r"part.h5: is damaged or incomplete, fetch it again"):
            load_shd(path)


def test_a_damaged_gzip_file_is_refused(tmp_path):
    path = compressed(write_shd(tmp_path / "whole.h5"))
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF  # in the checksum
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"is damaged or incomplete, fetch it again \(CRC check failed"):
        load_shd(path)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the recordings, which are not part of the project")
@pytest.mark.parametrize(("name", "per_class"), [("spoken_digits_train.h5.gz", 90), ("spoken_digits_test.h5.gz", 18)])
def test_recorded_digits_load_whole_within_seconds(name, per_class):
    start = time.perf_counter()
    data = load_dataset(SHARED / name)
    assert time.perf_counter() - start < 10
    assert np.bincount(data.labels).tolist() == [per_class] * 10
    assert (data.n_channels, data.n_classes, len(np.unique(data.speakers))) == (700, 10, 6)
    assert data.class_names[:2] == ("zero", "one")
    with gzip.open(SHARED / name) as stream, h5py.File(stream) as file:
        assert np.array_equal(data[17].times, file["spikes/times"][17])
        assert np.array_equal(data[17].channels, file["spikes/units"][17])
