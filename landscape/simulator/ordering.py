"""The spikes of a layer in the order of time."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from landscape.compilation import leaf, routine
from landscape.numba_internals import array_of
from landscape.simulator.memory import LANES

__all__ = ["sort_spikes"]

RUN = 32  # spikes of an interval that are counted; more than that are merged from such runs


@intrinsic
def _count_before(typingctx: Any, time: Any, begin: Any, t: Any, own: Any) -> Any:
    """How many of the eight numbers from ``time[begin]`` on come before one of the value ``t`` in place
    ``begin + own``: those that are less, and those that are equal and stand before it."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = array_of(context, builder, signature, arguments, 0)
        _, begin, t, own = arguments
        vector = ir.VectorType(ir.DoubleType(), LANES)
        flags = ir.VectorType(ir.IntType(1), LANES)
        word = ir.IntType(LANES)
        place = builder.bitcast(builder.gep(array.data, [begin]), vector.as_pointer())
        times = builder.load(place, align=8)
        unset = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(unset, t, ir.Constant(ir.IntType(32), 0))
        same = builder.shuffle_vector(first, unset, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))
        # Shifted in a wide word, since a shift by all of its bits has no meaning in LLVM.
        wide = ir.IntType(64)
        most = builder.select(builder.icmp_signed("<", own, ir.Constant(wide, LANES)), own, ir.Constant(wide, LANES))
        least = builder.select(builder.icmp_signed(">", most, ir.Constant(wide, 0)), most, ir.Constant(wide, 0))
        below = builder.sub(builder.shl(ir.Constant(wide, 1), least), ir.Constant(wide, 1))
        standing_before = builder.bitcast(builder.trunc(below, word), flags)
        equal = builder.and_(builder.fcmp_ordered("==", times, same), standing_before)
        before = builder.bitcast(builder.or_(builder.fcmp_ordered("<", times, same), equal), word)
        return builder.zext(builder.ctpop(before), wide)

    return types.int64(time, types.int64, types.float64, types.int64), codegen


@routine
def sort_spikes(found, count):
    """Bring the spikes into the order of time; equal times keep theirs. They come sorted by interval."""
    for j in range(count, count + LANES):
        found.time[np.uintp(j)] = np.inf  # what vectors see beyond the last one
    begin = np.int64(0)
    while begin < count:
        interval = found.interval[np.uintp(begin)]
        end = begin + 1
        while end < count and found.interval[np.uintp(end)] == interval:
            end += 1
        if end - begin == 1:
            _put(found, begin, begin)
        else:
            # Each goes where as many are before it: without a branch that cannot be foreseen. The spikes of later
            # intervals, which a vector may see too, are not before it.
            for low in range(begin, end, RUN):
                high = low + RUN if low + RUN < end else end
                for j in range(low, high):
                    t = found.time[np.uintp(j)]
                    place = low
                    for k in range(low, high, LANES):
                        place += _count_before(found.time, k, t, j - k)
                    _put(found, place, j)
            if end - begin > RUN:
                _merge(found, begin, end)
        begin = end


@leaf
def _put(found, place, j):
    """Put the spike ``j`` in its place."""
    found.sorted_time[np.uintp(place)] = found.time[np.uintp(j)]
    found.sorted_neuron[np.uintp(place)] = found.neuron[np.uintp(j)]
    found.order[np.uintp(place)] = j


@leaf
def _merge(found, begin, end):
    """Merge the sorted runs between two positions."""
    run = RUN
    while run < end - begin:
        for low in range(begin, end, 2 * run):
            middle = min(low + run, end)
            high = min(low + 2 * run, end)
            a = low
            b = middle
            for j in range(low, high):
                if a < middle and (b >= high or found.time[found.order[a]] <= found.time[found.order[b]]):
                    found.spare[j] = found.order[a]
                    a += 1
                else:
                    found.spare[j] = found.order[b]
                    b += 1
        for j in range(begin, end):
            found.order[j] = found.spare[j]
        run *= 2
    for j in range(begin, end):
        _put(found, j, found.order[j])
