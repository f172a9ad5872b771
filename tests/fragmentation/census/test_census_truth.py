"""Discontinuities of networks that can be solved by hand: position, height, cause and consequences are right."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from naive.census import (
    after,
    cross_entropy,
    crossing,
    crossing_weight,
    first_spike_loss,
    mean_potential,
    mp,
    next_crossing,
    peak,
)
from synthetic.builders import data_of

import landscape as ls

LN2 = mp.log(2)
NONE = math.nan
HALF = 2.0  # an input that comes to nothing
T = 4.0


class Jump(NamedTuple):
    """A discontinuity as it must be found."""

    position: Any
    loss: tuple[Any, Any]
    mechanism: str
    layer: int
    neuron: int
    time: tuple[Any, Any]
    number: int = 0
    partner: int = -1
    partner_time: Any = NONE
    downstream: bool = False
    sample: int = 0


class Case(NamedTuple):
    network: ls.Network
    direction: list[np.ndarray]
    bounds: tuple[float, float]
    data: ls.Dataset
    objective: Any
    jumps: list[Jump]
    transitions: dict[str, int]  # at least
    changes: list[tuple[int, int, int]] = []  # noqa: RUF012 (discontinuity, layer, neuron)
    tolerance: float = 1e-10  # of losses


def network(*weights, neuron=None, duration=T):
    return ls.Network(neuron or ls.LIF(), [np.array(w, float) for w in weights], duration)


def matrices(*parts):
    return [np.array(part, float) for part in parts]


def an_output_neuron_grazes_the_threshold():
    start = 0.3
    spike = start + LN2
    jump = Jump(
        (4 - mp.mpf(3)) / mp.mpf(0.7),
        (LN2, first_spike_loss([spike, T], 0)),
        "grazing",
        layer=0,
        neuron=0,
        time=(NONE, spike),
    )
    return Case(
        network([[3.0], [HALF]]),
        matrices([[0.7], [0.0]]),
        (-1.03, 2.71),
        data_of([([start], [0])], [0], 1, 2),
        ls.FirstSpike(),
        [jump],
        {"grazing": 1},
        [(0, 0, 0)],
    )


def the_second_output_spike_takes_the_place_of_the_first():
    start, later = 0.3, 2.5
    potential, current = after(4, later - mp.mpf(start))
    second = later + next_crossing(potential, current + 6)
    first = start + LN2
    jump = Jump(
        (4 - mp.mpf(3)) / mp.mpf(0.7),
        (first_spike_loss([second, T], 0), first_spike_loss([first, T], 0)),
        "grazing",
        layer=0,
        neuron=0,
        time=(second, first),
    )
    return Case(
        network([[3.0, 6.0], [HALF, 0.0]]),
        matrices([[0.7, 0.0], [0.0, 0.0]]),
        (-1.03, 2.71),
        data_of([([start, later], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [jump],
        {"grazing": 1},
        [(0, 0, 0)],
    )


def other_time_constants_threshold_and_loss():
    tau, threshold, start = 2.0, 0.5, 0.7
    duration = 9.0
    spike = start + tau * LN2
    before = first_spike_loss([duration, duration], 1, 0.7, 0.1, duration)
    behind = first_spike_loss([duration, spike], 1, 0.7, 0.1, duration)
    jump = Jump(
        (4 * mp.mpf(threshold) - mp.mpf(1.3)) / mp.mpf(0.9),
        (before, behind),
        "grazing",
        layer=0,
        neuron=1,
        time=(NONE, spike),
    )
    return Case(
        network([[0.2], [1.3]], neuron=ls.LIF(tau, threshold), duration=duration),
        matrices([[0.0], [0.9]]),
        (-0.4, 1.2),
        data_of([([start], [0])], [1], 1, 2),
        ls.FirstSpike(gamma=0.1, tau_readout=0.7),
        [jump],
        {"grazing": 1},
        [(0, 0, 1)],
    )


def an_inhibitory_input_overtakes_the_crossing():
    begin, stop = 0.2, 0.6
    weight = crossing_weight(mp.mpf(stop) - mp.mpf(begin))
    jump = Jump(
        (weight - 5) / mp.mpf(0.3),
        (LN2, first_spike_loss([stop, T], 0)),
        "order",
        layer=0,
        neuron=0,
        time=(NONE, stop),
        partner=1,
        partner_time=stop,
    )
    return Case(
        network([[5.0, -50.0], [HALF, 0.0]]),
        matrices([[0.3, 0.0], [0.0, 0.0]]),
        (-2.9, 1.1),
        data_of([([begin, stop], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [jump],
        {"order": 1},
        [(0, 0, 0)],
    )


def the_most_inhibitory_one_of_simultaneous_inputs_is_named():
    begin, stop = 0.0, 0.4
    case = an_inhibitory_input_overtakes_the_crossing()
    weight = crossing_weight(mp.mpf(stop))
    jump = Jump(
        (weight - 5) / mp.mpf(-0.3),
        (first_spike_loss([T, stop], 0), LN2),
        "order",
        layer=0,
        neuron=1,
        time=(stop, NONE),
        partner=2,
        partner_time=stop,
    )
    return case._replace(
        network=network([[0.0, 0.0, 0.0, 0.0], [5.0, -10.0, -50.0, 2.0]]),
        direction=matrices([[0.0] * 4, [-0.3, 0.0, 0.0, 0.0]]),
        bounds=(-1.1, 2.9),
        data=data_of([([begin, stop, stop, stop], [0, 1, 2, 3])], [0], 4, 2),
        jumps=[jump],
        changes=[(0, 0, 1)],
    )


def an_inhibitory_spike_of_a_hidden_neuron_overtakes_the_crossing():
    first, second = 0.1, 0.05
    spike = first + crossing(6.0) + crossing(8.0)  # of the output
    weight = crossing_weight(spike - mp.mpf(second))
    jump = Jump(
        (weight - mp.mpf(4.9)) / mp.mpf(1.1),
        (first_spike_loss([spike, T], 1), LN2),
        "order",
        layer=1,
        neuron=0,
        time=(spike, NONE),
        partner=1,
        partner_time=spike,
    )
    return Case(
        network([[6.0, 0.0], [0.0, 4.9]], [[8.0, -60.0], [0.0, 0.0]]),
        matrices([[0.0, 0.0], [0.0, 1.1]], np.zeros((2, 2))),
        (-0.7, 0.9),
        data_of([([second, first], [1, 0])], [1], 2, 2),
        ls.FirstSpike(),
        [jump],
        {"order": 1},
        [(0, 1, 0)],
    )


def spikes_that_meet_in_an_output_are_just_enough():
    second = 1.5
    weight = mp.mpf(3)

    def excess(gap):
        potential, current = after(weight, gap)
        return peak(potential, current + weight)[0] - 1

    gap = mp.findroot(excess, 1.77)
    potential, current = after(weight, gap)
    partner = crossing(6.0) + gap
    spike = partner + peak(potential, current + weight)[1]
    jump = Jump(
        (crossing_weight(partner - mp.mpf(second)) - 5) / mp.mpf(1.3),
        (LN2, first_spike_loss([spike, T], 0)),
        "grazing",
        layer=1,
        neuron=0,
        time=(NONE, spike),
    )
    return Case(
        network([[6.0, 0.0], [0.0, 5.0]], [[3.0, 3.0], [0.0, 0.0]]),
        matrices([[0.0, 0.0], [0.0, 1.3]], np.zeros((2, 2))),
        (-0.71, 0.9),
        data_of([([0.0, second], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [jump],
        {"grazing": 1},
        [(0, 1, 0)],
    )


def _hidden(objective, losses, changes, weight=5.0):
    """A hidden neuron gains its spike at 0.2 + log 2, which goes to output 0."""
    start = 0.2
    jump = Jump(
        (4 - mp.mpf(3.2)) / mp.mpf(1.1),
        losses(start + LN2, weight),
        "grazing",
        layer=0,
        neuron=1,
        time=(NONE, start + LN2),
        downstream=True,
    )
    return Case(
        network([[0.0], [3.2]], [[1.0, weight], [1.0, 0.0]]),
        matrices([[0.0], [1.1]], np.zeros((2, 2))),
        (-1.9, 1.8),
        data_of([([start], [0])], [0], 1, 2),
        objective,
        [jump],
        {"grazing": 1},
        changes,
    )


def a_hidden_spike_comes_and_the_first_output_spike_with_it():
    return _hidden(
        ls.FirstSpike(),
        lambda spike, weight: (LN2, first_spike_loss([spike + crossing(weight), T], 0)),
        [(0, 0, 1), (0, 1, 0)],
    )


def a_hidden_spike_comes_and_raises_a_maximum():
    return _hidden(ls.MaxPotential(), lambda _, weight: (LN2, cross_entropy([mp.mpf(weight) / 4, 0], 0)), [(0, 0, 1)])


def a_hidden_spike_comes_and_raises_a_mean():
    def losses(spike, weight):
        return LN2, cross_entropy([mean_potential(weight, T - spike, T), 0], 0)

    return _hidden(ls.MeanPotential(), losses, [(0, 0, 1)])


def a_hidden_spike_goes_and_a_negative_weight_with_it():
    case = _hidden(
        ls.MeanPotential(),
        lambda spike, weight: (LN2, cross_entropy([mean_potential(weight, T - spike, T), 0], 0)),
        [(0, 0, 1)],
        weight=-7.0,
    )
    (jump,) = case.jumps
    return case._replace(
        direction=[-part for part in case.direction],
        bounds=(-1.8, 1.9),
        jumps=[jump._replace(position=-jump.position, loss=jump.loss[::-1], time=jump.time[::-1])],
    )


def a_burst_gains_its_second_spike():
    weight = mp.mpf(1.7)
    first = -mp.log(mp.mpf(4) / 5)  # of the weight 6.25, which leaves a current of 4
    jump = Jump(
        mp.mpf(6.25) - mp.mpf(5.7),
        (cross_entropy([weight / 4, 0], 1), cross_entropy([weight * 9 / 20, 0], 1)),
        "grazing",
        layer=0,
        neuron=0,
        time=(NONE, first + LN2),
        number=1,
        downstream=True,
    )
    return Case(
        network([[5.7]], [[1.7], [0.0]]),
        matrices([[1.0]], np.zeros((2, 1))),
        (-1.6, 1.5),
        data_of([([0.0], [0])], [1], 1, 2),
        ls.MaxPotential(),
        [jump],
        {"grazing": 1},
        [(0, 0, 0)],
    )


def a_spike_is_displaced_and_all_counts_and_the_order_remain():
    begin, again = 0.1, 1.6
    potential, current = after(4, mp.mpf(again) - mp.mpf(begin))
    late = again + next_crossing(potential, current + mp.mpf(2.5))
    early = begin + LN2
    jump = Jump(
        (4 - mp.mpf(3.7)) / mp.mpf(0.5),
        (first_spike_loss([late, T], 0), first_spike_loss([early, T], 0)),
        "grazing",
        layer=0,
        neuron=0,
        time=(late, early),
    )
    return Case(
        network([[3.7, 2.5], [0.0, 0.0]]),
        matrices([[0.5, 0.0], [0.0, 0.0]]),
        (-0.03, 0.9),
        data_of([([begin, again], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [jump],
        {"grazing": 1},
        [(0, 0, 0)],
    )


def two_jumps_next_to_one_another_that_cancel():
    begin, stop = 0.2, 0.6
    weight = crossing_weight(mp.mpf(stop) - mp.mpf(begin))
    near, far = 4.6, 4.6 - 1e-9
    alone = first_spike_loss([stop, T], 0)
    # At the second jump the first spike is already a little earlier.
    earlier = begin + crossing(weight + mp.mpf(near) - mp.mpf(far))
    losses = first_spike_loss([earlier, T], 0), first_spike_loss([earlier, stop], 0)
    jumps = [
        Jump(weight - mp.mpf(w), loss, "order", 0, neuron, (NONE, stop), partner=1, partner_time=stop)
        for w, loss, neuron in ((near, (LN2, alone), 0), (far, losses, 1))
    ]
    return Case(
        network([[near, -50.0], [far, -50.0]]),
        matrices([[1.0, 0.0], [1.0, 0.0]]),
        (-0.5, 0.6),
        data_of([([begin, stop], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        jumps,
        {"order": 2},
        [(0, 0, 0), (1, 0, 1)],
    )


def two_grazing_jumps_next_to_one_another():
    near, far = 3.4, 3.4 - 1e-9
    alone = first_spike_loss([LN2, T], 0)
    earlier = first_spike_loss([crossing(4 + mp.mpf(near) - mp.mpf(far)), T], 0)
    both = first_spike_loss([crossing(4 + mp.mpf(near) - mp.mpf(far)), LN2], 0)
    jumps = [
        Jump(4 - mp.mpf(near), (LN2, alone), "grazing", 0, 0, (NONE, LN2)),
        Jump(4 - mp.mpf(far), (earlier, both), "grazing", 0, 1, (NONE, LN2)),
    ]
    return Case(
        network([[near], [far]]),
        matrices([[1.0], [1.0]]),
        (-0.5, 1.1),
        data_of([([0.0], [0])], [0], 1, 2),
        ls.FirstSpike(),
        jumps,
        {"grazing": 2},
        [(0, 0, 0), (1, 0, 1)],
    )


def the_same_jump_in_two_samples():
    case = an_output_neuron_grazes_the_threshold()
    (jump,) = case.jumps
    sample = ([0.3], [0])
    return case._replace(
        data=data_of([sample, ([], []), sample], [0, 1, 0], 1, 2),
        jumps=[jump, jump._replace(sample=2)],
        transitions={"grazing": 2},
        changes=[(0, 0, 0), (1, 0, 0)],
    )


def one_hidden_spike_changes_several_outputs():
    start = 0.2
    spike = start + LN2
    times = [spike + crossing(5.0), T, spike + crossing(4.5)]
    jump = Jump(
        (4 - mp.mpf(3.2)) / mp.mpf(1.1),
        (mp.log(3), first_spike_loss(times, 0)),
        "grazing",
        layer=0,
        neuron=0,
        time=(NONE, spike),
        downstream=True,
    )
    return Case(
        network([[3.2]], [[5.0], [2.0], [4.5]]),
        matrices([[1.1]], np.zeros((3, 1))),
        (-1.9, 1.8),
        data_of([([start], [0])], [0], 1, 3),
        ls.FirstSpike(),
        [jump],
        {"grazing": 1},
        [(0, 0, 0), (0, 1, 0), (0, 1, 2)],
    )


# --- nothing to report ------------------------------------------------------------------------------------------------


def a_hidden_spike_leaves_at_the_end_of_the_trial():
    return Case(
        network([[4.3]], [[9.0], [0.0]], duration=0.5),
        matrices([[1.0]], np.zeros((2, 1))),
        (-0.25, 0.7),
        data_of([([0.0], [0])], [0], 1, 2),
        ls.MaxPotential(),
        [],
        {"trial_end": 1},
    )


def an_output_spike_leaves_at_the_end_of_the_trial():
    case = a_hidden_spike_leaves_at_the_end_of_the_trial()
    return case._replace(
        network=network([[4.3], [0.0]], duration=0.5),
        direction=matrices([[1.0], [0.0]]),
        objective=ls.FirstSpike(),
    )


def two_spikes_that_come_at_once_cancel_downstream():
    return Case(
        network([[3.2], [3.2]], [[8.0, -8.0], [1.0, -1.0]]),
        matrices([[1.1], [1.1]], np.zeros((2, 2))),
        (-1.9, 1.8),
        data_of([([0.2], [0])], [0], 1, 2),
        ls.MeanPotential(),
        [],
        {"grazing": 2},
    )


def a_hidden_spike_comes_after_the_outputs_have_spiked():
    return Case(
        network([[6.0, 0.0], [0.0, 3.2]], [[5.0, 9.0], [6.0, -9.0]]),
        matrices([[0.0, 0.0], [0.0, 1.1]], np.zeros((2, 2))),
        (-1.9, 1.8),
        data_of([([0.1, 2.0], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [],
        {"grazing": 1},
    )


def a_hidden_spike_comes_that_goes_nowhere():
    case = a_hidden_spike_comes_and_the_first_output_spike_with_it()
    silent = network(case.network.weights[0], [[1.0, 0.0], [1.0, 0.0]])
    return case._replace(network=silent, jumps=[], changes=[])


def all_spikes_stay():
    return Case(
        network([[6.0, -1.0], [1.0, 5.0]], [[6.0, 0.1], [0.1, 6.0]]),
        matrices([[1.0, 0.5], [-0.3, 0.7]], [[0.5, 0.1], [0.0, -0.4]]),
        (-0.1, 0.1),
        data_of([([0.1, 0.3], [0, 1])], [0], 2, 2),
        ls.FirstSpike(),
        [],
        {},
    )


CASES = [
    an_output_neuron_grazes_the_threshold,
    the_second_output_spike_takes_the_place_of_the_first,
    other_time_constants_threshold_and_loss,
    an_inhibitory_input_overtakes_the_crossing,
    the_most_inhibitory_one_of_simultaneous_inputs_is_named,
    an_inhibitory_spike_of_a_hidden_neuron_overtakes_the_crossing,
    spikes_that_meet_in_an_output_are_just_enough,
    a_hidden_spike_comes_and_the_first_output_spike_with_it,
    a_hidden_spike_comes_and_raises_a_maximum,
    a_hidden_spike_comes_and_raises_a_mean,
    a_hidden_spike_goes_and_a_negative_weight_with_it,
    a_burst_gains_its_second_spike,
    a_spike_is_displaced_and_all_counts_and_the_order_remain,
    two_jumps_next_to_one_another_that_cancel,
    two_grazing_jumps_next_to_one_another,
    the_same_jump_in_two_samples,
    one_hidden_spike_changes_several_outputs,
    a_hidden_spike_leaves_at_the_end_of_the_trial,
    an_output_spike_leaves_at_the_end_of_the_trial,
    two_spikes_that_come_at_once_cancel_downstream,
    a_hidden_spike_comes_after_the_outputs_have_spiked,
    a_hidden_spike_comes_that_goes_nowhere,
    all_spikes_stay,
]


def travelled_backwards(case):
    """The same line, walked along from its other end."""
    jumps = [
        jump._replace(position=-jump.position, loss=jump.loss[::-1], time=jump.time[::-1])
        for jump in sorted(case.jumps, key=lambda jump: (-jump.position, jump.sample))
    ]
    numbers = [case.jumps.index(jump) for jump in sorted(case.jumps, key=lambda jump: (-jump.position, jump.sample))]
    changes = sorted((numbers.index(j), layer, neuron) for j, layer, neuron in case.changes)
    return case._replace(
        direction=[-part for part in case.direction],
        bounds=(-case.bounds[1], -case.bounds[0]),
        jumps=jumps,
        changes=changes,
    )


def kind_of(jump):
    """Whether the earlier one of a spike's two times is on the right."""
    left, right = (math.inf if math.isnan(time) else time for time in map(float, jump.time))
    return "appearance" if right < left else "disappearance"


def near(value, tolerance=1e-10):
    return pytest.approx(float(value), rel=0, abs=tolerance, nan_ok=True)


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("points", [51, 4])
@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_the_census_is_the_one_found_by_hand(build, points, backwards):
    case = travelled_backwards(build()) if backwards else build()
    found = ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective, points=points)
    assert len(found) == len(case.jumps)
    assert found.unresolved.size == 0
    for mechanism, count in case.transitions.items():
        assert found.transitions[mechanism] >= count
    for j, jump in enumerate(case.jumps):
        assert found.position[j] == near(jump.position)
        left, right = found.bracket[j]
        assert left <= found.position[j] <= right
        assert right - left <= 1e-12 * (case.bounds[1] - case.bounds[0])
        assert found.loss[j, 0] == near(jump.loss[0], case.tolerance)
        assert found.loss[j, 1] == near(jump.loss[1], case.tolerance)
        assert found.jump[j] == near(jump.loss[1] - jump.loss[0], case.tolerance)
        assert found.error[j] < 10.0 * case.tolerance
        assert found.mechanism[j] == jump.mechanism
        assert found.kind[j] == kind_of(jump)
        assert (found.sample[j], found.layer[j], found.neuron[j]) == (jump.sample, jump.layer, jump.neuron)
        assert found.number[j] == jump.number
        assert found.downstream[j] == jump.downstream
        assert found.partner[j] == jump.partner
        assert found.partner_time[j] == near(jump.partner_time)
        for side in (0, 1):
            # A spike at a maximum moves like the root of the distance from the jump.
            wanted = float(jump.time[side])
            assert found.time[j, side] == pytest.approx(wanted, rel=0, abs=1e-6, nan_ok=True)
    changes = sorted(zip(found.change_of, found.change_layer, found.change_neuron, strict=True))
    assert changes == case.changes


def test_what_follows_from_a_discontinuity_is_told_spike_by_spike():
    case = one_hidden_spike_changes_several_outputs()
    found = ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective)
    start = 0.2
    spike = float(start + LN2)
    wanted = [spike, spike + float(crossing(5.0)), spike + float(crossing(4.5))]
    np.testing.assert_allclose(found.change_time[:, 1], wanted, rtol=0, atol=1e-5)
    assert np.isnan(found.change_time[:, 0]).all()
    # A weight of 5 makes one spike and leaves too little for another.
    np.testing.assert_array_equal(found.change_count, [[0, 1], [0, 1], [0, 1]])


@pytest.mark.parametrize("build", CASES[:12], ids=lambda build: build.__name__)
def test_the_difference_across_a_discontinuity_does_not_shrink_with_the_bracket(build):
    case = build()
    found = ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective)
    span = case.bounds[1] - case.bounds[0]
    for row, jump in zip(found.difference, found.jump, strict=True):
        assert row.size == len(found.widths)
        # Beside a grazing spike the loss changes like the root of the distance.
        for width, difference in zip(found.widths, row, strict=True):
            assert abs(difference - jump) <= 5.0 * math.sqrt(width * span)


def test_what_the_loss_passes_over_is_counted_as_a_transition_and_its_size_is_told():
    for build in (a_hidden_spike_leaves_at_the_end_of_the_trial, two_spikes_that_come_at_once_cancel_downstream):
        case = build()
        found = ls.find_discontinuities(case.network, case.direction, case.bounds, case.data, case.objective)
        assert sum(found.transitions.values()) == sum(case.transitions.values())
        assert found.largest_continuous < 1e-10


@pytest.mark.parametrize("output", [0, 1])
def test_transitions_of_output_spikes_that_the_loss_does_not_read_are_not_looked_for(output):
    weights = np.full((2, 2), [6.0, 3.2])
    case = the_second_output_spike_takes_the_place_of_the_first()._replace(network=network(weights))
    direction = np.zeros((2, 2))
    direction[output, 1] = 1.1
    times, channels, _ = case.data[0]
    ends = [network(weights + position * direction) for position in case.bounds]
    assert len({ls.simulate(end, times, channels).layers[0].times.size for end in ends}) == 2
    found = ls.find_discontinuities(case.network, [direction], case.bounds, case.data, case.objective)
    assert len(found) == sum(found.transitions.values()) == 0
