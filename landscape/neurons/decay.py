"""Exponential decay over an interval, shared by the models with a membrane time constant."""

from __future__ import annotations

import math

from landscape.compilation import inline

__all__ = ["decay", "decay_left"]


@inline
def decay(dt, tau):
    """``(s, sigma)`` with ``s = exp(-dt / tau)`` and ``sigma = 1 - s``, both to rounding, by one transcendental."""
    x = dt / tau
    if x < 0.5:
        sigma = -math.expm1(-x)
        return (1.0 - sigma, sigma)
    s = math.exp(-x)
    return (s, 1.0 - s)


@inline
def decay_left(whole, piece):
    """``(s, sigma)`` of what is left of an interval after a first piece."""
    s = whole[0] / piece[0]
    return (s, min(max((whole[1] - piece[1]) / piece[0], 0.0), 1.0))
