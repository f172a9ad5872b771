"""The evaluation in extended precision is that of the fast code, and tells jumps from what is only steep."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from naive import loss_reference
from synthetic.builders import KINDS, READOUTS, a_network, data_of, moved, some_data
from test_census_truth import an_inhibitory_input_overtakes_the_crossing, two_jumps_next_to_one_another_that_cancel

import landscape as ls
from landscape.errors import DirectionError, InputError
from landscape.fragmentation.census.confirmation import ExactLine, confirm


def a_line(network, seed=0):
    return ls.random_directions(network, 1, seed=seed)[0]


def single(data, sample):
    chosen = slice(data.offsets[sample], data.offsets[sample + 1])
    return data.times[chosen], data.channels[chosen], int(data.labels[sample])


@KINDS
@READOUTS
@pytest.mark.parametrize("seed", [0, 1])
def test_the_loss_on_a_line_is_that_of_the_fast_code(kind, objective, seed):
    network, data = a_network(kind, seed), some_data(seed, n_samples=4)
    direction = a_line(network, seed)
    for sample in range(len(data)):
        times, channels, label = single(data, sample)
        line = ExactLine(network, direction, times, channels, label, objective)
        for position in (-0.3, 0.0, 0.25):
            there = moved(network, direction, position)
            wanted = ls.evaluate(there, data_of([(times, channels)], [label], 5, 3), objective).loss
            assert float(line.loss(position)) == pytest.approx(wanted, rel=0, abs=1e-11)


@KINDS
@READOUTS
def test_the_loss_agrees_with_the_reference_far_beyond_double_precision(kind, objective):
    if isinstance(objective, ls.FirstSpike):
        objective = ls.FirstSpike(gamma=0.3, tau_readout=0.7)
    network, data = a_network(kind, 2, (5, 4, 3)), some_data(2, n_samples=1)
    times, channels, label = single(data, 0)
    line = ExactLine(network, a_line(network), times, channels, label, objective)
    reference = loss_reference(network, times, channels, label, objective)
    assert abs(line.loss(0.0) - line.mp.mpf(reference)) < 1e-25


def test_the_precision_of_other_peoples_numbers_is_not_changed():
    import mpmath

    before = mpmath.mp.dps
    network, data = a_network("qif"), some_data()
    ExactLine(network, a_line(network), *single(data, 0), ls.FirstSpike(), digits=60).loss(0.1)
    assert mpmath.mp.dps == before


def the_census_of(case, **changes):
    found = ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective)
    return dataclasses.replace(found, **changes)


@pytest.mark.parametrize(
    "build", [an_inhibitory_input_overtakes_the_crossing, two_jumps_next_to_one_another_that_cancel]
)
def test_what_is_there_is_confirmed(build):
    case = build()
    codes = confirm(the_census_of(case), case.network, case.direction, case.data, case.objective, 9)
    assert codes.dtype == np.int8
    np.testing.assert_array_equal(codes, np.ones(len(case.jumps), np.int8))


def test_the_largest_jumps_are_confirmed_first():
    case = two_jumps_next_to_one_another_that_cancel()
    census = the_census_of(case)
    for count, wanted in ((0, 0), (1, 1), (2, 2)):
        codes = confirm(census, case.network, case.direction, case.data, case.objective, count)
        assert np.sum(codes == 1) == wanted
        assert np.sum(codes == -1) == 2 - wanted
    codes = confirm(census, case.network, case.direction, case.data, case.objective, 1)
    assert codes[np.abs(census.jump).argmax()] == 1


def test_a_jump_in_the_wrong_place_or_of_the_wrong_height_or_of_another_network_is_not_confirmed():
    case = an_inhibitory_input_overtakes_the_crossing()
    census = the_census_of(case)
    told = (case.network, case.direction, case.data, case.objective, 1)
    for wrong in (
        dataclasses.replace(census, bracket=census.bracket + 1e-9),
        dataclasses.replace(census, loss=census.loss + 1e-5),
        dataclasses.replace(census, loss=census.loss[:, ::-1]),
    ):
        np.testing.assert_array_equal(confirm(wrong, *told), [0])
    other = case.network.with_parameters(case.network.parameters * (1 + 1e-6))
    np.testing.assert_array_equal(confirm(census, other, *told[1:]), [0])


def test_a_steep_piece_is_not_confirmed_as_a_jump():
    case = an_inhibitory_input_overtakes_the_crossing()
    # Continuous, but so steep that across 1e-12 of the range it looks like a jump.
    network = ls.Network(ls.QIF(), [np.array([[8.0], [0.0]])], 4.0)
    direction = [np.array([[1e13], [0.0]])]
    data = data_of([([0.2], [0])], [0], 1, 2)
    line = ExactLine(network, direction, [0.2], [0], 0, ls.FirstSpike())
    bounds = case.bounds
    span = bounds[1] - bounds[0]
    ends = [-0.5e-12 * span, 0.5e-12 * span]
    loss = [float(line.loss(end)) for end in ends]
    assert abs(loss[1] - loss[0]) > 0.1
    claimed = the_census_of(
        case,
        position=np.zeros(1),
        bracket=np.array([ends]),
        loss=np.array([loss]),
        jump=np.array([loss[1] - loss[0]]),
    )
    np.testing.assert_array_equal(confirm(claimed, network, direction, data, ls.FirstSpike(), 1), [0])


def test_models_and_objectives_of_others_are_refused_in_one_line():
    case = an_inhibitory_input_overtakes_the_crossing()
    census = the_census_of(case)

    class Mine:
        pass

    with pytest.raises(InputError, match=r"Mine object .* is no readout"):
        confirm(census, case.network, case.direction, case.data, Mine(), 1)
    with pytest.raises(DirectionError):
        ExactLine(case.network, [np.zeros((3, 3))], [0.0], [0], 0, ls.FirstSpike())
