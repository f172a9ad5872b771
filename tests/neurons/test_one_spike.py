"""Spikes that are found for many neurons at once are, to the last bit, those found one by one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

import landscape as ls
from landscape.neurons import interface, lif, qif, register_neuron


class CarefulLIF(NamedTuple):
    """``lif`` without the hook ``one_spike``: each flagged neuron is advanced alone."""

    tau: float = 1.0
    threshold: float = 1.0


class CarefulQIF(NamedTuple):
    """``qif`` without the hook ``one_spike``."""

    tau: float = 1.0


for module, twin in ((lif, CarefulLIF), (qif, CarefulQIF)):
    for name in interface.__all__:
        step = getattr(module, f"_{name}", None)
        if step is not None and name != "one_spike":
            interface.implements(getattr(interface, name), twin)(step)


@pytest.fixture(scope="module", autouse=True)
def _registered() -> None:
    register_neuron("careful_lif", CarefulLIF)
    register_neuron("careful_qif", CarefulQIF)


def inputs(rng: np.random.Generator, style: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and channels of a trial of duration 4."""
    n = int(rng.integers(1, 60))
    times = np.sort(rng.uniform(0.0, 3.5, n))
    if style == "binned":
        times = np.floor(times * 8.0) / 8.0
    if style == "few":
        times = times[:2]
    if style == "close":
        times = 1.0 + 1e-9 * times
    return times, rng.integers(0, 6, times.size)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "twin"), [(ls.LIF, CarefulLIF), (ls.QIF, CarefulQIF)])
@pytest.mark.parametrize("style", ["any", "binned", "few", "close"])
def test_spikes_and_states_are_those_of_the_careful_path(model: Any, twin: Any, style: str) -> None:
    rng = np.random.default_rng(5)
    spikes = 0
    for _ in range(150):
        strength = 10.0 ** rng.uniform(-0.5, 1.0 if model is ls.LIF else 2.5)
        weights = [rng.normal(0.3, 1.0, (19, 6)) * strength, rng.normal(0.2, 1.0, (9, 19)) * strength]
        tau = float(10.0 ** rng.uniform(-1.0, 1.0))
        times, channels = inputs(rng, style)
        trials = [ls.simulate(ls.Network(kind(tau=tau), weights, 4.0), times, channels) for kind in (model, twin)]
        for found, wanted in zip(trials[0].layers, trials[1].layers, strict=True):
            np.testing.assert_array_equal(found.neurons, wanted.neurons)
            np.testing.assert_array_equal(found.times, wanted.times)
            np.testing.assert_array_equal(found.potential, wanted.potential)
            np.testing.assert_array_equal(found.current, wanted.current)
            spikes += found.times.size
    assert spikes > 2000
