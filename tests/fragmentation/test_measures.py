"""The measures of sampled surfaces, against slow and obvious versions and on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from naive import measures as naive
from synthetic import results as synthetic

from landscape.fragmentation import local_minima, roughness, silent_regions, summary
from landscape.fragmentation.minima import saddle_minimum_distance
from landscape.slices.surface import Status, Surface

DIRECTIONS = {count: synthetic.directions(count) for count in (1, 2)}


def surface_of(loss, *, silent=None, status=None, slope=None, sizes=(2, 3), axes=None):
    """A surface with these losses, done where nothing else is said."""
    loss = np.asarray(loss, dtype=float)
    shape = loss.shape
    return Surface(
        axes=[np.arange(float(n)) for n in shape] if axes is None else axes,
        loss=loss,
        accuracy=np.zeros(shape),
        directional_derivative=np.zeros((*shape, loss.ndim)) if slope is None else slope,
        spike_count=np.zeros((*shape, len(sizes) + 1)),
        silent=np.zeros((*shape, sum(sizes)), bool) if silent is None else silent,
        status=np.full(shape, Status.DONE) if status is None else status,
        directions=DIRECTIONS[loss.ndim],
        hidden_sizes=sizes,
    )


@st.composite
def surfaces(draw):
    """Small surfaces with ties, plateaus, gaps, infinite values and derivatives that are zero or NaN."""
    shape = draw(st.sampled_from([(1,), (2,), (9,), (1, 5), (4, 3), (5, 6)]))
    losses = draw(npst.arrays(float, shape, elements=st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.25, np.inf])))
    status = draw(npst.arrays(np.uint8, shape, elements=st.sampled_from([1, 1, 1, 1, 0, 2, 3])))
    silent = draw(npst.arrays(bool, (*shape, 5)))
    slopes = draw(
        npst.arrays(float, (*shape, len(shape)), elements=st.sampled_from([-1.0, -0.5, 0.0, -0.0, 0.5, 2.0, np.nan]))
    )
    axes = [np.cumsum(draw(npst.arrays(float, n, elements=st.sampled_from([0.25, 1.0])))) for n in shape]
    losses[status != 1] = np.nan
    return surface_of(losses, silent=silent & (status == 1)[..., None], status=status, slope=slopes, axes=axes)


class TestSilentRegions:
    @settings(max_examples=50, deadline=None)
    @given(surfaces())
    def test_equal_those_found_by_flooding(self, surface):
        found = silent_regions(surface)
        regions = sorted(zip(found.layer.tolist(), found.neuron.tolist(), found.points.tolist(), strict=True))
        assert regions == sorted(naive.silent_regions(surface))
        n_done = int(surface.done.sum())
        assert (found.points_used, found.points_excluded) == (n_done, surface.n_points - n_done)
        np.testing.assert_allclose(found.share, found.points / max(n_done, 1))
        ends = np.cumsum([0, *surface.hidden_sizes])
        for layer in range(2):
            part = surface.silent[surface.done][:, ends[layer] : ends[layer + 1]]
            assert found.region_count[layer] == np.count_nonzero(found.layer == layer)
            if n_done:
                assert found.area_share[layer] == pytest.approx(part.any(axis=1).mean())
                assert found.all_silent_share[layer] == pytest.approx(part.all(axis=1).mean())
                assert found.mean_silent_share[layer] == pytest.approx(part.mean())
            else:
                assert np.isnan([found.area_share[layer], found.mean_silent_share[layer]]).all()

    def test_touch_along_an_axis_and_not_over_a_corner(self):
        silent = np.zeros((2, 2, 5), bool)
        silent[0, 0, 0] = silent[1, 1, 0] = True
        silent[0, 0, 1] = silent[0, 1, 1] = True
        found = silent_regions(surface_of(np.zeros((2, 2)), silent=silent))
        assert found.neuron.tolist() == [0, 0, 1]
        assert found.points.tolist() == [1, 1, 2]

    def test_are_separated_by_points_that_are_not_done(self):
        silent = np.ones((5, 5), bool)
        status = np.array([1, 1, 0, 1, 1])
        found = silent_regions(surface_of(np.zeros(5), silent=silent, status=status, sizes=(5,)))
        assert found.points.tolist() == [2] * 10
        assert found.share.tolist() == [0.5] * 10

    def test_of_neighbouring_neurons_are_not_joined(self):
        silent = np.ones((1, 3, 4), bool)
        found = silent_regions(surface_of(np.zeros((1, 3)), silent=silent, sizes=(4,)))
        assert found.region_count.tolist() == [4]


class TestLocalMinima:
    @settings(max_examples=50, deadline=None)
    @given(surfaces())
    def test_equal_those_found_from_the_definition(self, surface):
        found = local_minima(surface)
        listed = [
            (tuple(index), loss, persistence, points)
            for index, loss, persistence, points in zip(
                found.index.tolist(), found.loss, found.persistence, found.points.tolist(), strict=True
            )
        ]
        assert listed == naive.minima(surface)

    def test_a_silent_plateau_of_697_equal_cells_is_one_minimum(self):
        loss = np.full((41, 41), np.log(20.0))
        loss[:, :24] += np.linspace(0.0, 1.0, 24)[::-1] + 0.01
        assert np.count_nonzero(loss == np.log(20.0)) == 697
        found = local_minima(surface_of(loss))
        assert len(found) == 1
        assert found.points.tolist() == [697]
        assert found.index.tolist() == [[0, 24]]
        assert found.persistence.tolist() == [np.inf]

    def test_persistence_is_the_height_of_the_pass_to_a_lower_minimum(self):
        found = local_minima(surface_of([3.0, 1.0, 2.5, 0.0, 4.0, 2.0, 5.0]))
        assert found.index.ravel().tolist() == [3, 5, 1]
        assert found.persistence.tolist() == [np.inf, 2.0, 1.5]

    def test_a_diagonal_valley_is_not_cut_into_pieces(self):
        loss = np.ones((5, 5)) - np.diag([0.1, 0.2, 0.3, 0.4, 0.5])
        assert len(local_minima(surface_of(loss))) == 1

    def test_a_constant_surface_has_one_minimum_of_all_its_points(self):
        found = local_minima(surface_of(np.ones((7, 4))))
        assert (len(found), found.points.tolist()) == (1, [28])

    def test_nothing_done_means_no_minimum(self):
        found = local_minima(surface_of(np.full((7, 4), np.nan), status=np.zeros((7, 4))))
        assert len(found) == 0
        assert found.index.shape == (0, 2)

    def test_the_values_are_not_changed(self):
        surface = synthetic.partly_finished(synthetic.surface(shape=(21, 21)))
        before = surface.loss.copy()
        local_minima(surface)
        np.testing.assert_array_equal(surface.loss, before)


class TestRoughness:
    @settings(max_examples=50, deadline=None)
    @given(surfaces())
    def test_equals_the_plain_sums(self, surface):
        found = roughness(surface)
        for axis in range(len(surface.axes)):
            expected = naive.roughness(surface, axis)
            got = (
                found.sampled_total_variation[axis],
                found.sampled_total_variation_over_net_change[axis],
                found.sampled_total_variation_over_range[axis],
                found.sampled_derivative_sign_changes_per_length[axis],
                found.largest_neighbour_change[axis],
            )
            np.testing.assert_allclose(got, expected, rtol=1e-12)

    def test_a_monotonic_line_varies_by_its_net_change(self):
        found = roughness(surface_of([0.0, 1.0, 1.5, 4.0]))
        assert found.sampled_total_variation_over_net_change.tolist() == [1.0]
        assert found.sampled_total_variation_over_range.tolist() == [1.0]

    def test_a_valley_varies_by_twice_its_range(self):
        found = roughness(surface_of([4.0, 1.0, 0.0, 1.0, 4.0]))
        assert found.sampled_total_variation_over_range.tolist() == [2.0]
        assert np.isnan(found.sampled_total_variation_over_net_change[0])

    def test_the_axes_are_not_exchanged(self):
        found = roughness(surface_of(np.arange(7.0)[:, None] * 2.0 + np.zeros(4)))
        assert found.sampled_total_variation.tolist() == [12.0, 0.0]
        assert found.largest_neighbour_change.tolist() == [2.0, 0.0]

    def test_a_derivative_of_zero_has_no_sign(self):
        slope = np.array([-1.0, 0.0, 1.0, 0.0, 1.0, -1.0])[:, None]
        found = roughness(surface_of(np.zeros(6), slope=slope))
        assert found.sampled_derivative_sign_changes_per_length.tolist() == [2 / 5]

    def test_no_change_is_taken_across_a_gap(self):
        found = roughness(surface_of([0.0, 1.0, np.nan, 9.0, 9.5], status=np.array([1, 1, 2, 1, 1])))
        assert found.largest_neighbour_change.tolist() == [1.0]
        assert found.sampled_total_variation.tolist() == [1.5]


class TestSummary:
    def test_counts_what_it_leaves_out(self):
        surface = synthetic.partly_finished(synthetic.surface(shape=(21, 21)))
        found = summary(surface)
        assert found.points_used == surface.done.sum()
        assert found.points_used + found.points_excluded == 441
        assert found.loss_lowest == np.nanmin(surface.loss)
        assert found.loss_highest == np.nanmax(surface.loss)

    def test_tells_the_values_at_the_centre_where_it_is_on_the_grid(self):
        surface = synthetic.surface(shape=(5, 3))
        assert summary(surface).loss_at_centre == surface.loss[2, 1]
        assert np.isnan(summary(synthetic.surface(shape=(4, 3))).loss_at_centre)

    def test_of_nothing_is_nan_and_not_an_error(self):
        surface = surface_of(np.full(5, np.nan), status=np.zeros(5))
        found = summary(surface)
        assert found.points_used == 0
        assert found.minima == found.minima_above_1_percent == 0
        assert np.isnan(found.loss_median)

    def test_finds_more_minima_in_pieces_than_on_a_smooth_surface(self):
        lif = summary(synthetic.surface("lif", (21, 21)))
        qif = summary(synthetic.surface("qif", (21, 21)))
        assert lif.minima_above_1_percent > qif.minima_above_1_percent == 1
        assert lif.largest_neighbour_change.max() > 3 * qif.largest_neighbour_change.max()


class TestSaddleMinimumDistance:
    def test_counts_the_rise_from_every_minimum_to_its_first_saddle(self):
        # Minima at 0 and 1 meet at 4; with one at 2 they meet at 7. The minimum at 0 counts from its first saddle.
        found = local_minima(surface_of([5.0, 0.0, 4.0, 1.0, 7.0, 2.0, 9.0]))
        assert found.gap.tolist() == [4.0, 5.0, 3.0]
        assert saddle_minimum_distance(found) == 4.0

    def test_is_zero_with_a_single_minimum(self):
        assert saddle_minimum_distance(local_minima(surface_of([3.0, 1.0, 2.0]))) == 0.0

    @settings(max_examples=50, deadline=None)
    @given(surfaces())
    def test_first_saddles_are_no_higher_than_those_that_end_a_minimum(self, surface):
        found = local_minima(surface)
        assert np.all(found.gap <= found.persistence)
        assert np.all(found.gap > 0.0)
