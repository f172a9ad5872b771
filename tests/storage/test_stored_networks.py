"""Networks as plain numbers in a file."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
import synthetic_results as synthetic

from landscape.errors import NetworkError, ResultFileError
from landscape.storage import load_network, network_data, read_network, save_network, write_network


def test_a_network_comes_back_from_its_file_as_it_was(tmp_path):
    network = synthetic.network("lif", (5, 4, 3, 2))
    save_network(tmp_path / "net.h5", *network)
    again = load_network(tmp_path / "net.h5")
    assert again.neuron == "lif"
    assert again.constants == network.constants
    assert again.duration == network.duration
    assert again.sizes == (5, 4, 3, 2)
    for mine, theirs in zip(network.weights, again.weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_network_is_read_from_a_result_file_by_its_group(tmp_path):
    synthetic.write_example(tmp_path / "r.h5", models=("qif",), plane=(3, 3), line=3)
    assert load_network(tmp_path / "r.h5", "qif/network").neuron == "qif"
    with pytest.raises(ResultFileError, match=r"no group 'network'; it has qif/network"):
        load_network(tmp_path / "r.h5")


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
def test_weights_that_make_no_network_are_not_written(tmp_path, weights, words):
    with pytest.raises(NetworkError, match=words):
        save_network(tmp_path / "net.h5", "lif", {"tau": 1.0}, weights, 4.0)
    assert not (tmp_path / "net.h5").exists()


@pytest.mark.parametrize(("constants", "duration"), [({"tau": np.nan}, 4.0), ({"tau": 1.0}, -1.0), ({}, np.inf)])
def test_constants_and_durations_must_be_finite(tmp_path, constants, duration):
    with pytest.raises(NetworkError):
        save_network(tmp_path / "net.h5", "lif", constants, [np.ones((2, 2))], duration)


def test_a_damaged_group_is_refused_with_its_place(tmp_path):
    path = tmp_path / "net.h5"
    save_network(path, *synthetic.network())
    with h5py.File(path, "a") as file:
        file["network/weights_1"][0, 0] = np.inf
    with pytest.raises(NetworkError, match=r"group /network: weights_1 has 1 values that are not finite"):
        load_network(path)
    with h5py.File(path, "a") as file:
        del file["network/duration"]
    with pytest.raises(ResultFileError, match="'duration' or 'constants' is missing"):
        load_network(path)
    with h5py.File(path, "a") as file:
        del file["network"].attrs["neuron"]
    with pytest.raises(ResultFileError, match="no attribute 'neuron'"):
        load_network(path)


def test_a_group_of_any_file_can_hold_a_network(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        write_network(file.create_group("deep/inside"), *synthetic.network())
        assert read_network(file["deep/inside"]).sizes == synthetic.SIZES


def test_a_network_of_the_library_is_turned_into_plain_numbers():
    from landscape.network import Network
    from landscape.neurons import LIF

    network = Network(LIF(tau=2.0, threshold=1.5), [np.ones((3, 2)), np.ones((1, 3))], 5.0)
    data = network_data(network)
    assert data.neuron == "lif"
    assert data.constants == {"tau": 2.0, "threshold": 1.5}
    assert data.sizes == (2, 3, 1)
    assert network_data(data) is data
