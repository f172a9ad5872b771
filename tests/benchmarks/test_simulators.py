"""Other simulators compute what is computed here, at small scale; each test is skipped where its simulator is absent.

LANDSCAPE_SPIKEGD names the folder of a checkout of spikegd.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import landscape as ls
from landscape.benchmarks import workload
from landscape.benchmarks.comparison import first_output_spikes
from landscape.benchmarks.simulators import brian2, eventax, jaxsnn, spikegd

# What other packages warn of is theirs. They compile for many seconds.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

CHECKOUT = os.environ.get("LANDSCAPE_SPIKEGD")


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not find_spec(name), reason=f"{name} is not installed")


needs_spikegd = pytest.mark.skipif(not CHECKOUT, reason="LANDSCAPE_SPIKEGD names no checkout of spikegd")


def expected(load):
    """First spikes of the output neurons, loss and flat gradient."""
    loss, gradient = ls.loss_and_gradient(load.network, load.data, ls.FirstSpike())
    return first_output_spikes(load), loss, flat(gradient)


def flat(gradient):
    return np.concatenate([part.ravel() for part in gradient])


@needs("jaxsnn")
def test_jaxsnn_in_double_precision_gives_the_same_spikes_loss_and_gradient():
    load = workload("W1", "lif", n_samples=4)
    first, loss, gradient = expected(load)
    batch = jaxsnn.load("float64").prepare(load)
    np.testing.assert_allclose(batch.first_spikes(), first, atol=1e-12)
    found, found_gradient = batch.loss_and_gradient()
    assert found == pytest.approx(loss, rel=1e-12)
    assert batch.loss() == pytest.approx(found, rel=1e-12)  # compiled apart
    np.testing.assert_allclose(flat(found_gradient), gradient, atol=1e-11 * abs(gradient).max())


@needs_spikegd
@pytest.mark.parametrize(
    ("model", "accuracy"), [("lif", 1e-12), ("qif", 2e-5)]
)  # its QIF neuron has an epsilon of 1e-6
def test_spikegd_gives_the_same_spikes_loss_and_gradient(model, accuracy):
    load = workload("W1", model, n_samples=4)
    first, loss, gradient = expected(load)
    batch = spikegd.load(Path(str(CHECKOUT))).prepare(load)
    np.testing.assert_allclose(batch.first_spikes(), first, atol=accuracy)
    found, found_gradient = batch.loss_and_gradient()
    assert found == pytest.approx(loss, rel=accuracy)
    assert batch.loss() == pytest.approx(found, rel=1e-12)  # compiled apart
    np.testing.assert_allclose(flat(found_gradient), gradient, atol=10 * accuracy * abs(gradient).max())


@needs("eventax")
@pytest.mark.parametrize("model", ["lif", "qif"])
def test_eventax_comes_as_much_closer_as_its_steps_are_smaller_and_gives_about_the_same_gradient(model):
    load = workload("W1", model, n_samples=4)
    first, loss, gradient = expected(load)
    batch, fine = (eventax.load(step=step).prepare(load) for step in (0.01, 0.001))
    apart = [np.median(abs(each.first_spikes() - first)) for each in (batch, fine)]
    assert apart[0] < 0.02
    assert apart[1] < apart[0] / 5
    found, found_gradient = batch.loss_and_gradient()
    assert found == pytest.approx(loss, rel=0.02)
    assert batch.loss() == pytest.approx(found, rel=1e-6)
    cosine = flat(found_gradient) @ gradient / np.linalg.norm(flat(found_gradient)) / np.linalg.norm(gradient)
    assert cosine > 0.95


@needs("brian2")
@pytest.mark.parametrize("model", ["lif", "qif"])
def test_brian2_comes_as_much_closer_as_its_time_grid_is_finer(model):
    import brian2 as package

    package.prefs.codegen.target = "numpy"  # nothing to compile
    load = workload("W1", model, n_samples=4)
    first, loss, _ = expected(load)
    coarse, fine = (brian2.load(step).prepare(load) for step in (1 / 128, 1 / 1024))
    apart = [np.median(abs(batch.first_spikes() - first)) for batch in (coarse, fine)]
    assert apart[0] < 0.02
    assert apart[1] < apart[0] / 4
    assert fine.loss() == pytest.approx(loss, rel=1e-3)
    assert fine.loss() == fine.loss()  # each call starts anew
    assert fine.loss_and_gradient is None
