"""Adam and AdaBelief against their textbook formulas."""

from __future__ import annotations

import numpy as np
import pytest

from landscape.config import TrainingConfig
from landscape.errors import ConfigError
from landscape.training.optimizers import OPTIMIZERS, Optimizer, OptimizerKind

KINDS = pytest.mark.parametrize("kind", ["adam", "adabelief"])


def textbook(kind, parameters, gradients, rates, weight_decay=0.0):
    """Algorithm 1 of Kingma and Ba and of Zhuang et al., decoupled weight decay; plain loops over numbers."""
    result = []
    for i, start in enumerate(parameters):
        x, m, v = float(start), 0.0, 0.0
        for t, (g, rate) in enumerate(zip(gradients[:, i], rates, strict=True), start=1):
            m = 0.9 * m + 0.1 * g
            if kind == "adam":
                v = 0.999 * v + 0.001 * g * g
                epsilon = 1e-8
            else:
                epsilon = 1e-12
                v = 0.999 * v + 0.001 * (g - m) * (g - m) + epsilon
            step = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + epsilon)
            x = x - rate * step - rate * weight_decay * x
        result.append(x)
    return np.array(result)


@KINDS
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_steps_are_those_of_the_textbook(kind, weight_decay, scale):
    rng = np.random.default_rng(0)
    parameters, gradients = rng.normal(size=6), scale * rng.normal(0.3, 1.0, (40, 6))
    rates = 0.01 * 0.9 ** np.arange(40)
    optimizer = Optimizer(kind, 6, weight_decay)
    found = parameters
    for gradient, rate in zip(gradients, rates, strict=True):
        found = optimizer.step(found, gradient, rate)
    np.testing.assert_allclose(found, textbook(kind, parameters, gradients, rates, weight_decay), rtol=1e-9)


@KINDS
def test_a_step_leaves_its_arguments_alone(kind):
    parameters, gradient = np.ones(3), np.full(3, 2.0)
    Optimizer(kind, 3).step(parameters, gradient, 0.1)
    assert (parameters == 1.0).all()
    assert (gradient == 2.0).all()


def test_the_first_adam_step_has_the_size_of_the_learning_rate():
    found = Optimizer("adam", 3).step(np.zeros(3), np.array([1e-3, -5.0, 2e4]), 0.01)
    np.testing.assert_allclose(found, [-0.01, 0.01, -0.01], rtol=1e-4)


@KINDS
def test_a_zero_gradient_moves_nothing(kind):
    np.testing.assert_array_equal(Optimizer(kind, 3).step(np.ones(3), np.zeros(3), 0.1), np.ones(3))


@KINDS
def test_a_quadratic_bowl_is_descended(kind):
    x, optimizer = np.array([3.0, -2.0]), Optimizer(kind, 2)
    for step in range(2000):
        x = optimizer.step(x, x * [1.0, 50.0], 0.05 * 0.997**step)
    assert np.abs(x).max() < 1e-2


@KINDS
def test_units_rescale_the_problem_and_nothing_else(kind):
    """A step on x in units u is u times the step on x / u, whose gradient is u times as large."""
    rng = np.random.default_rng(1)
    units, parameters = np.array([1e-3, 1.0, 50.0]), rng.normal(size=3)
    scaled, plain = Optimizer(kind, 3, 0.1, units), Optimizer(kind, 3, 0.1)
    x, y = parameters, parameters / units
    for gradient in rng.normal(size=(20, 3)):
        x, y = scaled.step(x, gradient, 0.01), plain.step(y, gradient * units, 0.01)
    np.testing.assert_allclose(x, y * units, rtol=1e-12)


def test_an_unknown_optimizer_is_refused_with_the_known_ones():
    with pytest.raises(
        ConfigError, match=r"optimizer 'adm' is unknown; there are adabelief, adam, did you mean 'adam'\?"
    ):
        Optimizer("adm", 3)


def test_an_optimizer_of_ones_own_is_known_by_its_name():
    OPTIMIZERS.add(OptimizerKind(name="test_descent", start=lambda n_parameters: lambda gradient: (gradient, 1.0)))
    np.testing.assert_allclose(Optimizer("test_descent", 2).step(np.ones(2), np.array([1.0, -2.0]), 0.1), [0.9, 1.2])
    assert TrainingConfig(optimizer="test_descent").optimizer == "test_descent"
