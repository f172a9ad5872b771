"""Fast trials, losses and gradients held against the reference, within what double precision allows."""

from __future__ import annotations

from itertools import pairwise

import naive
import numpy as np

import landscape as ls

ROUNDING = 1e-14
"""About 45 roundings. Below an amplification of 100 (see :func:`naive.conditioning`) this asks for 1e-12."""


def neuron_of(kind, tau=1.0, threshold=1.0):
    """LIF or QIF neuron by name."""
    return ls.LIF(tau, threshold) if kind == "lif" else ls.QIF(tau)


def random_network(kind, seed, sizes, tau=1.0, threshold=1.0, duration=4.0, strength=1.0):
    """Network whose neurons spike a few times for a few inputs, with sign-changing currents."""
    rng = np.random.default_rng(seed)
    mean, spread = (1.0 * threshold, 1.6 * threshold) if kind == "lif" else (2.0, 3.0)
    weights = [
        strength * rng.normal(mean, spread, (n_post, n_pre))
        for n_pre, n_post in pairwise(sizes)
    ]
    return ls.Network(neuron=neuron_of(kind, tau, threshold), weights=weights, duration=duration)


def random_inputs(seed, n, n_channels, end):
    """``n`` input spikes at sorted times in ``[0, end)``, any channel several times."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.uniform(0, end, n)), rng.integers(0, n_channels, n)


def conditioning(network, times, channels):
    """Conditioning with the largest perturbation that keeps all spikes, if any does."""
    for size in (1e-10, 1e-13):
        hard = naive.conditioning(network, times, channels, size)
        if all(np.isfinite(t).all() for t in hard.times):
            break
    return hard


def check_trial(network, times, channels):
    """Assert that every spike and end state of the fast simulator is right.

    Returns:
        Whether all layers were judged: not those above a spike that rounding may make or unmake.
    """
    trial = ls.simulate(network, np.asarray(times, dtype=float), np.asarray(channels, dtype=int))
    exact = naive.simulate_reference(network, times, channels)
    hard = conditioning(network, times, channels)
    assert len(trial.layers) == len(exact)
    for fast, reference, spread, v_spread, i_spread in zip(trial.layers, exact, *hard, strict=True):
        assert (np.diff(fast.times) >= 0).all()
        assert ((fast.times >= 0) & (fast.times <= network.duration)).all()
        if not (np.isfinite(spread).all() and np.isfinite(v_spread).all()):
            return False
        order, other = (
            np.lexsort((fast.times, fast.neurons)),
            np.lexsort((reference.times, reference.neurons)),
        )
        np.testing.assert_array_equal(fast.neurons[order], reference.neurons[other])
        error = np.abs(fast.times[order] - reference.times[other])
        assert (error <= ROUNDING * (network.duration + spread[other])).all(), error.max()
        for state, wanted, bound in (
            (fast.potential, reference.potential, v_spread),
            (fast.current, reference.current, i_spread),
        ):
            assert state.shape == (len(wanted),)
            error = np.array([float(naive.distance(x, float(y))) for x, y in zip(wanted, state, strict=True)])
            assert (error <= ROUNDING * (1 + bound)).all(), error.max()
    return True


def dataset_of(samples, labels, network):
    """Dataset of ``(times, channels)`` samples that fits the network."""
    offsets = np.cumsum([0, *(len(times) for times, _ in samples)])
    return ls.Dataset(
        np.concatenate([np.asarray(times, dtype=float) for times, _ in samples]),
        np.concatenate([np.asarray(channels, dtype=int) for _, channels in samples]),
        offsets,
        np.asarray(labels),
        network.sizes[0],
        network.sizes[-1],
    )


def check_loss_and_gradient(network, times, channels, label, objective, relative=1e-8):
    """Assert that one sample's loss and gradient are those of the reference.

    Returns:
        Whether there is a derivative (no spike on the edge of appearing).
    """
    data = dataset_of([(times, channels)], [label], network)
    wanted = float(naive.loss_reference(network, times, channels, label, objective))
    loss, gradients = ls.loss_and_gradient(network, data, objective)
    try:
        expected = naive.gradient_reference(network, times, channels, label, objective)
    except naive.SignatureChangeError:
        return False
    assert abs(loss - wanted) <= 1e-12 * (1 + abs(wanted))
    assert abs(ls.evaluate(network, data, objective).loss - wanted) <= 1e-12 * (1 + abs(wanted))
    assert [g.shape for g in gradients] == [w.shape for w in network.weights]
    scale = max(np.abs(g).max() for g in expected)
    error = max(np.abs(g - e).max() for g, e in zip(gradients, expected, strict=True))
    assert error <= relative * scale + 1e-14, (error, scale)
    return True
