"""The sweep over the points of a slice."""

from __future__ import annotations

import signal
import sys
import threading

import numpy as np
import pytest
from synthetic.builders import KINDS, READOUTS, a_network, data_of, moved, some_data

import landscape as ls
from landscape.errors import DataError, DirectionError, InputError
from landscape.slices import Directions, Status, SweepInterrupted

ARRAYS = [
    "loss",
    "accuracy",
    "directional_derivative",
    "spike_count",
    "silent",
    "status",
    "gradient_norm",
    "sample_loss",
    "gradient",
]


def assert_identical(one, other):
    for name in ARRAYS:
        a, b = getattr(one, name), getattr(other, name)
        if a is None:
            assert b is None, name
        else:
            np.testing.assert_array_equal(a, b, err_msg=name)


def a_plane(network, seed=3, shape=(7, 4)):
    """Two directions and two axes that differ in length, range and spacing."""
    axes = [np.linspace(-0.5, 0.4, shape[0]), np.linspace(-0.1, 0.2, shape[1])]
    return ls.random_directions(network, count=2, seed=seed), axes


@KINDS
@READOUTS
def test_every_point_of_a_7_by_4_grid_is_the_network_built_explicitly_there(kind, objective):
    network, data = a_network(kind), some_data()
    directions, axes = a_plane(network)
    surface = ls.sweep(network, directions, axes, data, objective, gradient="full", sample_losses=True)
    assert surface.shape == surface.loss.shape == surface.status.shape == (7, 4)
    assert surface.directional_derivative.shape == (7, 4, 2)
    assert surface.gradient.shape == (7, 4, network.parameters.size)
    assert (surface.status == Status.DONE).all()
    for i, x in enumerate(axes[0]):
        for j, y in enumerate(axes[1]):
            here = moved(moved(network, directions[0], x), directions[1], y)
            result = ls.evaluate(here, data, objective)
            loss, gradients = ls.loss_and_gradient(here, data, objective)
            gradient = np.concatenate([g.ravel() for g in gradients])
            assert surface.loss[i, j] == pytest.approx(loss, rel=1e-10)
            assert surface.accuracy[i, j] == result.accuracy
            np.testing.assert_allclose(surface.sample_loss[i, j], result.sample_losses, rtol=1e-10)
            np.testing.assert_allclose(surface.spike_count[i, j], [c.mean() for c in result.spike_counts], rtol=1e-13)
            np.testing.assert_array_equal(surface.silent[i, j], np.concatenate(result.silent))
            size = np.linalg.norm(gradient)
            np.testing.assert_allclose(surface.gradient[i, j], gradient, rtol=1e-6, atol=1e-8 * size)
            assert surface.gradient_norm[i, j] == pytest.approx(size, rel=1e-6)
            np.testing.assert_allclose(
                surface.directional_derivative[i, j],
                directions.vectors @ gradient,
                rtol=1e-6,
                atol=1e-8 * size,
            )
    assert np.unique(surface.loss).size > 20  # a transposed or scrambled surface could not hide


@KINDS
@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1), (3, 40)])
def test_grids_of_any_shape_are_rows_and_columns_of_the_whole(kind, shape):
    network, data = a_network(kind), some_data()
    directions, axes = a_plane(network, shape=(5, 40))
    whole = ls.sweep(network, directions, axes, data, ls.FirstSpike(), gradient="full", sample_losses=True)
    part = [axes[0][: shape[0]], axes[1][: shape[1]]]
    surface = ls.sweep(network, directions, part, data, ls.FirstSpike(), gradient="full", sample_losses=True)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(surface, name), getattr(whole, name)[: shape[0], : shape[1]])


@KINDS
def test_a_single_point_is_identical_to_the_same_point_of_a_large_grid(kind):
    network, data = a_network(kind), some_data(n_samples=40)
    directions, axes = a_plane(network, shape=(11, 9))
    whole = ls.sweep(network, directions, axes, data, ls.FirstSpike(), gradient="full", sample_losses=True)
    for i, j in ((0, 0), (10, 8), (4, 7), (10, 0)):
        point = [axes[0][[i]], axes[1][[j]]]
        single = ls.sweep(network, directions, point, data, ls.FirstSpike(), gradient="full", sample_losses=True)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(single, name)[0, 0], getattr(whole, name)[i, j], err_msg=name)


@KINDS
@READOUTS
@pytest.mark.parametrize("unchanged", [1, 2])
def test_where_lower_layers_stay_as_they_are_every_point_is_identical_to_a_single_one(kind, objective, unchanged):
    network, data = a_network(kind), some_data(n_samples=9)
    directions = [list(direction) for direction in a_plane(network)[0]]
    for layer in range(unchanged):
        for direction in directions:
            direction[layer] = np.zeros_like(direction[layer])
    directions[1][unchanged] = np.zeros_like(directions[1][unchanged])
    if unchanged == 2:  # one direction has to be left
        directions = directions[:1]
    axes = [np.linspace(-0.5, 0.4, 7), np.linspace(-0.1, 0.2, 4)][: len(directions)]
    whole = ls.sweep(network, directions, axes, data, objective, gradient="full", sample_losses=True)
    assert np.unique(whole.loss).size > 5
    for spot in np.ndindex(whole.shape):
        point = [axis[[place]] for axis, place in zip(axes, spot, strict=True)]
        single = ls.sweep(network, directions, point, data, objective, gradient="full", sample_losses=True)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(single, name)[(0,) * len(axes)], getattr(whole, name)[spot], name)


@pytest.mark.parametrize("gradient", ["none", "norm", "full"])
def test_a_piece_of_points_none_of_which_can_be_simulated_does_no_harm(gradient):
    network, data = a_network("lif"), some_data()
    direction = [np.ones_like(w) for w in network.weights]
    surface = ls.sweep(network, [direction], [[0.0, 1e8]], data, ls.FirstSpike(), gradient=gradient, threads=1)
    assert surface.status.tolist() == [Status.DONE, Status.FAILED]
    assert surface.loss[0] == ls.evaluate(network, data, ls.FirstSpike()).loss
    assert np.isnan(surface.loss[1])


@KINDS
@READOUTS
def test_the_centre_is_exactly_what_evaluate_and_the_gradient_say(kind, objective):
    network, data = a_network(kind), some_data(n_samples=30)
    directions, _ = a_plane(network)
    for axes in ([[-0.5, 0.0, 0.5], [0.0]], [np.linspace(-1, 1, 7), np.linspace(-1, 1, 5)]):
        surface = ls.sweep(network, directions, axes, data, objective, gradient="full", sample_losses=True)
        spot = tuple(int(np.flatnonzero(np.asarray(axis) == 0.0)[0]) for axis in axes)
        result = ls.evaluate(network, data, objective)
        loss, gradients = ls.loss_and_gradient(network, data, objective)
        assert surface.loss[spot] == result.loss == loss
        assert surface.accuracy[spot] == result.accuracy
        np.testing.assert_array_equal(surface.sample_loss[spot], result.sample_losses)
        np.testing.assert_array_equal(surface.silent[spot], np.concatenate(result.silent))
        gradient = np.concatenate([g.ravel() for g in gradients])
        np.testing.assert_allclose(surface.gradient[spot], gradient, rtol=1e-12, atol=1e-15)


@KINDS
def test_the_coordinates_stored_are_those_evaluated(kind):
    network, data = a_network(kind), some_data()
    directions = ls.random_directions(network, count=1, seed=5)
    axis = np.array([-0.37, -0.1, 0.0, 0.05, 0.9])
    surface = ls.sweep(network, directions, [axis], data, ls.FirstSpike())
    np.testing.assert_array_equal(surface.axes[0], axis)
    assert surface.shape == (5,)
    assert surface.directional_derivative.shape == (5, 1)
    for x, loss in zip(surface.axes[0], surface.loss, strict=True):
        expected = ls.evaluate(moved(network, surface.directions[0], x), data, ls.FirstSpike()).loss
        assert loss == pytest.approx(expected, rel=1e-10)
    axis[:] = 7.0
    assert surface.axes[0][0] == -0.37


@KINDS
@READOUTS
def test_directional_derivatives_are_those_of_finite_differences(kind, objective):
    network, data = a_network(kind, 2), some_data()
    directions = ls.random_directions(network, count=2, seed=8)
    h = 1e-5
    axis = np.array([-2 * h, -h, 0.0, h, 2 * h])
    for number in range(2):
        line = ls.sweep(network, [directions[number]], [axis], data, objective)
        difference = (8 * (line.loss[3] - line.loss[1]) - (line.loss[4] - line.loss[0])) / (12 * h)
        assert line.directional_derivative[2, 0] == pytest.approx(difference, rel=1e-6, abs=1e-8)


@KINDS
def test_what_is_not_asked_for_is_none_and_changes_nothing_else(kind):
    network, data = a_network(kind), some_data()
    directions, axes = a_plane(network)
    full = ls.sweep(network, directions, axes, data, ls.FirstSpike(), gradient="full", sample_losses=True)
    norm = ls.sweep(network, directions, axes, data, ls.FirstSpike(), gradient="norm")
    none = ls.sweep(network, directions, axes, data, ls.FirstSpike())
    assert norm.gradient is norm.sample_loss is none.gradient is none.gradient_norm is none.sample_loss is None
    np.testing.assert_array_equal(norm.gradient_norm, full.gradient_norm)
    np.testing.assert_allclose(full.gradient_norm, np.linalg.norm(full.gradient, axis=-1), rtol=1e-13)
    for name in ("loss", "accuracy", "directional_derivative", "spike_count", "silent", "status"):
        np.testing.assert_array_equal(getattr(none, name), getattr(full, name))
        np.testing.assert_array_equal(getattr(norm, name), getattr(full, name))


@KINDS
def test_sweeping_leaves_network_directions_axes_and_data_as_they_were(kind):
    network, data = a_network(kind), some_data()
    directions, axes = a_plane(network)
    before = (network.parameters, directions.vectors, [a.copy() for a in axes], data.content_hash())
    ls.sweep(network, directions, axes, data, ls.FirstSpike())
    np.testing.assert_array_equal(network.parameters, before[0])
    np.testing.assert_array_equal(directions.vectors, before[1])
    for axis, old in zip(axes, before[2], strict=True):
        np.testing.assert_array_equal(axis, old)
    assert data.content_hash() == before[3]


def test_directions_keep_their_recipe_and_plain_lists_are_taken_as_given():
    network, data = a_network("lif"), some_data()
    directions = ls.random_directions(network, count=1, seed=4, normalization="layer")
    surface = ls.sweep(network, directions, [[0.0]], data, ls.FirstSpike())
    assert (surface.directions.recipe, surface.directions.seed) == ("random", 4)
    assert surface.directions.normalization == "layer"
    surface = ls.sweep(network, [directions[0]], [[0.0]], data, ls.FirstSpike())
    assert surface.directions.recipe == "given"
    assert surface.attributes["neuron"] == "lif"
    assert surface.attributes["objective"] == "first_spike"
    assert surface.attributes["n_samples"] == 7


def test_a_one_layer_network_has_a_surface_without_hidden_neurons():
    network, data = a_network("qif", sizes=(5, 3)), some_data()
    surface = ls.sweep(network, *a_plane(network), data, ls.FirstSpike(), gradient="norm")
    assert surface.silent.shape == (7, 4, 0)
    assert surface.spike_count.shape == (7, 4, 1)
    assert surface.complete


# --- progress, interrupt, resume ----------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
def test_progress_is_told_from_the_main_thread_and_ends_with_all_points(threads):
    network, data = a_network("lif"), some_data()
    seen, callers = [], set()

    def progress(done, total):
        seen.append((done, total))
        callers.add(threading.current_thread())

    ls.sweep(network, *a_plane(network), data, ls.FirstSpike(), threads=threads, progress=progress)
    assert callers == {threading.main_thread()}
    assert {total for _, total in seen} == {28}
    done = [done for done, _ in seen]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 28)
    assert len(done) > 3


def interrupted_after(points, network, plane, data, threads=1, **options):
    """The surface of a sweep that is interrupted once ``points`` are done."""

    def progress(done, total):
        if done >= points:
            raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(SweepInterrupted) as caught:
        ls.sweep(network, *plane, data, ls.FirstSpike(), threads=threads, progress=progress, **options)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert threading.active_count() == before
    return caught.value.surface


@KINDS
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("points", [0, 1, 9, 20, 28])
def test_an_interrupted_sweep_keeps_its_points_and_resumes_to_the_identical_surface(kind, threads, points):
    network, data = a_network(kind), some_data()
    plane = a_plane(network)
    whole = ls.sweep(network, *plane, data, ls.FirstSpike(), gradient="full", sample_losses=True)
    part = interrupted_after(points, network, plane, data, threads, gradient="full", sample_losses=True)
    assert points <= part.done.sum() <= 28
    assert part.done.sum() < 28 or points > 20
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(part, name)[part.done], getattr(whole, name)[part.done])
    assert (part.status[~part.done] == Status.PENDING).all()
    assert np.isnan(part.loss[~part.done]).all()
    calls = []
    resumed = ls.sweep(
        network,
        *plane,
        data,
        ls.FirstSpike(),
        gradient="full",
        sample_losses=True,
        resume=part,
        threads=3 - threads,
        progress=lambda done, total: calls.append(done),
    )
    assert calls[0] == part.done.sum()
    assert_identical(resumed, whole)


def test_a_real_interrupt_signal_stops_the_sweep_and_keeps_what_was_done():
    network, data = a_network("lif"), some_data(n_samples=60)
    plane = a_plane(network, shape=(40, 40))
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(SweepInterrupted) as caught:
            ls.sweep(
                network,
                *plane,
                data,
                ls.FirstSpike(),
                threads=2,
                progress=lambda done, total: signal.raise_signal(signal.SIGINT) if done > 100 else None,
            )
    finally:
        signal.signal(signal.SIGINT, previous)
    assert 100 < caught.value.surface.done.sum() < 1600


def test_an_interrupt_at_any_line_leaves_no_point_that_is_done_without_its_values():
    network, data = a_network("lif"), some_data(n_samples=2)
    plane = a_plane(network, shape=(3, 2))
    whole = ls.sweep(network, *plane, data, ls.FirstSpike(), gradient="full", threads=1)
    for line in range(1, 400):
        count = 0

        def trace(frame, event, argument, line=line):
            nonlocal count
            if not frame.f_code.co_filename.endswith("sweep.py"):
                return None
            if event == "line":
                count += 1
                if count == line:
                    raise KeyboardInterrupt
            return trace

        earlier = sys.gettrace()
        sys.settrace(trace)
        try:
            surface = ls.sweep(network, *plane, data, ls.FirstSpike(), gradient="full", threads=1)
        except SweepInterrupted as interrupt:
            surface = interrupt.surface
        except KeyboardInterrupt:
            continue
        finally:
            sys.settrace(earlier)
        for name in ARRAYS:
            values, wanted = getattr(surface, name), getattr(whole, name)
            if values is not None:
                np.testing.assert_array_equal(values[surface.done], wanted[surface.done], err_msg=f"{name}, {line}")
        if count < line:
            return
    raise AssertionError("the sweep has more lines than were tried")


@KINDS
def test_finished_points_are_not_computed_again_even_where_the_loss_is_exactly_zero(kind):
    network, data = a_network(kind), some_data()
    plane = a_plane(network)
    done = ls.sweep(network, *plane, data, ls.FirstSpike())
    done.loss[2, 1] = 0.0
    done.loss[3, 3] = -1.0  # a mark that a new computation would wipe out
    done.status[6, 0] = Status.PENDING
    done.loss[6, 0] = np.nan
    calls = []
    again = ls.sweep(
        network,
        *plane,
        data,
        ls.FirstSpike(),
        resume=done,
        progress=lambda n, total: calls.append((n, total)),
    )
    assert calls == [(27, 28), (28, 28)]
    assert again.loss[2, 1] == 0.0
    assert again.loss[3, 3] == -1.0
    assert np.isfinite(again.loss[6, 0])
    assert again.complete


def test_a_loss_that_is_exactly_zero_is_done():
    network = ls.Network(ls.LIF(), [np.array([[6.0], [0.0]])], 4.0)
    data = data_of([([0.1], [0])], [0], 1, 2)
    objective = ls.FirstSpike(tau_readout=1e-3)
    surface = ls.sweep(network, ls.random_directions(network, 1), [[-0.1, 0.0, 0.1]], data, objective)
    np.testing.assert_array_equal(surface.loss, 0.0)
    assert (surface.status == Status.DONE).all()
    surface.loss[1] = 0.0
    calls = []
    ls.sweep(
        network,
        surface.directions,
        surface.axes,
        data,
        objective,
        resume=surface,
        progress=lambda done, total: calls.append(done),
    )
    assert calls == [3]


def test_resuming_leaves_the_earlier_surface_as_it_was():
    network, data = a_network("lif"), some_data()
    plane = a_plane(network)
    part = interrupted_after(9, network, plane, data)
    before = part.loss.copy()
    ls.sweep(network, *plane, data, ls.FirstSpike(), resume=part)
    np.testing.assert_array_equal(part.loss, before)


def test_a_surface_of_another_slice_is_not_resumed():
    network, data = a_network("lif"), some_data()
    directions, axes = a_plane(network)
    surface = ls.sweep(network, directions, axes, data, ls.FirstSpike())
    other = ls.random_directions(network, count=2, seed=99)
    sweeps = [
        (network, other, axes, {}),
        (network, directions, [axes[0] + 1e-9, axes[1]], {}),
        (network, directions, [axes[0][:3], axes[1]], {}),
        (network, directions, axes, {"gradient": "norm"}),
        (network, directions, axes, {"sample_losses": True}),
    ]
    for centre, d, a, options in sweeps:
        with pytest.raises(InputError, match="another slice"):
            ls.sweep(centre, d, a, data, ls.FirstSpike(), resume=surface, **options)


def test_a_surface_of_another_objective_model_or_data_set_is_not_resumed():
    network, data = a_network("lif"), some_data()
    directions, axes = a_plane(network)
    surface = ls.sweep(network, directions, axes, data, ls.FirstSpike())
    qif = ls.Network(ls.QIF(), network.weights, network.duration)
    for centre, samples, objective in (
        (network, data, ls.MaxPotential()),
        (network, some_data(n_samples=8), ls.FirstSpike()),
        (qif, data, ls.FirstSpike()),
    ):
        with pytest.raises(InputError, match="another slice"):
            ls.sweep(centre, directions, axes, samples, objective, resume=surface)


# --- points that fail ---------------------------------------------------------------------------------------


def test_points_whose_loss_is_infinite_have_a_status_and_no_value():
    network = ls.Network(ls.QIF(), [np.array([[9.0], [9.0]])], 1.0)
    data = data_of([([0.0], [0])], [0], 1, 2)
    down = [np.array([[-1e9], [0.0]])]
    surface = ls.sweep(network, [down], [[0.0, 1.0]], data, ls.FirstSpike(gamma=1.0), gradient="norm")
    np.testing.assert_array_equal(surface.status, [Status.DONE, Status.NOT_FINITE])
    assert np.isfinite(surface.loss[0])
    assert np.isnan(surface.loss[1])
    assert np.isnan(surface.gradient_norm[1])
    assert surface.complete


@pytest.mark.slow
@KINDS
def test_points_that_spike_without_bound_fail_alone(kind):
    network = ls.Network(a_network(kind).neuron, [np.array([[3.0]])], 4.0)
    data = data_of([([0.5], [0])], [0], 1, 1)
    up = [np.array([[1e12 if kind == "lif" else 1e26]])]
    surface = ls.sweep(network, [up], [[-1.0, 0.0, 1.0]], data, ls.FirstSpike(), threads=1)
    # Held down by so much, a QIF neuron would spike after the largest number: its loss is infinite.
    first = Status.DONE if kind == "lif" else Status.NOT_FINITE
    np.testing.assert_array_equal(surface.status, [first, Status.DONE, Status.FAILED])
    np.testing.assert_array_equal(np.isfinite(surface.loss), [kind == "lif", True, False])


# --- refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ([], "0 axes for 1 directions"),
        ([[0.0], [0.0]], "2 axes for 1 directions"),
        ([[]], r"axis 0 has shape \(0,\)"),
        ([0.0], r"axis 0 has shape \(\)"),
        ([[[0.0, 1.0]]], r"axis 0 has shape \(1, 2\)"),
        ([[0.0, np.nan]], "axis 0 has coordinates that are not finite"),
        ([[0.0, np.inf]], "axis 0 has coordinates that are not finite"),
        ([[0.0, 1e101]], r"axis 0 has coordinates beyond 1e\+100"),
        ([[0.0, 0.0]], "axis 0 is not strictly increasing"),
        ([[1.0, 0.0]], "axis 0 is not strictly increasing"),
        ([["a", "b"]], "axis 0 is no array of numbers"),
        ([None], "axis 0"),
    ],
)
def test_bad_axes_are_refused_by_number(axes, message):
    network = a_network("lif")
    directions = ls.random_directions(network, count=1)
    with pytest.raises(DirectionError, match=message):
        ls.sweep(network, directions, axes, some_data(), ls.FirstSpike())


def test_more_than_two_directions_are_refused():
    network = a_network("lif")
    with pytest.raises(DirectionError, match="one or two"):
        ls.sweep(network, ls.random_directions(network, count=3), [[0.0]] * 3, some_data(), ls.FirstSpike())


def test_directions_that_do_not_fit_are_refused():
    network, other = a_network("lif"), a_network("lif", sizes=(5, 6, 3))
    with pytest.raises(DirectionError, match="direction 0 has arrays of shapes"):
        ls.sweep(network, ls.random_directions(other, count=1), [[0.0]], some_data(), ls.FirstSpike())
    with pytest.raises(DirectionError, match="no directions"):
        ls.sweep(network, [], [], some_data(), ls.FirstSpike())
    bad = Directions([[np.full(w.shape, np.nan) for w in network.weights]], recipe="bad")
    with pytest.raises(DirectionError, match="direction 0 has numbers that are not finite"):
        ls.sweep(network, bad, [[0.0]], some_data(), ls.FirstSpike())
    huge = Directions([[np.full(w.shape, 1e101) for w in network.weights]], recipe="huge")
    with pytest.raises(DirectionError, match=r"direction 0 has numbers beyond 1e\+100"):
        ls.sweep(network, huge, [[0.0]], some_data(), ls.FirstSpike())


def test_unknown_gradients_and_data_that_do_not_fit_are_refused():
    network = a_network("lif")
    directions = ls.random_directions(network, count=1)
    with pytest.raises(InputError, match="'some' is unknown"):
        ls.sweep(network, directions, [[0.0]], some_data(), ls.FirstSpike(), gradient="some")
    with pytest.raises(DataError, match="4 channels"):
        ls.sweep(network, directions, [[0.0]], some_data(n_channels=4), ls.FirstSpike())
