"""The reference itself: against two integrators of the differential equations, and against what must hold."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest

import naive
from naive.neurons import mp
from naive.ode import scipy_neuron, taylor_neuron


class LIF(NamedTuple):
    tau: float = 1.0
    threshold: float = 1.0


class QIF(NamedTuple):
    tau: float = 1.0


class Network(NamedTuple):
    neuron: object
    weights: list
    duration: float = 4.0


class FirstSpike(NamedTuple):
    gamma: float = 0.0
    tau_readout: float | None = None


class MaxPotential(NamedTuple):
    pass


class MeanPotential(NamedTuple):
    pass


NEURONS = {
    "lif": LIF(),
    "lif, slow, high threshold": LIF(tau=7.3, threshold=2.5),
    "qif": QIF(),
    "qif, fast": QIF(tau=0.31),
}


def drive(seed, neuron, n=7):
    """A strong sign-changing input to one neuron, in its own clock."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 3 * neuron.tau, n))
    return times, rng.normal(2.0, 4.0, n) * getattr(neuron, "threshold", 1.0), 4 * neuron.tau


def one_neuron(neuron, times, weights, duration, digits=naive.DIGITS):
    network = Network(neuron, [np.array([weights])], duration)
    return naive.simulate_reference(network, times, range(len(times)), digits)[0]


@pytest.mark.parametrize("neuron", NEURONS.values(), ids=NEURONS)
@pytest.mark.parametrize("seed", range(2))
def test_the_closed_forms_agree_with_a_taylor_solution_to_24_digits(neuron, seed):
    times, weights, duration = drive(seed, neuron)
    spikes, potential, current = taylor_neuron(
        type(neuron).__name__.lower(),
        list(zip(times, weights, strict=True)),
        duration,
        neuron.tau,
        getattr(neuron, "threshold", 1.0),
    )
    record = one_neuron(neuron, times, weights, duration)
    assert len(spikes) == len(record.spikes)
    assert all(abs(a - b) < 1e-24 * duration for a, (b, _) in zip(spikes, record.spikes, strict=True))
    assert abs(potential - record.potential[0]) < 1e-24 * max(1, abs(potential))
    assert abs(current - record.current[0]) < 1e-28


@pytest.mark.parametrize("neuron", NEURONS.values(), ids=NEURONS)
@pytest.mark.parametrize("seed", range(2, 6))
def test_the_closed_forms_agree_with_scipys_integrator(neuron, seed):
    times, weights, duration = drive(seed, neuron)
    spikes, potential, current = scipy_neuron(
        type(neuron).__name__.lower(),
        list(zip(times, weights, strict=True)),
        duration,
        neuron.tau,
        getattr(neuron, "threshold", 1.0),
    )
    record = one_neuron(neuron, times, weights, duration)
    network = Network(neuron, [np.array([weights])], duration)
    hard = naive.conditioning(network, times, range(len(times)))
    assert len(spikes) == len(record.spikes)
    np.testing.assert_array_less(np.abs(np.array(spikes) - record.times), 1e-12 * (1 + hard.times[0]) * duration)
    assert abs(potential - record.potential[0]) < 1e-12 * (1 + hard.potential[0][0]) * max(1, abs(potential))
    assert abs(current - record.current[0]) < 1e-12 * (1 + abs(current))


HARD = [pytest.param(current, marks=pytest.mark.slow) for current in (-1e6, -1e3, 0.1, 90.0, 2e3)]


@pytest.mark.parametrize("current", [-3.0, -0.1, -1e-12, 0.0, 1e-12, 3.0, *HARD])
@pytest.mark.parametrize("earlier", [-5.0, 3.0, 9.0])
def test_a_qif_neuron_of_any_current_and_potential_agrees_with_the_taylor_solution(current, earlier):
    events = [(0.0, earlier), (0.75, 0.0)]
    before = taylor_neuron("qif", events, 0.75)[2]
    with mp.workdps(40):
        events[1] = (0.75, mp.mpf(current) - before)
    spikes, potential, _ = taylor_neuron("qif", events, 1.0)
    record = one_neuron(QIF(), [0.0, 0.75], [earlier, 0.0], 0.75)
    problem = naive._Problem(Network(QIF(), [np.array([[earlier, 0.0]])], 1.0), [0.0, 0.75], [0, 1])
    problem.weights[0][0][1] = events[1][1]
    run = problem.run()[0][0]
    assert record.current[0] == pytest.approx(float(before))
    assert len(run.spikes) == len(spikes)
    assert all(abs(a - b) < 1e-22 for a, b in zip(run.spikes, spikes, strict=True))
    assert abs(run.state.potential() - potential) < 1e-22 * max(1, abs(potential))


@pytest.mark.parametrize("neuron", [LIF(), QIF()], ids=["lif", "qif"])
@pytest.mark.parametrize("unit", [1e-2, 1e-6, 1e-300])
def test_splitting_an_interval_by_events_without_weight_changes_nothing(neuron, unit):
    times, weights, _ = drive(11, neuron)
    whole = one_neuron(neuron, times, weights * unit, 50.0)
    splits = np.linspace(0.01, 30, 40)
    split = one_neuron(neuron, [*times, *splits], [*(weights * unit), *np.zeros(40)], 50.0)
    assert all(abs(a - b) < 1e-40 for (a, _), (b, _) in zip(whole.spikes, split.spikes, strict=True))
    assert abs(whole.potential[0] / split.potential[0] - 1) < 1e-35
    assert abs(whole.current[0] / split.current[0] - 1) < 1e-40


OBJECTIVES = [FirstSpike(0.1), MaxPotential(), MeanPotential()]


def random_network(seed, neuron, sizes=(5, 4, 3), duration=4.0):
    rng = np.random.default_rng(seed)
    mean, spread = (1.2, 1.5) if isinstance(neuron, LIF) else (3.0, 3.0)
    weights = [rng.normal(mean, spread, (n, m)) for m, n in pairwise(sizes)]
    times = np.sort(rng.uniform(0, duration / 2, 10))
    return Network(neuron, weights, duration), times, rng.integers(0, sizes[0], 10)


@pytest.mark.parametrize("neuron", [LIF(), QIF()], ids=["lif", "qif"])
def test_fifty_and_eighty_digits_agree_to_forty(neuron):
    network, times, channels = random_network(5, neuron, (5, 4, 4, 3))
    for here, there in zip(
        naive.simulate_reference(network, times, channels),
        naive.simulate_reference(network, times, channels, digits=80),
        strict=True,
    ):
        assert [n for _, n in here.spikes] == [n for _, n in there.spikes]
        assert all(abs(a - b) < 1e-40 for (a, _), (b, _) in zip(here.spikes, there.spikes, strict=True))
        assert all(abs(a - b) < 1e-40 for a, b in zip(here.potential, there.potential, strict=True))


@pytest.mark.parametrize("neuron", [LIF(), QIF()], ids=["lif", "qif"])
def test_inputs_at_the_trial_end_and_later_have_no_effect(neuron):
    network, times, channels = random_network(6, neuron)
    plain = naive.simulate_reference(network, times, channels)
    more = naive.simulate_reference(network, [*times, 4.0, 4.0, 4.5], [*channels, 0, 1, 2])
    assert [(r.spikes, r.potential, r.current) for r in plain] == [(r.spikes, r.potential, r.current) for r in more]


@pytest.mark.parametrize("objective", [MaxPotential(), MeanPotential()], ids=["max", "mean"])
def test_integrator_scores_agree_with_a_dense_quadrature(objective):
    network, times, channels = random_network(7, LIF(tau=1.7), sizes=(5, 3))
    grid = np.linspace(0, 4, 200_001)
    potential = np.zeros((3, grid.size))
    for t, c in zip(times, channels, strict=True):
        s = np.exp(-np.maximum(grid - t, 0) / 1.7)
        potential += network.weights[0][:, [c]] * (s * (1 - s))
    means = np.trapezoid(potential, grid, axis=1) / 4
    expected = potential.max(1) if isinstance(objective, MaxPotential) else means
    scores = naive.scores_reference(network, times, channels, objective)
    np.testing.assert_allclose(np.array(scores, dtype=float), expected, atol=1e-8)
    loss = naive.loss_reference(network, times, channels, 1, objective)
    assert float(loss) == pytest.approx(np.log(np.exp(expected).sum()) - expected[1], abs=1e-7)


def test_an_integrator_never_above_rest_has_its_maximum_at_the_start():
    network = Network(LIF(), [np.array([[-1.0], [-2.0]])])
    assert naive.scores_reference(network, [0.5], [0], MaxPotential()) == [0, 0]


def test_first_spike_loss_is_the_cross_entropy_plus_the_penalty_of_late_labels():
    network, times, channels = random_network(8, LIF(), sizes=(5, 3))
    record = naive.simulate_reference(network, times, channels)[0]
    first = np.array([next((float(t) for t, n in record.spikes if n == k), 4.0) for k in range(3)])
    shares = np.exp(-first / 0.3) / np.exp(-first / 0.3).sum()
    expected = -np.log(shares[2]) + 0.2 * (np.exp(first[2] / 4) - 1)
    loss = naive.loss_reference(network, times, channels, 2, FirstSpike(gamma=0.2, tau_readout=0.3))
    assert float(loss) == pytest.approx(expected, rel=1e-12)


def leaving(layer, width=1e-25):
    """A two-layer QIF network's weights just before and after a spike of ``layer`` leaves the trial."""
    hidden, output = np.array([[5.0], [2.2]]), np.array([[4.0, 3.0], [3.0, 5.0]])
    problem = naive._Problem(Network(QIF(), [hidden, output], 3.0), [0.1], [0], FirstSpike())
    rows = problem.weights[layer]
    low, high = mp.mpf(1), mp.mpf(40)

    def count(weight):
        rows[1][0] = weight
        return len(problem.run()[layer][1].spikes)

    wanted = count(high)
    while high - low > width:
        middle = (low + high) / 2
        low, high = (low, middle) if count(middle) >= wanted else (middle, high)
    losses = []
    for weight in (low, high):
        rows[1][0] = weight
        losses.append(problem.loss(problem.run(), 0))
    return count(low), count(high), losses


@pytest.mark.parametrize("layer", [0, 1])
def test_with_pseudospikes_the_loss_is_continuous_when_a_spike_leaves_the_trial(layer):
    before, after, (a, b) = leaving(layer)
    assert before + 1 == after
    assert abs(a - b) < 1e-20


@pytest.mark.parametrize("neuron", [LIF(), QIF()], ids=["lif", "qif"])
@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda o: type(o).__name__)
def test_the_gradient_agrees_with_its_directional_derivative_and_other_steps(neuron, objective):
    network, times, channels = random_network(9, neuron)
    sample = (times, channels, 1, objective)
    direction = [np.random.default_rng(1).standard_normal(w.shape) for w in network.weights]
    gradient = naive.gradient_reference(network, *sample)
    along = naive.directional_reference(network, direction, *sample, digits=70, step="1e-20")
    projected = sum((g * d).sum() for g, d in zip(gradient, direction, strict=True))
    assert projected == pytest.approx(along, rel=1e-13, abs=1e-15)


def test_a_difference_across_an_appearing_spike_is_refused():
    # V = w s (1 - s) touches the threshold for w = 4 exactly.
    network = Network(LIF(), [np.array([[4.0]])])
    with pytest.raises(naive.SignatureChangeError):
        naive.gradient_reference(network, [0.5], [0], 0, FirstSpike())


def test_conditioning_grows_towards_a_grazing_spike_and_is_infinite_at_it():
    def amplification(weight):
        return naive.conditioning(Network(LIF(), [np.array([[weight]])]), [0.5], [0]).times[0][0]

    assert amplification(8.0) < 10
    assert amplification(4.0001) > 50
    assert amplification(4.0) == np.inf
