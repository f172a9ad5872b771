"""Numbers as text."""

from __future__ import annotations

import math

NONE = "\N{EN DASH}"
_MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits; a dash where it is not defined."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    if value == 0.0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        return f"{value:.{decimals}f}".replace("-", _MINUS)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}e{int(exponent)}".replace("-", _MINUS)


def percent(value: float, decimals: int = 1) -> str:
    """A share as a percentage; a dash where it is not defined."""
    return f"{100 * value:.{decimals}f} %" if math.isfinite(value) else NONE


def seconds(value: float | None) -> str:
    """A duration; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return NONE
    if value < 120.0:
        return f"{value:.1f} s"
    minutes = value / 60.0
    return f"{minutes:.1f} min" if minutes < 120.0 else f"{minutes / 60.0:.1f} h"
