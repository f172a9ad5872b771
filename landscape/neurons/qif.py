"""Quadratic integrate-and-fire neuron with extended coupling, in projective coordinates.

``tau V' = V (V - 1) + I``, ``(tau / 2) I' = -I``; a spike when ``V`` goes to plus infinity, whence it comes back
from minus infinity while ``I`` goes on. With ``s = exp(-dt / tau)``, ``sigma = 1 - s`` and ``V = s u``:
``du/dsigma = u**2 + I0`` with constant ``I0`` (a Riccati equation), and with ``u = p / q`` it is linear,

    q' = -p,    p' = I0 q .

A spike is a zero of ``q``; there is no reset and no large number. The state is ``(p, q, I)`` with ``q > 0``, or
``(-1, 0, I)`` just after a spike; a common factor of ``p`` and ``q`` means nothing.

Variations are ``(omega, dI)`` with ``omega = q dp - p dq`` (so ``dV = omega / q**2``): over an interval
``omega' = q**2 dI0``, hence ``omega`` changes by ``dI0`` times the integral of ``q**2``, and **nothing jumps at a
spike**. Sources: Klos and Memmesheimer (arXiv:2309.14523) for the model; the coordinates are derived here.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from landscape.compilation import fma, inline
from landscape.neurons import interface
from landscape.neurons.decay import decay, decay_left, elapsed
from landscape.neurons.interface import implements

__all__ = ["QIF"]

ALPHA = 10.0  # smoothness of the pseudospike rate, Klos and Memmesheimer
LARGE = 2.0**200  # (p, q) is scaled down beyond it; a power of two, so that scaling is exact
SMALL = 2.0**-400  # what LARGE is scaled down by
RANGE = 1.0  # |I sigma**2| up to which the series below are accurate to rounding
NEAR = 0.07  # |z| up to which the series for the next root is accurate to rounding
PI_SQUARED = math.pi**2
SLOWEST = 1e-150  # turning of a pseudospike below which an angle is its tangent


class QIF(NamedTuple):
    """Constants of a quadratic integrate-and-fire neuron; the synaptic time constant is ``tau / 2``.

    Args:
        tau: float; membrane time constant, in the unit of all times. Without current the neuron rests at ``V = 0``
            and ``V = 1`` is its unstable fixed point.
    """

    tau: float = 1.0


# --- entire functions of x = I sigma**2 ---------------------------------------------------------------------------

_C = [(-1.0) ** k / math.factorial(2 * k) for k in range(10)]
_S = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(10)]
_C0, _C1, _C2, _C3, _C4, _C5, _C6, _C7, _C8, _C9 = _C
_S0, _S1, _S2, _S3, _S4, _S5, _S6, _S7, _S8, _S9 = _S
# of y = 4 x, for the integrals: (1 - cos sqrt y) / y and (1 - sin sqrt y / sqrt y) / y
_D = [(-1.0) ** k / math.factorial(2 * k + 2) for k in range(13)]
_E = [(-1.0) ** k / math.factorial(2 * k + 3) for k in range(13)]
_D0, _D1, _D2, _D3, _D4, _D5, _D6, _D7, _D8, _D9, _D10, _D11, _D12 = _D
_E0, _E1, _E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12 = _E
# of z = I (q / p)**2, for the root that is next: atan(sqrt z) / sqrt z
_T1, _T2, _T3, _T4, _T5, _T6, _T7, _T8, _T9, _T10, _T11, _T12, _T13 = ((-1.0) ** k / (2 * k + 1) for k in range(1, 14))


@inline
def _cosine(x):
    """cos(sqrt x), for \\|x\\| <= RANGE."""
    r = fma(_C9, x, _C8)
    r = fma(r, x, _C7)
    r = fma(r, x, _C6)
    r = fma(r, x, _C5)
    r = fma(r, x, _C4)
    r = fma(r, x, _C3)
    r = fma(r, x, _C2)
    r = fma(r, x, _C1)
    return fma(r, x, _C0)


@inline
def _sine(x):
    """sin(sqrt x) / sqrt x, for \\|x\\| <= RANGE."""
    r = fma(_S8, x, _S7)
    r = fma(r, x, _S6)
    r = fma(r, x, _S5)
    r = fma(r, x, _S4)
    r = fma(r, x, _S3)
    r = fma(r, x, _S2)
    r = fma(r, x, _S1)
    return fma(r, x, _S0)


@inline
def _cosine_deficit(y):
    """(1 - cos sqrt y) / y, for \\|y\\| <= 4 RANGE."""
    r = fma(_D12, y, _D11)
    r = fma(r, y, _D10)
    r = fma(r, y, _D9)
    r = fma(r, y, _D8)
    r = fma(r, y, _D7)
    r = fma(r, y, _D6)
    r = fma(r, y, _D5)
    r = fma(r, y, _D4)
    r = fma(r, y, _D3)
    r = fma(r, y, _D2)
    r = fma(r, y, _D1)
    return fma(r, y, _D0)


@inline
def _sine_deficit(y):
    """(1 - sin sqrt y / sqrt y) / y, for \\|y\\| <= 4 RANGE."""
    r = fma(_E12, y, _E11)
    r = fma(r, y, _E10)
    r = fma(r, y, _E9)
    r = fma(r, y, _E8)
    r = fma(r, y, _E7)
    r = fma(r, y, _E6)
    r = fma(r, y, _E5)
    r = fma(r, y, _E4)
    r = fma(r, y, _E3)
    r = fma(r, y, _E2)
    r = fma(r, y, _E1)
    return fma(r, y, _E0)


@inline
def _turn(z):
    """atan(sqrt z) / sqrt z, for \\|z\\| <= NEAR."""
    r = fma(_T13, z, _T12)
    r = fma(r, z, _T11)
    r = fma(r, z, _T10)
    r = fma(r, z, _T9)
    r = fma(r, z, _T8)
    r = fma(r, z, _T7)
    r = fma(r, z, _T6)
    r = fma(r, z, _T5)
    r = fma(r, z, _T4)
    r = fma(r, z, _T3)
    r = fma(r, z, _T2)
    r = fma(r, z, _T1)
    return fma(r, z, 1.0)


@inline
def _scale(p, q):
    return SMALL if abs(p) + q > LARGE else 1.0


# --- state and flow -----------------------------------------------------------------------------------------------


@implements(interface.rest, QIF)
def _rest(neuron):
    return (0.0, 1.0, 0.0)


@implements(interface.clock, QIF)
def _clock(neuron, dt):
    return decay(dt, neuron.tau)


@implements(interface.flow, QIF)
def _flow(neuron, clock, state):
    p, q, i = state
    s, sigma = clock
    x = i * (sigma * sigma)
    cosine = _cosine(x)
    sine = sigma * _sine(x)
    return (s * fma(cosine, p, i * sine * q), fma(cosine, q, -sine * p), s * s * i)


@implements(interface.alert, QIF)
def _alert(neuron, clock, start, end):
    x = start[2] * (clock[1] * clock[1])
    return (end[1] <= 0.0) | (abs(x) > RANGE) | (abs(start[0]) + start[1] > LARGE)


@implements(interface.in_range, QIF)
def _in_range(neuron, clock, state):
    x = state[2] * (clock[1] * clock[1])
    return (abs(x) <= RANGE) & (abs(state[0]) + state[1] <= LARGE)


@inline
def _exact_flow(s, sigma, p, q, i):
    """(p, q) at the end of an interval, up to a positive factor that :func:`_slow_transport` knows."""
    x = i * (sigma * sigma)
    scale = _scale(p, q)
    p *= scale
    q *= scale
    if x < -RANGE:
        # Growing and decaying mode, q = (a exp(z) + b exp(-z)), scaled by exp(-z).
        kappa = math.sqrt(-i)
        decay = math.exp(-2.0 * kappa * sigma)
        a = 0.5 * (q - p / kappa)
        b = 0.5 * (q + p / kappa) * decay
        return (s * kappa * (b - a), a + b)
    if x > RANGE:
        omega = math.sqrt(i)
        cosine = math.cos(omega * sigma)
        sine = math.sin(omega * sigma) / omega
    else:
        cosine = _cosine(x)
        sine = sigma * _sine(x)
    return (s * fma(cosine, p, i * sine * q), fma(cosine, q, -sine * p))


@implements(interface.slow_flow, QIF)
def _slow_flow(neuron, clock, state):
    p, q = _exact_flow(clock[0], clock[1], state[0], state[1], state[2])
    return (p, q, clock[0] * clock[0] * state[2])


@implements(interface.next_spike, QIF)
def _next_spike(neuron, clock, state, dt):
    p, q, i = state
    s, sigma = clock
    p_end, q_end = _exact_flow(s, sigma, p, q, i)
    end = (p_end, q_end, s * s * i)
    x = i * (sigma * sigma)
    # q starts positive (or zero and rising), so one zero shows as a change of sign; a half turn makes one certain.
    if not (x >= PI_SQUARED or q_end < 0.0 or (q_end == 0.0 and p_end > 0.0)):
        return (False, 0.0, clock, end)
    r = q / p
    z = i * r * r
    if p > 0.0 and abs(z) <= NEAR:
        root = r * _turn(z)
    elif i > 0.0:
        omega = math.sqrt(i)
        root = math.atan2(omega * q, p) / omega
    elif i < 0.0:
        kappa = math.sqrt(-i)
        root = 0.5 * math.log1p(2.0 * kappa * q / (p - kappa * q)) / kappa
    else:
        root = r
    # A root beyond the end, or none at all (nan), can only be the work of rounding: the sign has decided.
    if not root < sigma:
        return (True, dt, clock, end)
    return (True, min(elapsed(root, neuron.tau), dt), (1.0 - root, root), end)


@implements(interface.one_spike, QIF)
def _one_spike(neuron, clock, state, dt):
    p, q, i = state
    s, sigma = clock
    x = i * (sigma * sigma)
    cosine = _cosine(x)
    sine = sigma * _sine(x)
    p_end = s * fma(cosine, p, i * sine * q)
    q_end = fma(cosine, q, -sine * p)
    found = (q_end < 0.0) | ((q_end == 0.0) & (p_end > 0.0))
    r = q / p
    z = i * r * r
    root = r * _turn(z)
    piece = (1.0 - root, root)
    left_s, left_sigma = decay_left(clock, piece)
    # From (-1, 0) on.
    there = piece[0] * piece[0] * i
    x_left = there * (left_sigma * left_sigma)
    q_after = left_sigma * _sine(x_left)
    near = (p > 0.0) & (abs(z) <= NEAR) & (root < sigma) & (abs(x_left) <= RANGE) & (q_after > 0.0)
    ordinary = (abs(x) <= RANGE) & (abs(p) + q <= LARGE)
    sure = ordinary & ((not found) | near)
    p_last = -left_s * _cosine(x_left) if found else p_end
    q_last = q_after if found else q_end
    i_last = left_s * left_s * there if found else s * s * i
    return (sure, found, min(elapsed(root, neuron.tau), dt), (p_last, q_last, i_last))


@implements(interface.remaining, QIF)
def _remaining(neuron, clock, piece, dt):
    return decay_left(clock, piece)


@implements(interface.reset, QIF)
def _reset(neuron, state):
    return (-1.0, 0.0, state[2])


@implements(interface.receive, QIF)
def _receive(neuron, state, weight):
    return (state[0], state[1], state[2] + weight)


@implements(interface.fires_on_arrival, QIF)
def _fires_on_arrival(neuron, state):
    return False


@implements(interface.potential, QIF)
def _potential(neuron, state):
    return state[0] / state[1]


@implements(interface.current, QIF)
def _current(neuron, state):
    return state[2]


# --- variations -----------------------------------------------------------------------------------------------------


@implements(interface.transport, QIF)
def _transport(neuron, clock, state):
    p, q, i = state
    s, sigma = clock
    y = 4.0 * i * (sigma * sigma)
    # integrals over the interval of cosine**2, cosine * sine and sine**2
    sine_deficit = _sine_deficit(y)
    cosine_squared = sigma * (1.0 - 0.5 * y * sine_deficit)
    product = sigma * sigma * _cosine_deficit(y)
    sine_squared = 2.0 * sigma * sigma * sigma * sine_deficit
    area = q * q * cosine_squared - 2.0 * p * q * product + p * p * sine_squared
    return (s, s * area, 0.0, s * s)


@implements(interface.slow_transport, QIF)
def _slow_transport(neuron, clock, state):
    p, q, i = state
    s, sigma = clock
    scale = _scale(p, q)
    x = i * (sigma * sigma)
    factor = s * scale * scale
    if x < -RANGE:
        kappa = math.sqrt(-i)
        decay = math.exp(-2.0 * kappa * sigma)
        a = 0.5 * (q - p / kappa)
        b = 0.5 * (q + p / kappa)
        grown = -math.expm1(-2.0 * kappa * sigma) / (2.0 * kappa)
        area = a * a * grown + 2.0 * a * b * sigma * decay + b * b * decay * grown
        return (factor * decay, factor * area, 0.0, s * s)
    if x > RANGE:
        omega = math.sqrt(i)
        sine = math.sin(omega * sigma) / omega
        wave = math.sin(2.0 * omega * sigma) / (4.0 * omega)
        cosine_squared = 0.5 * sigma + wave
        product = 0.5 * sine * sine
        sine_squared = (0.5 * sigma - wave) / i
    else:
        y = 4.0 * x
        sine_deficit = _sine_deficit(y)
        cosine_squared = sigma * (1.0 - 0.5 * y * sine_deficit)
        product = sigma * sigma * _cosine_deficit(y)
        sine_squared = 2.0 * sigma * sigma * sigma * sine_deficit
    area = q * q * cosine_squared - 2.0 * p * q * product + p * p * sine_squared
    return (factor, factor * area, 0.0, s * s)


@implements(interface.spike_variation, QIF)
def _spike_variation(neuron, before, after):
    # r = q / p passes zero with tau r' = -1, so dt = tau dr = -tau omega / p**2; then (p, 0) is rescaled to (-1, 0).
    inverse = 1.0 / (before[0] * before[0])
    return ((-neuron.tau * inverse, 0.0), (inverse, 0.0, 0.0, 1.0))


@implements(interface.arrival_variation, QIF)
def _arrival_variation(neuron, state, weight):
    rate = weight * (
        1.0 / neuron.tau
    )  # a vector's division takes as long as all the rest; this one is the same for all
    return ((0.0, 1.0), (-rate * state[1] * state[1], 2.0 * rate))


# --- pseudospikes ---------------------------------------------------------------------------------------------------


@inline
def _pseudo_turning(i):
    """sqrt(g) for g = ALPHA log(1 + exp(i / ALPHA)), and its relative derivative."""
    if i > 0.0:
        e = math.exp(-i / ALPHA)
        g = i + ALPHA * math.log1p(e)
        return (math.sqrt(g), 0.5 / ((1.0 + e) * g))
    # By the root of the exponential, which reaches twice as far.
    half = math.exp(0.5 * i / ALPHA)
    e = half * half
    ratio = ALPHA * (math.log1p(e) / e if e > 0.0 else 1.0)
    return (half * math.sqrt(ratio), 0.5 / ((1.0 + e) * ratio))


@inline
def _pseudo_angle(root, q, x):
    """What is left of the half turn to a pseudospike, and the time that takes in units of tau."""
    angle = math.atan2(root * q, x)
    if x > 0.0 and root < SLOWEST:
        return (angle, q / x)
    return (angle, angle / root)


@implements(interface.arrival_spike_variation, QIF)
def _arrival_spike_variation(neuron, state):
    return (0.0, 0.0)


@implements(interface.has_pseudospikes, QIF)
def _has_pseudospikes(neuron):
    return True


@implements(interface.pseudospike, QIF)
def _pseudospike(neuron, state, drive):
    # With constant current g the neuron turns by sqrt(g) per tau. Where it hardly turns, the delay may be infinite.
    p, q, i = state
    root = _pseudo_turning(i + drive)[0]
    angle, wait = _pseudo_angle(root, q, p - 0.5 * q)
    return (neuron.tau * wait, 1.0 - angle / math.pi)


@implements(interface.pseudospike_variation, QIF)
def _pseudospike_variation(neuron, state, drive):
    p, q, i = state
    root, growth = _pseudo_turning(i + drive)
    x = p - 0.5 * q
    wait = _pseudo_angle(root, q, x)[1]
    size = root * root * q * q + x * x
    reach = q * x / size
    delay_omega = -neuron.tau / size
    delay_drive = neuron.tau * growth * (reach - wait)
    rate_omega = root / (size * math.pi)
    rate_drive = -root * growth * reach / math.pi
    return ((delay_omega, delay_drive), delay_drive, (rate_omega, rate_drive), rate_drive)


# A spike follows whenever the potential has passed its unstable fixed point: there is no threshold to fall short of.


@implements(interface.has_threshold, QIF)
def _has_threshold(neuron):
    return False


@implements(interface.excess, QIF)
def _excess(neuron, state):
    return -math.inf


@implements(interface.excess_variation, QIF)
def _excess_variation(neuron, state):
    return (0.0, 0.0)


@implements(interface.slope, QIF)
def _slope(neuron, state):
    return -math.inf


@implements(interface.slope_variation, QIF)
def _slope_variation(neuron, state):
    return (0.0, 0.0)


@implements(interface.bend, QIF)
def _bend(neuron, state):
    return 0.0


@implements(interface.crest, QIF)
def _crest(neuron, clock, state):
    return (False, 0.0, clock)
