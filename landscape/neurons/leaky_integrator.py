"""Leaky integrator: the ``lif`` neuron without a threshold, the output unit of the potential readouts.

``tau V' = -V + I``, ``(tau / 2) I' = -I``. Variations are ``(dV, dI)``.
"""

from __future__ import annotations

from typing import NamedTuple

from landscape.neurons import interface
from landscape.neurons.decay import decay
from landscape.neurons.interface import implements

__all__ = ["LeakyIntegrator"]


class LeakyIntegrator(NamedTuple):
    """Constants of a leaky integrator; ``tau`` in the unit of all times, synaptic time constant ``tau / 2``."""

    tau: float = 1.0


@implements(interface.rest, LeakyIntegrator)
def _rest(neuron):
    return (0.0, 0.0)


@implements(interface.clock, LeakyIntegrator)
def _clock(neuron, dt):
    return decay(dt, neuron.tau)


@implements(interface.flow, LeakyIntegrator)
def _flow(neuron, clock, state):
    v, i = state
    s, sigma = clock
    return (s * (v + i * sigma), s * s * i)


@implements(interface.alert, LeakyIntegrator)
def _alert(neuron, clock, start, end):
    return False


@implements(interface.slow_flow, LeakyIntegrator)
def _slow_flow(neuron, clock, state):
    v, i = state
    s, sigma = clock
    return (s * (v + i * sigma), s * s * i)


@implements(interface.next_spike, LeakyIntegrator)
def _next_spike(neuron, clock, state, dt):
    return (False, 0.0, clock, state)


@implements(interface.remaining, LeakyIntegrator)
def _remaining(neuron, clock, piece, dt):
    return clock


@implements(interface.reset, LeakyIntegrator)
def _reset(neuron, state):
    return state


@implements(interface.receive, LeakyIntegrator)
def _receive(neuron, state, weight):
    return (state[0], state[1] + weight)


@implements(interface.fires_on_arrival, LeakyIntegrator)
def _fires_on_arrival(neuron, state):
    return False


@implements(interface.potential, LeakyIntegrator)
def _potential(neuron, state):
    return state[0]


@implements(interface.current, LeakyIntegrator)
def _current(neuron, state):
    return state[1]
