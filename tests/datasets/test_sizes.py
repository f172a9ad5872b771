"""Sizes of data files, without reading the data."""

from __future__ import annotations

import gzip
from pathlib import Path

import h5py
import numpy as np

from landscape.datasets import digits, yin_yang
from landscape.datasets.sizes import size_of_file


def write_shd(path: Path, trains: list[list[float]]) -> None:
    with h5py.File(path, "w") as file:
        group = file.create_group("spikes")
        times = group.create_dataset("times", (len(trains),), dtype=h5py.vlen_dtype(np.float16))
        units = group.create_dataset("units", (len(trains),), dtype=h5py.vlen_dtype(np.uint16))
        for number, train in enumerate(trains):
            times[number] = np.array(train, np.float16)
            units[number] = np.arange(len(train), dtype=np.uint16)
        file["labels"] = np.arange(len(trains)) % 2


def test_a_file_of_either_layout_tells_samples_classes_spikes_and_events(tmp_path: Path) -> None:
    write_shd(tmp_path / "shd.h5", [[0.0, 0.5, 0.5, 1.0]] * 3 + [[0.25] * 6] * 3)
    assert size_of_file(tmp_path / "shd.h5") == (6, 2, 5.0, 2.0)
    (tmp_path / "shd.h5.gz").write_bytes(gzip.compress((tmp_path / "shd.h5").read_bytes()))
    assert size_of_file(tmp_path / "shd.h5.gz") == (6, 2, 5.0, 2.0)
    yin_yang(70, seed=1).save(tmp_path / "saved.h5")
    assert size_of_file(tmp_path / "saved.h5") == (70, 3, 5.0, 5.0)
    data = digits()
    data.save(tmp_path / "digits.h5")
    found = size_of_file(tmp_path / "digits.h5")
    assert found is not None
    assert found[:2] == (len(data), data.n_classes)
    assert 0.8 < found.spikes / (data.times.size / len(data)) < 1.25


def test_what_cannot_be_told_is_none(tmp_path: Path) -> None:
    assert size_of_file(tmp_path / "missing.h5") is None
    path = tmp_path / "d.h5"
    yin_yang(7, seed=1).save(path)
    content = path.read_bytes()
    for number, damaged in enumerate((b"", b"nonsense", content[:200], content[: len(content) // 2])):
        other = tmp_path / f"{number}.h5"
        other.write_bytes(damaged)
        assert size_of_file(other) is None
    with h5py.File(path, "a") as file:
        del file["labels"]
        file["labels"] = np.zeros((3, 2))
    assert size_of_file(path) is None
