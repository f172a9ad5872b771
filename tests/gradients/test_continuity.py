"""Where a spike count changes, QIF losses are continuous (spikes come and go at the trial's end only) and LIF
losses are not.

Along a random line through parameter space, points where some spike count changes are found by bisection; the
loss on both sides of a bracket of relative width 1e-13 is compared: for a continuous loss no more
than its derivative and rounding make of the bracket.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic.builders import READOUTS, a_network, data_of

import landscape as ls

DRAWN = settings(derandomize=True, database=None, deadline=None, max_examples=20)
SEEDS = st.integers(0, 2**32 - 1)
STEPS = 60
QIF_LINE = {"strength": 3.5, "spread": 1.4, "duration": 2.5}
LIF_LINE = {"strength": 1.1, "spread": 0.6, "duration": 4.0}


def state_at(network, data, objective):
    """Loss, derivatives along the line by the sweep, and all spike counts at a point of a line."""
    result = ls.evaluate(network, data, objective, threads=1)
    return result.loss, tuple(np.concatenate([c.ravel() for c in result.spike_counts]).tolist())


class Line:
    """The networks ``centre + a direction``."""

    def __init__(self, kind, seed, strength, spread, duration, data, sizes=(3, 4, 3, 2)):
        rng = np.random.default_rng(seed)
        self.centre = a_network(kind, rng, sizes, duration, strength)
        self.step = [spread * rng.normal(size=w.shape) for w in self.centre.weights]
        self.data = data

    def network(self, a):
        return self.centre.with_weights([w + a * d for w, d in zip(self.centre.weights, self.step, strict=True)])

    def transitions(self, objective, most=6):
        """Brackets ``(low, high)`` around changes of a spike count, with the states at both ends."""
        grid = np.linspace(-1.0, 1.0, STEPS + 1)
        states = [state_at(self.network(a), self.data, objective) for a in grid]
        found = []
        for low, high, here, there in zip(grid[:-1], grid[1:], states[:-1], states[1:], strict=True):
            if here[1] == there[1] or len(found) == most:
                continue
            while high - low > 1e-13:
                middle = 0.5 * (low + high)
                state = state_at(self.network(middle), self.data, objective)
                if state[1] == here[1]:
                    low, here = middle, state
                else:
                    high, there = middle, state
            found.append((low, high, here, there))
        return found


def one_sample(seed, n=5, end=2.4):
    rng = np.random.default_rng(seed)
    return data_of([(np.sort(rng.uniform(0.0, end, n)), rng.integers(0, 3, n))], [int(rng.integers(0, 2))], 3, 2)


def changed_layers(here, there, sizes):
    """Layers in which a spike count differs."""
    ends = np.cumsum([0, *sizes[1:]])
    differs = np.array(here) != np.array(there)
    return {layer for layer in range(len(sizes) - 1) if differs[ends[layer] : ends[layer + 1]].any()}


def slope_at(line, a, objective):
    """Derivative along the line, by the exact tangent."""
    surface = ls.sweep(line.network(a), [line.step], [[0.0]], line.data, objective, threads=1)
    return float(surface.directional_derivative[0, 0])


@READOUTS
@given(seed=SEEDS)
@DRAWN
def test_qif_losses_do_not_jump_where_a_spike_leaves_at_the_trials_end(objective, seed):
    line = Line("qif", seed, **QIF_LINE, data=one_sample(seed))
    for low, high, here, there in line.transitions(objective):
        slope = max(abs(slope_at(line, low, objective)), abs(slope_at(line, high, objective)))
        assert abs(there[0] - here[0]) <= 1e-9 + 1e-12 * slope, (low, high, here[0], there[0], slope)


def test_the_qif_property_covers_spikes_that_leave_in_hidden_and_in_output_layers():
    layers, changes = set(), []
    for seed in range(12):
        line = Line("qif", seed, **QIF_LINE, data=one_sample(seed))
        for _, _, here, there in line.transitions(ls.FirstSpike()):
            layers |= changed_layers(here[1], there[1], line.centre.sizes)
            changes.append(abs(there[0] - here[0]))
    assert layers == {0, 1, 2}
    assert len(changes) >= 20
    assert np.median(changes) < 1e-12


@READOUTS
def test_the_same_search_finds_true_jumps_of_lif_losses(objective):
    jumps = []
    for seed in range(12):
        line = Line("lif", seed, **LIF_LINE, data=one_sample(seed))
        for low, high, here, there in line.transitions(objective):
            assert high - low <= 1e-13
            jumps.append(abs(there[0] - here[0]))
    jumps = np.array(jumps)
    assert jumps.size > 10
    assert (jumps > 1e-3).sum() >= 5


@pytest.mark.parametrize("gamma", [0.0, 0.7])
@pytest.mark.parametrize("layers", [1, 2, 3])
@given(seed=SEEDS)
@settings(DRAWN, max_examples=15)
def test_qif_losses_are_continuous_where_all_inputs_shift_a_spike_past_the_end(layers, gamma, seed):
    """The gradient too, where the spike is an output's; a hidden one acts by another way after T."""
    rng = np.random.default_rng(seed)
    network = a_network("qif", rng, (3, *(3,) * (layers - 1), 2), 2.5, 1.5)
    times, channels = np.sort(rng.uniform(0.5, 2.4, 5)), rng.integers(0, 3, 5)
    trial = ls.simulate(network, times, channels)
    objective = ls.FirstSpike(gamma)
    for number, layer in enumerate(trial.layers):
        for spike in layer.times[:2]:
            shift = network.duration - spike  # now this spike is at T
            found = []
            for side in (-1e-10, 1e-10):
                data = data_of([(times + shift + side, channels)], [0], 3, 2)
                found.append(ls.loss_and_gradient(network, data, objective, threads=1))
            (loss, gradient), (other, other_gradient) = found
            scale = max(1.0, *(np.abs(g).max() for g in gradient + other_gradient))
            assert abs(other - loss) <= 1e-7 * scale
            if number == layers - 1:
                for a, b in zip(gradient, other_gradient, strict=True):
                    np.testing.assert_allclose(a, b, atol=1e-6 * scale**2, rtol=1e-6)


def test_a_lif_output_spike_that_leaves_the_trial_is_continuous_only_in_time():
    """t_k = T for LIF outputs without a spike: continuous where a rising potential crosses at T."""
    network = ls.Network(ls.LIF(), [np.array([[6.0], [0.0]])], 4.0)
    spike = ls.simulate(network, [0.0], [0]).layers[0].times[0]
    losses = []
    for end in (spike - 1e-9, spike + 1e-9):
        short = ls.Network(network.neuron, network.weights, end)
        losses.append(ls.evaluate(short, data_of([([0.0], [0])], [0], 1, 2), ls.FirstSpike()).loss)
    assert losses[0] == pytest.approx(math.log(2.0), abs=1e-12)
    assert losses[1] == pytest.approx(math.log(2.0), abs=1e-8)
