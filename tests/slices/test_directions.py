"""Directions in parameter space: how they are made, normalised, made orthogonal, and refused."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from synthetic.builders import KINDS, a_network, moved, some_data

import landscape as ls
from landscape.errors import DirectionError
from landscape.slices.directions import (
    NORMALIZATIONS,
    Directions,
    combine_directions,
    facts_of,
    gradient_direction,
    line_direction,
    load_directions,
    principal_directions,
    random_directions,
    weight_direction,
)

WIDE = (700, 64, 20)


def flat(direction):
    return np.concatenate([np.ravel(part) for part in direction])


def neuron_norms(arrays):
    return np.concatenate([np.linalg.norm(part, axis=1) for part in arrays])


# --- random -------------------------------------------------------------------------------------------------


def test_random_directions_are_standard_normal_numbers_of_both_signs():
    vector = flat(random_directions(a_network("lif", sizes=WIDE), 1, normalization="raw")[0])
    n = vector.size
    assert abs(vector.mean()) < 5 / np.sqrt(n)
    assert abs(vector.var() - 1.0) < 5 * np.sqrt(2 / n)
    assert abs((vector**4).mean() - 3.0) < 5 * np.sqrt(96 / n)
    assert abs((vector < 0).mean() - 0.5) < 5 * np.sqrt(0.25 / n)
    assert vector.max() > 3.5
    assert vector.min() < -3.5


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("sizes", [(5, 6, 4, 3), WIDE, (3, 1, 2)], ids=str)
def test_directions_are_orthogonal_after_normalising(normalization, sizes):
    network = a_network("qif", sizes=sizes)
    directions = random_directions(network, 3, seed=11, normalization=normalization)
    gram, norms = directions.gram, directions.norms
    cosine = gram / np.outer(norms, norms)
    assert np.abs(cosine - np.eye(3)).max() < 1e-12
    np.testing.assert_allclose(norms, [np.linalg.norm(flat(d)) for d in directions], rtol=1e-12)
    inner = [[flat(a) @ flat(b) for a in directions] for b in directions]
    np.testing.assert_allclose(gram, inner, rtol=1e-12, atol=1e-12 * norms.max() ** 2)


def test_random_directions_are_isotropic_over_seeds():
    network = a_network("lif")
    vectors = np.array([flat(random_directions(network, 1, seed, "unit")[0]) for seed in range(400)])
    cosines = (vectors @ vectors.T)[np.triu_indices(400, 1)]
    assert abs(cosines.mean()) < 5 / (np.sqrt(cosines.size * vectors.shape[1]))
    assert np.abs(vectors.mean(axis=0)).max() < 5 / np.sqrt(400 * vectors.shape[1])


def test_every_neuron_of_a_neuron_normalised_direction_has_the_norm_of_its_weights():
    network = a_network("lif")
    first, second = random_directions(network, 2, seed=3)
    np.testing.assert_allclose(neuron_norms(first), neuron_norms(network.weights), rtol=1e-13)
    assert np.linalg.norm(flat(first)) == pytest.approx(np.linalg.norm(network.parameters))
    assert np.linalg.norm(flat(second)) == pytest.approx(np.linalg.norm(network.parameters))


def test_layer_network_unit_and_raw_normalisation_give_the_norms_they_name():
    network = a_network("lif")
    whole = np.linalg.norm(network.parameters)
    layers = [np.linalg.norm(w) for w in network.weights]
    by_layer = random_directions(network, 2, normalization="layer")
    np.testing.assert_allclose([np.linalg.norm(part) for part in by_layer[0]], layers, rtol=1e-13)
    np.testing.assert_allclose(by_layer.norms, whole, rtol=1e-13)
    np.testing.assert_allclose(random_directions(network, 2, normalization="network").norms, whole, rtol=1e-13)
    np.testing.assert_allclose(random_directions(network, 2, normalization="unit").norms, 1.0, rtol=1e-13)
    raw = random_directions(network, 1, seed=5, normalization="raw")
    np.testing.assert_array_equal(raw[0][0], np.random.default_rng(5).standard_normal((6, 5)))
    np.testing.assert_allclose(by_layer.network_norms, layers, rtol=1e-14)


def test_neurons_without_weights_do_not_move_under_neuron_normalisation():
    weights = [w.copy() for w in a_network("lif").weights]
    weights[0][2] = 0.0
    directions = random_directions(a_network("lif").with_weights(weights), 1)
    assert not directions[0][0][2].any()
    assert np.isfinite(directions.vectors).all()


def test_seeds_reproduce_to_the_last_bit_and_different_ones_differ():
    network = a_network("qif")
    one, same, other = (random_directions(network, 2, seed) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one.vectors, same.vectors)
    assert np.abs(one.vectors - other.vectors).max() > 0.1
    assert one.seed == 7
    np.testing.assert_array_equal(random_directions(network, 1, 7)[0][0], random_directions(network, 2, 7)[0][0])
    unseeded = random_directions(network, 1, None)
    assert unseeded.seed is None
    assert (unseeded.vectors != random_directions(network, 1, None).vectors).any()


def test_directions_are_lists_of_arrays_shaped_like_the_weights():
    network = a_network("lif")
    directions = ls.random_directions(network)
    assert len(directions) == 2
    assert isinstance(directions, list)
    for direction in directions:
        assert [part.shape for part in direction] == [w.shape for w in network.weights]
        assert all(part.dtype == np.float64 for part in direction)
    assert (directions.recipe, directions.normalization, directions.seed) == ("random", "neuron", 0)


def test_as_many_directions_as_parameters_can_be_had_and_not_one_more():
    network = a_network("lif", sizes=(2, 2))
    directions = random_directions(network, 4, normalization="unit")
    np.testing.assert_allclose(directions.gram, np.eye(4), atol=1e-12)
    with pytest.raises(DirectionError):
        random_directions(network, 5, normalization="unit")


@pytest.mark.parametrize("count", [0, -1, 1.5, "two", None])
def test_a_bad_count_is_refused(count):
    with pytest.raises(DirectionError, match="count of directions must be a positive whole number"):
        random_directions(a_network("lif"), count)


@pytest.mark.parametrize("seed", [-1, 1.5, "seven"])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(DirectionError, match="seed"):
        random_directions(a_network("lif"), 1, seed)


def test_an_unknown_normalisation_is_refused_with_the_known_ones():
    with pytest.raises(DirectionError, match=r"'filter' is unknown; choose from neuron, layer, network, unit, raw"):
        random_directions(a_network("lif"), normalization="filter")


# --- gradient, line, principal components, weight -----------------------------------------------------------


@KINDS
def test_the_gradient_direction_is_the_gradient(kind):
    network, data = a_network(kind, 2), some_data()
    direction = gradient_direction(network, data, ls.FirstSpike())
    gradient = ls.loss_and_gradient(network, data, ls.FirstSpike())[1]
    for part, wanted in zip(direction, gradient, strict=True):
        np.testing.assert_array_equal(part, wanted)
    h = 1e-7
    losses = [ls.evaluate(moved(network, direction, x), data, ls.FirstSpike()).loss for x in (-h, h)]
    assert losses[1] > losses[0]


def test_a_zero_gradient_is_no_direction():
    network = a_network("lif").with_parameters(np.zeros(66))
    with pytest.raises(DirectionError, match="gradient is zero"):
        gradient_direction(network, some_data(), ls.FirstSpike())


def test_a_line_leads_from_its_start_at_0_to_its_end_at_1():
    start, end = a_network("lif", 0), a_network("lif", 1)
    line = combine_directions([line_direction(start, end)], start, "raw")
    surface = ls.sweep(start, line, [[0.0, 1.0]], some_data(), ls.FirstSpike())
    assert surface.loss[0] == ls.evaluate(start, some_data(), ls.FirstSpike()).loss
    assert surface.loss[1] == pytest.approx(ls.evaluate(end, some_data(), ls.FirstSpike()).loss, rel=1e-9)


def test_lines_between_equal_or_differently_sized_networks_are_refused():
    network = a_network("lif")
    with pytest.raises(DirectionError, match="same weights"):
        line_direction(network, network)
    with pytest.raises(DirectionError, match=r"sizes \(5, 6, 4, 3\) and \(5, 3\)"):
        line_direction(network, a_network("lif", sizes=(5, 3)))


def test_principal_directions_find_the_plane_in_which_a_trajectory_lies():
    network = a_network("lif")
    rng = np.random.default_rng(0)
    n = network.parameters.size
    plane = np.linalg.qr(rng.normal(size=(n, 2)))[0].T
    steps = rng.normal(size=(9, 2)) * [5.0, 1.0]
    steps[-1] = 0.0
    trajectory = network.parameters + steps @ plane
    found = np.array([flat(d) for d in principal_directions(trajectory, network, 2)])
    np.testing.assert_allclose(found @ found.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(found @ plane.T @ plane, found, atol=1e-10)
    spread = (trajectory - network.parameters) @ found.T
    assert (spread[:, 0] ** 2).sum() > (spread[:, 1] ** 2).sum()
    assert all(flat(d)[np.argmax(np.abs(flat(d)))] > 0 for d in principal_directions(trajectory, network, 2))


def test_trajectories_that_span_too_little_or_do_not_fit_are_refused():
    network = a_network("lif")
    straight = network.parameters + np.outer(np.arange(5.0), np.ones(66))
    with pytest.raises(DirectionError, match="spans 1 directions, 2 were asked for"):
        principal_directions(straight, network, 2)
    with pytest.raises(DirectionError, match="spans 0 directions"):
        principal_directions(np.array([network.parameters] * 3), network, 1)
    for wrong in (np.zeros((3, 65)), np.zeros(66), np.zeros((0, 65))):
        with pytest.raises(DirectionError, match="the trajectory has shape"):
            principal_directions(wrong, network, 1)


@pytest.mark.parametrize("kind", ["empty", "nan"])
def test_an_empty_trajectory_or_one_with_nan_is_refused(kind):
    network = a_network("lif")
    trajectory = np.zeros((0, 66)) if kind == "empty" else np.full((3, 66), np.nan)
    with pytest.raises(DirectionError, match="trajectory"):
        principal_directions(trajectory, network, 1)


def test_a_weight_direction_moves_one_weight():
    network = a_network("lif")
    direction = weight_direction(network, 1, 3, 5)
    here = moved(network, direction, 0.25)
    difference = [b - a for a, b in zip(network.weights, here.weights, strict=True)]
    assert difference[1][3, 5] == pytest.approx(0.25)
    assert sum(np.count_nonzero(part) for part in difference) == 1


@pytest.mark.parametrize("where", [(3, 0, 0), (-1, 0, 0), (0, 6, 0), (0, 0, 5), (1, -1, 0), (1, 0, -1)])
def test_a_weight_that_is_not_there_is_refused(where):
    with pytest.raises(DirectionError, match="there is no weight"):
        weight_direction(a_network("lif"), *where)


# --- files --------------------------------------------------------------------------------------------------


def test_directions_come_from_a_file_of_plain_arrays(tmp_path):
    network = a_network("lif")
    made = random_directions(network, 2, seed=6)
    with h5py.File(tmp_path / "two.h5", "w") as file:
        for layer in range(3):
            file[f"weights_{layer}"] = np.array([d[layer] for d in made])
    with h5py.File(tmp_path / "one.h5", "w") as file:
        for layer in range(3):
            file[f"weights_{layer}"] = made[1][layer]
    two = load_directions(tmp_path / "two.h5", network)
    np.testing.assert_array_equal(two.vectors, made.vectors)
    assert facts_of(two) == [{"kind": "file", "path": "two.h5"}] * 2
    np.testing.assert_array_equal(load_directions(tmp_path / "one.h5", network).vectors, made.vectors[1:])


def test_directions_come_from_the_directions_group_of_a_file(tmp_path):
    network = a_network("lif")
    made = random_directions(network, 2, seed=6)
    with h5py.File(tmp_path / "group.h5", "w") as file:
        for layer in range(3):
            file[f"directions/weights_{layer}"] = np.array([d[layer] for d in made])
    np.testing.assert_array_equal(load_directions(tmp_path / "group.h5", network).vectors, made.vectors)


def test_directions_come_from_a_result_file(tmp_path):
    network = a_network("lif")
    made = random_directions(network, 2, seed=6)
    surface = ls.sweep(network, made, [[0.0], [0.0]], some_data(), ls.FirstSpike())
    surface.save(tmp_path / "result.h5", "lif")
    np.testing.assert_array_equal(load_directions(tmp_path / "result.h5", network).vectors, made.vectors)


def test_files_that_hold_no_fitting_directions_are_refused_by_name(tmp_path):
    network = a_network("lif")
    with pytest.raises(DirectionError, match=r"absent\.h5"):
        load_directions(tmp_path / "absent.h5", network)
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(DirectionError, match=r"text\.h5"):
        load_directions(tmp_path / "text.h5", network)
    with h5py.File(tmp_path / "few.h5", "w") as file:
        file["weights_0"] = np.ones((6, 5))
    with pytest.raises(DirectionError, match=r"few\.h5.*weights_1"):
        load_directions(tmp_path / "few.h5", network)
    with h5py.File(tmp_path / "uneven.h5", "w") as file:
        for layer, (count, w) in enumerate(zip((2, 1, 2), network.weights, strict=True)):
            file[f"weights_{layer}"] = np.ones((count, *w.shape))
    with pytest.raises(DirectionError, match=r"uneven\.h5.*same number"):
        load_directions(tmp_path / "uneven.h5", network)
    with h5py.File(tmp_path / "shape.h5", "w") as file:
        for layer, w in enumerate(network.weights):
            file[f"weights_{layer}"] = np.ones(w.T.shape)
    with pytest.raises(DirectionError, match="shapes"):
        load_directions(tmp_path / "shape.h5", network)
    with h5py.File(tmp_path / "flat.h5", "w") as file:
        for layer in range(3):
            file[f"weights_{layer}"] = np.ones(7)
    with pytest.raises(DirectionError, match=r"flat\.h5"):
        load_directions(tmp_path / "flat.h5", network)


# --- combined -----------------------------------------------------------------------------------------------


def test_directions_of_different_kinds_span_an_orthogonal_plane():
    network, data = a_network("qif", 2), some_data()
    gradient = gradient_direction(network, data, ls.FirstSpike())
    random = random_directions(network, 1, seed=2)[0]
    plane = combine_directions([gradient, random], network, "unit", recipe="gradient, random")
    np.testing.assert_allclose(plane.gram, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(plane[0][1], gradient[1] / np.linalg.norm(flat(gradient)), rtol=1e-13)
    assert plane.recipe == "gradient, random"


def test_almost_parallel_directions_still_come_out_orthogonal():
    network = a_network("lif")
    first, second = random_directions(network, 2, normalization="unit")
    close = [a + 1e-6 * b for a, b in zip(first, second, strict=True)]
    plane = combine_directions([first, close], network, "unit")
    assert abs(plane.gram[0, 1]) < 1e-12
    np.testing.assert_allclose(flat(plane[1]), flat(second), atol=1e-9)


def test_combining_leaves_the_given_arrays_alone():
    network = a_network("lif")
    given = [np.ones(w.shape) for w in network.weights]
    made = combine_directions([given], network, "raw")
    made[0][0][:] = 7.0
    assert (given[0] == 1.0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda ones: [ones, ones], "direction 1 is parallel"),
        (lambda ones: [ones, [-3.0 * part for part in ones]], "direction 1 is parallel"),
        (lambda ones: [[0.0 * part for part in ones]], "direction 0 is zero"),
        (
            lambda ones: [ones, [np.full_like(part, np.nan) for part in ones]],
            "direction 1 has numbers that are not",
        ),
        (
            lambda ones: [ones, [np.full_like(part, np.inf) for part in ones]],
            "direction 1 has numbers that are not",
        ),
        (lambda ones: [ones[:-1]], "direction 0 has arrays of shapes"),
        (lambda ones: [[part.T for part in ones]], "direction 0 has arrays of shapes"),
        (lambda ones: [[part.ravel() for part in ones]], "direction 0 has arrays of shapes"),
        (lambda ones: [ones, [["a"]]], "direction 1 is no list of numeric arrays"),
        (lambda ones: [ones, None], "direction 1 is no list of numeric arrays"),
        (lambda ones: [], "no directions"),
    ],
)
def test_bad_directions_are_refused_by_number(make, message):
    network = a_network("lif")
    rng = np.random.default_rng(0)
    with pytest.raises(DirectionError, match=message):
        combine_directions(make([rng.normal(size=w.shape) for w in network.weights]), network, "raw")


def test_a_direction_that_normalisation_makes_zero_is_refused():
    weights = [w.copy() for w in a_network("lif").weights]
    weights[0][:] = 0.0
    network = a_network("lif").with_weights(weights)
    with pytest.raises(DirectionError, match="direction 0 is zero after normalisation 'neuron'"):
        combine_directions([weight_direction(network, 0, 1, 1)], network, "neuron")


def test_directions_remember_how_they_were_made():
    directions = Directions([[np.array([[3.0, 4.0]])]], recipe="mine", normalization="unit", seed=3)
    np.testing.assert_array_equal(directions.norms, [5.0])
    np.testing.assert_array_equal(directions.vectors, [[3.0, 4.0]])
    assert (directions.recipe, directions.normalization, directions.seed) == ("mine", "unit", 3)
