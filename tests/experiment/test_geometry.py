"""Axes of slices."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.experiment.geometry import axis


@pytest.mark.parametrize(
    ("low", "high", "points", "expected"),
    [
        (-1, 1, 3, [-1, 0, 1]),
        (-1, 1, 4, [-4 / 3, -2 / 3, 0, 2 / 3]),
        (0, 1, 3, [0, 0.5, 1]),
        (-1, 0, 3, [-1, -0.5, 0]),
        (-1.5, 0.5, 5, [-1.5, -1, -0.5, 0, 0.5]),
        (-1, 1, 1, [0]),
        (-1, 1, 2, [-2, 0]),
    ],
)
def test_the_centre_is_on_every_axis_that_spans_it(low: float, high: float, points: int, expected) -> None:
    coordinates = axis(low, high, points)
    np.testing.assert_allclose(coordinates, expected, atol=1e-15)
    if low <= 0 <= high:
        assert 0.0 in coordinates


def test_an_odd_axis_is_exactly_symmetric() -> None:
    coordinates = axis(-0.3, 0.3, 31)
    np.testing.assert_array_equal(coordinates, -coordinates[::-1])
