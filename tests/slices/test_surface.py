"""Surfaces: shapes, states of points, and the way to a file and back."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import results as synthetic

from landscape.errors import DirectionError, InputError, ResultFileError
from landscape.results import ResultFile, validate
from landscape.slices.surface import Status, Surface


def pending(shape=(7, 4), **options):
    return Surface.pending(
        [np.arange(n) - n // 2 for n in shape],
        synthetic.directions(len(shape)),
        (8,),
        2,
        **options,
    )


def test_a_pending_surface_has_the_shape_of_its_axes_and_no_finished_point():
    surface = pending((7, 4), gradient_norm=True, n_samples=5, n_parameters=11)
    assert surface.shape == surface.loss.shape == surface.status.shape == (7, 4)
    assert surface.directional_derivative.shape == (7, 4, 2)
    assert surface.silent.shape == (7, 4, 8)
    assert surface.sample_loss is not None
    assert surface.sample_loss.shape == (7, 4, 5)
    assert surface.gradient is not None
    assert surface.gradient.shape == (7, 4, 11)
    assert not surface.done.any()
    assert not surface.complete
    assert np.isnan(surface.loss).all()
    assert surface.n_points == 28


def test_fields_that_were_not_asked_for_are_none():
    surface = pending()
    assert surface.gradient_norm is None
    assert surface.sample_loss is None
    assert surface.gradient is None


def test_a_surface_with_failed_points_is_complete_once_none_is_pending():
    surface = pending((3,))
    surface.status[:] = [Status.DONE, Status.FAILED, Status.NOT_FINITE]
    assert surface.complete
    np.testing.assert_array_equal(surface.done, [True, False, False])


def test_an_array_that_does_not_fit_the_axes_is_refused():
    full = synthetic.surface(shape=(7, 4))
    with pytest.raises(InputError, match=r"loss has shape \(4, 7\), but the axes ask for 7 x 4"):
        Surface(
            full.axes,
            full.loss.T,
            full.accuracy,
            full.directional_derivative,
            full.spike_count,
            full.silent,
            full.status,
            full.directions,
            full.hidden_sizes,
        )


@pytest.mark.parametrize("axis", [np.empty(0), np.zeros((2, 2))])
def test_an_axis_without_points_or_with_two_dimensions_is_refused(axis):
    with pytest.raises(DirectionError, match="axis 0"):
        Surface.pending([axis], synthetic.directions(1), (8,), 2)


def test_three_axes_are_refused():
    with pytest.raises(DirectionError, match="one or two axes"):
        Surface.pending([np.arange(2)] * 3, synthetic.directions(1), (8,), 2)


def test_silent_shares_are_told_per_layer_and_only_where_a_point_is_done():
    surface = synthetic.surface(shape=(5,), hidden_sizes=(2, 4))
    surface.silent[:] = [True, False, True, True, True, False]
    surface.status[0] = Status.PENDING
    np.testing.assert_allclose(surface.silent_share[1:], 4 / 6)
    np.testing.assert_allclose(surface.silent_share_per_layer[1:], [[0.5, 0.75]] * 4)
    assert np.isnan(surface.silent_share[0])
    assert np.isnan(surface.silent_share_per_layer[0]).all()


@pytest.mark.parametrize("shape", [(7, 4), (9,), (1, 3)])
def test_a_surface_comes_back_from_its_file_as_it_was(tmp_path, shape):
    surface = synthetic.surface("qif", shape, samples=6)
    surface.gradient = np.arange(surface.n_points * 3, dtype=float).reshape(*shape, 3)
    surface.save(tmp_path / "s.h5", "qif")
    again = Surface.load(tmp_path / "s.h5", "qif")
    assert_same(surface, again)
    assert validate(tmp_path / "s.h5") == []


def test_further_slices_are_saved_beside_the_first_and_replaced_alone(tmp_path):
    path = tmp_path / "s.h5"
    plane, line = synthetic.surface(shape=(7, 4)), synthetic.surface(shape=(9,))
    line.save(path, "lif/line")
    plane.save(path, "lif")
    synthetic.surface("qif", (3,)).save(path, "qif")
    wider = synthetic.surface(shape=(13,))
    wider.save(path, "lif/line")
    plane.save(path, "lif")
    assert_same(plane, Surface.load(path, "lif"))
    assert_same(wider, Surface.load(path, "lif/line"))
    assert ResultFile(path).models == ["lif", "qif"]
    assert ResultFile(path).slices("lif") == ["plane", "line"]
    assert validate(path) == []


def test_a_partly_finished_surface_keeps_what_is_done_and_what_is_not(tmp_path):
    surface = synthetic.partly_finished(synthetic.surface(shape=(21, 21)))
    surface.save(tmp_path / "s.h5", "lif")
    again = Surface.load(tmp_path / "s.h5", "lif")
    assert_same(surface, again)
    assert validate(tmp_path / "s.h5") == []


@pytest.mark.parametrize("group", ["lif/network", "summary", "a b", ""])
def test_a_group_name_that_means_something_else_is_refused(tmp_path, group):
    with pytest.raises(InputError, match="name"):
        synthetic.surface(shape=(3,)).save(tmp_path / "s.h5", group)
    assert not (tmp_path / "s.h5").exists()


def test_a_file_that_is_no_result_file_is_not_saved_over(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(ResultFileError, match="not an HDF5 file"):
        synthetic.surface(shape=(3,)).save(path, "lif")
    assert path.read_text() == "mine"


def test_loading_a_group_that_is_not_there_names_those_that_are(tmp_path):
    synthetic.surface(shape=(3,)).save(tmp_path / "s.h5", "lif")
    with pytest.raises(ResultFileError, match="no model 'qif'; it has 'lif'"):
        Surface.load(tmp_path / "s.h5", "qif")
    with pytest.raises(ResultFileError, match="no slice 'other'; it has 'line'"):
        Surface.load(tmp_path / "s.h5", "lif/other")


def assert_same(one: Surface, other: Surface) -> None:
    assert len(one.axes) == len(other.axes)
    for a, b in zip(one.axes, other.axes, strict=True):
        np.testing.assert_array_equal(a, b)
    for name in (
        "loss",
        "accuracy",
        "directional_derivative",
        "spike_count",
        "silent",
        "status",
        "gradient_norm",
        "sample_loss",
        "gradient",
    ):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine is None:
            assert theirs is None
        else:
            np.testing.assert_array_equal(mine, theirs)
            assert mine.dtype == theirs.dtype
    assert one.hidden_sizes == other.hidden_sizes
    assert one.attributes == other.attributes
    assert one.directions.recipe == other.directions.recipe
    assert one.directions.seed == other.directions.seed
    assert one.directions.normalization == other.directions.normalization
    np.testing.assert_array_equal(one.directions.vectors, other.directions.vectors)
    np.testing.assert_array_equal(one.directions.network_norms, other.directions.network_norms)
