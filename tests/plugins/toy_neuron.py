"""A neuron model in one file of its own: leaky, inputs lift the potential at once, a spike where it passes 1."""

from __future__ import annotations

import math
from typing import NamedTuple

from landscape.neurons import Costs, Drive, NeuronModel, interface
from landscape.neurons.interface import implements


class LeakyDelta(NamedTuple):
    """``tau V' = -V``; an input of weight ``w`` makes ``V += w``; where that lifts ``V`` to 1, it is reset to 0.

    Args:
        tau: float; membrane time constant, in the unit of all times.
    """

    tau: float = 1.0


# The state is (V,), a variation (dV,), a clock (exp(-dt / tau),). Between inputs V only decays: no spikes there.


@implements(interface.rest, LeakyDelta)
def _rest(neuron):
    return (0.0,)


@implements(interface.clock, LeakyDelta)
def _clock(neuron, dt):
    return (math.exp(-dt / neuron.tau),)


@implements(interface.flow, LeakyDelta)
def _flow(neuron, clock, state):
    return (clock[0] * state[0],)


@implements(interface.alert, LeakyDelta)
def _alert(neuron, clock, start, end):
    return False


@implements(interface.in_range, LeakyDelta)
def _in_range(neuron, clock, state):
    return True


@implements(interface.slow_flow, LeakyDelta)
def _slow_flow(neuron, clock, state):
    return (clock[0] * state[0],)


@implements(interface.next_spike, LeakyDelta)
def _next_spike(neuron, clock, state, dt):
    return (False, 0.0, clock, (clock[0] * state[0],))


@implements(interface.remaining, LeakyDelta)
def _remaining(neuron, clock, piece, dt):
    return (math.exp(-dt / neuron.tau),)


@implements(interface.reset, LeakyDelta)
def _reset(neuron, state):
    return (0.0,)


@implements(interface.receive, LeakyDelta)
def _receive(neuron, state, weight):
    return (state[0] + weight,)


@implements(interface.fires_on_arrival, LeakyDelta)
def _fires_on_arrival(neuron, state):
    return state[0] >= 1.0


@implements(interface.potential, LeakyDelta)
def _potential(neuron, state):
    return state[0]


@implements(interface.current, LeakyDelta)
def _current(neuron, state):
    return 0.0


@implements(interface.transport, LeakyDelta)
def _transport(neuron, clock, state):
    return (clock[0],)


@implements(interface.slow_transport, LeakyDelta)
def _slow_transport(neuron, clock, state):
    return (clock[0],)


@implements(interface.spike_variation, LeakyDelta)
def _spike_variation(neuron, before, after):
    return ((0.0,), (0.0,))


@implements(interface.arrival_variation, LeakyDelta)
def _arrival_variation(neuron, state, weight):
    return ((1.0,), (weight / neuron.tau,))


@implements(interface.arrival_spike_variation, LeakyDelta)
def _arrival_spike_variation(neuron, state):
    return (0.0,)


@implements(interface.has_pseudospikes, LeakyDelta)
def _has_pseudospikes(neuron):
    return False


@implements(interface.pseudospike, LeakyDelta)
def _pseudospike(neuron, state, drive):
    return (math.inf, 0.0)


@implements(interface.pseudospike_variation, LeakyDelta)
def _pseudospike_variation(neuron, state, drive):
    return ((0.0,), 0.0, (0.0,), 0.0)


MODEL = NeuronModel(
    name="leaky_delta",
    implementation=LeakyDelta,
    title="Leaky delta",
    color="#009E73",
    hidden_drive=Drive(4.0, 2.0),
    output_drive=Drive(4.0, 2.0),
    costs=Costs(update=1e-9),
    census=False,
)
