"""Result files that lead elsewhere, that others have open, and that are no files."""

from __future__ import annotations

import os
import random

import h5py
import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.errors import DirectionError, ResultFileError
from landscape.figures import draw_all
from landscape.network import Network
from landscape.neurons import LIF
from landscape.results import ResultFile, info, validate
from landscape.slices.directions import load_directions


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "landscape.h5"
    synthetic.write_example(path, plane=(3, 2), line=5)
    return path


def refusal(path) -> str:
    messages = set()
    for read in (ResultFile, validate, info):
        with pytest.raises(ResultFileError) as caught:
            read(path)
        messages.add(str(caught.value))
    (message,) = messages
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def lead_elsewhere(file: h5py.Group, kind: str, name: str, target: str) -> None:
    if kind == "link":
        file[name] = h5py.ExternalLink(target, "/x")
    elif kind == "virtual":
        layout = h5py.VirtualLayout((3, 4), "f8")
        layout[:] = h5py.VirtualSource(target, "x", (3, 4))
        file.create_virtual_dataset(name, layout)
    else:
        file.create_dataset(name, (3, 4), "f8", external=[(target, 0, 96)])


@pytest.mark.parametrize("kind", ["link", "virtual", "raw"])
def test_content_in_another_file_is_refused_before_it_is_opened(written, kind):
    pipe = written.with_name("pipe")
    os.mkfifo(pipe)
    with h5py.File(written, "r+") as file:
        del file["lif/network/weights_0"]
        lead_elsewhere(file, kind, "lif/network/weights_0", str(pipe))
    message = refusal(written)
    assert "/lif/network/weights_0 is not in the file itself" in message
    assert repr(str(pipe)) in message


@pytest.mark.parametrize("kind", ["link", "virtual", "raw"])
def test_directions_in_another_file_are_refused_before_it_is_opened(tmp_path, kind):
    os.mkfifo(tmp_path / "pipe")
    with h5py.File(tmp_path / "directions.h5", "w") as file:
        lead_elsewhere(file, kind, "weights_0", str(tmp_path / "pipe"))
    network = Network(LIF(), [[[1.0] * 4] * 3], duration=1.0)
    with pytest.raises(DirectionError, match="/weights_0 is not in the file itself"):
        load_directions(tmp_path / "directions.h5", network)
    with pytest.raises(DirectionError, match="is a pipe, not a file"):
        load_directions(tmp_path / "pipe", network)


def test_links_without_an_end_are_refused(written):
    with h5py.File(written, "r+") as file:
        file["lif/network/again"] = file["lif"]
    assert "/lif/network/again is a group that is elsewhere in the file too" in refusal(written)
    with h5py.File(written, "r+") as file:
        del file["lif/network/again"]
        file["lif/soft"] = h5py.SoftLink("/lif/soft")
    with pytest.raises(ResultFileError, match="too many links"):
        validate(written)


def test_what_is_no_regular_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "not an HDF5 file (is a pipe, not a file)" in refusal(tmp_path / "pipe")
    assert "is a folder, not a file" in refusal(tmp_path)


def test_a_file_that_is_open_for_writing_elsewhere_is_not_called_damaged(written):
    with h5py.File(written, "r+"):
        assert "another program has it open for writing: close it there" in refusal(written)
    assert validate(written) == []
    with h5py.File(written, "r"):
        assert validate(written) == []


def test_an_array_that_claims_what_is_not_there_is_refused_before_it_is_read(written):
    with h5py.File(written, "r+") as file:
        del file["lif/raster/time"]
        file.create_dataset("lif/raster/time", (10**12,), "<f8", chunks=(1024,))
    assert "/lif/raster/time claims to have shape (1000000000000,)" in refusal(written)


@pytest.mark.parametrize("form", ["bytes", "arrays", "both"])
def test_a_file_that_netcdf_tools_rewrote_is_told_from_a_damaged_one(written, form):
    with h5py.File(written, "r+") as file:
        for name, value in dict(file.attrs).items():
            if isinstance(value, str) and form != "arrays":
                file.attrs[name] = np.bytes_(value)
            elif np.ndim(value) == 0 and form != "bytes":
                file.attrs[name] = [value]
    with pytest.raises(ResultFileError, match="was rewritten by a program that changes attributes"):
        ResultFile(written)
    with pytest.raises(ResultFileError, match="was rewritten by a program that changes attributes"):
        validate(written)
    assert "@format = " in info(written)


@pytest.mark.parametrize("lost", [1, 20, 80, 400])
def test_an_end_of_zeros_is_told_however_much_of_it_was_data(written, lost):
    content = written.read_bytes()
    written.write_bytes(content[:-lost] + bytes(lost))
    assert "its checksum does not fit" in refusal(written)


ODD_NAMES = ["/../../../home/photo", "..", ".hidden", "a b", "a\\b", "line\n", ""]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_slice_whose_name_could_lead_elsewhere_is_refused_before_anything_is_drawn(written, tmp_path, name):
    with h5py.File(written, "r+") as file:
        file["lif"].attrs.create("slices", [name], dtype=h5py.string_dtype())
    for use in (validate, lambda path: ResultFile(path).slices("lif"), lambda path: draw_all(path, tmp_path / "f")):
        with pytest.raises(ResultFileError, match="cannot be the name of a slice"):
            use(written)
    assert [path.name for path in tmp_path.iterdir()] == ["landscape.h5"]


@pytest.mark.parametrize("name", ODD_NAMES[1:-1])
def test_a_model_or_a_skipped_slice_whose_name_could_lead_elsewhere_is_refused(written, name):
    with h5py.File(written, "r+") as file:
        file["lif"].attrs.create("skipped", [f"{name}: no reason"], dtype=h5py.string_dtype())
    with pytest.raises(ResultFileError, match="cannot be the name of a slice"):
        validate(written)
    with h5py.File(written, "r+") as file:
        file.move("lif", name)
        file.attrs.create("models", [name], dtype=h5py.string_dtype())
    for use in (validate, lambda path: ResultFile(path).models):
        with pytest.raises(ResultFileError, match="cannot be the name of a model"):
            use(written)


def test_a_changed_bit_anywhere_is_told(written):
    draw = random.Random(3)
    content = written.read_bytes()
    n_data = len(content) - 80  # and the checksum
    for place in [draw.randrange(n_data) for _ in range(60)] + [n_data, n_data + 15, n_data + 16, n_data + 79]:
        damaged = bytearray(content)
        damaged[place] ^= 1 << draw.randrange(8)
        written.write_bytes(damaged)
        with pytest.raises(ResultFileError, match="its checksum does not fit"):
            ResultFile(written)
