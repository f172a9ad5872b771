"""The reference's neurons: one interval without events, in multiprecision and in closed form.

Everything follows from warped time (mathematics, equation 1): with ``s = exp(-dt / tau)``, ``sigma = 1 - s``
and ``I`` the current at the start of the interval, ``V = s u(sigma)`` where ``u' = I`` (LIF) or
``u' = u**2 + I`` (QIF). The QIF is solved through the angle (or rapidity) of ``1 / u``, not through
projective coordinates: a spike is where that angle passes a multiple of pi.
"""

from __future__ import annotations

from typing import NamedTuple

import mpmath

mp = mpmath.MPContext()
mp.dps = 50
"""A context of its own: no test changes the precision of another one's numbers."""


class State(NamedTuple):
    """A potential: ``V = value`` or, with ``inverse``, ``V = 1 / value`` (value 0: it has just spiked)."""

    inverse: bool
    value: mpmath.mpf

    def potential(self) -> mpmath.mpf:
        if not self.inverse:
            return self.value
        return 1 / self.value if self.value != 0 else -mp.inf


REST = State(False, mp.mpf(0))


def lif_interval(state, current, s, threshold):
    """One LIF neuron over one interval.

    Args:
        state: potential at the start, below the threshold.
        current: synaptic current at the start.
        s: ``exp(-dt / tau)`` at the end of the interval.
        threshold: potential of a spike.

    Returns:
        State at the end, and the ``1 - s`` of every spike, in order. A spike at the very end counts.
    """
    spikes = []
    potential, start = state.value, mp.mpf(1)  # start: s where the present piece begins
    while True:
        # Within the piece V(x) = x (potential + current (1 - x)), x = s / start, from 1 downwards.
        end = s / start
        slope = potential + current
        discriminant = slope**2 - 4 * current * threshold
        if potential >= threshold:
            crossing = mp.mpf(1)  # an earlier interval's end was rounded below its crossing
        elif current <= max(potential, 0) or discriminant < 0:
            crossing = None  # no rise from below, or one whose peak stays below the threshold
        else:
            crossing = (slope + mp.sqrt(discriminant)) / (2 * current)
        if crossing is None or crossing < end:
            return State(False, end * (potential + current * (1 - end))), spikes
        start *= crossing
        spikes.append(1 - start)
        potential, current = mp.mpf(0), current * crossing**2


def qif_interval(state, current, s, sigma):
    """One QIF neuron over one interval; arguments and result as for :func:`lif_interval`."""
    solve = _grow if current > 0 else _shrink if current < 0 else _coast
    (inverse, value), spikes = solve(state, mp.sqrt(abs(current)), sigma)
    return State(inverse, value / s if inverse else value * s), spikes


def _coast(state, _, sigma):
    """``u' = u**2``: ``1 / u`` falls at unit speed."""
    if not state.inverse and state.value == 0:
        return state, []
    before = state.value if state.inverse else 1 / state.value
    after = before - sigma
    return _chart(after, mp.mpf(1)), [before] if before > 0 >= after else []


def _grow(state, k, sigma):
    """``u' = u**2 + k**2``: the angle with ``cot(angle) = u / k`` falls at speed k; spikes at pi n."""
    u = None if state.inverse and state.value == 0 else state.potential()
    way = k * sigma
    if u is not None and abs(u) < k:  # measured from pi / 2, so that tiny currents lose no digits
        tilt = mp.atan(u / k)
        first = mp.pi / 2 - tilt
        if way < first:
            return _chart(mp.cos(tilt + way) / k, mp.sin(tilt + way)), []
    else:
        angle = mp.atan(k / u) if u is not None else mp.mpf(0)
        first = angle if angle > 0 else angle + mp.pi
        if way < first:
            return _chart(mp.sin(angle - way) / k, mp.cos(angle - way)), []
    count = int(mp.floor((way - first) / mp.pi)) + 1
    angle = min(mp.mpf(0), first - way + (count - 1) * mp.pi)
    return _chart(mp.sin(angle) / k, mp.cos(angle)), [(first + i * mp.pi) / k for i in range(count)]


def _shrink(state, k, sigma):
    """``u' = u**2 - k**2``: the rapidity of ``k / u`` (outside +-k) or ``u / k`` (inside) falls at k."""
    outside = k * state.value if state.inverse else mp.inf if state.value == 0 else k / state.value
    if abs(outside) == 1:
        return state, []
    if abs(outside) < 1:
        before = mp.atanh(outside)
        after = before - k * sigma
        return _chart(mp.tanh(after) / k, mp.mpf(1)), [before / k] if before > 0 >= after else []
    return State(False, k * mp.tanh(mp.atanh(1 / outside) - k * sigma)), []


def _chart(numerator, denominator):
    """State with ``1 / u = numerator / denominator``, in the chart where its value is at most 1."""
    if abs(numerator) <= abs(denominator):
        return State(True, numerator / denominator)
    return State(False, denominator / numerator)
