from __future__ import annotations

import gzip
import subprocess
import sys

import h5py
import pytest
from synthetic.ragged_data import small, write_shd

from landscape.datasets import digits, load_dataset, sources
from landscape.errors import DataError


def test_named_sources_are_listed_with_a_summary():
    assert list(sources()) == ["digits", "yin-yang"]
    for name, source in sources().items():
        assert source.name == name
        assert "classes" in source.summary


def test_a_name_gives_its_data():
    assert load_dataset("digits").content_hash() == digits().content_hash()


def test_a_path_gives_the_file_s_data_whatever_its_layout_and_compression(tmp_path):
    saved, shd, packed = tmp_path / "saved.h5", write_shd(tmp_path / "shd.h5"), tmp_path / "packed"
    small().save(saved)
    packed.write_bytes(gzip.compress(saved.read_bytes()))
    assert load_dataset(saved).content_hash() == small().content_hash()
    assert load_dataset(str(packed)).content_hash() == small().content_hash()
    assert load_dataset(str(shd)).name == "shd"


def test_a_data_set_without_name_is_called_as_its_file(tmp_path):
    small(name="").save(tmp_path / "mine.h5")
    assert load_dataset(tmp_path / "mine.h5").name == "mine"


def test_options_reach_the_file_s_reader(tmp_path):
    assert load_dataset(write_shd(tmp_path / "shd.h5"), n_channels=800, n_classes=9).n_channels == 800


def test_a_name_goes_before_a_file_and_a_path_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small().save("yin-yang")
    assert load_dataset("yin-yang", n_samples=5).name == "yin-yang"
    assert load_dataset("./yin-yang").name == "small"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digit", "digit: there is no such file, and no data set of this name .*did you mean 'digits'"),
        ("Yin_Yang", "did you mean 'yin-yang'"),
        (
            "shd_test.h5",
            r"shd_test.h5: there is no such file.*\(there are digits, yin-yang\): check the path",
        ),
        ("", "there is no such file"),
    ],
)
def test_an_unknown_name_is_refused_with_the_names_there_are_and_the_nearest(name, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=message):
        load_dataset(name)


def test_an_hdf5_file_of_no_known_layout_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(DataError, match=r"other.h5: is neither a data set saved by .* nor a file in SHD layout"):
        load_dataset(tmp_path / "other.h5")


def test_an_unknown_option_is_refused_with_the_options_there_are(tmp_path):
    with pytest.raises(DataError, match="'yin-yang' takes no option 'samples': its options are n_samples, seed"):
        load_dataset("yin-yang", samples=5)
    with pytest.raises(DataError, match="'digits' takes no option 'seed': its options are none"):
        load_dataset("digits", seed=5)
    with pytest.raises(DataError, match=r"shd.h5: .*no option 'units': its options are n_channels, n_classes"):
        load_dataset(write_shd(tmp_path / "shd.h5"), units=5)


def test_a_module_in_the_package_s_folder_is_a_source(tmp_path, monkeypatch):
    import landscape.datasets

    (tmp_path / "one_spike.py").write_text(
        "from landscape.datasets import Dataset, Source\n"
        "def one_spike(time=0.0):\n"
        "    return Dataset([time], [0], [0, 1], [0], 1, 1)\n"
        "SOURCE = Source('one-spike', one_spike, 'a spike')\n"
    )
    monkeypatch.setattr(landscape.datasets, "__path__", [*landscape.datasets.__path__, str(tmp_path)])
    try:
        assert load_dataset("one-spike", time=0.5).times.tolist() == [0.5]
        assert list(sources()) == ["digits", "one-spike", "yin-yang"]
    finally:
        sys.modules.pop("landscape.datasets.one_spike", None)


def test_importing_the_package_loads_nothing_heavy():
    heavy = "h5py", "numba", "matplotlib", "scipy", "pydantic"
    code = f"import sys, landscape.datasets; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
