"""Neuron models defined outside the package run through everything, though no kernel knows them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from synthetic.builders import counts_of, data_of, moved, some_data
from synthetic.delta_models import OscillatoryLIF, Theta

import landscape as ls
from landscape.errors import NetworkError
from landscape.neurons import by_name, neuron_name, register_neuron

MODELS = {"test_oscillatory_lif": OscillatoryLIF(1.0, 1.5, 1.0), "test_theta": Theta(1.0, 1.0)}
OUTSIDE = pytest.mark.parametrize("name", list(MODELS))


@pytest.fixture(autouse=True)
def _registered():
    for name, neuron in MODELS.items():
        register_neuron(name, type(neuron))


def a_network(name, seed=0, sizes=(4, 5, 4, 3), duration=2.9, strength=0.35):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(0.0, strength, (post, pre)) for pre, post in pairwise(sizes)]
    return ls.Network(MODELS[name], weights, duration)


def the_data(seed=0, n_samples=4, end=2.8):
    return some_data(seed, n_samples, n_channels=4, n_classes=3, n_spikes=6, end=end)


def naive_trial(network, times, channels):
    """Spikes ``(time, neuron)`` of every layer, sorted; plain loops over neurons and events."""
    neuron, duration = network.neuron, network.duration
    inputs = sorted(zip(times.tolist(), channels.tolist(), strict=True))
    layers = []
    for weights in network.weights:
        spikes = []
        for i in range(weights.shape[0]):
            events = {}
            for t, source in inputs:
                events[t] = events.get(t, 0.0) + weights[i, source]
            now, v = 0.0, 0.0
            for t, w in [*sorted(events.items()), (duration, None)]:
                while True:
                    delay = time_to_spike(neuron, v)
                    if now + delay > t:
                        break
                    now += delay
                    spikes.append((now, i))
                    v = after_spike(neuron)
                v = advance(neuron, v, t - now)
                now = t
                if w is not None:
                    v += w
                    if isinstance(neuron, OscillatoryLIF) and v >= neuron.threshold:
                        spikes.append((t, i))
                        v = 0.0
        inputs = sorted(spikes)
        layers.append(inputs)
    return layers


def time_to_spike(neuron, v):
    if isinstance(neuron, OscillatoryLIF):
        return neuron.tau * math.log((neuron.I0 - v) / (neuron.I0 - neuron.threshold))
    root = math.sqrt(neuron.I0 - 0.25)
    return neuron.tau / root * (math.pi / 2 - math.atan((v - 0.5) / root))


def after_spike(neuron):
    return 0.0 if isinstance(neuron, OscillatoryLIF) else -math.inf


def advance(neuron, v, dt):
    if isinstance(neuron, OscillatoryLIF):
        return neuron.I0 + (v - neuron.I0) * math.exp(-dt / neuron.tau)
    root = math.sqrt(neuron.I0 - 0.25)
    return 0.5 + root * math.tan(root * dt / neuron.tau + math.atan((v - 0.5) / root))


@OUTSIDE
@pytest.mark.parametrize("seed", range(6))
def test_spikes_are_those_of_a_plain_event_by_event_simulation(name, seed):
    network = a_network(name, seed, duration=6.0)
    rng = np.random.default_rng(seed)
    times, channels = np.sort(rng.uniform(0, 5, 8)), rng.integers(0, 4, 8)
    trial = ls.simulate(network, times, channels)
    naive = naive_trial(network, times, channels)
    for layer, spikes in zip(trial.layers, naive, strict=True):
        assert len(spikes) == layer.times.size > 0
        np.testing.assert_allclose(layer.times, [t for t, _ in spikes], atol=1e-10)
        order = np.lexsort((layer.neurons, layer.times))
        np.testing.assert_array_equal(layer.neurons[order], [i for _, i in spikes])
        if np.unique(layer.times).size < layer.times.size:
            break  # spikes that one input makes at once; the layer above takes them one by one


@OUTSIDE
def test_a_neuron_without_input_fires_with_its_free_period(name):
    network = ls.Network(MODELS[name], [np.zeros((1, 1))], 20.0)
    times = ls.simulate(network, [], []).layers[0].times
    neuron = MODELS[name]
    if name == "test_theta":
        period = math.pi * neuron.tau / math.sqrt(neuron.I0 - 0.25)
    else:
        period = neuron.tau * math.log(neuron.I0 / (neuron.I0 - neuron.threshold))
    np.testing.assert_allclose(np.diff(times), period, rtol=1e-12)
    assert times.size >= 5


def test_an_input_that_lifts_a_neuron_past_its_threshold_makes_it_spike_at_once_and_loses_the_overshoot():
    network = ls.Network(MODELS["test_oscillatory_lif"], [np.array([[5.0]])], 1.0)
    layer = ls.simulate(network, [0.25, 0.5], [0, 0]).layers[0]
    np.testing.assert_array_equal(layer.times, [0.25, 0.5])
    np.testing.assert_allclose(layer.potential, 1.5 * -np.expm1(-0.5), rtol=1e-13)


@OUTSIDE
def test_spikes_on_which_an_input_of_weight_zero_falls_are_neither_lost_nor_doubled(name):
    network = a_network(name, 1, (4, 5, 3), duration=5.0)
    padded = network.with_weights([np.column_stack([network.weights[0], np.zeros(5)]), network.weights[1]])
    times, channels = np.array([0.3, 0.9, 1.7]), np.array([0, 1, 2])
    trial = ls.simulate(padded, times, channels)
    for spike in np.concatenate([layer.times for layer in trial.layers]):
        for placed in (spike, math.nextafter(spike, 0), math.nextafter(spike, 9)):
            again = ls.simulate(padded, np.append(times, placed), np.append(channels, 4))
            assert counts_of(again, padded.sizes) == counts_of(trial, padded.sizes)


def difference(network, data, objective, step=1e-5):
    """Fourth-order central differences; nan where a spike count changes within the stencil."""
    parameters, result = network.parameters, []
    for i in range(parameters.size):
        losses, counts = [], set()
        for factor in (-2, -1, 1, 2):
            there = parameters.copy()
            there[i] += factor * step
            found = ls.evaluate(network.with_parameters(there), data, objective, threads=1)
            losses.append(found.loss)
            counts.add(np.concatenate([c.ravel() for c in found.spike_counts]).tobytes())
        slope = (8 * (losses[2] - losses[1]) - (losses[3] - losses[0])) / (12 * step)
        result.append(slope if len(counts) == 1 else np.nan)
    return np.array(result)


@OUTSIDE
@pytest.mark.parametrize("sizes", [(4, 3), (4, 5, 3), (4, 5, 4, 3)], ids=lambda s: f"{len(s) - 1} layers")
@pytest.mark.parametrize("duration", [0.9, 2.9])
def test_gradients_are_those_of_central_differences(name, sizes, duration):
    network, data = a_network(name, 3, sizes, duration), the_data(3, end=duration)
    objective = ls.FirstSpike(gamma=0.3)
    _, gradients = ls.loss_and_gradient(network, data, objective)
    gradient = np.concatenate([g.ravel() for g in gradients])
    expected = difference(network, data, objective)
    known = np.isfinite(expected)
    assert known.sum() > 0.8 * known.size
    assert np.count_nonzero(gradient) > 3
    np.testing.assert_allclose(gradient[known], expected[known], rtol=1e-5, atol=1e-7)


def test_gradients_hold_where_inputs_make_spikes_at_once():
    network = a_network("test_oscillatory_lif", 5, (4, 5, 3), 1.9, strength=0.9)
    data = the_data(5, end=1.8)
    hidden = ls.simulate(network, data[0].times, data[0].channels).layers[0].times
    assert np.isin(hidden, data[0].times).any()
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    expected = difference(network, data, ls.FirstSpike())
    known = np.isfinite(expected)
    assert known.sum() > 0.8 * known.size
    gradient = np.concatenate([g.ravel() for g in gradients])
    np.testing.assert_allclose(gradient[known], expected[known], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["test_theta", pytest.param("test_oscillatory_lif", marks=pytest.mark.slow)])
def test_the_potential_readout_has_its_gradient_too(name):
    network, data = a_network(name, 2, (4, 5, 3)), the_data(2)
    _, gradients = ls.loss_and_gradient(network, data, ls.MeanPotential())
    expected = difference(network, data, ls.MeanPotential())
    known = np.isfinite(expected)
    gradient = np.concatenate([g.ravel() for g in gradients])
    assert gradient.any()
    np.testing.assert_allclose(gradient[known], expected[known], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", ["test_oscillatory_lif", pytest.param("test_theta", marks=pytest.mark.slow)])
def test_a_sweep_gives_losses_and_directional_derivatives(name):
    network, data = a_network(name, 4, (4, 5, 3)), the_data(4)
    directions = ls.random_directions(network, 2, seed=1)
    axes = [np.linspace(-0.2, 0.2, 5), [-0.1, 0.0, 0.1]]
    surface = ls.sweep(network, directions, axes, data, ls.FirstSpike(), gradient="full")
    assert surface.complete
    assert surface.done.all()
    assert surface.attributes["neuron"] == name
    for i, x in enumerate(axes[0]):
        for j, y in enumerate(axes[1]):
            here = moved(moved(network, directions[0], x), directions[1], y)
            assert surface.loss[i, j] == pytest.approx(ls.evaluate(here, data, ls.FirstSpike()).loss, rel=1e-10)
    np.testing.assert_allclose(
        surface.directional_derivative, surface.gradient @ directions.vectors.T, rtol=1e-9, atol=1e-11
    )


@OUTSIDE
def test_the_first_spike_loss_is_continuous_where_an_output_or_hidden_spike_leaves_at_the_trials_end(name):
    network = a_network(name, 6, (4, 3, 3), 6.0)
    times, channels = np.array([0.3, 1.1, 1.9]), np.array([0, 1, 2])
    trial = ls.simulate(network, times, channels)
    checked = 0
    for layer in trial.layers:
        for spike in layer.times[layer.times > 2.0][:4]:
            if np.isin(spike, times):
                continue
            losses = []
            for end in (spike - 1e-9, spike + 1e-9):
                short = ls.Network(network.neuron, network.weights, end)
                losses.append(ls.evaluate(short, data_of([(times, channels)], [1], 4, 3), ls.FirstSpike()).loss)
            assert losses[0] == pytest.approx(losses[1], abs=1e-6)
            checked += 1
    assert checked >= 3


@OUTSIDE
def test_results_are_identical_for_any_number_of_threads(name):
    network, data = a_network(name), the_data(n_samples=9)
    one, two = (ls.loss_and_gradient(network, data, ls.FirstSpike(), threads=n) for n in (1, 2))
    assert one[0] == two[0]
    for a, b in zip(one[1], two[1], strict=True):
        np.testing.assert_array_equal(a, b)


@OUTSIDE
def test_registered_models_have_a_name_and_can_be_saved(name, tmp_path):
    network = a_network(name)
    assert neuron_name(network.neuron) == name
    assert by_name(name) is type(network.neuron)
    network.save(tmp_path / "net.h5")
    assert ls.Network.load(tmp_path / "net.h5") == network


def test_an_unregistered_model_is_refused_by_name():
    from typing import NamedTuple

    class Mystery(NamedTuple):
        tau: float = 1.0

    with pytest.raises(NetworkError, match="Mystery"):
        ls.Network(Mystery(), [np.ones((1, 1))], 1.0)


def test_constants_of_registered_models_are_checked():
    with pytest.raises(NetworkError, match="test_theta neuron: tau must be positive"):
        ls.Network(Theta(tau=-1.0), [np.ones((1, 1))], 1.0)
    with pytest.raises(NetworkError, match="I0 must be finite"):
        ls.Network(Theta(I0=math.nan), [np.ones((1, 1))], 1.0)
