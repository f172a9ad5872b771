"""The certified census: every discontinuity of the loss on a slice, where it is, how high, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.fragmentation.census.record import Census, CensusInterrupted
from landscape.lazy import loader

if TYPE_CHECKING:
    from landscape.fragmentation.census.line import find_discontinuities as find_discontinuities

__all__ = ["Census", "CensusInterrupted", "find_discontinuities"]


# What a result file holds is read without loading the compiler.
_HOME = {"find_discontinuities": "line"}

__getattr__ = loader(__name__, _HOME)
