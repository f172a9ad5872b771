"""Trials of many events: their states are kept in blocks and simulated again, with the same results to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic.builders import KINDS, READOUTS, a_network, moved, some_data

import landscape as ls
from landscape.simulator.rooms import BLOCK_BYTES, SHORTEST_BLOCK


def widened(arrays, n):
    """A network's weights or a direction, with ``n`` neurons in every hidden layer, the new ones with zero weights."""
    result = []
    for number, array in enumerate(arrays):
        post = array.shape[0] if number == len(arrays) - 1 else n
        pre = array.shape[1] if number == 0 else n
        result.append(np.zeros((post, pre)))
        result[-1][: array.shape[0], : array.shape[1]] = array
    return result


@KINDS
@READOUTS
@pytest.mark.parametrize("hidden", [(9,), (8, 6)], ids=["one layer", "two layers"])
def test_silent_neurons_beside_those_of_a_network_change_no_bit(kind, objective, hidden):
    # With so many neurons the trials of the wide network are longer than a block, those of the narrow one are not.
    n_events, wide = 300, 600
    assert n_events > 2 * max(SHORTEST_BLOCK, BLOCK_BYTES // (8 * 2 * wide))
    assert n_events < BLOCK_BYTES // (8 * 3 * 16)
    network = a_network(kind, 2, (5, *hidden, 3), strength=0.5)
    data = some_data(2, n_samples=4, n_spikes=n_events)
    directions = [list(d) for d in ls.random_directions(network, count=2, seed=2)]
    axes = [np.linspace(-0.1, 0.1, 3), np.linspace(-0.1, 0.2, 2)]
    wider = network.with_weights(widened(network.weights, wide))

    loss, gradients = ls.loss_and_gradient(network, data, objective)
    wide_loss, wide_gradients = ls.loss_and_gradient(wider, data, objective)
    assert wide_loss == loss
    assert any(gradient.any() for gradient in gradients)
    for narrow, gradient in zip(gradients, wide_gradients, strict=True):
        np.testing.assert_array_equal(gradient[: narrow.shape[0], : narrow.shape[1]], narrow)

    surface = ls.sweep(network, directions, axes, data, objective, gradient="full")
    wide_surface = ls.sweep(wider, [widened(d, wide) for d in directions], axes, data, objective, gradient="full")
    np.testing.assert_array_equal(wide_surface.loss, surface.loss)
    np.testing.assert_array_equal(wide_surface.directional_derivative, surface.directional_derivative)
    assert np.unique(surface.directional_derivative).size == 12


@KINDS
@READOUTS
def test_gradients_of_very_long_trials_agree_with_the_tangents(kind, objective):
    network = a_network(kind, 3, (5, 40, 3), duration=40.0, strength=0.3)
    data = some_data(3, n_samples=3, n_spikes=2500, end=39.0)
    directions = ls.random_directions(network, count=2, seed=3)
    surface = ls.sweep(network, directions, [[0.0], [0.0]], data, objective, gradient="full")
    _, gradients = ls.loss_and_gradient(network, data, objective)
    gradient = np.concatenate([g.ravel() for g in gradients])
    size = np.linalg.norm(gradient)
    assert size > 0.0
    np.testing.assert_allclose(surface.gradient[0, 0], gradient, rtol=0, atol=1e-10 * size)
    expected = directions.vectors @ gradient
    scale = size * np.linalg.norm(directions.vectors, axis=1)
    assert (np.abs(surface.directional_derivative[0, 0] - expected) < 1e-9 * scale).all()


@KINDS
@pytest.mark.parametrize("unchanged", [1, 2])
def test_a_slice_that_leaves_lower_layers_as_they_are_is_right_in_long_trials_too(kind, unchanged):
    network = a_network(kind, 2, (5, 8, 6, 3), strength=0.5)
    data = some_data(2, n_samples=4, n_spikes=300)
    direction = list(ls.random_directions(network, count=1, seed=2)[0])
    direction[:unchanged] = [np.zeros_like(part) for part in direction[:unchanged]]
    axis = np.linspace(-0.4, 0.4, 9)
    wider, wide_direction = network.with_weights(widened(network.weights, 600)), widened(direction, 600)
    narrow = ls.sweep(network, [direction], [axis], data, ls.FirstSpike(), gradient="full")
    for threads in (1, 3):
        wide = ls.sweep(wider, [wide_direction], [axis], data, ls.FirstSpike(), gradient="norm", threads=threads)
        np.testing.assert_array_equal(wide.loss, narrow.loss)
        np.testing.assert_array_equal(wide.directional_derivative, narrow.directional_derivative)
    for x, loss in zip(axis, narrow.loss, strict=True):
        assert ls.evaluate(moved(network, direction, x), data, ls.FirstSpike()).loss == pytest.approx(loss, rel=1e-12)
    assert np.unique(narrow.loss).size > 5


def test_gradient_norms_of_many_weights_do_not_depend_on_the_threads():
    network = a_network("qif", 2, (30, 600, 4), strength=0.1)
    data = some_data(2, n_samples=3, n_channels=30, n_classes=4, n_spikes=40)
    directions = ls.random_directions(network, count=1, seed=2)
    axis = np.linspace(-0.1, 0.1, 9)
    norms = [
        ls.sweep(network, directions, [axis], data, ls.FirstSpike(), gradient="norm", threads=threads).gradient_norm
        for threads in (1, 2, 3, 7)
    ]
    for norm in norms[1:]:
        np.testing.assert_array_equal(norm, norms[0])
