"""Losses and derivatives of samples classified with confidence, or hopelessly, keep their relative precision."""

from __future__ import annotations

import numpy as np
import pytest
from naive.neurons import mp
from synthetic.builders import data_of

import landscape as ls

ROUNDING = 2.0**-53
UNDERFLOW = 1e-307
LEADS = pytest.mark.parametrize("lead", [0.0, 1.0, 36.0, 40.0, 300.0, 700.0])


def by_the_book(scores, unit, label):
    """Loss and its derivatives with respect to the scores, in 50 digits."""
    with mp.workdps(50):
        shares = [mp.exp((mp.mpf(float(s)) - mp.mpf(float(scores[label]))) / unit) for s in scores]
        others = mp.fsum(share for k, share in enumerate(shares) if k != label)
        derivatives = [share / (1 + others) / unit for share in shares]
        derivatives[label] = -others / (1 + others) / unit
        return mp.log1p(others), derivatives


def check(network, objective, label, loss, gradient, tolerance):
    """Loss, gradient (n_out,) and derivative along a line of a network of one input and no hidden layer."""
    data = data_of([([0.25], [0])], [label], 1, len(gradient))
    found, gradients = ls.loss_and_gradient(network, data, objective)
    assert abs(found - loss) <= tolerance * loss
    for mine, true in zip(gradients[0][:, 0], gradient, strict=True):
        assert abs(mine - true) <= tolerance * abs(true) + UNDERFLOW
    direction = np.zeros((len(gradient), 1))
    direction[label] = 1.0
    along = ls.sweep(network, [[direction]], [[0.0]], data, objective).directional_derivative[0, 0]
    assert abs(along - gradient[label]) <= tolerance * abs(gradient[label])


@LEADS
@pytest.mark.parametrize("label", [0, 1, 4])
@pytest.mark.parametrize("n_outputs", [5, 60])
def test_the_largest_potential_gives_exact_losses_and_derivatives_at_any_lead(lead, label, n_outputs):
    # The largest potential of an output of weight w is w / 4, to the last bit for these weights.
    weights = np.arange(n_outputs) % 7 * -0.5
    weights[0] = 4.0 * lead
    loss, derivatives = by_the_book(np.maximum(weights, 0.0) / 4.0, 1, label)
    gradient = [d / 4 if w > 0.0 else mp.mpf(0) for d, w in zip(derivatives, weights, strict=True)]
    check(ls.Network(ls.LIF(), [weights[:, None]], 4.0), ls.MaxPotential(), label, loss, gradient, 1e-14)


@LEADS
@pytest.mark.parametrize("label", [0, 1])
def test_the_mean_potential_does_so_as_far_as_its_scores_are_exact(lead, label):
    sigma = -mp.expm1(-mp.mpf(15) / 4)
    share = sigma * sigma / 8  # of a weight in the mean over the trial
    weights = np.array([float(lead / share), 0.0, -2.0, 1.0])
    loss, derivatives = by_the_book([share * mp.mpf(float(w)) for w in weights], 1, label)
    gradient = [share * d for d in derivatives]
    tolerance = 1e-14 + 8.0 * ROUNDING * lead
    check(ls.Network(ls.LIF(), [weights[:, None]], 4.0), ls.MeanPotential(), label, loss, gradient, tolerance)


@LEADS
@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_first_spikes_do_so_as_far_as_their_times_are_exact(lead, label, gamma):
    weights = np.array([9.0, 7.0, 6.0, 0.0])  # the last output does not spike
    network = ls.Network(ls.LIF(), [weights[:, None]], 4.0)
    spikes = ls.simulate(network, [0.25], [0]).layers[0]
    times = np.array([*(min(spikes.times[spikes.neurons == k]) for k in range(3)), 4.0])
    unit = float((times[1] - times[0]) / lead) if lead else 1.0
    loss, derivatives = by_the_book(-times, mp.mpf(unit), label)
    with mp.workdps(50):
        late = mp.mpf(float(times[label])) / 4
        loss += gamma * mp.expm1(late)
        derivatives = [-d for d in derivatives]
        derivatives[label] += gamma / 4 * mp.exp(late)
        # t = 1/4 - log x with x = (1 + sqrt(1 - 4 / w)) / 2
        roots = [mp.sqrt(1 - 4 / mp.mpf(float(w))) for w in weights[:3]]
        slopes = [-2 / ((1 + r) * r * mp.mpf(float(w)) ** 2) for r, w in zip(roots, weights, strict=False)]
    gradient = [d * slope for d, slope in zip(derivatives, [*slopes, 0], strict=True)]
    check(network, ls.FirstSpike(gamma, unit), label, loss, gradient, 2e-14 + 16.0 * ROUNDING * lead)


def test_tied_scores_lose_the_logarithm_of_their_number():
    network = ls.Network(ls.LIF(), [np.full((1000, 1), 8.0)], 4.0)
    loss, derivatives = by_the_book(np.full(1000, 2.0), 1, 3)
    check(network, ls.MaxPotential(), 3, loss, [d / 4 for d in derivatives], 1e-14)
