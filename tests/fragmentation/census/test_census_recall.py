"""The census against brute force: what halving the cells of a dense grid finds is in it, and nothing else.

``LANDSCAPE_LONG_TESTS=1`` compares a million points per line, more samples and more networks (some minutes);
``-s`` prints how much was compared.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from naive.census import brute_force, line_losses
from synthetic.builders import a_network, some_data

import landscape as ls
from landscape.datasets import yin_yang
from landscape.fragmentation.census.confirmation import confirm

LONG = bool(os.environ.get("LANDSCAPE_LONG_TESTS"))
POINTS = 1_000_001 if LONG else 20_001
SAMPLES = 6 if LONG else 2
BOUNDS = (-0.5, 0.5)
SMALLEST = 1e-6
DURATION = 4.0
SEEDS = range(4 if LONG else 1)
FIRST, LARGEST, MEAN = ls.FirstSpike(gamma=0.05), ls.MaxPotential(), ls.MeanPotential()


def lif_network(hidden, objective, seed, epochs):
    """A network for Yin-Yang, trained a little or not at all (``epochs`` 0), or one with strong weights of both signs,
    random in all respects (``epochs`` None)."""
    if epochs is None:
        strength = 0.6 if objective is FIRST else 1.3  # strong weights make all outputs spike at once
        return a_network("lif", seed, (5, *hidden, 3), DURATION, strength), some_data(seed, n_samples=30, n_spikes=8)
    data = yin_yang(120, seed=seed)
    network = ls.initial_network(ls.LIF(), (5, *hidden, 3), DURATION, data, seed, objective=objective)
    if epochs == 0:
        return network, data
    settings = ls.TrainingSettings(epochs=epochs, batch_size=20, learning_rate=0.03, seed=seed)
    record = ls.train(network, data, data, objective, settings)
    return record.final, data


def a_direction(network, seed):
    return ls.random_directions(network, 1, seed=seed)[0]


NETWORKS = [
    ((20,), FIRST, 0),
    ((20,), LARGEST, 5),
    ((8, 6), LARGEST, 0),
    ((8, 6), FIRST, 5),
    ((7, 6), MEAN, None),
    ((6, 5), FIRST, None),
]
IDS = [
    "20-first-untrained",
    "20-maximum-trained",
    "8-6-maximum-untrained",
    "8-6-first-trained",
    "7-6-mean-random",
    "6-5-first-random",
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("hidden", "objective", "epochs"), NETWORKS, ids=IDS)
def test_every_jump_seen_by_brute_force_is_in_the_census_and_every_reported_one_is_there(
    hidden, objective, epochs, seed
):
    network, data = lif_network(hidden, objective, seed, epochs)
    direction = a_direction(network, seed + 100)
    data = data.select(count=SAMPLES, seed=seed)
    census = ls.find_discontinuities(network, direction, BOUNDS, data, objective)
    assert census.unresolved.size == 0
    compared = 0
    for sample in range(len(data)):
        own = census.of_sample(sample)
        seen = brute_force(network, direction, BOUNDS, data, objective, sample, POINTS, SMALLEST)
        compared += seen.position.size
        for position, jump in zip(seen.position, seen.jump, strict=True):
            nearest = np.abs(own.position - position)
            assert nearest.size, f"sample {sample}: nothing reported, but {jump} at {position!r}"
            assert nearest.min() < 1e-11, f"sample {sample}: a jump of {jump} at {position!r} is missing"
            # The brute difference is taken across two numbers beside one another, where rounding still counts.
            row = nearest.argmin()
            assert abs(own.jump[row] - jump) < 2e-6 + 3.0 * min(own.error[row], 1e-5), (sample, position)
        # What is reported is there: the losses beside the bracket differ as they should.
        for width in (1e-11, 1e-8):
            beside = np.column_stack([own.bracket[:, 0] - width, own.bracket[:, 1] + width])
            losses = line_losses(network, direction, data, objective, sample, beside.ravel()).reshape(-1, 2)
            reach = np.abs(own.position[:, None] - own.position[None, :]) + 9.0 * np.eye(len(own))
            alone = np.min(reach, axis=1, initial=9.0) > 3 * width
            change = np.abs(losses[:, 1] - losses[:, 0] - own.jump)
            # Beside a grazing spike the loss goes like the root of the distance.
            assert (change[alone] < 300.0 * np.sqrt(width)).all(), (sample, change[alone].max())
        # Large jumps are not lost in the grid: nearly all are also seen by brute force.
        large = np.abs(own.jump) > 1e-3
        if large.any() and seen.position.size:
            missed = [np.abs(seen.position - position).min() > 1e-11 for position in own.position[large]]
            assert np.mean(missed) < 0.1
    confirmed = confirm(census, network, direction, data, objective, 40 if LONG else 2)
    assert not (confirmed == 0).any(), census.position[confirmed == 0]
    print(f"\n{np.sum(confirmed == 1)} confirmed in extended precision")
    print(f"{network}: {compared} jumps seen by brute force, {len(census)} in the census, {census.transitions}")
    assert compared or len(census) == 0


@pytest.mark.slow
@pytest.mark.parametrize("unchanged", [1, 2])
def test_where_lower_layers_stay_as_they_are_every_jump_is_found(unchanged):
    network = a_network("lif", 6, (5, 8, 7, 3), DURATION, 0.8)
    data = some_data(6, n_samples=7, n_spikes=8)
    bounds = (-1.5, 1.5)
    direction = list(a_direction(network, 105))
    direction[:unchanged] = [np.zeros_like(part) for part in direction[:unchanged]]
    census = ls.find_discontinuities(network, direction, bounds, data, FIRST)
    assert census.unresolved.size == 0
    assert (census.layer >= unchanged).all()
    compared = 0
    for sample in range(len(data)):
        own = census.of_sample(sample)
        seen = brute_force(network, direction, bounds, data, FIRST, sample, POINTS, SMALLEST)
        compared += seen.position.size
        for position in seen.position:
            assert np.abs(own.position - position).min(initial=np.inf) < 1e-11, (sample, position)
    assert compared > 10


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "objective", "epochs"), NETWORKS[3:5], ids=IDS[3:5])
def test_the_census_does_not_depend_on_the_number_of_starting_points(hidden, objective, epochs):
    network, data = lif_network(hidden, objective, 3, epochs)
    direction = a_direction(network, 103)
    data = data.select(count=SAMPLES * 2, seed=3)
    few, some, many = (
        ls.find_discontinuities(network, direction, BOUNDS, data, objective, points=points)
        for points in (51, 501, 5001 if LONG else 1501)
    )
    assert len(few) > 0
    for other in (some, many):
        assert len(other) == len(few)
        assert other.transitions == few.transitions
        np.testing.assert_allclose(other.position, few.position, rtol=0, atol=1e-10)
        for name in ("sample", "layer", "neuron", "number", "kind", "mechanism", "partner"):
            np.testing.assert_array_equal(getattr(other, name), getattr(few, name))
        tolerance = 1e-8 + few.error + other.error
        assert (np.abs(other.jump - few.jump) <= tolerance).all()
    print(f"\n{network}: {len(few)} discontinuities from 51, 501 and more starting points")


@pytest.mark.slow
def test_two_hidden_layers_on_a_long_line_give_the_same_from_any_starting_points():
    network = a_network("lif", 4, (5, 8, 6, 3), DURATION, 0.8)
    data = some_data(4, n_samples=8 if LONG else 2, n_spikes=8)
    direction = a_direction(network, 104)
    counts = (51, 501, 5001) if LONG else (51, 501)
    few, *others = (
        ls.find_discontinuities(network, direction, (-3.0, 3.0), data, MEAN, points=points) for points in counts
    )
    assert len(few) > 20
    assert few.unresolved.size == 0
    for other in others:
        assert len(other) == len(few)
        assert other.transitions == few.transitions
        np.testing.assert_allclose(other.position, few.position, rtol=0, atol=1e-10)
        for name in ("sample", "layer", "neuron", "number", "kind", "mechanism", "partner"):
            np.testing.assert_array_equal(getattr(other, name), getattr(few, name))
        np.testing.assert_array_equal(other.silent_neuron, few.silent_neuron)
        np.testing.assert_allclose(other.silent_interval, few.silent_interval, rtol=0, atol=1e-10)
    print(f"\n{len(few)} discontinuities on a range of 6, {few.transitions}")


@pytest.mark.slow
@pytest.mark.parametrize(("network", "seed", "sample", "position"), [(2, 3, 0, -0.32791076), (4, 0, 4, 0.12041111)])
def test_a_kink_close_beside_a_grazing_spike_does_not_spoil_the_loss_at_the_jump(network, seed, sample, position):
    # The spike passes an input within a millionth of the range: a polynomial in the root of the distance from farther
    # off is smooth and wrong.
    hidden, objective, epochs = NETWORKS[network]
    network, data = lif_network(hidden, objective, seed, epochs)
    direction = a_direction(network, seed + 100)
    data = data.select(count=6, seed=seed).select(indices=np.array([sample]))
    census = ls.find_discontinuities(network, direction, BOUNDS, data, objective)
    row = np.abs(census.position - position).argmin()
    assert census.position[row] == pytest.approx(position, abs=1e-8)
    assert census.mechanism[row] == "grazing"
    assert (confirm(census, network, direction, data, objective, len(census)) == 1).all()
