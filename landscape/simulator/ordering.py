"""The spikes of a layer in the order of time."""

from __future__ import annotations

import numpy as np

from landscape.compilation import leaf, routine

__all__ = ["sort_spikes"]


@routine
def sort_spikes(room, count):
    """Bring the spikes into the order of time; equal times keep theirs. They come sorted by interval."""
    begin = np.int64(0)
    while begin < count:
        end = begin
        while end < count and room.interval[np.uintp(end)] == room.interval[np.uintp(begin)]:
            # Insertion into runs of 16, in most trials the whole of an interval.
            t = room.time[np.uintp(end)]
            first = end - (end - begin) % 16
            k = end
            while k > first and room.sorted_time[np.uintp(k - 1)] > t:
                room.sorted_time[np.uintp(k)] = room.sorted_time[np.uintp(k - 1)]
                room.order[np.uintp(k)] = room.order[np.uintp(k - 1)]
                k -= 1
            room.sorted_time[np.uintp(k)] = t
            room.order[np.uintp(k)] = end
            end += 1
        if end - begin > 16:
            _merge(room, begin, end)
        begin = end
    for j in range(count):
        room.sorted_neuron[np.uintp(j)] = room.neuron[np.uintp(room.order[np.uintp(j)])]


@leaf
def _merge(room, begin, end):
    """Merge the sorted runs of 16 between two positions."""
    run = 16
    while run < end - begin:
        for low in range(begin, end, 2 * run):
            middle = min(low + run, end)
            high = min(low + 2 * run, end)
            a = low
            b = middle
            for j in range(low, high):
                if a < middle and (b >= high or room.time[room.order[a]] <= room.time[room.order[b]]):
                    room.spare[j] = room.order[a]
                    a += 1
                else:
                    room.spare[j] = room.order[b]
                    b += 1
        for j in range(begin, end):
            room.order[j] = room.spare[j]
        run *= 2
    for j in range(begin, end):
        room.sorted_time[j] = room.time[room.order[j]]
