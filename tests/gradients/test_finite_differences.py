"""Gradients against central differences of the loss, quick and for every model, readout and depth."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic.builders import KINDS, OBJECTIVES, a_network, some_data

import landscape as ls


def difference(network, data, objective, step):
    """Fourth-order central differences of the loss along every weight."""
    parameters = network.parameters
    result = np.empty(parameters.size)
    for i in range(parameters.size):
        losses = []
        for factor in (-2, -1, 1, 2):
            moved = parameters.copy()
            moved[i] += factor * step
            losses.append(ls.evaluate(network.with_parameters(moved), data, objective, threads=1).loss)
        result[i] = (8 * (losses[2] - losses[1]) - (losses[3] - losses[0])) / (12 * step)
    return result


@KINDS
@pytest.mark.parametrize(
    "sizes", [(5, 3), (5, 3, 3), (5, 4, 2, 3), (5, 2, 3, 2, 3)], ids=lambda s: f"{len(s) - 1} layers"
)
@pytest.mark.parametrize(
    "objective", [*OBJECTIVES, ls.FirstSpike(0.7, 0.3)], ids=["first", "max", "mean", "first with gamma"]
)
def test_the_gradient_is_that_of_central_differences(kind, sizes, objective):
    network, data = a_network(kind, 4, sizes, strength=2.5), some_data(4, n_samples=3)
    _, gradients = ls.loss_and_gradient(network, data, objective)
    gradient = np.concatenate([g.ravel() for g in gradients])
    assert gradient.any()
    expected = difference(network, data, objective, 2e-5)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-7 * max(1.0, np.abs(gradient).max()))


@KINDS
def test_weights_into_silent_lif_neurons_have_exactly_zero_gradient_and_of_qif_ones_need_not(kind):
    network, data = a_network(kind, 1, (5, 6, 3)), some_data()
    first = network.weights[0].copy()
    first[2] *= 0.05
    network = network.with_weights([first, network.weights[1]])
    result = ls.evaluate(network, data, ls.FirstSpike())
    assert result.silent[0][2]
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    if kind == "lif":
        assert not gradients[0][2].any()
        assert not gradients[1][:, 2].any()
    assert gradients[0].any()
    _, potential = ls.loss_and_gradient(network, data, ls.MeanPotential())
    assert not potential[0][2].any()
    assert not potential[1][:, 2].any()


@KINDS
def test_the_gradient_along_a_change_of_units_is_that_of_the_loss(kind):
    """Scaling time and tau together changes no loss, so it changes no gradient."""
    network, data = a_network(kind), some_data()
    slow = ls.Network(type(network.neuron)(**(network.neuron._asdict() | {"tau": 4.0})), network.weights, 16.0)
    for objective in OBJECTIVES:
        loss, gradients = ls.loss_and_gradient(network, data, objective)
        other, slow_gradients = ls.loss_and_gradient(slow, data.scale_time(4.0), objective)
        assert other == pytest.approx(loss, rel=1e-13)
        for a, b in zip(gradients, slow_gradients, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)


@KINDS
def test_gradients_are_shaped_like_the_weights_and_belong_to_the_caller(kind):
    network, data = a_network(kind), some_data()
    loss, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    assert isinstance(loss, float)
    assert isinstance(gradients, list)
    for g, w in zip(gradients, network.weights, strict=True):
        assert g.shape == w.shape
        assert g.dtype == np.float64
        g[:] = 0.0  # may be written to
    assert ls.loss_and_gradient(network, data, ls.FirstSpike())[1][-1].any()


@KINDS
@pytest.mark.parametrize("width", [8, 9, 17, 31, 40, 65, 90, 136])
def test_neurons_without_effect_beside_the_others_do_not_change_their_gradient(kind, width):
    small, data = a_network(kind, 3, (5, 4, 3)), some_data(3, n_samples=11)
    rng = np.random.default_rng(width)
    place = np.sort(rng.permutation(width)[:4])
    first, last = rng.normal(1.0, 2.0, (width, 5)), np.zeros((3, width))
    first[place], last[:, place] = small.weights
    wide = small.with_weights([first, last])
    for objective in (ls.FirstSpike(), ls.MeanPotential()):
        loss, (into, out) = ls.loss_and_gradient(wide, data, objective)
        wanted_loss, wanted = ls.loss_and_gradient(small, data, objective)
        assert loss == pytest.approx(wanted_loss, rel=1e-14)
        np.testing.assert_allclose(into[place], wanted[0], rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(out[:, place], wanted[1], rtol=1e-9, atol=1e-13)
        assert not np.delete(into, place, axis=0).any()
