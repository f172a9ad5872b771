"""Networks as plain numbers in a file."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.errors import NetworkError, ResultFileError
from landscape.h5.records import read_record, write_record
from landscape.h5.tree import load_network, save_network
from landscape.network import Network
from landscape.network_record import NetworkData
from landscape.neurons import LIF


def test_a_network_comes_back_from_its_file_as_it_was(tmp_path):
    network = synthetic.network("lif", (5, 4, 3, 2))
    save_network(tmp_path / "net.h5", network)
    again = load_network(tmp_path / "net.h5", "network", NetworkData)
    assert again.neuron == "lif"
    assert again.constants == network.constants
    assert again.duration == network.duration
    assert again.sizes == (5, 4, 3, 2)
    for mine, theirs in zip(network.weights, again.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_network_is_read_from_a_result_file_by_its_group(tmp_path):
    synthetic.write_example(tmp_path / "r.h5", models=("qif",), plane=(3, 3), line=3)
    found = Network.load(tmp_path / "r.h5", "qif/network")
    np.testing.assert_array_equal(found.weights[0], synthetic.network("qif").weights[0])
    with pytest.raises(ResultFileError, match=r"no group 'network'; it has qif/network"):
        Network.load(tmp_path / "r.h5")


def test_a_file_of_an_earlier_release_is_still_read(tmp_path):
    network = Network(LIF(tau=2.0), [np.ones((3, 2)), np.ones((1, 3))], 5.0)
    network.save(tmp_path / "net.h5")
    with h5py.File(tmp_path / "net.h5", "a") as file:
        file.attrs["format_version"] = np.int64(1)
        group = file["network"]
        for old, name in (("channel", "neuron_0"), ("neuron_1", "neuron_2"), ("neuron_0", "neuron_1")):
            if name not in group:
                group.move(old, name)
    assert Network.load(tmp_path / "net.h5") == network


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([np.ones((2, 3)), np.ones((2, 3))], "weights_1 takes 3 neurons but weights_0 leads to 2"),
        ([np.array([[np.nan, 1.0]])], "1 values that are not finite"),
        ([np.ones(3)], r"weights_0 has shape \(3,\)"),
        ([np.ones((0, 3))], "weights_0 has shape"),
        ([], "no weights"),
    ],
)
def test_weights_must_make_a_network(weights, words):
    with pytest.raises(NetworkError, match=words):
        NetworkData("lif", {"tau": 1.0}, weights, 4.0)


@pytest.mark.parametrize(("constants", "duration"), [({"tau": np.nan}, 4.0), ({"tau": 1.0}, -1.0), ({}, np.inf)])
def test_constants_and_durations_must_be_finite(constants, duration):
    with pytest.raises(NetworkError):
        NetworkData("lif", constants, [np.ones((2, 2))], duration)


def test_a_damaged_group_is_refused_with_its_place(tmp_path):
    path = tmp_path / "net.h5"
    save_network(path, synthetic.network())
    with h5py.File(path, "a") as file:
        file["network/weights_1"][0, 0] = np.inf
    with pytest.raises(NetworkError, match=r"/network: weights_1 has 1 values that are not finite"):
        Network.load(path)
    for change, words in (
        (lambda group: group.__delitem__("duration"), "/network has no dataset 'duration'"),
        (lambda group: group.__delitem__("constants"), "/network has no group 'constants'"),
        (lambda group: group.attrs.__delitem__("neuron"), "/network has no attribute 'neuron'"),
    ):
        save_network(path, synthetic.network())
        with h5py.File(path, "a") as file:
            change(file["network"])
        with pytest.raises(ResultFileError, match=words):
            Network.load(path)


def test_a_group_of_any_file_can_hold_a_network(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        write_record(file.create_group("deep/inside"), synthetic.network())
        assert read_record(file["deep/inside"], NetworkData).sizes == synthetic.SIZES


def test_a_network_of_the_library_is_turned_into_plain_numbers_and_back():
    network = Network(LIF(tau=2.0, threshold=1.5), [np.ones((3, 2)), np.ones((1, 3))], 5.0)
    data = NetworkData.of(network)
    assert data.neuron == "lif"
    assert data.constants == {"tau": 2.0, "threshold": 1.5}
    assert data.sizes == (2, 3, 1)
    assert Network.from_data(data) == network
    with pytest.raises(NetworkError):
        replace(data, duration=0.0)
