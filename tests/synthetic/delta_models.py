"""Two neuron models as a user would write them in a file of their own: only the hooks of the interface.

Both have delta coupling and fire without input; their initial phase is fixed (``V = 0``).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from landscape.neurons import interface
from landscape.neurons.interface import implements

LARGE, SMALL = 2.0**200, 2.0**-400


class OscillatoryLIF(NamedTuple):
    """``tau V' = -V + I0`` with ``I0 > threshold``; inputs lift ``V``, overshoot is lost."""

    tau: float = 1.0
    I0: float = 1.5
    threshold: float = 1.0


class Theta(NamedTuple):
    """``tau V' = V (V - 1) + I0`` with ``I0 > 1/4``; inputs lift ``V``. State: ``V - 1/2 = p / q``."""

    tau: float = 1.0
    I0: float = 1.0


# --- oscillatory LIF: state (V,), variation (dV,) -----------------------------------------------------------


@implements(interface.rest, OscillatoryLIF)
def _rest(neuron):
    return (0.0,)


@implements(interface.clock, OscillatoryLIF)
def _clock(neuron, dt):
    return (math.exp(-dt / neuron.tau), -math.expm1(-dt / neuron.tau))


@implements(interface.flow, OscillatoryLIF)
def _flow(neuron, clock, state):
    return (clock[0] * state[0] + clock[1] * neuron.I0,)


@implements(interface.alert, OscillatoryLIF)
def _alert(neuron, clock, start, end):
    return end[0] >= neuron.threshold


@implements(interface.in_range, OscillatoryLIF)
def _in_range(neuron, clock, state):
    return True


@implements(interface.slow_flow, OscillatoryLIF)
def _slow_flow(neuron, clock, state):
    return (clock[0] * state[0] + clock[1] * neuron.I0,)


@implements(interface.next_spike, OscillatoryLIF)
def _next_spike(neuron, clock, state, dt):
    end = clock[0] * state[0] + clock[1] * neuron.I0
    if end < neuron.threshold:
        return (False, 0.0, clock, (end,))
    delay = min(neuron.tau * math.log((neuron.I0 - state[0]) / (neuron.I0 - neuron.threshold)), dt)
    return (True, delay, (math.exp(-delay / neuron.tau), -math.expm1(-delay / neuron.tau)), (end,))


@implements(interface.remaining, OscillatoryLIF)
def _remaining(neuron, clock, piece, dt):
    return (math.exp(-dt / neuron.tau), -math.expm1(-dt / neuron.tau))


@implements(interface.reset, OscillatoryLIF)
def _reset(neuron, state):
    return (0.0,)


@implements(interface.receive, OscillatoryLIF)
def _receive(neuron, state, weight):
    return (state[0] + weight,)


@implements(interface.fires_on_arrival, OscillatoryLIF)
def _fires_on_arrival(neuron, state):
    return state[0] >= neuron.threshold


@implements(interface.potential, OscillatoryLIF)
def _potential(neuron, state):
    return state[0]


@implements(interface.current, OscillatoryLIF)
def _current(neuron, state):
    return neuron.I0


@implements(interface.transport, OscillatoryLIF)
def _transport(neuron, clock, state):
    return (clock[0],)


@implements(interface.slow_transport, OscillatoryLIF)
def _slow_transport(neuron, clock, state):
    return (clock[0],)


@implements(interface.spike_variation, OscillatoryLIF)
def _spike_variation(neuron, before, after):
    slope = neuron.I0 - neuron.threshold
    return ((-neuron.tau / slope,), (neuron.I0 / slope,))


@implements(interface.arrival_variation, OscillatoryLIF)
def _arrival_variation(neuron, state, weight):
    return ((1.0,), (weight / neuron.tau,))


@implements(interface.arrival_spike_variation, OscillatoryLIF)
def _arrival_spike_variation(neuron, state):
    return (-neuron.I0 / neuron.tau,)


@implements(interface.has_pseudospikes, OscillatoryLIF)
def _has_pseudospikes(neuron):
    return True


@implements(interface.pseudospike, OscillatoryLIF)
def _pseudospike(neuron, state, drive):
    v = state[0] + drive
    if v >= neuron.threshold:
        return (0.0, 1.0)
    period = neuron.tau * math.log(neuron.I0 / (neuron.I0 - neuron.threshold))
    delay = neuron.tau * math.log((neuron.I0 - v) / (neuron.I0 - neuron.threshold))
    return (delay, 1.0 - delay / period)


@implements(interface.pseudospike_variation, OscillatoryLIF)
def _pseudospike_variation(neuron, state, drive):
    v = state[0] + drive
    if v >= neuron.threshold:
        return ((0.0,), 0.0, (0.0,), 0.0)
    period = neuron.tau * math.log(neuron.I0 / (neuron.I0 - neuron.threshold))
    slope = -neuron.tau / (neuron.I0 - v)
    return ((slope,), slope, (-slope / period,), -slope / period)


# --- theta: state (p, q), q > 0 or (-1, 0); variation (q dp - p dq,) ----------------------------------------


@implements(interface.rest, Theta)
def _rest_theta(neuron):
    return (-0.5, 1.0)


@implements(interface.clock, Theta)
def _clock_theta(neuron, dt):
    root = math.sqrt(neuron.I0 - 0.25)
    angle = root * dt / neuron.tau
    return (math.cos(angle), math.sin(angle) / root, root * math.sin(angle), angle)


@implements(interface.flow, Theta)
def _flow_theta(neuron, clock, state):
    scale = SMALL if abs(state[0]) + state[1] > LARGE else 1.0
    p, q = scale * state[0], scale * state[1]
    return (clock[0] * p + clock[2] * q, clock[0] * q - clock[1] * p)


@implements(interface.alert, Theta)
def _alert_theta(neuron, clock, start, end):
    return (end[1] <= 0.0) | (clock[3] >= math.pi)


@implements(interface.in_range, Theta)
def _in_range_theta(neuron, clock, state):
    return True


@implements(interface.slow_flow, Theta)
def _slow_flow_theta(neuron, clock, state):
    scale = SMALL if abs(state[0]) + state[1] > LARGE else 1.0
    p, q = scale * state[0], scale * state[1]
    return (clock[0] * p + clock[2] * q, clock[0] * q - clock[1] * p)


@implements(interface.next_spike, Theta)
def _next_spike_theta(neuron, clock, state, dt):
    p_end = clock[0] * state[0] + clock[2] * state[1]
    q_end = clock[0] * state[1] - clock[1] * state[0]
    end = (p_end, q_end)
    if not (clock[3] >= math.pi or q_end < 0.0 or (q_end == 0.0 and p_end > 0.0)):
        return (False, 0.0, clock, end)
    root = math.sqrt(neuron.I0 - 0.25)
    angle = min(math.atan2(root * state[1], state[0]), clock[3])
    piece = (math.cos(angle), math.sin(angle) / root, root * math.sin(angle), angle)
    return (True, min(neuron.tau * angle / root, dt), piece, end)


@implements(interface.remaining, Theta)
def _remaining_theta(neuron, clock, piece, dt):
    root = math.sqrt(neuron.I0 - 0.25)
    angle = max(clock[3] - piece[3], 0.0)
    return (math.cos(angle), math.sin(angle) / root, root * math.sin(angle), angle)


@implements(interface.reset, Theta)
def _reset_theta(neuron, state):
    return (-1.0, 0.0)


@implements(interface.receive, Theta)
def _receive_theta(neuron, state, weight):
    return (state[0] + weight * state[1], state[1])


@implements(interface.fires_on_arrival, Theta)
def _fires_on_arrival_theta(neuron, state):
    return False


@implements(interface.potential, Theta)
def _potential_theta(neuron, state):
    return 0.5 + state[0] / state[1]


@implements(interface.current, Theta)
def _current_theta(neuron, state):
    return neuron.I0


@implements(interface.transport, Theta)
def _transport_theta(neuron, clock, state):
    scale = SMALL if abs(state[0]) + state[1] > LARGE else 1.0
    return (scale * scale,)


@implements(interface.slow_transport, Theta)
def _slow_transport_theta(neuron, clock, state):
    scale = SMALL if abs(state[0]) + state[1] > LARGE else 1.0
    return (scale * scale,)


@implements(interface.spike_variation, Theta)
def _spike_variation_theta(neuron, before, after):
    inverse = 1.0 / (before[0] * before[0])
    return ((-neuron.tau * inverse,), (inverse,))


@implements(interface.arrival_variation, Theta)
def _arrival_variation_theta(neuron, state, weight):
    p, q = state
    return ((q * q,), (-weight * q * (2.0 * p - weight * q) / neuron.tau,))


@implements(interface.arrival_spike_variation, Theta)
def _arrival_spike_variation_theta(neuron, state):
    return (0.0,)


@implements(interface.has_pseudospikes, Theta)
def _has_pseudospikes_theta(neuron):
    return True


@implements(interface.pseudospike, Theta)
def _pseudospike_theta(neuron, state, drive):
    root = math.sqrt(neuron.I0 - 0.25)
    angle = math.atan2(root * state[1], state[0] + drive * state[1])
    return (neuron.tau * angle / root, 1.0 - angle / math.pi)


@implements(interface.pseudospike_variation, Theta)
def _pseudospike_variation_theta(neuron, state, drive):
    p, q = state
    root = math.sqrt(neuron.I0 - 0.25)
    x = p + drive * q
    slope = -root / (root * root * q * q + x * x)
    delay = neuron.tau / root * slope
    rate = -slope / math.pi
    return ((delay,), delay * q * q, (rate,), rate * q * q)
