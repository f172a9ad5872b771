"""Leaky integrate-and-fire neuron with extended coupling.

``tau V' = -V + I``, ``(tau / 2) I' = -I``; a spike when ``V`` reaches ``threshold`` from below, then ``V = 0`` and
``I`` goes on. With ``s = exp(-dt / tau)`` and ``sigma = 1 - s`` the solution over an interval is elementary:
``V = s (V0 + I0 sigma)``, ``I = s**2 I0``, and a spike is a root of a quadratic in ``sigma``.

Variations are ``(dV, dI)``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from landscape.compilation import inline
from landscape.neurons import interface
from landscape.neurons.decay import decay, decay_left, elapsed
from landscape.neurons.interface import implements

__all__ = ["LIF"]

# Slope at a spike, in thresholds per tau, below which the potential touches its threshold as far as numbers can tell.
# With a = V0 + I0 at the beginning of the interval it is s sqrt(D), where s a is two thresholds at a touch, and the
# discriminant D = a**2 - 4 threshold I0 is computed with an error up to 4 u a**2, u = 2**-53: half of it is the sum's,
# half the products'. What a rounded spike time makes of the slope, 2 u t / tau, is far below.
TOUCHING = 4.0 * 2.0**-26.5


class LIF(NamedTuple):
    """Constants of a leaky integrate-and-fire neuron; the synaptic time constant is ``tau / 2``.

    Args:
        tau: float; membrane time constant, in the unit of all times.
        threshold: float; potential at which the neuron spikes; its potential is reset to 0.
    """

    tau: float = 1.0
    threshold: float = 1.0


@implements(interface.rest, LIF)
def _rest(neuron):
    return (0.0, 0.0)


@implements(interface.clock, LIF)
def _clock(neuron, dt):
    return decay(dt, neuron.tau)


@implements(interface.flow, LIF)
def _flow(neuron, clock, state):
    v, i = state
    s, sigma = clock
    return (s * (v + i * sigma), s * s * i)


@implements(interface.alert, LIF)
def _alert(neuron, clock, start, end):
    # The very condition of next_spike: a closer look costs as much as ten of these for a whole vector of neurons, and
    # with the bound v + i sigma >= threshold alone three in four looks found nothing.
    v, i = start
    discriminant = (v + i) * (v + i) - 4.0 * neuron.threshold * i
    peaked = (i > v) & (2.0 * clock[0] * i < v + i) & (discriminant >= 0.0)
    return peaked | (end[0] >= neuron.threshold)


@implements(interface.in_range, LIF)
def _in_range(neuron, clock, state):
    return True


@implements(interface.slow_flow, LIF)
def _slow_flow(neuron, clock, state):
    v, i = state
    s, sigma = clock
    return (s * (v + i * sigma), s * s * i)


@inline
def _crossing(neuron, s, sigma, v, i):
    """Whether there is a spike, the potential at the end without one, and the discriminant of its equation."""
    v_end = s * (v + i * sigma)
    discriminant = (v + i) * (v + i) - 4.0 * neuron.threshold * i
    peaked = (i > v) & (2.0 * s * i < v + i) & (discriminant >= 0.0)
    return (peaked | (v_end >= neuron.threshold), v_end, discriminant)


@implements(interface.next_spike, LIF)
def _next_spike(neuron, clock, state, dt):
    v, i = state
    s, sigma = clock
    found, v_end, discriminant = _crossing(neuron, s, sigma, v, i)
    i_end = s * s * i
    if not found:
        return (False, 0.0, clock, (v_end, i_end))
    # The smaller root of i sigma**2 - (i - v) sigma + (threshold - v) = 0, without cancellation.
    denominator = (i - v) + math.sqrt(max(discriminant, 0.0))
    if denominator <= 0.0:  # above the threshold by rounding only
        return (True, dt, clock, (v_end, i_end))
    root = 2.0 * (neuron.threshold - v) / denominator
    if root >= sigma:
        return (True, dt, clock, (v_end, i_end))
    return (True, min(elapsed(root, neuron.tau), dt), (1.0 - root, root), (v_end, i_end))


@implements(interface.one_spike, LIF)
def _one_spike(neuron, clock, state, dt):
    v, i = state
    s, sigma = clock
    found, v_end, discriminant = _crossing(neuron, s, sigma, v, i)
    denominator = (i - v) + math.sqrt(max(discriminant, 0.0))
    root = 2.0 * (neuron.threshold - v) / denominator
    piece = (1.0 - root, root)
    left_s, left_sigma = decay_left(clock, piece)
    # From the reset on, V = 0.
    there = piece[0] * piece[0] * i
    again, v_after, _ = _crossing(neuron, left_s, left_sigma, 0.0, there)
    sure = (not found) | ((denominator > 0.0) & (root < sigma) & (not again))
    v_last = v_after if found else v_end
    i_last = left_s * left_s * there if found else s * s * i
    return (sure, found, min(elapsed(root, neuron.tau), dt), (v_last, i_last))


@implements(interface.remaining, LIF)
def _remaining(neuron, clock, piece, dt):
    return decay_left(clock, piece)


@implements(interface.reset, LIF)
def _reset(neuron, state):
    return (0.0, state[1])


@implements(interface.receive, LIF)
def _receive(neuron, state, weight):
    return (state[0], state[1] + weight)


@implements(interface.fires_on_arrival, LIF)
def _fires_on_arrival(neuron, state):
    return False


@implements(interface.potential, LIF)
def _potential(neuron, state):
    return state[0]


@implements(interface.current, LIF)
def _current(neuron, state):
    return state[1]


@implements(interface.transport, LIF)
def _transport(neuron, clock, state):
    s, sigma = clock
    return (s, s * sigma, 0.0, s * s)


@implements(interface.slow_transport, LIF)
def _slow_transport(neuron, clock, state):
    s, sigma = clock
    return (s, s * sigma, 0.0, s * s)


@implements(interface.spike_variation, LIF)
def _spike_variation(neuron, before, after):
    # tau V' = i - threshold just before, i just after the spike; V at the spike time is fixed on both sides.
    slope_before = before[1] - neuron.threshold
    if slope_before < TOUCHING * neuron.threshold:
        slope_before = 0.0
    slope_after = after[1]
    return ((-neuron.tau / slope_before, 0.0), (slope_after / slope_before, 0.0, 0.0, 1.0))


@implements(interface.arrival_variation, LIF)
def _arrival_variation(neuron, state, weight):
    rate = weight * (
        1.0 / neuron.tau
    )  # a vector's division takes as long as all the rest; this one is the same for all
    return ((0.0, 1.0), (-rate, 2.0 * rate))


@implements(interface.arrival_spike_variation, LIF)
def _arrival_spike_variation(neuron, state):
    return (0.0, 0.0)


@implements(interface.has_pseudospikes, LIF)
def _has_pseudospikes(neuron):
    return False


@implements(interface.pseudospike, LIF)
def _pseudospike(neuron, state, drive):
    return (math.inf, 0.0)


@implements(interface.pseudospike_variation, LIF)
def _pseudospike_variation(neuron, state, drive):
    return ((0.0, 0.0), 0.0, (0.0, 0.0), 0.0)


@implements(interface.has_threshold, LIF)
def _has_threshold(neuron):
    return True


@implements(interface.excess, LIF)
def _excess(neuron, state):
    return state[0] - neuron.threshold


@implements(interface.excess_variation, LIF)
def _excess_variation(neuron, state):
    return (1.0, 0.0)


@implements(interface.slope, LIF)
def _slope(neuron, state):
    return (state[1] - state[0]) / neuron.tau


@implements(interface.slope_variation, LIF)
def _slope_variation(neuron, state):
    return (-1.0 / neuron.tau, 1.0 / neuron.tau)


@implements(interface.bend, LIF)
def _bend(neuron, state):
    v, i = state
    return (v - 3.0 * i) / (neuron.tau * neuron.tau)


@implements(interface.crest, LIF)
def _crest(neuron, clock, state):
    v, i = state
    if not (i > v and 2.0 * clock[0] * i < v + i):
        return (False, 0.0, clock)
    root = min(0.5 * (i - v) / i, clock[1])
    return (True, -neuron.tau * math.log1p(-root), (1.0 - root, root))
