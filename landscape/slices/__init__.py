"""Slices of parameter space: directions, the plane they span, the sweep over its points.

Names are loaded when they are first used: reading a stored surface needs no compiled code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.lazy import loader

if TYPE_CHECKING:
    from landscape.slices.directions import Directions as Directions
    from landscape.slices.directions import random_directions as random_directions
    from landscape.slices.surface import Status as Status
    from landscape.slices.surface import Surface as Surface
    from landscape.slices.sweep import SweepInterrupted as SweepInterrupted

_HOME = {
    "Directions": "directions",
    "Status": "surface",
    "Surface": "surface",
    "SweepInterrupted": "sweep",
    "random_directions": "directions",
}

__all__ = ["Directions", "Status", "Surface", "SweepInterrupted", "random_directions"]


__getattr__ = loader(__name__, _HOME)
