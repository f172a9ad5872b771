"""The simulator against the multiprecision reference: spike times and end states of single trials."""

from __future__ import annotations

import naive
import numpy as np
import pytest
from hypothesis import assume, given, note, settings
from naive.cases import DRAWN, KINDS, cases, neuron_of, random_inputs, random_network
from naive.comparison import ROUNDING, check_trial

import landscape as ls


@KINDS
@pytest.mark.parametrize("hidden", [(), (4,), (4, 5), (4, 3, 4)], ids=lambda h: f"{len(h) + 1} layers")
@pytest.mark.parametrize("seed", range(3))
def test_spikes_and_end_states_are_exact_for_any_number_of_layers(kind, hidden, seed):
    network = random_network(kind, seed, (5, *hidden, 3))
    assert check_trial(network, *random_inputs(seed, 10, 5, 3.0))


@KINDS
@pytest.mark.parametrize("ratio", [0.1, 1.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("tau", [7.3, 1e-3])
def test_trials_much_shorter_and_longer_than_the_membrane_time_constant_are_exact(kind, ratio, tau):
    network = random_network(
        kind, 17, (5, 4, 3), tau, threshold=0.7, duration=ratio * tau, strength=max(1, 0.8 / ratio)
    )
    assert check_trial(network, *random_inputs(18, 12, 5, ratio * tau))


@KINDS
@pytest.mark.parametrize("duration", [30.0, 80.0, 400.0, 744.0, 746.0, 1000.0, 1e5])
def test_a_long_silence_neither_loses_the_spikes_before_it_nor_makes_one(kind, duration):
    hidden = np.array([[8.0, 8.0], [5.0, -9.0], [-7.0, 1.0], [-2.0, -3.0]])
    output = np.array([[7.0, 4.0, 3.0, 3.0], [-4.0, -5.0, 1.0, 2.0]])
    network = ls.Network(neuron_of(kind), [hidden, output], duration)
    assert len(ls.simulate(network, [0.125], [0]).layers[0].times) > 1
    assert check_trial(network, [0.125], [0])
    assert check_trial(network, [0.125, 0.25], [0, 1])
    assert check_trial(network, [0.125, duration - 2], [0, 1])


@pytest.mark.parametrize("threshold", [1e-3, 0.37, 12.0, 1e4])
def test_any_threshold_is_exact(threshold):
    network = random_network("lif", 3, (5, 4, 3), tau=2.0, threshold=threshold, duration=7.0)
    assert check_trial(network, *random_inputs(4, 10, 5, 7.0))


@KINDS
def test_without_input_spikes_nothing_happens(kind):
    trial = ls.simulate(random_network(kind, 1, (5, 4, 3)), np.zeros(0), np.zeros(0, dtype=int))
    for layer in trial.layers:
        assert layer.times.size == layer.neurons.size == 0
        assert not layer.potential.any()
        assert not layer.current.any()


@KINDS
def test_zero_weights_leave_every_neuron_at_rest(kind):
    network = ls.Network(neuron_of(kind), [np.zeros((4, 5)), np.zeros((3, 4))], 4.0)
    assert check_trial(network, *random_inputs(2, 8, 5, 4.0))
    assert not ls.simulate(network, *random_inputs(2, 8, 5, 4.0)).layers[0].potential.any()


@KINDS
@pytest.mark.parametrize("unit", [1e-300, 1e-12, 1e-3])
def test_neurons_far_below_the_threshold_have_exact_end_states(kind, unit):
    network = random_network(kind, 5, (5, 3), strength=unit)
    times, channels = random_inputs(6, 8, 5, 4.0)
    assert check_trial(network, times, channels)
    exact = naive.simulate_reference(network, times, channels)[0]
    fast = ls.simulate(network, times, channels).layers[0]
    np.testing.assert_allclose(fast.potential, np.array(exact.potential, dtype=float), rtol=1e-12, atol=0)
    np.testing.assert_allclose(fast.current, np.array(exact.current, dtype=float), rtol=1e-12, atol=0)


@KINDS
def test_a_single_input_that_makes_a_burst_of_spikes_within_one_interval(kind):
    network = ls.Network(neuron_of(kind), [np.array([[1e4 if kind == "qif" else 400.0]]), np.array([[0.5]])], 1.0)
    assert len(ls.simulate(network, [0.1], [0]).layers[0].times) >= 19
    assert check_trial(network, [0.1], [0])


@KINDS
def test_huge_inhibition_is_exact(kind):
    network = ls.Network(neuron_of(kind), [np.array([[-1e6, 8.0], [8.0, -1e6], [1.0, 9.0]])], 4.0)
    assert check_trial(network, [0.1, 0.2, 0.5, 0.6, 2.0], [0, 1, 0, 1, 1])


@pytest.mark.slow
def test_huge_weights_of_both_signs_in_qif_networks_are_exact():
    network = ls.Network(ls.QIF(), [np.array([[1e6, -1e6], [1e6, -5e5]]), np.array([[2.0, -1.0]])], 1.0)
    assert check_trial(network, [0.1, 0.3, 0.5, 0.7], [0, 1, 0, 1])
    assert check_trial(network, [0.1, 0.1 + 1e-9, 0.5, 0.7], [0, 1, 0, 1])


@KINDS
def test_a_current_that_an_opposite_input_cancels_exactly_leaves_a_plain_leak(kind):
    # exp(-2 dt) of a float is not a float: the current after the second input is rounding, or zero at dt = 0.
    network = ls.Network(neuron_of(kind), [np.array([[3.0, -3.0, 5.0], [-3.0, 3.0, 5.0]])], 4.0)
    assert check_trial(network, [0.5, 0.5], [0, 1])
    decayed = 3.0 * np.exp(-1.0)
    network = ls.Network(neuron_of(kind), [np.array([[3.0, -decayed, 5.0], [-3.0, decayed, 5.0]])], 4.0)
    assert check_trial(network, [0.5, 1.0, 2.5], [0, 1, 2])


@KINDS
def test_simultaneous_inputs_and_repeated_channels_add_up(kind):
    network = random_network(kind, 8, (4, 3, 3))
    times, channels = [0.5, 0.5, 0.5, 0.5, 1.25, 1.25], [0, 1, 2, 2, 3, 3]
    assert check_trial(network, times, channels)
    joined = (
        network.weights[0][:, [0, 1, 2, 2]].sum(1, keepdims=True),
        network.weights[0][:, [3, 3]].sum(1, keepdims=True),
    )
    other = ls.Network(network.neuron, [np.hstack(joined), network.weights[1]], 4.0)
    for one, two in zip(
        ls.simulate(network, times, channels).layers,
        ls.simulate(other, [0.5, 1.25], [0, 1]).layers,
        strict=True,
    ):
        np.testing.assert_allclose(one.times, two.times, rtol=1e-13)


@KINDS
def test_inputs_at_the_trial_start_count_and_those_at_or_after_its_end_do_not(kind):
    network = random_network(kind, 9, (4, 3, 3))
    inside, channels = [0.0, 0.0, 0.7, 2.0], [0, 1, 2, 3]
    assert check_trial(network, inside, channels)
    plain = ls.simulate(network, inside, channels)
    more = ls.simulate(network, [*inside, 4.0, 4.0, np.nextafter(4.0, 5.0), 9.0], [*channels, 0, 1, 2, 3])
    for one, two in zip(plain.layers, more.layers, strict=True):
        np.testing.assert_array_equal(one.times, two.times)
        np.testing.assert_array_equal(one.potential, two.potential)
        np.testing.assert_array_equal(one.current, two.current)


@KINDS
def test_neurons_with_equal_weights_spike_together_and_drive_the_next_layer_at_one_time(kind):
    rng = np.random.default_rng(3)
    row = np.abs(rng.normal(3.0, 2.0, 5))
    network = ls.Network(neuron_of(kind), [np.tile(row, (4, 1)), rng.normal(1.0, 1.0, (3, 4))], 4.0)
    times, channels = random_inputs(12, 10, 5, 2.0)
    assert ls.simulate(network, times, channels).layers[0].times.size >= 8
    assert check_trial(network, times, channels)


def shifted(network, times, channels, k, step):
    """Reference layers with input ``k`` a little later."""
    moved = np.array(times, dtype=float)
    moved[k] += step
    order = np.argsort(moved, kind="stable")
    return naive.simulate_reference(network, moved[order], np.asarray(channels)[order])


def matches(layers, reference, duration, tolerance=1e-9):
    """Whether all spikes agree, within a tolerance that the shift of an input accounts for."""
    for fast, wanted in zip(layers, reference, strict=True):
        order, other = np.lexsort((fast.times, fast.neurons)), np.lexsort((wanted.times, wanted.neurons))
        if not np.array_equal(fast.neurons[order], wanted.neurons[other]):
            return False
        if not np.allclose(fast.times[order], wanted.times[other], rtol=0, atol=tolerance * duration):
            return False
    return True


@KINDS
@pytest.mark.parametrize("weight", [-30.0, -4.0, -0.1, 0.0, 1e-12, 0.1, 4.0, 30.0])
def test_an_input_at_the_very_time_of_a_spike_neither_loses_nor_doubles_it(kind, weight):
    """Either order of the two is right where they differ (LIF, strong inhibition); nothing else is."""
    for seed in range(3):
        first = random_network(kind, 40 + seed, (4, 3, 2))
        rows = np.hstack([first.weights[0], np.full((3, 1), weight)])
        network = ls.Network(first.neuron, [rows, first.weights[1]], 4.0)
        times, channels = random_inputs(50 + seed, 8, 4, 3.0)
        spikes = ls.simulate(network, times, channels).layers[0].times
        for coincidence in spikes[spikes < 3.9][:3]:
            k = int(np.searchsorted(times, coincidence))
            more, who = np.insert(times, k, coincidence), np.insert(channels, k, 4)
            layers = ls.simulate(network, more, who).layers
            sides = [shifted(network, more, who, k, step) for step in (-1e-13, 1e-13)]
            assert any(matches(layers, side, 4.0) for side in sides)
            if kind == "qif" or weight >= 0:
                assert all(matches(layers, side, 4.0) for side in sides)


@KINDS
@pytest.mark.parametrize("weight", [-20.0, -1.0, 0.0, 1.0, 20.0])
def test_a_hidden_spike_at_the_very_time_of_a_spike_it_arrives_at_neither_loses_nor_doubles_it(kind, weight):
    # Neuron 0 makes the output spike; neuron 1 is timed to spike at that very float.
    network = ls.Network(
        neuron_of(kind), [np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([[12.0, weight], [12.0, 0.0]])], 4.0
    )
    target = ls.simulate(network, [0.25], [0]).layers[1].times[0]
    latency = ls.simulate(network, [0.5], [1]).layers[0].times[0] - 0.5
    start = target - latency
    for _ in range(40):
        layers = ls.simulate(network, [0.25, start], [0, 1]).layers
        hit = layers[0].times[layers[0].neurons == 1][0]
        if hit == target:
            break
        start += target - hit
    assert hit == target
    sides = [shifted(network, [0.25, start], [0, 1], 1, step) for step in (-1e-13, 1e-13)]
    assert any(matches(layers, side, 4.0) for side in sides)
    if kind == "qif" or weight >= 0:
        assert all(matches(layers, side, 4.0) for side in sides)


@KINDS
def test_the_trial_may_end_at_the_very_time_of_a_spike(kind):
    network = ls.Network(neuron_of(kind), [np.array([[9.0]])], 4.0)
    time = ls.simulate(network, [0.25], [0]).layers[0].times[0]
    counts = [
        ls.simulate(ls.Network(network.neuron, network.weights, end), [0.25], [0]).layers[0].times.size
        for end in (time - 1e-13, time, time + 1e-13)
    ]
    assert counts[0] == 0
    assert counts[2] == 1
    assert counts[1] in (0, 1)  # the true crossing lies within half a rounding of this float


def test_a_potential_that_touches_the_threshold_spikes_on_one_side_only():
    # V = w s (1 - s) has its peak w / 4 at s = 1 / 2.
    def spikes(weight):
        return ls.simulate(ls.Network(ls.LIF(), [np.array([[weight]])], 4.0), [0.5], [0]).layers[0].times

    assert spikes(4.0 - 1e-14).size == 0
    assert spikes(4.0 + 1e-14).size == 1
    assert spikes(4.0 + 1e-14)[0] == pytest.approx(0.5 + np.log(2), abs=1e-6)


def check_many(kind, n):
    judged = []

    @settings(DRAWN, max_examples=n)
    @given(cases(kind))
    def holds(case):
        note(f"{case[0].weights}")
        # Bursts of bursts take the reference too long.
        assume(sum(layer.times.size for layer in ls.simulate(*case).layers) < 150)
        judged.append(check_trial(*case))

    holds()
    assert np.mean(judged) > 0.9


@KINDS
def test_any_small_network_is_simulated_exactly(kind):
    check_many(kind, 25)


@pytest.mark.slow
@KINDS
def test_many_more_small_networks_are_simulated_exactly(kind):
    check_many(kind, 200)


@pytest.mark.slow
@KINDS
def test_a_spike_at_the_edge_of_its_existence_is_as_exact_as_its_conditioning(kind):
    """Weights approach the one that makes a spike appear; errors grow no faster than its sensitivity."""
    low, high = 1.0, 40.0

    def spikes(weight):
        return naive.simulate_reference(ls.Network(neuron_of(kind), [np.array([[weight]])], 30.0), [0.5], [0])[0].spikes

    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if spikes(middle) else (middle, high)
    assert high < 40
    for gap in 10.0 ** -np.arange(1, 12):
        network = ls.Network(neuron_of(kind), [np.array([[high + gap]]), np.array([[2.0]])], 30.0)
        exact = naive.simulate_reference(network, [0.5], [0])[0].times
        hard = naive.conditioning(network, [0.5], [0], size=gap * 1e-4).times[0]
        fast = ls.simulate(network, [0.5], [0]).layers[0].times
        assert fast.size == exact.size > 0
        assert (np.abs(fast - exact) <= ROUNDING * (30.0 + hard)).all()
