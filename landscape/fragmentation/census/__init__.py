"""The certified census: every discontinuity of the loss on a slice, where it is, how high, and why."""

from __future__ import annotations

from landscape.fragmentation.census.line import find_discontinuities
from landscape.fragmentation.census.result import Census, CensusInterrupted

__all__ = ["Census", "CensusInterrupted", "find_discontinuities"]
