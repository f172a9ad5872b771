"""Data files that other programs wrote, and files that are not what they claim."""

from __future__ import annotations

import gzip
import os
import random

import h5py
import numpy as np
import pytest
from synthetic.ragged_data import small, write_shd

from landscape.datasets import Dataset, load_dataset, load_shd
from landscape.datasets.sizes import size_of_file
from landscape.errors import DataError, InputError

TIMES = ([0.125, 0.25, 0.375], [0.5])
UNITS = ([3, 0, 256], [1])


def write_ragged(file: h5py.File, name: str, trains, element) -> None:
    made = file.create_dataset(name, (len(trains),), h5py.vlen_dtype(np.dtype(element)))
    for number, train in enumerate(trains):
        made[number] = np.array(train, element)


def refusal(path) -> str:
    with pytest.raises(DataError) as caught:
        load_dataset(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("time", ["<f2", ">f2", ">f4", "<f8", ">f8"])
@pytest.mark.parametrize("unit", [">u2", "<i4", ">i4", ">u8"])
def test_numbers_of_any_byte_order_are_read_as_what_they_are(tmp_path, time, unit):
    path = tmp_path / "java.h5"
    with h5py.File(path, "w") as file:
        write_ragged(file, "spikes/times", TIMES, time)
        write_ragged(file, "spikes/units", UNITS, unit)
        file["labels"] = np.array([1, 0], ">i4")
        file["extra/speaker"] = np.array([7, 258], ">u2")
    data = load_shd(path)
    assert data.times.tolist() == [0.125, 0.25, 0.375, 0.5]
    assert data.channels.tolist() == [3, 0, 256, 1]
    assert data.labels.tolist() == [1, 0]
    assert data.speakers.tolist() == [7, 258]
    assert size_of_file(path).spikes == 2.0
    assert size_of_file(path).events == 2.0


def test_names_of_fixed_length_and_a_block_of_the_user_s_before_the_file_are_fine(tmp_path):
    path = write_shd(tmp_path / "plain.h5")
    with h5py.File(tmp_path / "matlab.h5", "w", userblock_size=512) as file, h5py.File(path) as plain:
        for name in ("spikes", "labels"):
            plain.copy(name, file)
        file["extra/keys"] = np.array([b"a", b"b", b"c", b"d", b"e"])
    for name in ("matlab.h5", "packed.h5.gz"):
        data = load_shd(tmp_path / name)
        assert data.content_hash() == load_shd(path, n_classes=5).content_hash()
        assert data.class_names == tuple("abcde")
        (tmp_path / "packed.h5.gz").write_bytes(gzip.compress((tmp_path / "matlab.h5").read_bytes()))


@pytest.mark.parametrize("form", ["netcdf", "h5netcdf"])
def test_a_saved_data_set_that_netcdf_tools_rewrote_is_read(tmp_path, form):
    path = tmp_path / "saved.h5"
    small().save(path)
    with h5py.File(path, "r+") as file:
        for name, value in dict(file.attrs).items():
            file.attrs[name] = (np.bytes_(value) if form == "netcdf" else value) if isinstance(value, str) else [value]
    again = Dataset.load(path)
    assert again.content_hash() == small().content_hash()
    assert again.name == "small"


def other_types(file: h5py.File, name: str, values) -> None:
    del file[name]
    file[name] = values


WRONG_TYPES = {
    "booleans": ("labels", np.array([True, False, True]), "/labels has dtype bool, not integers"),
    "complex numbers": ("labels", np.zeros(3, complex), "/labels has dtype complex128, not integers"),
    "a table": ("labels", np.zeros(3, [("label", "i8")]), "/labels has dtype .*, not integers"),
    "one number": ("labels", 3, r"/labels has shape \(\)"),
    "nothing": ("labels", h5py.Empty("i8"), "/labels has shape None"),
    "text in numbers, as MATLAB writes it": (
        "extra/keys",
        np.array([97, 98], np.uint16),
        "/extra/keys has dtype uint16",
    ),
    "a column, as MATLAB writes it": ("labels", np.zeros((1, 3), int), r"/labels has shape \(1, 3\)"),
}


@pytest.mark.parametrize(("name", "values", "message"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_an_array_of_another_type_is_refused_by_name(tmp_path, name, values, message):
    path = write_shd(tmp_path / "data.h5", keys=list("abcde"))
    with h5py.File(path, "r+") as file:
        other_types(file, name, values)
    with pytest.raises(DataError, match=message):
        load_shd(path)


def test_references_in_place_of_spike_trains_are_refused(tmp_path):
    path = write_shd(tmp_path / "cells.h5")
    with h5py.File(path, "r+") as file:
        references = np.array([file["labels"].ref] * 3, h5py.ref_dtype)
        other_types(file, "spikes/times", references)
    assert "/spikes/times has dtype object, not variable-length arrays of numbers" in refusal(path)


def test_a_filter_that_is_not_installed_is_named(tmp_path):
    path = write_shd(tmp_path / "data.h5")
    with h5py.File(path, "r+") as file:
        del file["labels"]
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((3,))
        made.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, ())  # Blosc
        h5py.h5d.create(file.id, b"labels", h5py.h5t.STD_I64LE, h5py.h5s.create_simple((3,)), made)
    if h5py.h5z.filter_avail(32001):
        pytest.skip("Blosc is installed here")
    assert "/labels is packed with the filter " in refusal(path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", ["link", "virtual", "raw"])
def test_content_in_another_file_is_refused_by_name_before_it_is_opened(tmp_path, kind, packed):
    os.mkfifo(tmp_path / "pipe")
    path = write_shd(tmp_path / "data.h5", labels=None)
    with h5py.File(path, "r+", libver="latest") as file:
        if kind == "link":
            file["labels"] = h5py.ExternalLink(str(tmp_path / "pipe"), "/labels")
        elif kind == "virtual":
            layout = h5py.VirtualLayout((3,), "i8")
            layout[:] = h5py.VirtualSource(str(tmp_path / "pipe"), "labels", (3,))
            file.create_virtual_dataset("labels", layout)
        else:
            file.create_dataset("labels", (3,), "i8", external=[(str(tmp_path / "pipe"), 0, 24)])
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    message = refusal(path)
    assert "/labels is not in the file itself" in message
    assert str(tmp_path / "pipe") in message
    assert size_of_file(path) is None


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", tmp_path):
        assert "cannot be read (is a " in refusal(path)
    assert size_of_file(tmp_path / "pipe") is None


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="no file of this system fails when it is read")
def test_a_file_that_cannot_be_read_although_it_can_be_opened_is_named():
    assert "/proc/self/mem: cannot be read (" in refusal("/proc/self/mem")


@pytest.mark.parametrize("name", ["labels", "spikes/times", "spikes/units", "extra/speaker", "extra/keys"])
def test_an_array_that_claims_what_is_not_there_is_refused_before_it_is_read(tmp_path, name):
    path = write_shd(tmp_path / "data.h5", speakers=[1, 2, 3], keys=list("abcde"))
    with h5py.File(path, "r+") as file:
        dtype = file[name].dtype
        del file[name]
        file.create_dataset(name, (10**12,), dtype, chunks=(1024,))
    assert size_of_file(path) is None or name != "labels"
    assert "1000000000000" in refusal(path)
    small().save(path)
    with h5py.File(path, "r+") as file:
        for array in ("times", "channels", "offsets", "labels"):
            del file[array]
            file.create_dataset(array, (10**12,), "i8", chunks=(1024,))
    assert "claims to have shape (1000000000000,)" in refusal(path)


def test_many_samples_that_name_one_stored_array_are_refused(tmp_path):
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        for name, element in (("spikes/times", np.float64), ("spikes/units", np.uint16)):
            write_ragged(file, name, [np.zeros(20_000)] + [[]] * 999, element)
        file["labels"] = np.zeros(1000, int)
        # The first entry, which says where its array is, for all of them.
        places = [file[name].id.get_offset() for name in ("spikes/times", "spikes/units")]
    content = bytearray(path.read_bytes())
    for place in places:
        content[place : place + 16_000] = content[place : place + 16] * 1000
    path.write_bytes(content)
    assert "claims more than the whole file holds" in refusal(path)


def test_many_names_that_are_one_stored_text_are_refused(tmp_path):
    path = write_shd(tmp_path / "bomb.h5")
    with h5py.File(path, "r+") as file:
        file.create_dataset("extra/keys", (1000,), h5py.string_dtype())[0] = "a" * 20_000
        place = file["extra/keys"].id.get_offset()
    content = bytearray(path.read_bytes())
    content[place : place + 16_000] = content[place : place + 16] * 1000
    path.write_bytes(content)
    assert "/extra/keys claims more than the whole file holds" in refusal(path)


def test_a_packed_file_that_unpacks_to_far_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("landscape.datasets.hdf5_input._ALWAYS_UNPACKED", 1 << 20)
    path = tmp_path / "bomb.h5.gz"
    path.write_bytes(gzip.compress(b"\x89HDF\r\n\x1a\n" + bytes(8 << 20)))
    assert "unpacks to more than 1 MiB" in refusal(path)


def test_a_packed_file_without_a_place_to_unpack_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    path = tmp_path / "data.h5.gz"
    path.write_bytes(gzip.compress(write_shd(tmp_path / "data.h5").read_bytes()))
    assert "cannot be unpacked (No such file or directory): free temporary space" in refusal(path)


def test_numbers_of_channels_and_classes_that_would_take_all_memory_are_refused(tmp_path):
    assert "n_classes is 1000000000001, but at most" in refusal(write_shd(tmp_path / "a.h5", labels=[0, 1, 10**12]))
    with pytest.raises(DataError, match="n_channels is 1000000000000, but at most"):
        small(n_channels=10**12)


def test_a_file_that_another_program_has_open_for_writing_is_not_called_damaged(tmp_path):
    path = write_shd(tmp_path / "data.h5")
    with h5py.File(path, "r+"):
        assert "another program has it open for writing: close it there" in refusal(path)
    with h5py.File(path, "r"):
        assert len(load_shd(path)) == 3


def test_names_that_no_file_can_hold_are_refused():
    for names in (
        {"class_names": ["a\0b", "c"]},
        {"class_names": ["a", "\udce9"]},
        {"name": "caf\udce9"},
        {"name": "\0"},
    ):
        with pytest.raises(DataError, match="name "):
            small(**names)


def test_a_path_can_be_any_bytes(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.h5")
    os.rename(write_shd(tmp_path / "a.h5"), path)
    for given in (path, os.fsdecode(path)):
        assert load_dataset(given).name == load_shd(given).name == "caf\ufffd"
    small().save(path)
    assert Dataset.load(path).name == "small"
    assert size_of_file(path) is not None
    for given in (b"a\0b", "a\0b"):
        with pytest.raises(InputError):
            load_shd(given)
        with pytest.raises(InputError):
            small().save(given)


@pytest.mark.parametrize("layout", ["saved", "shd"])
def test_a_damaged_file_gives_a_message_or_its_data(tmp_path, layout):
    draw = random.Random(5)
    path = tmp_path / "data.h5"
    if layout == "saved":
        small().save(path)
    else:
        write_shd(path, keys=list("abcde"))
    content, hash_before = path.read_bytes(), load_dataset(path).content_hash()
    fine = 0
    for _ in range(100):
        damaged = bytearray(content)
        # Where HDF5 keeps what it knows of the arrays, more often than in them.
        damaged[draw.randrange(draw.choice([len(content), 4096]))] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            data = load_dataset(path)
        except DataError as error:
            fine += str(error).startswith(f"{path}: ") and "\n" not in str(error)
        else:
            fine += 1
            # A file of another program has no checksum of what it holds.
            assert layout == "shd" or data.content_hash() == hash_before
    assert fine == 100
