"""Fast trials, losses and gradients held against the reference, within what double precision allows."""

from __future__ import annotations

import numpy as np

import landscape as ls
import naive

ROUNDING = 1e-14
"""About 45 roundings. Below an amplification of 100 (see :func:`naive.conditioning`) this asks for 1e-12."""


def conditioning(network, times, channels, draws=4):
    """Conditioning with the largest perturbation that keeps all spikes, if any does."""
    for size in (1e-10, 1e-13):
        hard = naive.conditioning(network, times, channels, size, draws)
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
        Whether there is a derivative, and it is well enough conditioned to be judged.
    """
    data = dataset_of([(times, channels)], [label], network)
    amplification = worst(conditioning(network, times, channels, draws=1))
    try:
        expected = naive.gradient_reference(network, times, channels, label, objective)
    except naive.SignatureChangeError:
        return False
    wanted = float(naive.loss_reference(network, times, channels, label, objective))
    if amplification > 1e6 or not np.isfinite(wanted):
        return False
    unit = getattr(objective, "tau_readout", None) or network.neuron.tau
    loss, gradients = ls.loss_and_gradient(network, data, objective)
    for value in (loss, ls.evaluate(network, data, objective).loss):
        error = abs(value - wanted)
        assert error <= 1e-13 * (1 + abs(wanted)) + ROUNDING * (network.duration + amplification) / unit, error
    assert [g.shape for g in gradients] == [w.shape for w in network.weights]
    scale = max(np.abs(g).max() for g in expected)
    error = max(np.abs(g - e).max() for g, e in zip(gradients, expected, strict=True))
    assert error <= relative * scale + ROUNDING * (1 + amplification / unit), (error, scale)
    return True


def worst(hard):
    """Largest amplification among all spikes and end states."""
    return max(float(np.max(part, initial=0.0)) for parts in hard for part in parts)
