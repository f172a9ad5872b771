"""Losses on both sides of transitions, and which of them are jumps.

Beside a jump a loss is smooth: its limit follows from two positions by a straight line. But where a spike comes by
grazing, its time leaves the maximum like the root of the distance, and so does the loss: a difference across a bracket
of 1e-12 would be wrong by 1e-6. On that side the limit is extrapolated by polynomials in the root of the distance, from
five positions within the stretch that is free of other transitions; of several step sizes the one is taken on which two
orders agree best, and the losses still nearer to the jump agree with them.

A loss may also be so steep that it changes much within a bracket (QIF networks near their separatrix). What shrinks in
proportion to the bracket is no jump.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["WIDTHS", "are_steep", "difference", "root_limits", "shrinking_differences", "smooth_limits"]

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Losses = Callable[[FloatArray], FloatArray]  # losses at positions, of the same shape

# Lagrange weights at 0 for the nodes 1, 2, ..., 5 of a polynomial in the root of the distance, of both orders.
FIVE = np.array([5.0, -10.0, 10.0, -5.0, 1.0])
FOUR = np.array([4.0, -6.0, 4.0, -1.0, 0.0])
NODES = np.arange(1.0, 6.0)
# The same at 1/2, 1/4, ... for the polynomial through all five.
NEARER = np.array(
    [
        [math.prod((0.5**j - other) / (node - other) for other in NODES if other != node) for node in NODES]
        for j in range(1, 16)
    ]
)
SCALES = 12
FIRST_STEP = 2e-3  # root of the distance of the first node, in roots of the range
NEAREST = 1e-14  # of the range: nearer to a jump, rounding decides which side a position is on
ROUNDING = 1e-15  # of a position: how far off the zero of a margin may be found
ENOUGH = 2e-11  # nats: error at which no smaller step is tried
SHRUNK = 0.2  # of a difference, when the bracket is a tenth or less
WIDTHS = (1e-6, 1e-8, 1e-10, 1e-12)  # of the range: brackets whose shrinking differences are kept


def difference(after: FloatArray, before: FloatArray) -> FloatArray:
    """``after - before``; 0 where both are infinite alike."""
    with np.errstate(invalid="ignore"):
        return np.where(after == before, 0.0, after - before)


def smooth_limits(
    losses: Losses, edge: FloatArray, reach: FloatArray, beside: float, at_edge: FloatArray, side: float
) -> tuple[FloatArray, FloatArray]:
    """Limits (n,) of a smooth loss at positions ``edge`` and estimates of their errors.

    Args:
        losses: the loss at positions.
        edge: (n,)
        reach: (n,); distance to the next transition.
        beside: distance at which the loss is ``at_edge``.
        at_edge: (n,)
        side: -1.0 for the limits from the left, 1.0 for those from the right.
    """
    far = reach >= 2.0 * beside
    change = difference(at_edge, losses(np.where(far, edge + side * 2.0 * beside, edge + side * reach)))
    return np.where(far, at_edge + change, at_edge), np.where(far, 0.1 * np.abs(change), np.inf)


def root_limits(
    losses: Losses, edge: FloatArray, reach: FloatArray, span: float, at_edge: FloatArray, side: float
) -> tuple[FloatArray, FloatArray]:
    """The same for a loss that leaves its limit like a root; ``span`` is the length of the range."""
    best = at_edge.copy()
    error = np.full(edge.size, np.inf)
    rounding = np.zeros(edge.size)
    off = ROUNDING * np.maximum(np.abs(edge), span)
    first = np.minimum(FIRST_STEP * np.sqrt(span), np.sqrt(reach / (2.0 * NODES[-1] ** 2)))
    nearer = first[:, None] * 0.5 ** np.arange(SCALES + 3)
    seen = nearer * nearer >= NEAREST * span
    there = losses(edge[:, None] + side * np.where(seen, nearer * nearer, (first * first)[:, None]))
    for scale in range(SCALES):
        step = nearer[:, scale]
        todo = np.flatnonzero((error > ENOUGH) & seen[:, scale])
        if not todo.size:
            break
        roots = NODES * step[todo, None]
        farther = losses(edge[todo, None] + side * (roots * roots)[:, 1:])
        values = np.concatenate([there[todo, scale, None], farther], axis=1)
        with np.errstate(invalid="ignore"):
            five, four = values @ FIVE, values @ FOUR
            # The spike moves fast: nearer to the jump it may yet pass an input, and the loss have a kink there.
            inside = nearer[todo, scale + 1 :]
            slope = np.abs(values[:, 0] - five) / step[todo]
            missed = np.abs(values @ NEARER[: inside.shape[1]].T - there[todo, scale + 1 :])
            missed -= (slope * off[todo])[:, None] / inside
            kink = np.where(seen[todo, scale + 1 :], missed, 0.0).max(axis=1)
            found = np.abs(five - four) + np.maximum(kink, 0.0)
        better = found < error[todo]
        best[todo[better]] = five[better]
        error[todo[better]] = found[better]
        rounding[todo[better]] = (slope * off[todo] / step[todo])[better]
    return best, error + rounding


def are_steep(
    losses: Losses,
    left: FloatArray,
    right: FloatArray,
    beside: float,
    outer: tuple[FloatArray, FloatArray],
    has_threshold: bool,
) -> BoolArray:
    """Whether the loss changes across brackets because it is steep, and not because it jumps; (n,).

    The brackets are ``beside`` wider than ``left`` to ``right`` on both sides; ``outer`` are the losses at their ends.
    """
    across = np.abs(difference(outer[1], outer[0]))
    if not has_threshold:
        # Where spikes come and go at the trial's end only, no rounding moves a jump away from adjacent numbers.
        return np.abs(difference(losses(right), losses(left))) < SHRUNK * across
    steep = np.zeros(left.size, np.bool_)
    open_ = np.ones(left.size, np.bool_)
    for _ in range(2):
        beside *= 0.1
        inner = losses(left - beside), losses(right + beside)
        shrunk = open_ & (np.abs(difference(inner[1], inner[0])) < SHRUNK * across)
        # Unless rounding has put a jump into one of the outer parts.
        aside = np.abs([difference(inner[0], outer[0]), difference(outer[1], inner[1])])
        moved = (aside.max(axis=0) > (1.0 - SHRUNK) * across) & (aside.min(axis=0) < SHRUNK * across)
        steep |= shrunk & ~moved
        open_ &= ~shrunk
        outer = inner
        across = np.abs(difference(outer[1], outer[0]))
    return steep


def shrinking_differences(
    losses: Losses, left: FloatArray, right: FloatArray, reach: FloatArray, span: float
) -> FloatArray:
    """Differences (n, len(WIDTHS)) across brackets that shrink; nan where they reach another transition.

    ``reach``: (n,), the distance to the nearest one.
    """
    half = 0.5 * np.array(WIDTHS) * span
    free = half < reach[:, None]
    inside = np.where(free, half, 0.0)
    found = difference(losses(right[:, None] + inside), losses(left[:, None] - inside))
    return np.where(free, found, np.nan)
