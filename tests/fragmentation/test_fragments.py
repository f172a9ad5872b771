"""Measures of fragmentation along a line: values worked out by hand, intervals that cover, properties."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from synthetic import builders
from synthetic.census import census_of

import landscape as ls
from landscape.errors import InputError
from landscape.fragmentation import cosines, gradient_cosines
from landscape.fragmentation.fragments import fragments
from landscape.fragmentation.measured_line import effective_number
from landscape.fragmentation.profile import Profile, sample_profile
from landscape.fragmentation.resampling import Resampling


def profile_of(jumps, n_samples, positions, slope):
    """Losses that rise with a slope and jump; a row per sample."""
    positions = np.asarray(positions, float)
    loss = np.tile(slope * positions, (n_samples, 1))
    for sample, place, jump in jumps:
        loss[sample] += jump * (positions >= place)
    return Profile(positions, loss, np.full((n_samples, positions.size), float(slope)))


class TestCounts:
    def test_of_a_census_that_can_be_counted_by_hand(self):
        found = fragments(census_of([(0, 0.25, 0.8), (0, 0.75, -0.4), (1, 0.5, 0.2)], n_samples=2))
        values = {name: estimate.value for name, estimate in found.estimates.items()}
        assert values["discontinuities_per_length"] == 3.0
        assert values["discontinuities_per_length_of_samples"] == 1.5
        assert values["total_jump"] == pytest.approx(0.7)
        assert values["largest_jump"] == pytest.approx(0.4)
        assert values["largest_jump_of_samples"] == pytest.approx(0.5)
        assert values["fragments"] == 4.0
        assert values["fragments_of_samples"] == 2.5
        assert values["effective_fragments"] == pytest.approx(4.0)
        assert found.size == pytest.approx([0.25, 0.25, 0.25, 0.25])
        entropy = -(0.5 * np.log(0.25) + 0.5 * np.log(0.5))
        assert values["effective_fragments_of_samples"] == pytest.approx((np.exp(entropy) + 2.0) / 2.0)

    def test_lengths_are_in_units_of_the_axis(self):
        found = fragments(census_of([(0, 3.0, 1.0)], n_samples=1, bounds=(2.0, 4.0)))
        assert found["discontinuities_per_length"].value == 0.5

    def test_jumps_of_several_samples_at_one_place_are_one_of_the_mean_loss(self):
        found = fragments(census_of([(0, 0.5, 0.2), (1, 0.5, 0.4)], n_samples=2))
        assert found.position == pytest.approx([0.5])
        assert found.jump == pytest.approx([0.3])
        assert found["discontinuities_per_length_of_samples"].value == 1.0

    def test_jumps_that_cancel_are_none_of_the_mean_loss(self):
        jumps = [(0, 0.5, 0.2), (1, 0.5, -0.2)]
        profile = profile_of(jumps, 2, np.linspace(0.0, 1.0, 12), 0.0)
        found = fragments(census_of(jumps, n_samples=2), profile)
        assert found["fragments"].value == 1.0
        assert found["total_jump"].value == 0.0
        assert found["total_jump_of_samples"].value == pytest.approx(0.2)
        assert found["variation"].value == 0.0
        assert found["variation_of_samples"].value == pytest.approx(0.2)

    def test_without_a_discontinuity_there_is_one_fragment(self):
        found = fragments(census_of([], n_samples=3))
        assert found["fragments"].value == found["effective_fragments"].value == 1.0
        assert found["total_jump"].value == 0.0
        assert np.isnan(found["share_grazing"].value)

    def test_a_jump_at_an_end_cuts_off_a_piece_of_no_size(self):
        found = fragments(census_of([(0, 0.0, 1.0)], n_samples=1))
        assert found["fragments"].value == 2.0
        assert found["effective_fragments"].value == 1.0

    def test_infinite_jumps_give_infinite_totals_and_no_interval(self):
        found = fragments(census_of([(0, 0.5, np.inf), (1, 0.2, 0.1)], n_samples=2))
        assert found["total_jump"].value == np.inf
        assert np.isnan(found["total_jump"].low)

    def test_shares_of_mechanisms(self):
        census = census_of([(0, 0.1, 1.0), (0, 0.2, 1.0), (1, 0.3, 1.0)], 2, mechanisms=["order", "grazing", "order"])
        found = fragments(census)
        assert found["share_order"].value == pytest.approx(2 / 3)
        assert found["share_trial_end"].value == 0.0

    def test_silent_pieces_are_measured_by_their_length(self):
        census = census_of([], 1, silent=[(0, 0.0, 0.5), (1, 0.25, 0.375)], unresolved=[(0, 0.1, 0.2)])
        found = fragments(census)
        assert found["silent_neurons"].value == pytest.approx(0.3125)
        assert found["silent_length"].value == pytest.approx(0.5)
        assert found["all_silent_length"].value == pytest.approx(0.125)
        assert found["unresolved"].value == pytest.approx(0.1)

    @settings(max_examples=50)
    @given(
        st.lists(
            st.tuples(st.integers(0, 4), st.floats(0.0, 1.0), st.floats(0.01, 2.0)),
            max_size=20,
            unique_by=lambda row: round(row[1], 6),
        )
    )
    def test_effective_numbers_lie_between_one_and_the_number(self, jumps):
        found = fragments(census_of(jumps, n_samples=5), resamples=49)
        assert 1.0 - 1e-12 <= found["effective_fragments"].value <= found["fragments"].value + 1e-9
        assert found["fragments"].value == len(jumps) + 1
        assert found.size.sum() == pytest.approx(1.0)
        assert found["total_jump"].value == pytest.approx(sum(row[2] for row in jumps) / 5)

    def test_equal_pieces_are_all_effective(self):
        assert effective_number(np.full(7, 0.3)) == pytest.approx(7.0)


class TestVariation:
    JUMPS = ((0, 0.25, 0.8), (1, 0.6, -0.2))

    def test_is_split_into_jumps_and_the_rest(self):
        profile = profile_of(self.JUMPS, 2, np.linspace(0.0, 1.0, 32), 0.5)
        found = fragments(census_of(self.JUMPS, n_samples=2), profile)
        assert found["variation"].value == pytest.approx(0.5 + 0.5)
        assert found["jump_share_of_variation"].value == pytest.approx(0.5)
        assert found["variation_from_half"].value == pytest.approx(1.0)
        assert found["variation_of_samples"].value == pytest.approx(1.0)

    def test_a_point_on_the_jump_has_the_loss_of_either_side(self):
        for side in (0.0, 0.8):
            loss = np.array([[0.0, 0.0, side, 0.8, 0.8]])
            profile = Profile(np.array([0.0, 0.125, 0.25, 0.5, 1.0]), loss, np.zeros((1, 5)))
            found = fragments(census_of(self.JUMPS[:1], n_samples=1), profile)
            assert found["variation"].value == pytest.approx(0.8)
            assert found["jump_share_of_variation"].value == pytest.approx(1.0)

    def test_points_that_are_not_finite_are_left_out_with_their_cells(self):
        profile = profile_of(self.JUMPS, 2, np.linspace(0.0, 1.0, 33), 0.5)
        profile.loss[1, 8] = np.inf
        found = fragments(census_of(self.JUMPS, n_samples=2), profile)
        # Two cells of 1/32 with a slope of 0.5, and the jump of 0.4 at 0.25, are left out.
        assert found["variation"].value == pytest.approx(0.5 * 30 / 32 + 0.1)

    def test_a_constant_loss_has_no_share(self):
        found = fragments(census_of([], 2), profile_of([], 2, np.linspace(0.0, 1.0, 5), 0.0))
        assert np.isnan(found["jump_share_of_variation"].value)
        assert found["zero_derivative"].value == 1.0

    def test_sign_changes_pass_over_zeros(self):
        slopes = np.array([[1.0, 0.0, -1.0, 0.0, -2.0, 3.0]])
        found = fragments(census_of([], 1), Profile(np.linspace(0.0, 1.0, 6), np.zeros((1, 6)), slopes))
        assert found["derivative_sign_changes_per_length"].value == 2.0

    def test_no_derivatives_no_sign_changes(self):
        profile = Profile(np.linspace(0.0, 1.0, 3), np.zeros((1, 3)), np.full((1, 3), np.nan))
        found = fragments(census_of([], 1), profile)
        assert np.isnan(found["derivative_sign_changes_per_length"].value)
        assert np.isnan(found["zero_derivative"].value)


class TestIntervals:
    def test_are_repeatable_and_change_with_the_seed(self):
        rng = np.random.default_rng(1)
        census = census_of([(s, p, 1.0) for s, p in zip(rng.integers(0, 9, 40), rng.random(40), strict=True)], 9)
        one, same, other = (np.array(list(fragments(census, seed=seed).estimates.values())) for seed in (3, 3, 4))
        assert np.array_equal(one, same, equal_nan=True)
        assert not np.array_equal(one, other, equal_nan=True)

    def test_of_a_single_sample_are_not_known(self):
        found = fragments(census_of([(0, 0.5, 1.0)], n_samples=1))
        assert np.isnan(found["total_jump"].low)
        assert np.isnan(found["effective_fragments"].high)

    def test_samples_that_do_not_vary_tell_of_no_interval(self):
        for values in (np.zeros(5), np.full(5, 0.1), np.full(5, np.nextafter(0.1, 1.0) + np.arange(5) * 1e-17)):
            found = Resampling(5).estimate(lambda weights, v=values: weights @ v / 5)
            assert np.isnan(found.low)
            assert np.isnan(found.high)
        silent = fragments(census_of([], n_samples=4))
        assert silent["total_jump"].value == 0.0
        assert np.isnan(silent["total_jump"].low)
        assert np.isnan(silent["effective_fragments"].low)

    def test_are_those_of_scipy_but_for_the_draws(self):
        values = np.random.default_rng(8).gamma(1.0, 2.0, 40)
        own = Resampling(40, 9999).estimate(lambda weights: weights @ values / 40)
        theirs = stats.bootstrap((values,), np.mean, method="BCa", rng=np.random.default_rng(0)).confidence_interval
        assert own[1:] == pytest.approx(theirs, abs=0.05)

    def test_contain_the_mean_of_skewed_counts_about_as_often_as_they_say(self):
        rng = np.random.default_rng(5)
        hits = 0
        for trial in range(150):
            values = rng.gamma(1.0, 2.0, 60)
            low, high = Resampling(60, 499, 0.9, trial).estimate(lambda w, v=values: w @ v / 60)[1:]
            hits += low <= 2.0 <= high
        assert 0.83 <= hits / 150 <= 0.97

    def test_of_effective_fragments_contain_their_expectation_about_as_often_as_they_say(self):
        rng = np.random.default_rng(6)
        n = 24

        def drawn():
            counts = rng.geometric(0.3, n) - 1
            return census_of([(s, p, 1.0) for s in range(n) for p in rng.random(counts[s])], n)

        measured = [fragments(drawn(), resamples=199, level=0.9)["effective_fragments"] for _ in range(120)]
        expected = np.mean([estimate.value for estimate in measured])
        hits = np.mean([estimate.low <= expected <= estimate.high for estimate in measured])
        assert 0.8 <= hits <= 0.98


class TestRealLines:
    @builders.KINDS
    def test_values_of_single_samples_average_to_those_of_a_sweep(self, kind):
        network, data = builders.a_network(kind), builders.some_data()
        direction = ls.random_directions(network, 1, seed=2)
        axis = np.linspace(-0.3, 0.3, 7)
        profile = sample_profile(network, direction[0], axis, data, ls.FirstSpike())
        surface = ls.sweep(network, direction, [axis], data, ls.FirstSpike())
        assert profile.loss.mean(axis=0) == pytest.approx(surface.loss)
        assert profile.derivative.mean(axis=0) == pytest.approx(surface.directional_derivative[:, 0])

    def test_cosines_are_taken_within_and_across_fragments(self):
        network, data = builders.a_network("lif"), builders.some_data()
        direction = ls.random_directions(network, 1, seed=2)
        axis = np.linspace(-0.3, 0.3, 31)
        surface = ls.sweep(network, direction, [axis], data, ls.FirstSpike(), gradient="full", sample_losses=True)
        census = ls.find_discontinuities(network, direction, (-0.3, 0.3), data, ls.FirstSpike())
        found = fragments(census, surface)
        gradient = surface.gradient
        norm = np.linalg.norm(gradient, axis=1)
        cosine = np.sum(gradient[1:] * gradient[:-1], axis=1) / (norm[1:] * norm[:-1])
        broken = np.array([np.any((census.position > a) & (census.position < b)) for a, b in pairwise(axis)])
        assert found["gradient_cosine"].value == pytest.approx(np.median(cosine))
        assert found["gradient_cosine_across"].value == pytest.approx(np.median(cosine[broken]))
        assert found["gradient_cosine_within"].value == pytest.approx(np.median(cosine[~broken]))
        assert 0.0 < found["jump_share_of_variation"].value < 1.0

    def test_cosines_with_intervals_are_those_of_a_surface(self, monkeypatch):
        network, data = builders.a_network("lif"), builders.some_data()
        direction = ls.random_directions(network, 1, seed=2)
        axis = np.linspace(-0.3, 0.3, 31)
        surface = ls.sweep(network, direction, [axis], data, ls.FirstSpike(), gradient="full")
        census = ls.find_discontinuities(network, direction, (-0.3, 0.3), data, ls.FirstSpike())
        whole = fragments(census, surface)
        line = (network, direction[0], axis, data, ls.FirstSpike(), whole.position)
        found = gradient_cosines(*line, resamples=99)
        for name, estimate in found.items():
            assert estimate.value == pytest.approx(whole[name].value), name
            assert not estimate.low > estimate.high
        assert found["gradient_cosine"].low < found["gradient_cosine"].value < found["gradient_cosine"].high
        assert found["gradient_cosine_across"].value < found["gradient_cosine_within"].value
        # Whatever is computed together, and by however many threads.
        monkeypatch.setattr(cosines, "BLOCK_MEMORY", 1)
        one, two = (gradient_cosines(*line, resamples=99, threads=threads) for threads in (1, 2))
        np.testing.assert_equal(one, two)
        np.testing.assert_equal(gradient_cosines(*line, resamples=99), found)
        # With too many samples only the mean loss's gradient is kept.
        monkeypatch.setattr(cosines, "MOST_PRODUCTS", 0)
        for name, estimate in gradient_cosines(*line, resamples=99).items():
            assert estimate.value == pytest.approx(found[name].value), name
            assert np.isnan(estimate.low)

    def test_a_silent_network_has_no_cosines_and_no_gradient_anywhere(self):
        network, data = builders.a_network("lif", strength=1e-3), builders.some_data()
        direction = ls.random_directions(network, 1, seed=2)
        found = gradient_cosines(network, direction[0], [-0.1, 0.0, 0.1], data, ls.FirstSpike(), resamples=9)
        np.testing.assert_equal(found["zero_gradient"], (1.0, np.nan, np.nan))  # no sample differs from the others
        assert np.isnan(found["gradient_cosine"].value)


class TestRefusals:
    @pytest.mark.parametrize("bad", [{"resamples": 0}, {"level": 1.0}, {"level": 0.0}])
    def test_of_settings_out_of_range(self, bad):
        with pytest.raises(InputError):
            fragments(census_of([], 1), **bad)

    def test_of_a_single_point_with_no_neighbour(self):
        network = builders.a_network("lif")
        direction = ls.random_directions(network, 1, seed=2)
        with pytest.raises(InputError, match="two points"):
            gradient_cosines(network, direction[0], [0.0], builders.some_data(), ls.FirstSpike())

    def test_of_values_of_other_samples(self):
        with pytest.raises(InputError, match="samples"):
            fragments(census_of([], 3), Profile(np.array([0.0, 1.0]), np.zeros((2, 2)), np.zeros((2, 2))))

    def test_of_values_of_another_line(self):
        with pytest.raises(InputError, match="same line"):
            fragments(census_of([], 1), Profile(np.array([0.0, 2.0]), np.zeros((1, 2)), np.zeros((1, 2))))
