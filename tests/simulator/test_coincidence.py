"""Spikes that coincide with inputs are neither lost nor doubled: signs decide on existence, not roots."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic.builders import KINDS, a_network, a_neuron, counts_of

import landscape as ls

DRAWN = settings(derandomize=True, database=None, deadline=None, max_examples=40)
SEEDS = st.integers(0, 2**32 - 1)


def random_case(kind, seed, strength=1.6):
    """Two layers of neurons that spike several times; the last input channel has zero weights."""
    rng = np.random.default_rng(seed)
    network = a_network(kind, rng, sizes=(4, 3, 2), strength=strength)
    silent_channel = [np.column_stack([network.weights[0], np.zeros(3)]), network.weights[1]]
    n = int(rng.integers(1, 7))
    times = np.sort(rng.uniform(0.0, 3.0, n))
    return network.with_weights(silent_channel), times, rng.integers(0, 4, n), rng


def robust(network, times, channels):
    """Whether weights changed by 1e-9 leave every spike count as it is: grazing is a matter of rounding."""
    wanted = counts_of(ls.simulate(network, times, channels), network.sizes)
    return all(
        counts_of(
            ls.simulate(network.with_parameters(network.parameters * (1.0 + change)), times, channels),
            network.sizes,
        )
        == wanted
        for change in (1e-9, -1e-9)
    )


@KINDS
@given(seed=SEEDS)
@DRAWN
def test_an_input_of_weight_zero_placed_exactly_on_each_spike_changes_no_count(kind, seed):
    network, times, channels, _ = random_case(kind, seed)
    trial = ls.simulate(network, times, channels)
    if not robust(network, times, channels):
        return
    found = np.unique(np.concatenate([layer.times for layer in trial.layers]))
    wanted = counts_of(trial, network.sizes)
    # one at a time, at the spike, one rounding before it and one after it; and all at once
    placements = [np.array([t]) for spike in found for t in (spike, math.nextafter(spike, 0), math.nextafter(spike, 9))]
    placements.append(np.concatenate(placements) if placements else np.zeros(0))
    for placed in placements:
        placed = placed[placed <= network.duration]
        more_times = np.concatenate([times, placed])
        more_channels = np.concatenate([channels, np.full(placed.size, 4)])
        again = ls.simulate(network, more_times, more_channels)
        assert counts_of(again, network.sizes) == wanted
        for layer, other in zip(trial.layers, again.layers, strict=True):
            np.testing.assert_allclose(np.sort(other.times), np.sort(layer.times), rtol=0, atol=1e-9)


@KINDS
@pytest.mark.parametrize("weight", [1e-13, -1e-13, 1e-300, -1e-300, 1e-10, -1e-10])
@given(seed=SEEDS)
@settings(DRAWN, max_examples=25)
def test_an_input_of_tiny_weight_placed_exactly_on_a_spike_changes_no_count(kind, weight, seed):
    network, times, channels, rng = random_case(kind, seed)
    first = network.weights[0].copy()
    first[:, 4] = weight
    network = network.with_weights([first, network.weights[1]])
    trial = ls.simulate(network, times, channels)
    if trial.layers[0].times.size == 0 or not robust(network, times, channels):
        return
    spike = rng.choice(trial.layers[0].times)
    again = ls.simulate(network, np.append(times, spike), np.append(channels, 4))
    assert counts_of(again, network.sizes) == counts_of(trial, network.sizes)


@KINDS
@pytest.mark.parametrize("weight", [-1e6, -5.0, 5.0])
@given(seed=SEEDS)
@settings(DRAWN, max_examples=25)
def test_an_input_placed_just_after_a_spike_does_not_undo_it(kind, weight, seed):
    network, times, channels, _ = random_case(kind, seed)
    trial = ls.simulate(network, times, channels)
    if trial.layers[0].times.size == 0 or not robust(network, times, channels):
        return
    spike = trial.layers[0].times[0]
    neuron = trial.layers[0].neurons[0]
    first = network.weights[0].copy()
    first[:, 4] = weight
    inhibited = network.with_weights([first, network.weights[1]])
    placed = math.nextafter(spike, 9.0) + 1e-12
    if placed > network.duration:
        return
    again = ls.simulate(inhibited, np.append(times, placed), np.append(channels, 4)).layers[0]
    assert again.neurons[0] == neuron
    assert again.times[0] == pytest.approx(spike, abs=1e-12)


def test_a_qif_spike_cannot_be_undone_by_an_input_at_the_same_time():
    network = ls.Network(ls.QIF(), [np.array([[9.0, 0.0]])], 4.0)
    spike = ls.simulate(network, [0.0], [0]).layers[0].times[0]
    for weight in (-1e6, -3.0, 3.0):
        inhibited = network.with_weights([np.array([[9.0, weight]])])
        for placed in (spike, math.nextafter(spike, 0.0), math.nextafter(spike, 9.0)):
            found = ls.simulate(inhibited, [0.0, placed], [0, 1]).layers[0].times
            assert np.sum(np.abs(found - spike) < 1e-9) == 1, (weight, placed)


def test_an_inhibitory_input_that_overtakes_a_lif_crossing_prevents_it():
    network = ls.Network(ls.LIF(), [np.array([[5.0, -50.0]])], 1.0)
    spike = ls.simulate(network, [0.0], [0]).layers[0].times[0]
    before = ls.simulate(network, [0.0, spike - 1e-9], [0, 1]).layers[0].times
    after = ls.simulate(network, [0.0, spike + 1e-9], [0, 1]).layers[0].times
    assert before.size == 0
    assert after.size == 1


def peak_weight():
    """Weight of an input at time 0 whose potential just touches 1: V = s I (1 - s), peak I / 4."""
    return 4.0


@pytest.mark.parametrize(
    ("weight", "spikes"),
    [
        (peak_weight(), 1),
        (math.nextafter(peak_weight(), 9.0), 1),
        (math.nextafter(peak_weight(), 0.0), 0),
        (peak_weight() * (1 + 1e-12), 1),
        (peak_weight() * (1 - 1e-12), 0),
    ],
)
def test_a_lif_peak_that_reaches_the_threshold_spikes_and_one_rounding_below_it_does_not(weight, spikes):
    network = ls.Network(ls.LIF(), [np.array([[weight, 0.0]])], 4.0)
    assert ls.simulate(network, [0.0], [0]).layers[0].times.size == spikes


@pytest.mark.parametrize("threshold", [1e-3, 0.3, 1.0, 7.7])
@given(above=st.floats(1e-9, 1e-2), cut=st.floats(0.01, 3.9))
@DRAWN
def test_a_lif_peak_above_the_threshold_is_found_however_zero_weight_inputs_cut_the_trial(threshold, above, cut):
    for factor, spikes in ((1.0 + above, 1), (1.0 - above, 0)):
        network = ls.Network(ls.LIF(1.0, threshold), [np.array([[4.0 * threshold * factor, 0.0]])], 4.0)
        peak = math.log(2.0)
        cuts = [cut, peak, math.nextafter(peak, 0), math.nextafter(peak, 4)]
        assert ls.simulate(network, [0.0], [0]).layers[0].times.size == spikes
        assert ls.simulate(network, [0.0, *cuts], [0, 1, 1, 1, 1]).layers[0].times.size == spikes


@pytest.mark.parametrize("strength", [50.0, 400.0])
@KINDS
def test_bursts_keep_their_count_when_zero_weight_inputs_fall_on_every_spike(kind, strength):
    network = ls.Network(a_neuron(kind), [np.array([[strength, 0.0]])], 4.0)
    found = ls.simulate(network, [0.1], [0]).layers[0].times
    assert found.size > 1
    again = ls.simulate(network, np.concatenate([[0.1], found]), np.concatenate([[0], np.ones(found.size, int)]))
    assert again.layers[0].times.size == found.size
    np.testing.assert_allclose(again.layers[0].times, found, rtol=0, atol=1e-9)


# --- the end of the trial -----------------------------------------------------------------------------------


@KINDS
@given(seed=SEEDS)
@DRAWN
def test_a_trial_that_ends_exactly_at_a_spike_has_it_at_most_once(kind, seed):
    network, times, channels, _ = random_case(kind, seed)
    trial = ls.simulate(network, times, channels)
    for layer in (0, 1):
        for spike in trial.layers[layer].times:
            for end in (math.nextafter(spike, 0.0), spike, math.nextafter(spike, 9.0)):
                short = ls.Network(network.neuron, network.weights, end)
                found = ls.simulate(short, times, channels).layers[layer].times
                assert (found <= end).all()
                before = np.sum(trial.layers[layer].times < spike - 1e-9)
                around = np.sum(np.abs(trial.layers[layer].times - spike) <= 1e-9)
                assert before <= found.size <= before + around
            longer = ls.Network(network.neuron, network.weights, spike + 1e-9)
            assert ls.simulate(longer, times, channels).layers[layer].times.size >= before + 1


@KINDS
def test_an_input_at_the_trials_end_or_after_it_has_no_effect(kind):
    network = ls.Network(a_neuron(kind), [np.array([[1.5, 2.0]])], 3.0)
    plain = ls.simulate(network, [0.5], [0]).layers[0]
    at_end = ls.simulate(network, [0.5, 3.0], [0, 1]).layers[0]
    after = ls.simulate(network, [0.5, math.nextafter(3.0, 4.0)], [0, 1]).layers[0]
    assert at_end.current[0] == plain.current[0]
    assert at_end.potential[0] == plain.potential[0]
    assert after.current[0] == plain.current[0]
    assert after.potential[0] == plain.potential[0]


def test_the_potential_of_a_qif_neuron_at_its_spike_has_the_sign_of_the_side_on_which_the_spike_is():
    long = ls.Network(ls.QIF(), [np.array([[9.0]])], 4.0)
    spike = ls.simulate(long, [0.0], [0]).layers[0].times[0]
    found = set()
    for steps in range(-8, 9):
        short = ls.Network(ls.QIF(), [np.array([[9.0]])], spike * (1.0 + steps * 2.0**-52))
        layer = ls.simulate(short, [0.0], [0]).layers[0]
        spiked = bool(layer.times.size)
        found.add(spiked)
        assert abs(layer.potential[0]) > 1e14  # infinite at best, never nan
        assert (layer.potential[0] < 0.0) == spiked
    assert found == {True, False}
