"""Spikes come out in the order of time, those at one time by neuron, however many there are in an interval."""

import numpy as np
import pytest
from synthetic.builders import KINDS, a_neuron

import landscape as ls


def one_layer(kind, weights, duration=1.0):
    return ls.Network(a_neuron(kind), [np.array(weights, float).reshape(-1, 1)], duration)


def strong(kind):
    return 6.0 if kind == "lif" else 40.0


@KINDS
@pytest.mark.parametrize("n", [1, 2, 7, 8, 9, 16, 31, 32, 33, 63, 64, 65, 130, 300])
def test_spikes_of_an_interval_are_sorted(kind, n):
    weights = strong(kind) * np.random.default_rng(n).permutation(np.linspace(1.0, 1.5, n))
    layer = ls.simulate(one_layer(kind, weights), [0.0], [0]).layers[0]
    first = np.array([layer.times[layer.neurons == i].min() for i in range(n)])
    assert (np.diff(layer.times) >= 0).all()
    # The stronger the input the earlier the first spike.
    np.testing.assert_array_equal(np.argsort(first, kind="stable"), np.argsort(-weights, kind="stable"))


@KINDS
@pytest.mark.parametrize("n", [2, 8, 20, 32, 40, 100])
def test_spikes_at_one_time_are_in_the_order_of_neurons(kind, n):
    layer = ls.simulate(one_layer(kind, np.full(n, strong(kind))), [0.0], [0]).layers[0]
    for time in np.unique(layer.times):
        np.testing.assert_array_equal(layer.neurons[layer.times == time], np.arange(n))
    assert layer.times.size % n == 0


@KINDS
def test_the_order_does_not_depend_on_events_that_do_nothing(kind):
    # Events in between split the interval; what is sorted together changes, the spikes do not.
    n = 90
    weights = strong(kind) * np.random.default_rng(1).choice(np.linspace(1.0, 1.4, 30), n)
    whole = ls.simulate(one_layer(kind, weights), [0.0], [0]).layers[0]
    with_zeros = np.column_stack([weights, np.zeros(n)])
    network = ls.Network(a_neuron(kind), [with_zeros], 1.0)
    times = np.concatenate([[0.0], np.linspace(0.05, 0.95, 37)])
    split = ls.simulate(network, times, np.array([0] + [1] * 37)).layers[0]
    np.testing.assert_allclose(split.times, whole.times, rtol=0, atol=1e-13)
    for i in range(n):
        np.testing.assert_allclose(split.times[split.neurons == i], whole.times[whole.neurons == i], rtol=0, atol=1e-13)
    assert (np.diff(split.times) >= 0).all()
