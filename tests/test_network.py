"""Networks: construction, parameters, files, equality, and what is refused."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from synthetic.builders import KINDS, a_network, a_neuron

import landscape as ls
from landscape.errors import InputError, LandscapeError, NetworkError, ResultFileError


@KINDS
def test_parameters_run_layer_by_layer_and_row_by_row(kind):
    first, second = np.arange(6.0).reshape(2, 3), np.arange(6.0, 8.0).reshape(1, 2)
    network = ls.Network(a_neuron(kind), [first, second], 4.0)
    np.testing.assert_array_equal(network.parameters, np.arange(8.0))
    assert network.sizes == (3, 2, 1)
    assert network.hidden_sizes == (2,)


@KINDS
def test_parameters_survive_a_round_trip_to_the_last_bit(kind):
    network = a_network(kind)
    assert network.with_parameters(network.parameters) == network
    other = network.with_parameters(network.parameters + 1.0)
    assert other != network
    assert other.neuron == network.neuron
    np.testing.assert_array_equal(other.parameters, network.parameters + 1.0)


def test_the_parameter_vector_is_a_copy():
    network = a_network("lif")
    network.parameters[:] = 0.0
    assert network.parameters.any()


def test_weights_are_copied_and_cannot_be_written():
    mine = np.ones((2, 3))
    network = ls.Network(ls.LIF(), [mine], 4.0)
    mine[:] = 5.0
    assert (network.weights[0] == 1.0).all()
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0][0, 0] = 2.0


def test_integer_and_fortran_ordered_weights_become_plain_float64():
    network = ls.Network(ls.LIF(), [np.asfortranarray(np.arange(6).reshape(2, 3))], 4)
    assert network.weights[0].dtype == np.float64
    assert network.weights[0].flags.c_contiguous
    np.testing.assert_array_equal(network.parameters, np.arange(6.0))


@pytest.mark.parametrize("neuron", [ls.LIF(tau=0.02, threshold=0.3), ls.QIF(tau=1 / 3)])
def test_a_saved_network_loads_exactly(neuron, tmp_path):
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=(4, 3)) * 1e-3, rng.normal(size=(17, 4)) * 1e5, rng.normal(size=(1, 17))]
    network = ls.Network(neuron, weights, np.pi)
    network.save(tmp_path / "net.h5")
    loaded = ls.Network.load(tmp_path / "net.h5")
    assert loaded == network
    assert type(loaded.neuron) is type(neuron)
    assert loaded.neuron == neuron
    assert loaded.duration == np.pi


def test_saving_replaces_an_earlier_file(tmp_path):
    a_network("lif", 0).save(tmp_path / "net.h5")
    a_network("qif", 1, sizes=(2, 3)).save(tmp_path / "net.h5")
    assert ls.Network.load(tmp_path / "net.h5") == a_network("qif", 1, sizes=(2, 3))


def test_loading_a_missing_or_foreign_file_names_it(tmp_path):
    with pytest.raises(ResultFileError, match=r"absent\.h5"):
        ls.Network.load(tmp_path / "absent.h5")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(ResultFileError, match=r"text\.h5"):
        ls.Network.load(tmp_path / "text.h5")


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "net.h5"
    a_network("lif").save(path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(ResultFileError, match=r"net\.h5"):
        ls.Network.load(path)


def test_networks_differ_by_model_constants_duration_shape_and_weights():
    network = ls.Network(ls.LIF(1.0, 1.0), [np.ones((2, 2))], 4.0)
    assert network == ls.Network(ls.LIF(1.0, 1.0), [np.ones((2, 2))], 4.0)
    assert network != ls.Network(ls.LIF(1.0, 0.5), [np.ones((2, 2))], 4.0)
    assert network != ls.Network(ls.QIF(1.0), [np.ones((2, 2))], 4.0)
    assert network != ls.Network(ls.LIF(1.0, 1.0), [np.ones((2, 2))], 5.0)
    assert network != ls.Network(ls.LIF(1.0, 1.0), [np.ones((4, 1))], 4.0)
    assert network != ls.Network(ls.LIF(1.0, 1.0), [np.ones((2, 2)), np.ones((2, 2))], 4.0)
    assert network != ls.Network(ls.LIF(1.0, 1.0), [np.full((2, 2), 1.0 + 1e-15)], 4.0)
    assert network != "a network"


def test_networks_can_be_copied_and_sent_to_other_processes():
    network = a_network("qif")
    assert pickle.loads(pickle.dumps(network)) == network
    assert copy.deepcopy(network) == network


def test_the_representation_shows_model_and_sizes():
    assert repr(a_network("lif")) == "Network(LIF(tau=1.0, threshold=1.0), 5-6-4-3, duration=4.0)"


GOOD = [np.ones((2, 3)), np.ones((1, 2))]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "empty"),
        (np.ones((2, 3)), "list of matrices"),
        ([np.ones(3)], "layer 0 have 1 dimensions"),
        ([np.ones((1, 2, 3))], "layer 0 have 3 dimensions"),
        ([np.ones((2, 3)), np.ones((1, 3))], r"layer 1 have shape \(1, 3\).* 2 neurons"),
        ([np.ones((2, 3)), np.ones((0, 2))], r"layer 1 have shape \(0, 2\)"),
        ([np.ones((2, 0))], r"layer 0 have shape \(2, 0\)"),
        ([np.ones((2, 3)), np.array([[1.0, np.nan]])], r"layer 1 are not finite, first at \[0, 1\]: nan"),
        ([np.array([[1.0], [-np.inf]])], r"layer 0 are not finite, first at \[1, 0\]: -inf"),
        ([np.array([[1.0], [-1e308]])], r"layer 0 are beyond 1e\+200, first at \[1, 0\]: -1e\+308"),
        ([[["a", "b"]]], "layer 0 are no numeric array"),
        ([[[1.0, 2.0], [3.0]]], "layer 0 are no numeric array"),
        ([None], "layer 0"),
        (None, "weights"),
        (3.0, "weights"),
    ],
)
def test_bad_weights_are_refused_by_name(weights, message):
    with pytest.raises(NetworkError, match=message):
        ls.Network(ls.LIF(), weights, 4.0)


@pytest.mark.parametrize(
    ("neuron", "message"),
    [
        (ls.LIF(tau=-1.0), "lif neuron: tau must be positive, not -1"),
        (ls.LIF(tau=0.0), "tau must be positive"),
        (ls.LIF(tau=np.nan), "tau must be finite"),
        (ls.LIF(tau=np.inf), "tau must be finite"),
        (ls.LIF(tau="fast"), "tau must be a number, not 'fast'"),
        (ls.LIF(tau=None), "tau must be a number"),
        (ls.LIF(threshold=0.0), "threshold must be positive"),
        (ls.LIF(threshold=-1.0), "threshold must be positive"),
        (ls.LIF(threshold=1e-170), "threshold must be between 1e-100 and 1e100, not 1e-170"),
        (ls.LIF(threshold=1e300), "threshold must be between"),
        (ls.QIF(tau=1e-101), "qif neuron: tau must be between"),
        (ls.QIF(tau=-2.0), "qif neuron: tau must be positive"),
        (ls.LIF, "no neuron model"),
        ("lif", "'lif' is no neuron model"),
        (None, "no neuron model"),
        ((1.0, 1.0), "no neuron model"),
    ],
)
def test_bad_neurons_are_refused_by_name(neuron, message):
    with pytest.raises(NetworkError, match=message):
        ls.Network(neuron, GOOD, 4.0)


@pytest.mark.parametrize("duration", [0.0, -1.0, np.nan, np.inf, "long", None, [4.0, 5.0]])
def test_bad_durations_are_refused(duration):
    with pytest.raises(NetworkError, match="duration must be"):
        ls.Network(ls.LIF(), GOOD, duration)


@pytest.mark.parametrize("parameters", [np.zeros(7), np.zeros((8, 1)), np.zeros(0), 1.0])
def test_a_parameter_vector_of_the_wrong_shape_is_refused(parameters):
    with pytest.raises(NetworkError, match=r"needs \(8,\)"):
        ls.Network(ls.LIF(), GOOD, 4.0).with_parameters(parameters)


def test_parameters_that_are_not_finite_are_refused():
    network = ls.Network(ls.LIF(), GOOD, 4.0)
    with pytest.raises(NetworkError, match="layer 1 are not finite"):
        network.with_parameters(np.array([*np.ones(7), np.nan]))


def test_messages_are_one_line_and_blame_the_input():
    with pytest.raises(InputError) as caught:
        ls.Network(ls.LIF(), [np.ones((2, 3)), np.ones((1, 3))], 4.0)
    assert isinstance(caught.value, LandscapeError)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_parts_of_unknown_models_or_constants_are_refused():
    with pytest.raises(NetworkError, match=r"'alif' is unknown; there are .*lif.*qif"):
        ls.Network.from_parts("alif", {"tau": 1.0}, GOOD, 4.0)
    with pytest.raises(NetworkError, match="has constants tau, threshold, not tau, speed"):
        ls.Network.from_parts("lif", {"tau": 1.0, "speed": 2.0}, GOOD, 4.0)
    assert ls.Network.from_parts("qif", {"tau": 2.0}, GOOD, 4.0).neuron == ls.QIF(2.0)
