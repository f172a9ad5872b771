"""The anatomy of a sample's loss: every spike on its curve, breaks where the loss jumps, potentials on both sides."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import builders

import landscape as ls
from landscape.errors import InputError
from landscape.fragmentation.anatomy import anatomy, telling_sample

DATA = builders.some_data(seed=3, n_samples=4)
BOUNDS = (-0.4, 0.4)


def of_kind(kind, **options):
    network = builders.a_network(kind, seed=2)
    direction = ls.random_directions(network, count=1, seed=1)[0]
    census = ls.find_discontinuities(network, direction, BOUNDS, DATA, ls.FirstSpike())
    return network, direction, census, anatomy(network, direction, DATA, ls.FirstSpike(), census, **options)


@pytest.fixture(scope="module")
def lif():
    return of_kind("lif")


@pytest.fixture(scope="module")
def qif():
    return of_kind("qif", sample=0)


def spikes_on_curves(found, position):
    """Layer, neuron and time of the curves at a position, sorted."""
    spikes = []
    for curve, (layer, neuron) in enumerate(zip(found.curve_layer, found.curve_neuron, strict=True)):
        own = found.vertex_curve == curve
        places, times = found.vertex_position[own], found.vertex_time[own]
        if places[0] <= position <= places[-1]:
            spikes.append((int(layer), int(neuron), float(np.interp(position, places, times))))
    return sorted(spikes)


@pytest.mark.parametrize("kind", ["lif", "qif"])
def test_every_spike_at_every_position_is_on_a_curve(kind, lif, qif):
    network, direction, _, found = {"lif": lif, "qif": qif}[kind]
    sample = DATA[found.sample]
    for position in found.position[::20]:
        trial = ls.simulate(builders.moved(network, direction, position), sample.times, sample.channels)
        expected = sorted(
            (layer, int(neuron), float(time))
            for layer, activity in enumerate(trial.layers)
            for neuron, time in zip(activity.neurons, activity.times, strict=True)
        )
        shown = spikes_on_curves(found, position)
        assert [spike[:2] for spike in shown] == [spike[:2] for spike in expected]
        np.testing.assert_allclose(
            [spike[2] for spike in shown], [spike[2] for spike in expected], atol=5e-4 * network.duration
        )


@pytest.mark.parametrize("kind", ["lif", "qif"])
def test_curves_are_single_continuous_lines(kind, lif, qif):
    network, _, _, found = {"lif": lif, "qif": qif}[kind]
    assert np.all(np.diff(found.vertex_curve) >= 0)
    same = np.diff(found.vertex_curve) == 0
    assert np.all(np.diff(found.vertex_position)[same] > 0.0)
    steps = np.diff(found.vertex_time)[same] / network.duration
    assert np.all(np.abs(steps)[np.diff(found.vertex_position)[same] < 1e-6] < 1e-3)
    assert np.unique(found.vertex_curve).size == found.curve_layer.size


def test_the_loss_breaks_at_the_discontinuities_and_nowhere_else(lif):
    _, _, census, found = lif
    own = census.of_sample(found.sample)
    assert len(own) > 2
    assert found.piece[0] == 0
    assert found.piece[-1] == len(own)
    at = np.flatnonzero(np.diff(found.piece))
    np.testing.assert_allclose(found.position[at], own.position, atol=1e-9)
    np.testing.assert_allclose(found.loss[at + 1] - found.loss[at], own.jump, atol=1e-3)
    np.testing.assert_allclose(found.loss[at], own.loss[:, 0], atol=1e-3)


def test_curves_of_qif_neurons_end_at_the_ends_of_line_and_trial_only(qif):
    network, _, census, found = qif
    assert len(census.of_sample(0)) == 0
    assert found.both_sides is None
    assert np.all(found.piece == 0)
    ends = np.concatenate([np.flatnonzero(np.diff(found.vertex_curve)), [found.vertex_curve.size - 1]])
    starts = np.concatenate([[0], ends[:-1] + 1])
    for end in np.concatenate([starts, ends]):
        at_edge = found.vertex_position[end] in (found.position[0], found.position[-1])
        assert at_edge or found.vertex_time[end] > 0.98 * network.duration


def test_the_sample_is_the_one_with_the_largest_summed_jumps_unless_one_is_named(lif):
    _, _, census, found = lif
    totals = [np.abs(census.of_sample(sample).jump).sum() for sample in range(len(DATA))]
    assert found.sample == telling_sample(census) == int(np.argmax(totals))
    assert found.label == DATA.labels[found.sample]


def test_both_sides_are_those_of_the_largest_jump_and_part_at_its_event(lif):
    _, _, census, found = lif
    own, sides = census.of_sample(found.sample), found.both_sides
    assert sides.row == np.argmax(np.abs(own.jump))
    assert (sides.layer, sides.neuron) == (own.layer[sides.row], own.neuron[sides.row])
    assert sides.event_time == np.nanmin(own.time[sides.row])
    left, right = (
        dict(zip(sides.time[sides.side == side].tolist(), sides.potential[sides.side == side].tolist(), strict=True))
        for side in (0, 1)
    )
    before = [time for time in left if time in right and time < sides.event_time - 0.01]
    after = [time for time in left if time in right and sides.event_time + 0.01 < time < sides.event_time + 0.1]
    assert max(abs(left[time] - right[time]) for time in before) < 1e-3
    assert min(abs(left[time] - right[time]) for time in after) > 0.1


@pytest.mark.parametrize("row", [0, 1, 2])
def test_the_potential_of_the_side_without_the_spike_comes_to_the_threshold_and_not_above(lif, row):
    network, direction, census, found = lif
    again = anatomy(
        network, direction, DATA, ls.FirstSpike(), census, sample=found.sample, row=row, points=2, times=51
    ).both_sides
    near = np.abs(again.time - again.event_time) < 1e-3
    for side in (0, 1):
        assert again.potential[near & (again.side == side)].max() == pytest.approx(1.0, abs=1e-4)
    assert again.potential.max() <= 1.0 + 1e-12
    assert again.threshold == 1.0
    if again.mechanism == "order":
        at = np.argmin(np.abs(again.input_time - again.partner_time))
        assert again.input_time[at] == pytest.approx(again.event_time, abs=1e-6)


def test_the_potential_is_that_of_the_closed_form():
    # One input of weight 4.2 at time 1 makes the potential 4.2 s (1 - s), s = exp(-(t - 1)): at most 1.05.
    network = ls.Network(ls.LIF(), [np.array([[4.2]])], 3.0)
    data = builders.data_of([([1.0], [0])], [0], 1, 1)
    direction = [np.array([[1.0]])]
    census = ls.find_discontinuities(network, direction, (-1.0, 0.5), data, ls.FirstSpike(gamma=0.1))
    found = anatomy(network, direction, data, ls.FirstSpike(gamma=0.1), census)
    sides = found.both_sides
    assert sides.mechanism == "grazing"
    assert sides.position == pytest.approx(-0.2, abs=1e-9)
    assert sides.event_time == pytest.approx(1.0 + np.log(2.0), abs=1e-5)
    silent = (sides.side == 0) & (sides.time > 1.0)
    s = np.exp(-(sides.time[silent] - 1.0))
    np.testing.assert_allclose(sides.potential[silent], 4.0 * s * (1.0 - s), atol=1e-8)
    np.testing.assert_array_equal(sides.input_weight, [pytest.approx(4.0, abs=1e-8)])


def test_outputs_that_do_not_spike_are_not_in_the_map():
    network = builders.a_network("lif", seed=2, sizes=(5, 6, 3))
    direction = ls.random_directions(network, count=1, seed=1)[0]
    census = ls.find_discontinuities(network, direction, BOUNDS, DATA, ls.MaxPotential())
    found = anatomy(network, direction, DATA, ls.MaxPotential(), census, sample=0, points=5, times=5)
    assert not found.spiking_output
    assert found.sizes == (5, 6)
    assert set(found.curve_layer) == {0}


def test_bad_requests_name_the_remedy(lif):
    network, direction, census, found = lif
    for options, said in (
        ({"sample": 4}, "sample 4: the census has samples 0 to 3"),
        ({"sample": found.sample, "row": 10**6}, "discontinuity 1000000: sample"),
        ({"points": 1}, "at least 2"),
        ({"times": 0}, "at least 2"),
    ):
        with pytest.raises(InputError, match=said):
            anatomy(network, direction, DATA, ls.FirstSpike(), census, **options)
