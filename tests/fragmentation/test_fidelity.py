"""Gradient fidelity: smooth losses are predicted to first order, broken ones are not."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import builders

import landscape as ls
from landscape.errors import InputError
from landscape.fragmentation.fidelity import gradient_fidelity


def measured(kind, **settings):
    network, data = builders.a_network(kind), builders.some_data()
    direction = ls.random_directions(network, 1, seed=2)[0]
    return gradient_fidelity(network, direction, (-0.3, 0.3), data, ls.FirstSpike(), **settings)


@pytest.fixture(scope="module")
def smooth():
    return measured("qif", resamples=99)


@pytest.fixture(scope="module")
def broken():
    return measured("lif", resamples=99)


def test_error_of_a_smooth_loss_falls_with_the_step(smooth):
    ratio = smooth.error[1:4] / smooth.error[:3]
    assert np.allclose(ratio, smooth.step[1] / smooth.step[0], rtol=0.2)


def test_discontinuities_keep_the_error_up(smooth, broken):
    assert np.all(broken.error[:, 1] > smooth.error[:, 1])
    assert broken.error[-1, 2] > 0.5


def test_small_steps_against_the_derivative_go_downhill(smooth, broken):
    assert smooth.downhill[0] == broken.downhill[0] == 1.0


def test_intervals_contain_the_measure_or_are_not_known(broken):
    inside = (broken.interval[..., 0] <= broken.error) & (broken.error <= broken.interval[..., 1])
    assert np.mean(inside) > 0.8


def test_errors_are_those_of_single_steps():
    network, data = builders.a_network("lif"), builders.some_data()
    direction = ls.random_directions(network, 1, seed=2)[0]
    found = gradient_fidelity(
        network, direction, (-0.3, 0.3), data, ls.FirstSpike(), points=1, steps=[0.01], resamples=9
    )
    surface = ls.sweep(network, [direction], [[-0.01, 0.0, 0.01]], data, ls.FirstSpike())
    slope = surface.directional_derivative[1, 0]
    end = surface.loss[2] if slope < 0.0 else surface.loss[0]
    change, predicted = end - surface.loss[1], -0.01 * abs(slope)
    assert found.error[0] == pytest.approx(abs(change - predicted) / max(abs(change), abs(predicted)))


def test_a_silent_network_has_no_steps_to_judge():
    network, data = builders.a_network("lif", strength=1e-3), builders.some_data()
    direction = ls.random_directions(network, 1, seed=2)[0]
    found = gradient_fidelity(network, direction, (-0.3, 0.3), data, ls.FirstSpike(), points=3, resamples=9)
    assert np.isnan(found.error).all()
    assert np.isnan(found.downhill).all()


@pytest.mark.parametrize(
    "bad", [{"points": 0}, {"steps": [0.0]}, {"steps": [-1.0, 1.0]}, {"steps": []}, {"resamples": 0}, {"level": 2.0}]
)
def test_settings_out_of_range_are_refused(bad):
    with pytest.raises(InputError):
        measured("lif", **bad)
