"""Bad input, empty and extreme cases of the census, interrupts, threads, selections, silent pieces."""

from __future__ import annotations

import dataclasses
import math
import threading

import numpy as np
import pytest
from naive.census import line_losses, mp
from synthetic.builders import KINDS, READOUTS, a_network, data_of, some_data
from test_census_truth import (
    CASES,
    an_inhibitory_input_overtakes_the_crossing,
    an_output_neuron_grazes_the_threshold,
    one_hidden_spike_changes_several_outputs,
    the_same_jump_in_two_samples,
)

import landscape as ls
from landscape.errors import DataError, DirectionError, InputError, SimulationError
from landscape.fragmentation.census import CensusInterrupted

LN2 = math.log(2)
BOUNDS = (-0.6, 0.5)


def a_direction(network, seed=0):
    return ls.random_directions(network, 1, seed=seed)[0]


def census(case, **changes):
    case = case._replace(**changes)
    return ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective)


def assert_identical(one, other):
    for item in dataclasses.fields(one):
        a, b = getattr(one, item.name), getattr(other, item.name)
        if item.name == "attributes":
            assert a.keys() == b.keys()
        else:
            np.testing.assert_array_equal(a, b, err_msg=item.name)


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((0.5, 0.5), "zero length; give the lower end first"),
        ((0.5, -0.5), "reversed; give the lower end first"),
        ((-math.inf, 1.0), "not finite"),
        ((-1e101, 1.0), r"beyond 1e\+100"),
        ((0.0, math.nan), "not finite"),
        ((0.0, 1.0, 2.0), "pair of numbers"),
        (3.0, "pair of numbers"),
        (("a", "b"), "pair of numbers"),
    ],
)
def test_bounds_that_are_no_range_are_refused_with_the_reason(bounds, message):
    network = a_network("lif")
    with pytest.raises(InputError, match=message):
        ls.find_discontinuities(network, a_direction(network), bounds, some_data(), ls.FirstSpike())


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"points": 1}, "points must be at least 2"),
        ({"points": 2.5}, "points must be at least 2, a whole number, not 2.5"),
        ({"points": "many"}, "points must be at least 2, a whole number, not 'many'"),
        ({"minimum": 0.0}, "minimum must be a positive number"),
        ({"minimum": math.nan}, "minimum must be a positive number"),
        ({"minimum": None}, "minimum must be a positive number"),
        ({"confirm": -1}, "confirm must be a number"),
        ({"confirm": None}, "confirm must be a number"),
    ],
)
def test_options_out_of_range_are_refused_with_the_reason(option, message):
    network = a_network("lif")
    with pytest.raises(InputError, match=message):
        ls.find_discontinuities(network, a_direction(network), BOUNDS, some_data(), ls.FirstSpike(), **option)


def test_a_direction_of_zeros_or_of_other_shapes_is_refused():
    network = a_network("lif")
    with pytest.raises(DirectionError, match="direction 0 is zero"):
        ls.find_discontinuities(
            network, [np.zeros_like(w) for w in network.weights], BOUNDS, some_data(), ls.FirstSpike()
        )
    with pytest.raises(DirectionError, match="list of arrays"):
        ls.find_discontinuities(network, None, BOUNDS, some_data(), ls.FirstSpike())
    with pytest.raises(DirectionError):
        ls.find_discontinuities(network, a_direction(network)[:-1], BOUNDS, some_data(), ls.FirstSpike())
    with pytest.raises(DirectionError):
        ls.find_discontinuities(network, ls.random_directions(network, 2, seed=0), BOUNDS, some_data(), ls.FirstSpike())


@pytest.mark.parametrize("changed", [{"n_channels": 6}, {"n_classes": 4}])
def test_data_that_do_not_fit_are_refused(changed):
    network = a_network("lif")
    with pytest.raises(DataError):
        ls.find_discontinuities(network, a_direction(network), BOUNDS, some_data(**changed), ls.FirstSpike())


def test_a_line_to_networks_that_spike_without_end_is_refused_and_says_what_to_do():
    case = an_output_neuron_grazes_the_threshold()
    with pytest.raises(SimulationError, match=r"sample 0 cannot be simulated on the whole line.*shorter range"):
        census(case, bounds=(0.0, 1e9))


# --- nothing happens --------------------------------------------------------------------------------------------------


@KINDS
@READOUTS
def test_samples_without_spikes_have_no_discontinuities(kind, objective):
    network = a_network(kind)
    data = data_of([([], []), ([], [])], [0, 2], 5, 3)
    found = ls.find_discontinuities(network, a_direction(network), BOUNDS, data, objective, confirm=3)
    assert len(found) == 0
    assert found.n_samples == 2
    assert found.bracket.shape == found.loss.shape == (0, 2)
    assert found.difference.shape == (0, len(found.widths))
    assert found.transitions == {"grazing": 0, "order": 0, "trial_end": 0}
    assert found.largest_continuous == 0.0
    # All hidden neurons are silent on the whole line.
    np.testing.assert_array_equal(found.silent_neuron, np.arange(10))
    np.testing.assert_array_equal(found.silent_interval, np.tile(BOUNDS, (10, 1)))


@KINDS
@READOUTS
def test_a_network_that_is_silent_throughout_has_no_discontinuities(kind, objective):
    network = a_network(kind, strength=0.02)
    direction = [0.02 * part for part in a_direction(network)]
    found = ls.find_discontinuities(network, direction, BOUNDS, some_data(), objective)
    assert len(found) == 0
    assert sum(found.transitions.values()) == 0
    np.testing.assert_array_equal(found.silent_neuron, np.arange(10))
    np.testing.assert_array_equal(found.silent_interval, np.tile(BOUNDS, (10, 1)))


def test_a_loss_that_is_constant_has_no_discontinuities_though_spikes_come_and_go():
    network = a_network("lif")
    network = network.with_weights([*network.weights[:2], np.zeros_like(network.weights[2])])
    direction = [*a_direction(network)[:2], np.zeros_like(network.weights[2])]
    for objective in (ls.FirstSpike(), ls.MaxPotential(), ls.MeanPotential()):
        found = ls.find_discontinuities(network, direction, BOUNDS, some_data(), objective)
        assert len(found) == 0
        assert sum(found.transitions.values()) > 50
        assert found.largest_continuous == 0.0


def test_a_direction_that_no_sample_feels_gives_no_transitions():
    network = a_network("lif")
    direction = [np.zeros_like(w) for w in network.weights]
    direction[0][:, 4] = 1.0
    data = data_of([([0.1, 0.2, 0.9], [0, 1, 2]), ([0.4], [3])], [0, 1], 5, 3)  # channel 4 never spikes
    found = ls.find_discontinuities(network, direction, BOUNDS, data, ls.FirstSpike())
    assert len(found) == 0
    assert sum(found.transitions.values()) == 0


# --- jumps where the search starts and where the line ends ------------------------------------------------------------


@pytest.mark.parametrize("points", [3, 5, 51])
def test_a_jump_exactly_at_a_starting_point_is_found_once(points):
    # The potential is 4 s (1 - s) at position 0, and touches the threshold of 1.
    network = ls.Network(ls.LIF(), [np.array([[4.0], [2.0]])], 4.0)
    direction = [np.array([[1.0], [0.0]])]
    data = data_of([([0.0], [0])], [0], 1, 2)
    found = ls.find_discontinuities(network, direction, (-1.0, 1.0), data, ls.FirstSpike(), points=points)
    assert len(found) == 1
    assert abs(found.position[0]) < 1e-12
    wanted = math.log1p(math.exp(LN2 - 4.0)) - LN2
    assert found.jump[0] == pytest.approx(wanted, rel=0, abs=1e-10)


def adjacent_numbers(case, position):
    """The two adjacent numbers between which the loss jumps in double precision, and the losses there."""
    low, high = position - 1e-11, position + 1e-11
    on_left, on_right = _losses(case, [low, high])
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return (low, high), (on_left, on_right)
        (here,) = _losses(case, [middle])
        if abs(here - on_left) > abs(on_right - here):
            high, on_right = middle, here
        else:
            low, on_left = middle, here


def _losses(case, positions):
    return line_losses(case.network, case.direction, case.data, case.objective, 0, positions)


@pytest.mark.parametrize("build", CASES[:12], ids=lambda build: build.__name__)
def test_a_jump_at_an_end_counts_if_the_loss_at_the_end_differs_from_its_limit_from_inside(build):
    case = build()
    (jump,) = case.jumps
    (left, right), (on_left, on_right) = adjacent_numbers(case, float(jump.position))
    height = on_right - on_left
    assert abs(height) > 0.01
    low, high = case.bounds
    # Up to the last number before the jump or the first one behind it; from either on.
    for bounds, wanted in (((low, left), 0), ((low, right), 1), ((left, high), 1), ((right, high), 0)):
        found = census(case, bounds=bounds)
        assert len(found) == wanted, bounds
        if wanted:
            assert found.jump[0] == pytest.approx(height, rel=0, abs=1e-6)
            assert found.position[0] == pytest.approx(float(jump.position), rel=0, abs=1e-11)
            assert bounds[0] <= found.bracket[0, 0] <= found.bracket[0, 1] <= bounds[1]


@pytest.mark.parametrize("length", [1e-6, 1e-9])
def test_a_short_line_far_from_the_centre_still_has_its_jump(length):
    case = an_inhibitory_input_overtakes_the_crossing()
    (jump,) = case.jumps
    position = float(jump.position)
    found = census(case, bounds=(position - 0.3 * length, position + 0.7 * length))
    assert len(found) == 1
    assert found.position[0] == pytest.approx(position, rel=0, abs=1e-13)
    assert found.jump[0] == pytest.approx(float(jump.loss[1] - jump.loss[0]), rel=0, abs=1e-9)


# --- infinite losses --------------------------------------------------------------------------------------------------


def test_where_a_loss_is_infinite_on_both_sides_nothing_jumps():
    # The time cost of a QIF output that is held down at the trial's end exceeds the floats; hidden neurons come and go.
    weights = [np.array([[8.0], [30.0], [60.0]]), np.array([[-4000.0, 1.0, 1.0], [3.0, 2.0, 1.0]])]
    network = ls.Network(ls.QIF(), weights, 2.0)
    direction = [np.array([[0.0], [40.0], [40.0]]), np.zeros((2, 3))]
    data = data_of([([0.5], [0])], [0], 1, 2)
    objective = ls.FirstSpike(gamma=0.1)
    assert ls.evaluate(network, data, objective).loss == math.inf
    found = ls.find_discontinuities(network, direction, (-0.5, 0.5), data, objective, confirm=0)
    assert found.transitions["trial_end"] > 0
    assert len(found) == 0
    assert found.largest_continuous == 0.0


def test_a_continuous_loss_that_grows_beyond_the_floats_has_no_jump():
    network = ls.Network(ls.QIF(), [np.array([[8.0], [10.0]]), np.array([[-1.0, 0.0], [3.0, 2.0]])], 2.0)
    direction = [np.array([[0.0], [40.0]]), np.array([[-4000.0, 0.0], [0.0, 0.0]])]
    data = data_of([([0.5], [0])], [0], 1, 2)
    objective = ls.FirstSpike(gamma=0.1)
    ends = line_losses(network, direction, data, objective, 0, [-1.0, 1.0])
    assert math.isfinite(ends[0])
    assert ends[1] == math.inf
    found = ls.find_discontinuities(network, direction, (-1.0, 1.0), data, objective)
    assert found.transitions["trial_end"] > 0
    assert len(found) == 0
    assert found.unresolved.size == 0


# --- interrupts and threads -------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("done", [0, 1, 4])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_census_keeps_its_samples_and_resumes_to_the_identical_result(kind, done, threads):
    network, data = a_network(kind, strength=1.2), some_data()
    line = (network, a_direction(network), BOUNDS, data, ls.FirstSpike())
    whole = ls.find_discontinuities(*line)

    def interrupt(finished, total):
        assert total == len(data)
        if finished >= done:
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(CensusInterrupted) as caught:
        ls.find_discontinuities(*line, threads=threads, progress=interrupt)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert threading.active_count() == before
    finished = caught.value.finished
    assert done <= len(finished) < len(data)
    calls = []
    resumed = ls.find_discontinuities(
        *line, resume=finished, threads=3 - threads, progress=lambda count, _: calls.append(count)
    )
    assert_identical(resumed, whole)
    assert calls == list(range(len(finished), len(data) + 1))


@KINDS
@READOUTS
def test_the_census_is_identical_for_any_number_of_threads(kind, objective):
    network, data = a_network(kind, 1, strength=1.2), some_data(1, n_samples=9)
    line = (network, a_direction(network, 1), BOUNDS, data, objective)
    one = ls.find_discontinuities(*line, threads=1)
    assert sum(one.transitions.values()) > 50
    for threads in (2, 3):
        assert_identical(ls.find_discontinuities(*line, threads=threads), one)


def test_the_census_of_some_samples_is_that_part_of_the_census_of_all():
    network, data = a_network("lif", 1, strength=1.2), some_data(1, n_samples=9)
    line = (network, a_direction(network, 1), BOUNDS)
    whole = ls.find_discontinuities(*line, data, ls.FirstSpike())
    for sample in (0, 4, 8):
        alone = ls.find_discontinuities(*line, data.select(indices=[sample]), ls.FirstSpike())
        own = whole.of_sample(sample)
        assert len(alone) == len(own)
        for name in ("position", "bracket", "loss", "jump", "layer", "neuron", "time", "mechanism", "change_time"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(own, name))


# --- selections -------------------------------------------------------------------------------------------------------


def test_a_selection_keeps_rows_and_what_was_displaced_by_them():
    network, data = a_network("lif", 1, strength=1.2), some_data(1, n_samples=9)
    whole = ls.find_discontinuities(network, a_direction(network, 1), BOUNDS, data, ls.FirstSpike())
    assert np.unique(whole.sample).size > 3
    chosen = np.abs(whole.jump) > np.median(np.abs(whole.jump))
    part = whole.select(chosen)
    assert len(part) == chosen.sum()
    assert part.n_samples == whole.n_samples
    np.testing.assert_array_equal(part.mean_jump, whole.jump[chosen] / 9)
    np.testing.assert_array_equal(part.mechanism, whole.mechanism[chosen])
    rows = np.flatnonzero(chosen)
    for j, row in enumerate(rows):
        for name in ("change_layer", "change_neuron", "change_time", "change_count"):
            mine = getattr(part, name)[part.change_of == j]
            np.testing.assert_array_equal(mine, getattr(whole, name)[whole.change_of == row])
    assert_identical(whole.select(np.ones(len(whole), bool)), whole)
    assert len(whole.select(np.zeros(len(whole), bool))) == 0


def test_the_samples_together_are_the_whole():
    case = the_same_jump_in_two_samples()
    whole = census(case)
    assert [len(whole.of_sample(sample)) for sample in range(3)] == [1, 0, 1]
    np.testing.assert_array_equal(whole.of_sample(2).change_of, [0])
    assert whole.of_sample(2).sample.tolist() == [2]


# --- silent neurons ---------------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("seed", range(4))
def test_silent_pieces_are_those_of_a_dense_sweep(kind, seed):
    strength = 0.45 if kind == "lif" else 0.8
    network = a_network(kind, seed, (5, 8, 6, 3), strength=strength)
    data = some_data(seed, n_samples=5)
    direction = a_direction(network, seed + 50)
    grid = np.linspace(-1.0, 1.0, 1001)
    swept = ls.sweep(network, [direction], [grid], data, ls.FirstSpike()).silent
    found = ls.find_discontinuities(network, direction, (-1.0, 1.0), data, ls.FirstSpike())
    assert found.unresolved.size == 0
    silent = np.zeros_like(swept)
    for neuron, (low, high) in zip(found.silent_neuron, found.silent_interval, strict=True):
        assert low < high
        silent[(grid >= low) & (grid <= high), neuron] = True
    np.testing.assert_array_equal(silent, swept)
    changing = swept.any(axis=0) & ~swept.all(axis=0)
    assert changing.sum() > 1


def test_a_silent_piece_ends_where_the_neuron_spikes_first():
    case = one_hidden_spike_changes_several_outputs()
    found = census(case)
    wanted = float((4 - mp.mpf(3.2)) / mp.mpf(1.1))
    assert found.silent_neuron.tolist() == [0]
    assert found.silent_interval[0, 0] == case.bounds[0]
    assert found.silent_interval[0, 1] == pytest.approx(wanted, rel=0, abs=1e-12 * (case.bounds[1] - case.bounds[0]))
