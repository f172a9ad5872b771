"""The certified census: every discontinuity of the loss on a slice, where it is, how high, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landscape.fragmentation.census.record import Census, CensusInterrupted

if TYPE_CHECKING:
    from landscape.fragmentation.census.line import find_discontinuities as find_discontinuities

__all__ = ["Census", "CensusInterrupted", "find_discontinuities"]


def __getattr__(name: str) -> Any:
    # What a result file holds is read without loading the compiler.
    if name != "find_discontinuities":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from landscape.fragmentation.census.line import find_discontinuities

    return find_discontinuities
