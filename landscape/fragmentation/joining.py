"""Which crossings of the sides of a cell belong to one discontinuity curve.

Going around a cell counterclockwise, a curve is met twice, once from either side: its two crossings have jumps of
opposite sign. A curve goes on as long as it is the same spike that comes or goes for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

import numpy as np

__all__ = ["Cell", "Crossing", "Joined", "Joint", "join_all", "join_clear"]


class Joint(IntEnum):
    """How sure it is that two neighbouring points of a curve belong together."""

    SAME = 0  #: the same spike by the same mechanism, and no other candidate in the cell
    NEURON = 1  #: the same neuron, but another number of its spike or another mechanism
    GUESS = 2  #: of several candidates in the smallest cell the nearest, or of two left over that differ
    JUNCTION = 3  #: a curve left over in the smallest cell that is taken to end on the nearest other one
    END = 4  #: a curve left over that is taken to end in the cell: its jump vanishes there


class Crossing(NamedTuple):
    """A discontinuity of a sample on a side of a cell."""

    place: tuple[float, float]
    layer: int
    neuron: int
    number: int
    mechanism: int  # number of it
    axis: int  # along which the line runs
    jump: float  # in the direction of the axis


class Cell(NamedTuple):
    """A rectangle, and numbers of the crossings on its sides (bottom, right, top, left)."""

    low: tuple[float, float]
    high: tuple[float, float]
    number: int  # of a grid's cells, or of the parts of such, in order
    sides: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]

    def turned(self, crossings: Sequence[Crossing]) -> list[tuple[int, float]]:
        """Numbers of the crossings with their jumps as met counterclockwise."""
        return [
            (number, crossings[number].jump if side < 2 else -crossings[number].jump)
            for side, numbers in enumerate(self.sides)
            for number in numbers
        ]

    def first_met(self, crossings: Sequence[Crossing]) -> tuple[int, float]:
        """Side and place along it of the first crossing that :meth:`turned` gives."""
        side = next(side for side, numbers in enumerate(self.sides) if numbers)
        return side, crossings[self.sides[side][0]].place[side % 2]


Joined = tuple[int, int, Joint]


def join_clear(around: list[tuple[int, float]], crossings: Sequence[Crossing]) -> tuple[list[Joined], bool]:
    """Join the crossings on the sides of a cell, where there is no doubt.

    Args:
        around: numbers of the crossings and their jumps as met counterclockwise.
        crossings: all crossings.

    Returns:
        Pairs, and whether these are all crossings.
    """
    pairs: list[Joined] = []
    left = around
    for joint in (Joint.SAME, Joint.NEURON):
        rest: list[tuple[int, float]] = []

        def identity(item: tuple[int, float], joint: Joint = joint) -> tuple[int, int, int, int]:
            crossing = crossings[item[0]]
            exact = joint is Joint.SAME
            return (
                crossing.layer,
                crossing.neuron,
                crossing.number if exact else 0,
                crossing.mechanism if exact else 0,
            )

        for _, group in groupby(sorted(left, key=identity), key=identity):
            items = list(group)
            if len(items) == 2 and items[0][1] * items[1][1] < 0.0:
                pairs.append((items[0][0], items[1][0], joint))
            else:
                rest += items
        left = rest
    return pairs, not left


def join_all(around: list[tuple[int, float]], crossings: Sequence[Crossing]) -> tuple[list[Joined], list[int]]:
    """Join what can be joined in a cell that is not divided further.

    Returns:
        Pairs, the doubtful ones as guesses, and the crossings that are left over.
    """
    pairs, _ = join_clear(around, crossings)
    joined = {number for pair in pairs for number in pair[:2]}
    left = [item for item in around if item[0] not in joined]

    def cost(one: tuple[int, float], other: tuple[int, float]) -> tuple[int, float]:
        a, b = crossings[one[0]], crossings[other[0]]
        return int((a.layer, a.neuron) != (b.layer, b.neuron)), float(np.hypot(*np.subtract(a.place, b.place)))

    # First those of one neuron, the nearest ones first; a handful at most.
    candidates = sorted(
        (cost(one, other), one[0], other[0])
        for k, one in enumerate(left)
        for other in left[k + 1 :]
        if one[1] * other[1] < 0.0
    )
    taken: set[int] = set()
    for _, one, other in candidates:
        if one not in taken and other not in taken:
            pairs.append((one, other, Joint.GUESS))
            taken |= {one, other}
    return pairs, [number for number, _ in left if number not in taken]
