"""Comparison statistics: hand-checkable tables, intervals that cover, claims that are made or not made."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from stored_arrays import arrays_of
from synthetic import builders

import landscape as ls
from landscape.errors import InputError
from landscape.fragmentation.compare import ComparisonInterrupted, compare
from landscape.fragmentation.comparison import compare_tables
from landscape.measures import compared_measures

MODELS = ("LIF", "QIF")


def compared(values, **more):
    more = {"resamples": 499, **more}
    return compare_tables(MODELS, {"count": np.asarray(values, float)}, primary="count", **more)


class TestTables:
    def test_worked_out_by_hand(self):
        found = compared([[[4.0, 6.0], [8.0, 8.0], [9.0, 11.0]], [[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]])["count"]
        # Differences of the networks: -4, -6, -10.
        assert found.mean == pytest.approx((23 / 3, 1.0))
        assert found.difference.value == pytest.approx(-20 / 3)
        assert found.ratio.value == pytest.approx(3 / 23)
        spread = np.std([-4.0, -6.0, -10.0], ddof=1)
        assert found.cohens_d == pytest.approx((1.0 - 3.0 / 7.0) * -20 / 3 / spread)
        assert found.cliffs_delta == -1.0
        assert found.p_permutation == 0.25  # only all signs equal, either way, of 8
        assert np.isnan(found.p_wilcoxon)
        assert (found.networks, found.directions) == (3, 6)

    def test_six_networks_suffice_for_wilcoxon(self):
        lif = np.arange(6.0)[:, None] + 5.0
        found = compared([lif, 0.1 * np.arange(6.0)[:, None]])["count"]
        assert found.p_wilcoxon == pytest.approx(2 / 2**6)
        assert found.p_permutation == pytest.approx(2 / 2**6)

    @pytest.mark.parametrize(
        ("change", "p"),
        [
            ([0, 3, 3, 3, 3, 5], 2 / 2**5),  # the zero is left out, all others have one sign
            ([1, 1, 1, 1, 1, -1], 2 * 7 / 2**6),  # equal sizes: at most one of six is negative
            ([1, 2, 3, 4, 5, -6], 2 * 14 / 2**6),  # 14 of 64 sets of the ranks 1 to 6 sum to 6 or less
            ([0.1 + 0.2, -0.3, 1, 2, 3, 4], 2 * 3 / 2**6),  # equal but for rounding: ranks 1.5, 1.5, 3, ...
            ([0, 0, 0, 0, 0, 2], 1.0),
            (np.arange(1.0, 31.0), 2 / 2**30),
        ],
    )
    def test_wilcoxon_is_exact_with_zeros_and_ties(self, change, p):
        change = np.asarray(change, float)[:, None]
        for sign in (1.0, -1.0):
            assert compared([0 * change, sign * change], resamples=9)["count"].p_wilcoxon == pytest.approx(p, rel=1e-12)

    def test_wilcoxon_counts_all_changes_of_the_signs(self):
        rng = np.random.default_rng(5)
        for _ in range(5):
            change = rng.integers(-3, 4, 9).astype(float)
            left = change[change != 0]
            rank = np.array([np.mean([np.sum(abs(left) < abs(x)) + 1, np.sum(abs(left) <= abs(x))]) for x in left])
            signs = np.array(list(itertools.product((-1.0, 1.0), repeat=left.size)))
            p = np.mean(np.abs(signs @ rank) >= abs(np.sign(left) @ rank))
            found = compared([0 * change[:, None], change[:, None]], resamples=9)["count"]
            assert found.p_wilcoxon == pytest.approx(p)

    def test_undefined_pairs_are_left_out(self):
        values = np.ones((2, 3, 2))
        values[0] = 2.0
        values[1, 0, 1] = np.nan
        values[0, 2] = np.inf
        found = compared(values)["count"]
        assert (found.networks, found.directions) == (2, 3)
        assert found.difference.value == -1.0

    def test_nothing_known_is_nothing_stated(self):
        found = compared(np.full((2, 3, 2), np.nan))
        assert not found.stated
        assert np.isnan(found["count"].difference.value)

    @settings(max_examples=30)
    @given(npst.arrays(float, (2, 4, 3), elements=st.floats(0.0, 10.0)))
    def test_exchanged_models_have_opposite_differences(self, values):
        one, other = compared(values)["count"], compared(values[::-1])["count"]
        assert one.difference.value == pytest.approx(-other.difference.value)
        assert one.cliffs_delta == pytest.approx(-other.cliffs_delta)
        assert one.p_permutation == pytest.approx(other.p_permutation)
        assert one.difference.low == pytest.approx(-other.difference.high, abs=1e-12, nan_ok=True)
        if not np.isnan(one.difference.low):  # all networks differ alike
            assert one.difference.low <= one.difference.value + 1e-12
            assert one.difference.value <= one.difference.high + 1e-12

    def test_a_ratio_that_is_not_finite_is_not_given(self):
        values = np.full((2, 4, 3), 5e-324)
        values[0, 0, 0] = 1.0
        found = compared(values[::-1])["count"]
        assert np.isnan(found.ratio.low)
        assert np.isnan(found.ratio.value) or np.isfinite(found.ratio.value)

    def test_the_same_seed_gives_the_same_intervals(self):
        values = np.random.default_rng(0).gamma(1.0, 1.0, (2, 5, 3))
        one, same, other = (arrays_of(compared(values, seed=k)) for k in (2, 2, 3))
        assert np.array_equal(one["difference"], same["difference"])
        assert np.array_equal(one["ratio"], same["ratio"])
        assert not np.array_equal(one["ratio"], other["ratio"])


class TestVerdict:
    def test_states_the_claim_with_its_interval(self):
        rng = np.random.default_rng(3)
        lif = rng.normal(20.0, 2.0, (5, 4))
        found = compared([lif, np.zeros((5, 4))])
        assert found.stated
        assert found.verdict.startswith("QIF is less fragmented than LIF: count 0 against")
        assert "95% interval [" in found.verdict
        assert "5 pairs of networks and 20 pairs of lines" in found.verdict

    def test_names_the_other_model_where_that_is_less_fragmented(self):
        rng = np.random.default_rng(3)
        found = compared([np.zeros((5, 4)), rng.normal(20.0, 2.0, (5, 4))])
        assert found.verdict.startswith("LIF is less fragmented than QIF: count 0 against 19.7")

    def test_states_nothing_where_the_interval_holds_zero(self):
        rng = np.random.default_rng(4)
        found = compared(rng.normal(5.0, 1.0, (2, 4, 3)))
        assert not found.stated
        assert "not stated" in found.verdict

    def test_many_lines_around_one_pair_of_networks_are_not_enough(self):
        values = np.stack([np.full((1, 50), 9.0), np.zeros((1, 50))])
        found = compared(values)
        assert not found.stated
        assert "two pairs" in found.verdict

    @pytest.mark.parametrize("n", [2, 3, 8])
    def test_networks_that_all_differ_alike_state_nothing(self, n):
        lines = np.tile([1.1, 2.3, 4.7], (n, 1))
        found = compared([lines + 3.3, lines])
        assert not found.stated
        assert f"difference -3.3 in each of {n} pairs of networks" in found.verdict
        assert np.isnan([found["count"].difference.low, found["count"].difference.high]).all()

    def test_a_ratio_that_is_the_same_for_all_networks_has_no_interval(self):
        lif = np.array([[1.0], [2.0], [4.0]])
        found = compared([lif, 2.0 * lif])["count"]
        assert found.ratio.value == 2.0
        assert np.isnan(found.ratio.low)

    def test_below_six_pairs_it_is_provisional_and_names_the_least_p(self):
        lif = np.random.default_rng(3).normal(20.0, 2.0, (6, 4))
        found = compared([lif[:5], np.zeros((5, 4))])
        assert found.verdict.endswith(
            "Provisional: with 5 pairs of networks the permutation test can give no p below 0.0625."
        )
        assert found.least_p() == found["count"].p_permutation == 1 / 16
        assert "Provisional" not in compared([lif, np.zeros((6, 4))]).verdict

    def test_networks_that_are_equal_state_nothing(self):
        found = compared(np.ones((2, 4, 2)))
        assert not found.stated
        assert found["count"].p_permutation == 1.0
        assert found["count"].cliffs_delta == 0.0
        assert np.isnan(found["count"].cohens_d)


class TestCoverage:
    @pytest.mark.parametrize("n", [4, 10])
    def test_of_the_difference_over_networks_that_vary_more_than_lines(self, n):
        rng = np.random.default_rng(n)
        hits = 0
        for trial in range(200):
            networks = rng.normal(0.0, 1.0, (2, n, 1))
            values = networks + rng.normal(0.0, 0.5, (2, n, 3)) + np.array([3.0, 2.0])[:, None, None]
            interval = compared(values, level=0.9, resamples=199, seed=trial)["count"].difference
            hits += interval.low <= -1.0 <= interval.high
        assert hits / 200 >= 0.86

    def test_false_claims_are_as_rare_as_the_level_says(self):
        rng = np.random.default_rng(11)
        stated = sum(
            compared(rng.gamma(2.0, 1.0, (2, 5, 1)) + rng.gamma(1.0, 0.5, (2, 5, 4)), resamples=199, seed=trial).stated
            for trial in range(200)
        )
        assert stated / 200 <= 0.08


SETTINGS = {"directions": 2, "bounds": (-0.1, 0.1), "points": 21, "resamples": 99}


@pytest.fixture(scope="module")
def networks():
    return {kind: [builders.a_network(kind, seed=k) for k in range(2)] for kind in ("lif", "qif")}


@pytest.fixture(scope="module")
def data():
    return builders.some_data(n_samples=4)


@pytest.fixture(scope="module")
def result(networks, data):
    return compare(networks, data, ls.FirstSpike(), **SETTINGS)


class TestRuns:
    def test_measures_every_line_of_every_network(self, result):
        assert result.models == ("lif", "qif")
        assert list(result.values) == [measure.name for measure in compared_measures()]
        assert all(values.shape == (2, 2, 2) for values in result.values.values())
        assert np.all(result.values["discontinuities_per_length_of_samples"][1] == 0.0)
        assert np.all(result.values["discontinuities_per_length_of_samples"][0] > 0.0)

    def test_does_not_depend_on_threads(self, networks, data, result):
        again = compare(networks, data, ls.FirstSpike(), threads=1, **SETTINGS)
        assert np.array_equal(arrays_of(again)["values"], arrays_of(result)["values"], equal_nan=True)
        assert again.verdict == result.verdict

    def test_resumes_where_it_was_interrupted(self, networks, data, result):
        def stop(done, total):
            if done == 3:
                raise KeyboardInterrupt

        with pytest.raises(ComparisonInterrupted) as caught:
            compare(networks, data, ls.FirstSpike(), progress=stop, **SETTINGS)
        assert len(caught.value.finished) == 3
        again = compare(networks, data, ls.FirstSpike(), resume=caught.value.finished, **SETTINGS)
        assert np.array_equal(arrays_of(again)["values"], arrays_of(result)["values"], equal_nan=True)

    def test_takes_an_objective_for_each_model(self, networks, data, result):
        found = compare(networks, data, {"lif": ls.FirstSpike(), "qif": ls.FirstSpike(gamma=0.5)}, **SETTINGS)
        for name in ("variation", "jump_share_of_variation_of_samples"):
            assert np.array_equal(found.values[name][0], result.values[name][0])
        assert not np.array_equal(found.values["variation"][1], result.values["variation"][1])


class TestRefusals:
    @pytest.mark.parametrize(
        ("networks", "more"),
        [
            ({"lif": 1}, {}),
            ({"lif": 1, "qif": 2}, {}),
            ({"lif": 0, "qif": 0}, {}),
            ({"lif": 1, "qif": 1}, {"directions": 0}),
            ({"lif": 1, "qif": 1}, {"points": 1}),
            ({"lif": 1, "qif": 1}, {"seed": -1}),
            ({"lif": 1, "qif": 1}, {"primary": "beauty"}),
        ],
    )
    def test_of_what_is_no_comparison(self, networks, more):
        given = {kind: [builders.a_network(kind)] * count for kind, count in networks.items()}
        with pytest.raises(InputError):
            compare(given, builders.some_data(), ls.FirstSpike(), **more)

    @pytest.mark.parametrize("shape", [(2, 3), (3, 2, 2), (2, 0, 1)])
    def test_of_tables_of_another_shape(self, shape):
        with pytest.raises(InputError, match="shape"):
            compared(np.zeros(shape))

    def test_of_a_missing_primary_measure(self):
        with pytest.raises(InputError, match="no measure"):
            compare_tables(MODELS, {"count": np.zeros((2, 2, 2))})
