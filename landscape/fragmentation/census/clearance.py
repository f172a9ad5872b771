"""Whether a spike train can have jumped between two positions, judged from its margins at both.

Between two jumps every margin is a smooth function of the position whose value and derivative are known at both ends
of a cell. Its cubic Hermite interpolant must stay away from zero by more than twice what the derivatives at both ends
fail to predict of the change; margins that cannot be matched, because a maximum has come or gone, must be farther from
zero than twice the steepest derivative of their segment can carry them; and no input near the threshold may be about to
become a maximum. Where one of these fails the cell is halved. A jump
that escapes this would need margins that turn faster than they show at both ends of the cell.
"""

from __future__ import annotations

import math

from landscape.compilation import inline
from landscape.fragmentation.census.trace import CHANGE, EXCESS, EXCESS_CHANGE, TIME

__all__ = ["is_clear", "split"]

SAFETY = 2.0
TIME_ERROR = 0.01  # of the trial: unpredicted displacement of a spike that asks for a closer look
ROUNDING = 1e-14  # of a margin, relative to a threshold of 1


@inline
def _stays_away(m0, s0, m1, s1, width, one_sided):
    """Whether a margin with these values and derivatives at both ends of a cell keeps its sign within."""
    if m0 < 0.0:
        m0, s0, m1, s1 = -m0, -s0, -m1, -s1
    if not (m0 > 0.0 and m1 > 0.0):
        # A margin that does not depend on the position at all may be zero; not a number is never clear.
        return m0 == 0.0 and m1 == 0.0 and s0 == 0.0 and s1 == 0.0
    change = m1 - m0
    if one_sided:
        # One end is a jump of the layers below, where derivatives may be infinite: the path is monotone like a root.
        steepest = min(abs(s0), abs(s1)) * width
        return min(m0, m1) > SAFETY * (abs(change) + steepest)
    error = abs(change - 0.5 * width * (s0 + s1))
    lowest = min(m0, m1)
    rounding = ROUNDING * (abs(m0) + abs(m1))
    if s0 * s1 > 0.0 and 12.0 * error < width * min(abs(s0), abs(s1)):
        return lowest > rounding  # monotone: however close to zero it comes at one end
    # Interior extrema of the Hermite cubic m0 + a x + b x**2 + c x**3, x from 0 to 1.
    a = s0 * width
    b = 3.0 * change - 2.0 * a - s1 * width
    c = a + s1 * width - 2.0 * change
    discriminant = b * b - 3.0 * a * c
    if discriminant > 0.0:
        root = math.sqrt(discriminant)
        q = -(b + root) if b >= 0.0 else root - b
        for x in (q / (3.0 * c) if c != 0.0 else -1.0, a / q if q != 0.0 else -1.0):
            if 0.0 < x < 1.0:
                lowest = min(lowest, m0 + x * (a + x * (b + x * c)))
    return lowest > SAFETY * error + rounding


@inline
def _steepest(crests, begin, end):
    steepest = 0.0
    for j in range(begin, end):
        steepest = max(steepest, abs(crests[j, EXCESS_CHANGE]))
    return steepest


@inline
def _all_far(crests, begin, end, reach):
    for j in range(begin, end):
        if not abs(crests[j, EXCESS]) > reach:
            return False
    return True


@inline
def _largest(shoulders, column):
    largest = 0.0
    for j in range(shoulders.shape[0]):
        largest = max(largest, abs(shoulders[j, column]))
    return largest


@inline
def _may_pause(shoulders, width, most_excess, most_slope):
    """Whether at an input near the threshold the potential may cease to rise within the cell."""
    for j in range(shoulders.shape[0]):
        near = SAFETY * width * min(abs(shoulders[j, 1]), most_excess)
        if abs(shoulders[j, 0]) <= near and shoulders[j, 2] <= SAFETY * width * min(abs(shoulders[j, 3]), most_slope):
            return True
    return False


@inline
def is_clear(left, right, width, duration, one_sided, margins):
    """Whether no spike of a neuron with these traces at both ends of a cell comes, goes or jumps within it.

    ``one_sided``: one end of the cell is a jump of a layer below. Without ``margins`` (models without a threshold)
    spikes come and go at the trial's end only, which their number tells.
    """
    n = left.spikes.shape[0]
    if n != right.spikes.shape[0]:
        return False
    if not margins:
        return True
    for j in range(n):
        a = left.spikes[j]
        b = right.spikes[j]
        if not _stays_away(a[EXCESS], a[EXCESS_CHANGE], b[EXCESS], b[EXCESS_CHANGE], width, one_sided):
            reach = SAFETY * width * max(abs(a[EXCESS_CHANGE]), abs(b[EXCESS_CHANGE]))
            if not (min(a[EXCESS], b[EXCESS]) > reach):
                return False
        moved = b[TIME] - a[TIME]
        if not one_sided:
            moved -= 0.5 * width * (a[CHANGE] + b[CHANGE])
        if not abs(moved) < TIME_ERROR * duration:
            return False
    most_excess = math.inf
    most_slope = math.inf
    if one_sided:  # derivatives of one end may be infinite: those of the other one have to do
        most_excess = SAFETY * min(_largest(left.shoulders, 1), _largest(right.shoulders, 1))
        most_slope = SAFETY * min(_largest(left.shoulders, 3), _largest(right.shoulders, 3))
    if _may_pause(left.shoulders, width, most_excess, most_slope):
        return False
    if _may_pause(right.shoulders, width, most_excess, most_slope):
        return False
    begin0 = 0
    begin1 = 0
    for segment in range(n + 1):
        end0 = begin0
        while end0 < left.segments.size and left.segments[end0] == segment:
            end0 += 1
        end1 = begin1
        while end1 < right.segments.size and right.segments[end1] == segment:
            end1 += 1
        clear = end0 - begin0 == end1 - begin1
        if clear:
            for j in range(end0 - begin0):
                a = left.crests[begin0 + j]
                b = right.crests[begin1 + j]
                if not _stays_away(a[EXCESS], a[EXCESS_CHANGE], b[EXCESS], b[EXCESS_CHANGE], width, one_sided):
                    clear = False
                    break
        if not clear:
            reach = _steepest(left.crests, begin0, end0)
            reach = SAFETY * width * max(reach, _steepest(right.crests, begin1, end1))
            if not (_all_far(left.crests, begin0, end0, reach) and _all_far(right.crests, begin1, end1, reach)):
                return False
        begin0 = end0
        begin1 = end1
    return True


@inline
def _newton(found, sign):
    """Smallest distance in the direction of ``sign`` at which a margin is zero if it goes on like its tangent."""
    nearest = math.inf
    for j in range(found.spikes.shape[0]):
        closing = -sign * found.spikes[j, EXCESS_CHANGE]
        if closing > 0.0 and found.spikes[j, EXCESS] > 0.0:
            nearest = min(nearest, found.spikes[j, EXCESS] / closing)
    for j in range(found.crests.shape[0]):
        closing = sign * found.crests[j, EXCESS_CHANGE]
        if closing > 0.0 and found.crests[j, EXCESS] < 0.0:
            nearest = min(nearest, -found.crests[j, EXCESS] / closing)
    return nearest


@inline
def split(left, right, low, high):
    """Where to divide a cell that is not clear: close beside the zero that the margins of both ends predict, on the side
    of the longer part, which is then cut off; in the middle where they predict none or disagree."""
    middle = 0.5 * (low + high)
    width = high - low
    from_left = low + _newton(left, 1.0)
    from_right = high - _newton(right, -1.0)
    apart = abs(from_left - from_right)
    if not (low < from_left < high and low < from_right < high and apart < 0.25 * width):
        return middle
    # The nearer end predicts better: its error grows with the square of the distance.
    near_left = from_left - low < high - from_right
    zero = from_left if near_left else from_right
    aside = 0.5 * apart + 4e-16 * max(abs(low), abs(high))
    beside = zero - aside if zero - low > high - zero else zero + aside
    return beside if low < beside < high else middle
