"""Exponential decay over an interval, shared by the models with a membrane time constant.

The exponential and the logarithm are polynomials without branches or calls, so that loops over intervals vectorise
and a spike costs no call into the C library. Both are accurate to about one unit in the last place.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from landscape.compilation import fma, inline

__all__ = ["decay", "decay_left", "elapsed"]

LOG2_E = 1.0 / math.log(2.0)
# log 2 in two parts; the first has so few bits that its product with an exponent is exact.
LOG_2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
LOG_2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
ROUNDER = 1.5 * 2.0**52  # adding it rounds to a whole number, which then stands in the lowest bits
FORGOTTEN = 708.0  # dt / tau beyond which exp(-dt / tau) is taken for zero; it would be below 1e-307
HALF_ROOT_BITS = struct.unpack("<q", struct.pack("<d", math.sqrt(0.5)))[0]

# (exp(r) - 1 - r - r**2 / 2) / r**3 for |r| <= log(2) / 2
_X0, _X1, _X2, _X3, _X4, _X5, _X6, _X7, _X8, _X9, _X10 = (1.0 / math.factorial(k + 3) for k in range(11))
# atanh(u) / u - 1 in powers of u**2, for |u| <= 0.172
_A1, _A2, _A3, _A4, _A5, _A6, _A7, _A8, _A9, _A10 = (1.0 / (2 * k + 1) for k in range(1, 11))


@intrinsic
def _bits(typingctx: Any, number: Any) -> Any:
    """The bits of a float64 as an int64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), codegen


@intrinsic
def _number(typingctx: Any, bits: Any) -> Any:
    """The float64 of these bits."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), codegen


@inline
def decay(dt, tau):
    """``(s, sigma)`` with ``s = exp(-dt / tau)`` and ``sigma = 1 - s``, both to rounding. Free of branches."""
    x = dt / tau
    gone = x > FORGOTTEN
    y = -FORGOTTEN if gone else -x
    shifted = fma(y, LOG2_E, ROUNDER)
    whole = shifted - ROUNDER
    # exp(y) = 2**whole exp(r)
    r = fma(-whole, LOG_2_LOW, fma(-whole, LOG_2_HIGH, y))
    power = _number((_bits(shifted) + 1023) << 52)
    p = fma(_X10, r, _X9)
    p = fma(p, r, _X8)
    p = fma(p, r, _X7)
    p = fma(p, r, _X6)
    p = fma(p, r, _X5)
    p = fma(p, r, _X4)
    p = fma(p, r, _X3)
    p = fma(p, r, _X2)
    p = fma(p, r, _X1)
    p = fma(p, r, _X0)
    rise = fma(r * r, fma(p, r, 0.5), r)  # exp(r) - 1
    s = fma(power, rise, power)
    sigma = fma(-power, rise, 1.0 - power)
    return (0.0 if gone else s, 1.0 if gone else sigma)


@inline
def decay_left(whole, piece):
    """``(s, sigma)`` of what is left of an interval after a first piece."""
    s = whole[0] / piece[0]
    return (s, min(max((whole[1] - piece[1]) / piece[0], 0.0), 1.0))


@inline
def elapsed(sigma, tau):
    """The time ``-tau log(1 - sigma)`` to which ``sigma`` belongs, for ``0 <= sigma < 1``. Free of branches."""
    s = 1.0 - sigma
    # s = 2**exponent m with m in [sqrt(1/2), sqrt(2))
    bits = _bits(s)
    exponent = (bits - HALF_ROOT_BITS) >> 52
    m = _number(bits - (exponent << 52))
    f = -sigma if exponent == 0 else m - 1.0
    u = f / (2.0 + f)
    z = u * u
    p = fma(_A10, z, _A9)
    p = fma(p, z, _A8)
    p = fma(p, z, _A7)
    p = fma(p, z, _A6)
    p = fma(p, z, _A5)
    p = fma(p, z, _A4)
    p = fma(p, z, _A3)
    p = fma(p, z, _A2)
    p = fma(p, z, _A1)
    # log(1 + f) = 2 atanh(u) = f - u (f - 2 z p): the large part of it is exact.
    logarithm = f - u * fma(-2.0 * z, p, f)
    k = float(exponent)
    return -tau * fma(k, LOG_2_HIGH, fma(k, LOG_2_LOW, logarithm))
