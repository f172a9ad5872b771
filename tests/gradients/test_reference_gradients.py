"""Losses, gradients and directional derivatives against the reference's multiprecision differences."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from naive.cases import DRAWN, KINDS, cases, neuron_of, random_inputs, random_network
from naive.comparison import check_loss_and_gradient, dataset_of

import landscape as ls

OBJECTIVES = {
    "first spike": ls.FirstSpike(),
    "first spike, penalty": ls.FirstSpike(gamma=0.3, tau_readout=0.4),
    "max potential": ls.MaxPotential(),
    "mean potential": ls.MeanPotential(),
}
EVERY_READOUT = pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES)
FIRST_SPIKE = OBJECTIVES["first spike, penalty"]


@KINDS
@EVERY_READOUT
@pytest.mark.parametrize("hidden", [(), (3,), (3, 4), (3, 3, 2)], ids=lambda h: f"{len(h) + 1} layers")
def test_gradients_are_exact_for_every_readout_and_depth(kind, objective, hidden):
    network = random_network(kind, 21, (4, *hidden, 2))
    assert check_loss_and_gradient(network, *random_inputs(22, 8, 4, 3.0), 1, objective)


@pytest.mark.slow
@KINDS
@EVERY_READOUT
@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_exact_with_other_constants_and_seeds(kind, objective, seed):
    tau, threshold = [(7.3, 1.0), (0.02, 1.0), (1.0, 0.3), (2.0, 9.0), (1.0, 1.0)][seed]
    network = random_network(kind, seed, (5, 5, 4, 3), tau, threshold, duration=5.0 * tau)
    assert check_loss_and_gradient(network, *random_inputs(seed, 10, 5, 4.0 * tau), seed % 3, objective)


@KINDS
@EVERY_READOUT
@pytest.mark.parametrize("ratio", [0.1, 30.0, 1000.0])
def test_gradients_are_exact_in_trials_much_shorter_and_longer_than_the_time_constant(kind, objective, ratio):
    network = random_network(kind, 5, (4, 3, 2), 7.3, 1.0, 7.3 * ratio, strength=max(1.5, 1.2 / ratio))
    assert check_loss_and_gradient(network, *random_inputs(6, 8, 4, 0.8 * 7.3 * ratio), 0, objective)


@KINDS
@EVERY_READOUT
def test_losses_and_gradients_are_means_over_samples_of_any_length(kind, objective):
    network = random_network(kind, 31, (5, 3, 3))
    samples = [random_inputs(seed, n, 5, 3.0) for seed, n in ((1, 4), (2, 0), (3, 6), (4, 1))]
    labels = [0, 2, 1, 1]
    loss, gradients = ls.loss_and_gradient(network, dataset_of(samples, labels, network), objective)
    result = ls.evaluate(network, dataset_of(samples, labels, network), objective)
    each = [
        (
            float(naive.loss_reference(network, *s, k, objective)),
            naive.gradient_reference(network, *s, k, objective),
        )
        for s, k in zip(samples, labels, strict=True)
    ]
    np.testing.assert_allclose(result.sample_losses, [value for value, _ in each], rtol=1e-12)
    assert loss == pytest.approx(np.mean([value for value, _ in each]), rel=1e-13)
    for layer, gradient in enumerate(gradients):
        wanted = np.mean([g[layer] for _, g in each], axis=0)
        np.testing.assert_allclose(gradient, wanted, rtol=0, atol=1e-10 * np.abs(wanted).max() + 1e-14)


@KINDS
@EVERY_READOUT
def test_simultaneous_inputs_repeated_channels_and_equal_neurons_have_exact_gradients(kind, objective):
    rng = np.random.default_rng(4)
    hidden = np.tile(rng.normal(4.0, 1.0, 3), (3, 1))
    network = ls.Network(neuron_of(kind), [hidden, rng.normal(2.0, 2.0, (2, 3))], 4.0)
    assert check_loss_and_gradient(network, [0.0, 0.5, 0.5, 0.5, 1.0], [0, 1, 2, 2, 0], 1, objective)


@KINDS
@EVERY_READOUT
def test_inputs_at_the_trial_end_or_later_change_neither_loss_nor_gradient(kind, objective):
    # Weak outputs: QIF neurons among them that do not spike feel the end state through their pseudospikes.
    strong = random_network(kind, 33, (4, 3, 3))
    network = strong.with_weights([strong.weights[0], 0.4 * strong.weights[1]])
    times, channels = random_inputs(34, 6, 3, 3.0)
    late = ([*times, 4.0, 4.0, 6.0], [*channels, 0, 3, 3])
    loss, gradients = ls.loss_and_gradient(network, dataset_of([late], [1], network), objective)
    plain, expected = ls.loss_and_gradient(network, dataset_of([(times, channels)], [1], network), objective)
    assert loss == plain
    for one, two in zip(gradients, expected, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not gradients[0][:, 3].any()
    if kind == "qif":
        assert np.unique(ls.simulate(network, times, channels).layers[1].neurons).size < 3


@KINDS
@EVERY_READOUT
def test_neurons_that_never_spike_and_inputs_that_never_come_have_exact_gradients(kind, objective):
    first = np.array([[6.0, 4.0, 1.0], [-3.0, -2.0, 1.0], [0.0, 0.0, 0.0], [0.3, 0.2, 5.0]])
    network = ls.Network(neuron_of(kind), [first, np.array([[3.0, 2.0, -1.0, 0.5], [1.0, -4.0, 2.0, 2.0]])], 4.0)
    assert check_loss_and_gradient(network, [0.2, 0.9, 1.4], [0, 1, 0], 0, objective)
    assert check_loss_and_gradient(network, [], [], 0, objective)


@EVERY_READOUT
def test_lif_weights_into_and_out_of_silent_neurons_have_zero_gradient(objective):
    first = np.array([[6.0, 4.0], [-3.0, -2.0]])
    network = ls.Network(ls.LIF(), [first, np.array([[3.0, 2.0], [1.0, -4.0]])], 4.0)
    _, gradients = ls.loss_and_gradient(network, dataset_of([([0.2, 0.9], [0, 1])], [0], network), objective)
    assert not gradients[0][1].any()
    assert not gradients[1][:, 1].any()
    assert gradients[0][0].all()


@pytest.mark.parametrize("drive", [-1e4, -200.0, -3.0, 0.0, 1.5, 2.5])
def test_pseudospikes_of_weakly_and_strongly_inhibited_outputs_have_exact_losses_and_gradients(drive):
    hidden, output = np.array([[9.0], [6.0], [1.0]]), np.array([[0.4, 0.4, 0.1], [drive, 0.2, drive]])
    network = ls.Network(ls.QIF(), [hidden, output], 3.0)
    assert check_loss_and_gradient(network, [0.3], [0], 0, FIRST_SPIKE)
    if drive > -1e3:
        assert check_loss_and_gradient(network, [0.3], [0], 1, ls.FirstSpike(tau_readout=0.4))


@pytest.mark.parametrize("inhibition", [-1e5, -1e8, -1e200])
def test_an_output_whose_pseudospike_is_beyond_all_numbers_leaves_the_others_loss_and_gradient_finite(
    inhibition,
):
    network = ls.Network(ls.QIF(), [np.array([[9.0], [6.0]]), np.array([[2.0, 1.0], [inhibition, inhibition]])], 4.0)
    loss, gradients = ls.loss_and_gradient(network, dataset_of([([0.3], [0])], [0], network), ls.FirstSpike())
    assert loss == pytest.approx(0.0, abs=1e-15)
    for gradient in gradients:
        np.testing.assert_allclose(gradient, 0.0, atol=1e-15)


@KINDS
@EVERY_READOUT
def test_bursts_have_exact_gradients(kind, objective):
    strong = 2e3 if kind == "qif" else 60.0
    network = ls.Network(neuron_of(kind), [np.array([[strong], [-strong]]), np.array([[0.7, 1.0], [-0.4, 1.0]])], 2.0)
    assert ls.simulate(network, [0.1], [0]).layers[0].times.size > 8
    assert check_loss_and_gradient(network, [0.1], [0], 1, objective)


@KINDS
def test_gradients_at_the_very_time_of_a_coincidence_are_those_of_one_order(kind):
    base = random_network(kind, 41, (3, 3, 2), strength=1.5)
    network = base.with_weights([np.hstack([base.weights[0], [[0.4], [0.2], [0.3]]]), base.weights[1]])
    times, channels = random_inputs(42, 7, 3, 3.0)
    first = ls.simulate(network, times, channels).layers[0].times[0]
    k = int(np.searchsorted(times, first))
    more, who = np.insert(times, k, first), np.insert(channels, k, 3)
    _, gradients = ls.loss_and_gradient(network, dataset_of([(more, who)], [0], network), ls.FirstSpike())
    distances = []
    for step in (-1e-13, 1e-13):
        moved = more.copy()
        moved[k] += step
        expected = naive.gradient_reference(network, moved, who, 0, ls.FirstSpike())
        distances.append(max(np.abs(g - e).max() for g, e in zip(gradients, expected, strict=True)))
    scale = max(np.abs(g).max() for g in gradients)
    assert scale > 0.01
    assert min(distances) < 1e-9 * scale


@pytest.mark.parametrize("gap", 10.0 ** -np.arange(1, 11, 3))
def test_gradients_near_a_grazing_spike_grow_as_they_should(gap):
    # V = w s (1 - s) touches the threshold at w = 4; the spike time there has an infinite derivative.
    network = ls.Network(ls.LIF(), [np.array([[4.0 + gap], [6.0]])], 4.0)
    assert check_loss_and_gradient(network, [0.5], [0], 0, ls.FirstSpike(), relative=1e-8 + 1e-14 / gap)


def test_qif_losses_are_continuous_between_neighbouring_floats_when_a_spike_leaves_the_trial():
    """Also where the last spike falls on the trial's end to the last bit, hidden or output."""
    output = np.array([[4.0, 3.0], [3.0, 5.0]])
    for layer, position in ((0, (1, 0)), (1, (1, 0))):
        low, high = 1.0, 40.0

        def parts(weight, layer=layer, position=position):
            weights = [np.array([[5.0], [2.2]]), output.copy()]
            weights[layer][position] = weight
            network = ls.Network(ls.QIF(), weights, 3.0)
            count = ls.simulate(network, [0.1], [0]).layers[layer].neurons.tolist().count(1)
            return count, ls.evaluate(network, dataset_of([([0.1], [0])], [0], network), ls.FirstSpike()).loss

        wanted = parts(high)[0]
        while np.nextafter(low, high) < high:
            middle = (low + high) / 2
            low, high = (low, middle) if parts(middle)[0] >= wanted else (middle, high)
        around = [high]
        for _ in range(8):
            around = [np.nextafter(around[0], 0), *around, np.nextafter(around[-1], 99)]
        losses = [parts(weight)[1] for weight in around]
        assert parts(low)[0] == parts(high)[0] - 1
        assert np.ptp(losses) < 1e-12


@st.composite
def problems(draw, kind):
    network, times, channels = draw(cases(kind))
    objective = draw(st.sampled_from(list(OBJECTIVES.values())))
    return network, times, channels, draw(st.integers(0, network.sizes[-1] - 1)), objective


def check_many(kind, n):
    judged = []

    @settings(DRAWN, max_examples=n)
    @given(problems(kind))
    def holds(problem):
        network, times, channels, _, objective = problem
        note(f"{network.weights}")
        # At weight 0 the maximum of the potential may leave V(0) = 0: a kink.
        assume(not isinstance(objective, ls.MaxPotential) or network.weights[-1].all())
        # Bursts take the reference too long.
        assume(sum(layer.times.size for layer in ls.simulate(network, times, channels).layers) < 60)
        judged.append(check_loss_and_gradient(*problem))

    holds()
    assert np.mean(judged) > 0.8


@KINDS
def test_any_small_network_has_exact_gradients(kind):
    check_many(kind, 12)


@pytest.mark.slow
@KINDS
def test_many_more_small_networks_have_exact_gradients(kind):
    check_many(kind, 100)


@KINDS
@EVERY_READOUT
def test_a_sweep_has_exact_losses_directional_derivatives_and_gradient_norms(kind, objective):
    network = random_network(kind, 61, (4, 3, 2))
    samples, labels = [random_inputs(62, 5, 4, 3.0), random_inputs(63, 3, 4, 3.0)], [0, 1]
    rng = np.random.default_rng(64)
    directions = [[rng.normal(0, 1, w.shape) for w in network.weights] for _ in range(2)]
    axes = [np.array([-0.4, 0.1, 0.5]), np.array([-0.2, 0.3])]
    surface = ls.sweep(
        network,
        directions,
        axes,
        dataset_of(samples, labels, network),
        objective,
        gradient="full",
        sample_losses=True,
    )
    for i, a in enumerate(axes[0]):
        for j, b in enumerate(axes[1]):
            weights = [w + a * d + b * e for w, d, e in zip(network.weights, *directions, strict=True)]
            here = network.with_weights(weights)
            each = [(*sample, label, objective) for sample, label in zip(samples, labels, strict=True)]
            losses = [float(naive.loss_reference(here, *one)) for one in each]
            np.testing.assert_allclose(surface.sample_loss[i, j], losses, rtol=1e-12)
            assert surface.loss[i, j] == pytest.approx(np.mean(losses), rel=1e-12)
            along = [np.mean([naive.directional_reference(here, d, *one) for one in each]) for d in directions]
            np.testing.assert_allclose(
                surface.directional_derivative[i, j],
                along,
                rtol=1e-8,
                atol=1e-9 * np.abs(along).max() + 1e-14,
            )
            if (i, j) == (2, 0):
                parts = [naive.gradient_reference(here, *one) for one in each]
                gradient = np.mean([np.concatenate([g.ravel() for g in part]) for part in parts], axis=0)
                np.testing.assert_allclose(surface.gradient[i, j], gradient, atol=1e-9 * np.abs(gradient).max())
                assert surface.gradient_norm[i, j] == pytest.approx(np.linalg.norm(gradient), rel=1e-9)
