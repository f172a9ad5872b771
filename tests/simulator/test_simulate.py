"""One trial through ``simulate``: what it returns and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic.builders import KINDS, a_network, a_neuron, counts_of

import landscape as ls
from landscape.errors import DataError, SimulationError

TIMES, CHANNELS = np.array([0.1, 0.4, 0.4, 1.0, 2.2]), np.array([0, 3, 1, 4, 2])


@KINDS
def test_every_layer_has_sorted_spikes_and_one_end_state_per_neuron(kind):
    network = a_network(kind)
    trial = ls.simulate(network, TIMES, CHANNELS)
    assert len(trial.layers) == 3
    for layer, size in zip(trial.layers, network.sizes[1:], strict=True):
        assert layer.times.dtype == layer.potential.dtype == layer.current.dtype == np.float64
        assert layer.neurons.dtype == np.int64
        assert layer.potential.shape == layer.current.shape == (size,)
        assert layer.times.shape == layer.neurons.shape
        assert (np.diff(layer.times) >= 0).all()
        assert ((layer.neurons >= 0) & (layer.neurons < size)).all()
    assert trial.layers[0].times.size > 0


@KINDS
def test_the_order_in_which_inputs_are_given_does_not_matter(kind):
    network = a_network(kind)
    order = np.array([3, 0, 4, 2, 1])
    one = ls.simulate(network, TIMES, CHANNELS)
    other = ls.simulate(network, TIMES[order], CHANNELS[order])
    for a, b in zip(one.layers, other.layers, strict=True):
        np.testing.assert_allclose(a.times, b.times, rtol=1e-13)
        np.testing.assert_array_equal(a.neurons, b.neurons)


@KINDS
def test_simultaneous_inputs_act_as_one_input_of_their_summed_weight(kind):
    network = ls.Network(a_neuron(kind), [np.array([[2.0, 0.5, 3.25, 5.75]])], 4.0)
    together = ls.simulate(network, [0.5, 0.5, 0.5], [0, 1, 2]).layers[0]
    one = ls.simulate(network, [0.5], [3]).layers[0]
    twice = ls.simulate(network, [0.5] * 2 + [0.5], [0, 0, 0]).layers[0]
    np.testing.assert_array_equal(together.times, one.times)
    np.testing.assert_array_equal(together.potential, one.potential)
    np.testing.assert_allclose(twice.current, [6.0 * np.exp(-7.0)], rtol=1e-13)


@KINDS
@pytest.mark.parametrize("width", [1, 7, 8, 9, 20, 31, 40, 63, 64, 65, 100, 200])
def test_a_layer_of_any_width_gives_each_neuron_what_it_gets_alone(kind, width):
    rng = np.random.default_rng(width)
    weights = rng.normal(1.0, 2.0, (width, 5))
    wide = ls.simulate(ls.Network(a_neuron(kind), [weights, np.ones((1, width))], 4.0), TIMES, CHANNELS).layers[0]
    for i in range(width):
        alone = ls.simulate(ls.Network(a_neuron(kind), [weights[i : i + 1]], 4.0), TIMES, CHANNELS).layers[0]
        np.testing.assert_array_equal(wide.times[wide.neurons == i], alone.times)
        assert (wide.potential[i], wide.current[i]) == (alone.potential[0], alone.current[0])


@KINDS
def test_time_and_tau_scale_together(kind):
    network = a_network(kind)
    slow = ls.Network(a_neuron(kind, tau=8.0), network.weights, 8.0 * network.duration)
    one, other = ls.simulate(network, TIMES, CHANNELS), ls.simulate(slow, 8.0 * TIMES, CHANNELS)
    for a, b in zip(one.layers, other.layers, strict=True):
        np.testing.assert_array_equal(8.0 * a.times, b.times)
        np.testing.assert_array_equal(a.potential, b.potential)


@KINDS
@pytest.mark.parametrize("inputs", [([], []), (np.zeros(0), np.zeros(0, int)), ([9.0], [0])])
def test_a_trial_without_input_leaves_all_at_rest(kind, inputs):
    trial = ls.simulate(a_network(kind), *inputs)
    assert counts_of(trial, (5, 6, 4, 3)) == (0,) * 13
    assert not trial.layers[0].potential.any()


@KINDS
def test_potential_readouts_have_outputs_that_do_not_spike(kind):
    network = a_network(kind)
    spiking = ls.simulate(network, TIMES, CHANNELS)
    leaky = ls.simulate(network, TIMES, CHANNELS, objective=ls.MaxPotential())
    for a, b in zip(spiking.layers[:-1], leaky.layers[:-1], strict=True):
        np.testing.assert_array_equal(a.times, b.times)
    assert leaky.layers[-1].times.size == 0
    assert leaky.layers[-1].potential.shape == (3,)


@pytest.mark.parametrize(
    ("times", "channels", "message"),
    [
        ([np.nan], [0], "time"),
        ([-0.1], [0], "time"),
        ([np.inf], [0], "time"),
        ([0.1], [5], "channel"),
        ([0.1], [-1], "channel"),
        ([0.1, 0.2], [0], "channels"),
        ([0.1], [0.5], "channels"),
        ([[0.1]], [[0]], "times"),
        (["now"], [0], "times"),
        ([None], [0], "time"),
    ],
)
def test_malformed_inputs_are_refused(times, channels, message):
    with pytest.raises(DataError, match=message):
        ls.simulate(a_network("lif"), times, channels)


@KINDS
def test_hundreds_of_thousands_of_spikes_are_all_kept(kind):
    weight = 3e5 if kind == "lif" else 4e11
    trial = ls.simulate(ls.Network(a_neuron(kind), [np.array([[weight]])], 1.0), [0.0], [0])
    assert 1e5 < trial.layers[0].times.size < 1e6
    assert (np.diff(trial.layers[0].times) > 0).all()
    assert trial.layers[0].times[-1] <= 1.0


@pytest.mark.slow
@KINDS
def test_spikes_without_bound_end_in_an_error_that_names_the_layer(kind):
    weight = 1e12 if kind == "lif" else 1e26
    network = ls.Network(a_neuron(kind), [np.ones((2, 1)), np.full((1, 2), 1.0), np.array([[weight]])], 4.0)
    hidden = 50.0 if kind == "lif" else 80.0
    network = network.with_weights([w * hidden if w.max() == 1.0 else w for w in network.weights])
    with pytest.raises(SimulationError, match=r"layer 2 has more than .* spikes in one trial"):
        ls.simulate(network, [0.0], [0])
