"""Discontinuity curves on a plane: a straight one worked out by hand, exactness, refinement, joining."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import builders

import landscape as ls
from landscape.errors import DirectionError, InputError
from landscape.fragmentation.curve_check import check_curves
from landscape.fragmentation.curves import chains, faces
from landscape.fragmentation.joining import Cell, Crossing, Joint, join_all, join_clear
from landscape.fragmentation.plane import CurvesInterrupted, trace_curves

AXES = (np.linspace(-0.2, 0.2, 7), np.linspace(-0.15, 0.15, 5))


def one_hidden_neuron():
    """The hidden neuron spikes if its two weights, whose spikes coincide, are together large enough."""
    network = ls.Network(ls.LIF(1.0, 1.0), [np.array([[1.6, 1.6]]), np.array([[9.0], [2.0]])], 6.0)
    data = builders.data_of([([0.5, 0.5], [0, 1])], [0], 2, 2)
    zero = np.zeros((2, 1))
    return network, [[np.array([[1.0, 0.0]]), zero], [np.array([[0.0, 1.0]]), zero]], data


@pytest.fixture(scope="module")
def straight():
    network, directions, data = one_hidden_neuron()
    axes = [np.linspace(-1.0, 2.0, 8), np.linspace(-1.0, 2.0, 5)]
    return trace_curves(network, directions, axes, data, ls.FirstSpike())


class TestStraightCurve:
    """A potential that grows with w1 + w2: it touches threshold on a straight line."""

    def test_is_one_curve_through_exact_points(self, straight):
        # The potential of a single spike peaks at a quarter of its weight: both weights together must be 4.
        assert len(straight) == 1
        assert straight.point.sum(axis=1) == pytest.approx(0.8, abs=1e-10)
        assert set(straight.mechanism) == {"grazing"}
        assert (straight.layer[0], straight.neuron[0], straight.sample[0]) == (0, 0, 0)
        assert np.all(straight.joint[:-1] == Joint.SAME)
        assert straight.joint[-1] == -1
        assert straight.ambiguous_share == 0.0

    def test_bounds_two_fragments_with_the_right_areas(self, straight):
        leg = 2.8  # from a corner at (-1, -1)
        assert straight.region_area == pytest.approx([9.0 - leg**2 / 2.0, leg**2 / 2.0], abs=1e-9)
        assert straight.sample_region_area == pytest.approx(straight.region_area)
        assert straight.length == pytest.approx([leg * np.sqrt(2.0)])
        assert straight.sample_fragments.tolist() == [2]

    def test_jumps_are_signed_along_the_axes(self, straight):
        assert np.all(np.isfinite(straight.jump))
        assert np.ptp(np.sign(straight.jump)) == 0.0


@pytest.fixture(scope="module")
def setting():
    network, data = builders.a_network("lif"), builders.some_data(n_samples=6)
    return network, ls.random_directions(network, 2, seed=0), data


@pytest.fixture(scope="module")
def traced(setting):
    network, directions, data = setting
    return trace_curves(network, directions, AXES, data, ls.FirstSpike(), threads=2)


class TestRealPlanes:
    @pytest.mark.parametrize("at", [2, 5])
    def test_an_interrupted_tracing_goes_on_where_it_stopped(self, setting, traced, at):
        network, directions, data = setting
        calls = []

        def interrupt(done, total):
            calls.append(done)
            if len(calls) == at:
                raise KeyboardInterrupt

        arguments = (network, directions, AXES, data, ls.FirstSpike())
        with pytest.raises(CurvesInterrupted) as caught:
            trace_curves(*arguments, threads=1, progress=interrupt)
        finished = dict(caught.value.finished)
        assert len(finished) >= at - 1
        again = trace_curves(*arguments, threads=2, resume=finished)
        for name in ("point", "jump", "mechanism", "joint", "region_area", "sample_region_area", "ambiguous"):
            np.testing.assert_array_equal(getattr(again, name), getattr(traced, name), err_msg=name)

    def test_points_are_discontinuities_of_lines_through_them(self, setting, traced):
        network, directions, data = setting
        for number in range(0, len(traced.point), max(1, len(traced.point) // 8)):
            axis = traced.axis[number]
            if axis < 0:
                continue
            curve = np.searchsorted(traced.offsets, number, side="right") - 1
            place = traced.point[number]
            moved = builders.moved(network, directions[1 - axis], place[1 - axis])
            census = ls.find_discontinuities(
                moved, directions[axis], (place[axis] - 1e-3, place[axis] + 1e-3), data, ls.FirstSpike(), points=5
            )
            own = np.abs(census.position - place[axis]) < 1e-9
            assert traced.sample[curve] in census.sample[own]
            assert np.any(np.abs(census.jump[own] - traced.jump[number]) < 1e-9)

    def test_fragments_fill_the_plane(self, traced):
        assert traced.region_area.sum() == pytest.approx(traced.area)
        assert traced.fragments >= traced.sample_fragments.max() > 1
        parts = np.split(traced.sample_region_area, traced.sample_region_offsets[1:-1])
        assert [part.sum() for part in parts] == pytest.approx([traced.area] * traced.n_samples)
        assert 1.0 < traced.effective_fragments <= traced.fragments

    def test_a_finer_grid_finds_the_same_curves(self, setting, traced):
        network, directions, data = setting
        finer = [np.linspace(axis[0], axis[-1], 2 * axis.size - 1) for axis in AXES]
        found = trace_curves(network, directions, finer, data, ls.FirstSpike())
        assert found.length.sum() == pytest.approx(traced.length.sum(), rel=0.02)
        assert np.abs(found.region_area[:3] - traced.region_area[:3]).max() < 0.02 * traced.area

    def test_results_do_not_depend_on_threads(self, setting, traced):
        network, directions, data = setting
        found = trace_curves(network, directions, AXES, data, ls.FirstSpike(), threads=1)
        for field in dataclasses.fields(found):
            values = getattr(found, field.name)
            if isinstance(values, np.ndarray):
                np.testing.assert_array_equal(values, getattr(traced, field.name), err_msg=field.name)

    def test_dividing_cells_leaves_less_in_doubt(self, setting, traced):
        network, directions, data = setting
        rough = trace_curves(network, directions, AXES, data, ls.FirstSpike(), depth=0)
        assert rough.ambiguous_share > traced.ambiguous_share
        sides = traced.ambiguous[:, [2, 4]] - traced.ambiguous[:, [1, 3]]
        assert np.all(sides.prod(axis=1) < traced.area / 24 / 60)

    def test_samples_can_be_chosen(self, setting):
        network, directions, data = setting
        found = trace_curves(network, directions, AXES, data, ls.FirstSpike(), samples=[1])
        assert found.n_samples == 1
        assert set(found.sample) == {0}

    def test_a_smooth_model_has_one_fragment(self):
        network, data = builders.a_network("qif"), builders.some_data(n_samples=3)
        directions = ls.random_directions(network, 2, seed=0)
        found = trace_curves(network, directions, [[-0.1, 0.1]] * 2, data, ls.FirstSpike())
        assert (len(found), found.fragments, found.ambiguous_share) == (0, 1, 0.0)
        assert found.region_area == pytest.approx([0.04])

    @pytest.mark.parametrize(
        ("axes", "error"),
        [
            ([[0.0, 1.0]], DirectionError),
            ([[0.0, 1.0], [0.0]], DirectionError),
            ([[0.0, 1.0], [1.0, 0.0]], DirectionError),
            ([[0.0, 1.0], [0.0, np.inf]], DirectionError),
        ],
    )
    def test_what_is_no_plane_is_refused(self, setting, axes, error):
        network, directions, data = setting
        with pytest.raises(error):
            trace_curves(network, directions, axes, data, ls.FirstSpike())

    def test_negative_depths_are_refused(self, setting):
        network, directions, data = setting
        with pytest.raises(InputError):
            trace_curves(network, directions, AXES, data, ls.FirstSpike(), depth=-1)


def crossing(place, jump, number=0, neuron=0, axis=0):
    return Crossing(place, 0, neuron, number, 1, axis, jump)


class TestJoining:
    def test_jumps_are_met_with_opposite_signs_on_the_way_around(self):
        crossings = [crossing((0.5, 0.0), 1.0), crossing((0.4, 1.0), 1.0)]
        cell = Cell((0.0, 0.0), (1.0, 1.0), 0, ((0,), (), (1,), ()))
        assert cell.turned(crossings) == [(0, 1.0), (1, -1.0)]
        assert join_clear(cell.turned(crossings), crossings) == ([(0, 1, Joint.SAME)], True)

    def test_a_spike_of_another_number_is_the_same_neuron(self):
        crossings = [crossing((0.5, 0.0), 1.0), crossing((0.4, 1.0), 1.0, number=1)]
        assert join_clear([(0, 1.0), (1, -1.0)], crossings) == ([(0, 1, Joint.NEURON)], True)

    def test_equal_signs_are_not_joined(self):
        crossings = [crossing((0.5, 0.0), 1.0), crossing((0.4, 1.0), -1.0)]
        assert join_clear([(0, 1.0), (1, 1.0)], crossings) == ([], False)
        assert join_all([(0, 1.0), (1, 1.0)], crossings) == ([], [0, 1])

    def test_of_several_candidates_the_nearest_is_guessed(self):
        places = [(0.1, 0.0), (0.9, 0.0), (0.2, 1.0), (0.8, 1.0)]
        crossings = [crossing(place, 1.0) for place in places]
        around = [(0, 1.0), (1, 1.0), (3, -1.0), (2, -1.0)]
        assert join_clear(around, crossings) == ([], False)
        pairs, left = join_all(around, crossings)
        assert sorted(pairs) == [(0, 2, Joint.GUESS), (1, 3, Joint.GUESS)]
        assert left == []

    def test_one_too_many_is_left_over(self):
        crossings = [crossing((0.5, 0.0), 1.0), crossing((0.4, 1.0), 1.0), crossing((0.0, 0.5), 0.3, neuron=4, axis=1)]
        pairs, left = join_all([(0, 1.0), (1, -1.0), (2, -0.3)], crossings)
        assert pairs == [(0, 1, Joint.SAME)]
        assert left == [2]


class TestChains:
    def test_end_where_not_two_segments_meet(self):
        found = chains([(0, 1, 0), (1, 2, 1), (2, 3, 0), (2, 4, 0)])
        assert sorted((points, joints) for points, joints in found) == [
            ([0, 1, 2], [0, 1]),
            ([2, 3], [0]),
            ([2, 4], [0]),
        ]

    def test_closed_ones_repeat_their_first_point(self):
        (found,) = chains([(0, 1, 0), (1, 2, 0), (2, 0, 0)])
        assert found[0][0] == found[0][-1]
        assert sorted(found[0][:-1]) == [0, 1, 2]

    @settings(max_examples=50)
    @given(st.sets(st.tuples(st.integers(0, 6), st.integers(7, 12)), max_size=12))
    def test_hold_every_segment_once(self, pairs):
        segments = [(a, b, k % 3) for k, (a, b) in enumerate(sorted(pairs))]
        held = [
            (*sorted(pair), joint)
            for points, joints in chains(segments)
            for *pair, joint in zip(points[:-1], points[1:], joints, strict=True)
        ]
        assert sorted(held) == sorted(segments)


class TestFaces:
    def test_lines_that_cross_cut_out_four(self):
        lines = [np.array([[0.0, 0.25], [1.0, 0.25]]), np.array([[0.5, 0.0], [0.5, 1.0]])]
        area, outlines = faces(lines, np.zeros(2), np.ones(2))
        assert area == pytest.approx([0.375, 0.375, 0.125, 0.125])
        assert len(outlines) == 4

    def test_a_line_that_ends_inside_cuts_nothing_off(self):
        area, _ = faces([np.array([[0.0, 0.25], [0.5, 0.25]])], np.zeros(2), np.ones(2))
        assert area == pytest.approx([1.0])

    def test_a_closed_line_bounds_an_island(self):
        square = np.array([[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6], [0.2, 0.2]])
        area, outlines = faces([square], np.zeros(2), np.ones(2))
        assert area == pytest.approx([0.84, 0.16])
        assert np.ptp(outlines[0], axis=0) == pytest.approx([1.0, 1.0])


class TestCheck:
    def test_exact_discontinuities_of_other_lines_lie_on_the_curves(self, setting, traced):
        network, directions, data = setting
        found = check_curves(traced, network, directions, data, ls.FirstSpike(), lines=6)
        assert found.distance.size == found.exact.sum() > 20
        cell = np.hypot(0.4 / 6, 0.3 / 4)
        # Where curves bend they are off by much less than a cell.
        assert np.median(found.distance) < 0.02 * cell
        assert np.quantile(found.distance, 0.9) < 0.25 * cell
        assert abs(found.exact.sum() - found.traced.sum()) <= 0.1 * found.exact.sum()

    def test_a_straight_curve_is_exact(self, straight):
        network, directions, data = one_hidden_neuron()
        found = check_curves(straight, network, directions, data, ls.FirstSpike(), lines=4)
        assert np.array_equal(found.exact, found.traced)
        assert np.all(found.distance < 1e-9)

    def test_other_data_and_no_lines_are_refused(self, straight):
        network, directions, data = one_hidden_neuron()
        with pytest.raises(InputError, match="samples"):
            check_curves(straight, network, directions, builders.some_data(), ls.FirstSpike())
        with pytest.raises(InputError, match="lines"):
            check_curves(straight, network, directions, data, ls.FirstSpike(), lines=0)
