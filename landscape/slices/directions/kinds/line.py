"""The line between two networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from landscape.errors import DirectionError
from landscape.slices.directions.kind import DirectionKind, Surroundings
from landscape.slices.directions.vectors import Direction
from landscape.tables import Table

if TYPE_CHECKING:
    from landscape.network import Network


class Keys(Table):
    """From the initial to the best network (the initial one is at -1 if the best is the centre)."""


def line_direction(start: Network, end: Network) -> Direction:
    """The difference ``end - start``: with centre ``start``, coordinate 1 is ``end``.

    Losses along such lines were first shown by Goodfellow, Vinyals and Saxe (arXiv:1412.6544).

    Args:
        start: the network at the centre of the slice.
        end: another one with layers of the same sizes.

    Raises:
        DirectionError: the networks have different sizes or equal weights.
    """
    if start.sizes != end.sizes:
        raise DirectionError(f"no line joins networks of sizes {start.sizes} and {end.sizes}; they must be equal")
    difference = [b - a for a, b in zip(start.weights, end.weights, strict=True)]
    if not any(part.any() for part in difference):
        raise DirectionError("the two networks have the same weights; no line joins them")
    return difference


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    return [line_direction(around.initial, around.best) for _ in asked]


DIRECTION = DirectionKind(
    name="line",
    table=Keys,
    make=_make,
    words=lambda facts: "line from the initial to the best network",
)
