"""Networks and inputs that the fast code is compared with the reference on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

import landscape as ls

KINDS = pytest.mark.parametrize("kind", ["lif", "qif"])
DRAWN = settings(derandomize=True, database=None, deadline=None)


def neuron_of(kind, tau=1.0, threshold=1.0):
    """LIF or QIF neuron by name."""
    return ls.LIF(tau, threshold) if kind == "lif" else ls.QIF(tau)


def random_network(kind, seed, sizes, tau=1.0, threshold=1.0, duration=4.0, strength=1.0):
    """Network whose neurons spike a few times for a few inputs, with sign-changing currents."""
    rng = np.random.default_rng(seed)
    mean, spread = (1.0 * threshold, 1.6 * threshold) if kind == "lif" else (2.0, 3.0)
    weights = [strength * rng.normal(mean, spread, (n_post, n_pre)) for n_pre, n_post in pairwise(sizes)]
    return ls.Network(neuron=neuron_of(kind, tau, threshold), weights=weights, duration=duration)


def random_inputs(seed, n, n_channels, end):
    """``n`` input spikes at sorted times in ``[0, end)``, any channel several times."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, end, n)), rng.integers(0, n_channels, n)


EDGES = {
    "lif": [0.0, 0.0, 1e-12, -1e-12, 4.0, 60.0, -30.0, -1e6],
    "qif": [0.0, 0.0, 1e-12, -1e-12, 0.25, 1e4, -30.0, -1e6],
}


@st.composite
def cases(draw, kind):
    """Networks of 1 to 4 layers, some weights at edges, some inputs on a grid so that they coincide."""
    sizes = [draw(st.integers(1, 4)) for _ in range(draw(st.integers(2, 5)))]
    tau, threshold = draw(st.sampled_from([1.0, 7.3, 0.02])), draw(st.sampled_from([1.0, 0.6, 40.0]))
    ratio = draw(st.sampled_from([4.0, 10.0, 1.0, 0.1, 100.0, 1000.0]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = random_network(kind, rng, sizes, tau, threshold, ratio * tau, strength=max(3, 1 / ratio))
    # Large positive weights belong to the inputs: bursts of bursts would take the reference minutes.
    weights = [w.copy() for w in network.weights]
    for edge in draw(st.lists(st.sampled_from(EDGES[kind]), max_size=3)):
        layer = int(rng.integers(len(weights))) if edge < 1 else 0
        flat = weights[layer].reshape(-1)
        flat[rng.integers(flat.size)] = edge * (threshold if kind == "lif" else 1.0)
    n = draw(st.integers(2, 12))
    grid = draw(st.integers(0, n))
    times = np.concatenate([rng.integers(0, 8, grid) / 8, rng.uniform(0, 1.1, n - grid)])
    return network.with_weights(weights), network.duration * np.sort(times), rng.integers(0, sizes[0], n)
