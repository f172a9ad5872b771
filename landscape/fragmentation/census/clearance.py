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

import numpy as np

from landscape.compilation import inline
from landscape.fragmentation.census.trace import (
    CHANGE,
    CHANGES,
    EXCESS,
    EXCESS_CHANGE,
    ROWS,
    SEGMENT,
    SLOPE,
    SLOPE_CHANGE,
    TIME,
    TIMES,
)
from landscape.neurons.interface import arrival_variation, excess_variation, rest
from landscape.simulator.tuples import dot

__all__ = ["feed_slack", "is_clear", "split", "surprises"]

SAFETY = 2.0
ASTRAY = 0.75  # of the way of the last spike that is followed: so much may be unforeseen (1/2 beside a root)
ROUNDING = 1e-14  # of a margin, relative to a threshold of 1


@inline
def _stays_away(m0, s0, m1, s1, width, slack, one_sided):
    """Whether a margin with these values and derivatives at both ends of a cell keeps its sign within."""
    if m0 < 0.0:
        m0, s0, m1, s1 = -m0, -s0, -m1, -s1
    if not (m0 > 0.0 and m1 > 0.0):
        # A margin that does not depend on the position at all may be zero; not a number is never clear.
        return m0 == 0.0 and m1 == 0.0 and s0 == 0.0 and s1 == 0.0
    change = m1 - m0
    if one_sided and min(m0, m1) > SAFETY * (abs(change) + min(abs(s0), abs(s1)) * width + slack):
        # One end is a jump of the layers below, where derivatives may be infinite: such a path is monotone like a root.
        return True
    error = abs(change - 0.5 * width * (s0 + s1)) + slack
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
def _surprise(time0, change0, time1, change1, width, one_sided):
    """How far a spike is from where its derivatives at both ends of a cell would have it move."""
    moved = time1 - time0
    found = abs(moved - 0.5 * width * (change0 + change1))
    if one_sided:  # next to a jump of a layer below a derivative may be infinite; then the other one has to do
        found = min(found, abs(moved - width * (change0 if abs(change0) < abs(change1) else change1)))
    return found


@inline
def surprises(left, right, n_pre, width, one_sided):
    """How far each input event of a layer is from where its derivatives at both ends of a cell would have it move.

    In the order of the left feed. Events are matched by their neuron and number; ``n_pre`` is the number of neurons.
    """
    n = left.shape[1]
    found = np.zeros(n)
    following = np.full(right.shape[1], -1)
    first = np.full(n_pre, -1)
    last = np.full(n_pre, -1)
    for k in range(right.shape[1]):
        j = int(right[ROWS, k])
        if first[j] < 0:
            first[j] = k
        else:
            following[last[j]] = k
        last[j] = k
    for k in range(n):
        j = int(left[ROWS, k])
        other = first[j]
        if other < 0:
            continue
        first[j] = following[other]
        found[k] = _surprise(
            left[TIMES, k], left[CHANGES, k], right[TIMES, other], right[CHANGES, other], width, one_sided
        )
    return found


@inline
def feed_slack(neuron, left, base, direction, position, i, surprise):
    """How much the excess of neuron ``i`` may differ on account of events that are not where they were expected."""
    total = 0.0
    start = rest(neuron)
    row = excess_variation(neuron, start)
    for k in range(surprise.size):
        if surprise[k] > 0.0:
            j = int(left[ROWS, k])
            weight = base[i, j] + position * direction[i, j]
            total += abs(dot(row, arrival_variation(neuron, start, weight)[1])) * surprise[k]
    return total


@inline
def _steepest(marks, begin, end, column):
    steepest = 0.0
    for j in range(begin, end):
        steepest = max(steepest, abs(marks[j, column]))
    return steepest


@inline
def _all_far(marks, begin, end, reach):
    for j in range(begin, end):  # noqa: SIM110 - generators do not compile
        if not abs(marks[j, EXCESS]) > reach:
            return False
    return True


@inline
def _first_shoulder(marks):
    return int(1 + marks[0, 0] + marks[0, 1])


@inline
def _may_pause(marks, width, slack, most_excess, most_slope):
    """Whether at an input near the threshold the potential may cease to rise within the cell."""
    for j in range(_first_shoulder(marks), marks.shape[0]):
        near = SAFETY * (width * min(abs(marks[j, EXCESS_CHANGE]), most_excess) + slack)
        flat = SAFETY * width * min(abs(marks[j, SLOPE_CHANGE]), most_slope)
        if abs(marks[j, EXCESS]) <= near and marks[j, SLOPE] <= flat:
            return True
    return False


@inline
def _segment_end(marks, begin, segment):
    end = begin
    stop = _first_shoulder(marks)
    while end < stop and marks[end, SEGMENT] == segment:
        end += 1
    return end


@inline
def _margin_stays_away(left, right, j, k, width, slack, one_sided):
    return _stays_away(
        left[j, EXCESS],
        left[j, EXCESS_CHANGE],
        right[k, EXCESS],
        right[k, EXCESS_CHANGE],
        width,
        slack,
        one_sided,
    )


@inline
def is_clear(left, right, width, slack, reset_rate, one_sided, margins, most, same_time):
    """Whether no spike of a neuron with these traces at both ends of a cell comes, goes or jumps within it.

    ``slack``: by how much the excess may differ from what its derivatives tell because the inputs move otherwise than
    theirs do (:func:`feed_slack`); ``reset_rate``: by how much at most per displacement of a spike of the neuron
    itself; ``one_sided``: one end of the cell is a jump of a layer below. Without ``margins`` (no threshold)
    spikes come and go at the trial's end only, which their number tells. The traces may end after ``most`` spikes;
    a spike that moves by less than ``same_time`` has not jumped.
    """
    n = int(left[0, 0])
    if n != int(right[0, 0]):
        return False
    if not margins:
        return True
    begin0 = 1 + n
    begin1 = 1 + n
    for segment in range(n + 1):
        end0 = _segment_end(left, begin0, segment)
        end1 = _segment_end(right, begin1, segment)
        clear = end0 - begin0 == end1 - begin1
        if clear:
            for j in range(end0 - begin0):
                if not _margin_stays_away(left, right, begin0 + j, begin1 + j, width, slack, one_sided):
                    clear = False
                    break
        if not clear:
            reach = _steepest(left, begin0, end0, EXCESS_CHANGE)
            reach = SAFETY * (width * max(reach, _steepest(right, begin1, end1, EXCESS_CHANGE)) + slack)
            if not (_all_far(left, begin0, end0, reach) and _all_far(right, begin1, end1, reach)):
                return False
        begin0 = end0
        begin1 = end1
        if segment == n:
            break
        spike = 1 + segment
        if not _margin_stays_away(left, right, spike, spike, width, slack, one_sided):
            steepest = max(abs(left[spike, EXCESS_CHANGE]), abs(right[spike, EXCESS_CHANGE]))
            if not (min(left[spike, EXCESS], right[spike, EXCESS]) > SAFETY * (width * steepest + slack)):
                return False
        astray = _surprise(
            left[spike, TIME], left[spike, CHANGE], right[spike, TIME], right[spike, CHANGE], width, one_sided
        )
        if segment + 1 == most:
            # Nothing that follows would tell that this is another spike.
            moved = abs(left[spike, TIME] - right[spike, TIME])
            if not (moved <= same_time or astray <= ASTRAY * moved):
                return False
        # A spike takes a threshold off the potential, which decays with tau: so much for one that is out of place.
        slack += reset_rate * astray
    most_excess = math.inf
    most_slope = math.inf
    if one_sided:  # derivatives of one end may be infinite: those of the other one have to do
        first0, first1 = _first_shoulder(left), _first_shoulder(right)
        most_excess = SAFETY * min(
            _steepest(left, first0, left.shape[0], EXCESS_CHANGE),
            _steepest(right, first1, right.shape[0], EXCESS_CHANGE),
        )
        most_slope = SAFETY * min(
            _steepest(left, first0, left.shape[0], SLOPE_CHANGE),
            _steepest(right, first1, right.shape[0], SLOPE_CHANGE),
        )
    return not (
        _may_pause(left, width, slack, most_excess, most_slope)
        or _may_pause(right, width, slack, most_excess, most_slope)
    )


@inline
def _newton(marks, sign):
    """Smallest distance in the direction of ``sign`` at which a margin is zero if it goes on like its tangent."""
    nearest = math.inf
    # Spikes have positive margins, crests negative ones.
    for j in range(1, _first_shoulder(marks)):
        value = marks[j, EXCESS]
        closing = -sign * marks[j, EXCESS_CHANGE] if value > 0.0 else sign * marks[j, EXCESS_CHANGE]
        if closing > 0.0:
            nearest = min(nearest, abs(value) / closing)
    return nearest


@inline
def split(left, right, low, high):
    """Where to divide a cell that is not clear.

    Close beside the zero that the margins of both ends predict, on the side of the longer part, which is then cut off;
    in the middle where they predict none or disagree.
    """
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
