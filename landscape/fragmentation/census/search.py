"""All jumps of the spike trains of one sample along a line, layer after layer.

Given the spikes of the layer below, the neurons of a layer do not depend on one another, and between two jumps of the
layer below its spike times are smooth. So the line is cut at the jumps of the layer below; each piece is cut into
cells, each cell is halved for those neurons that are not clear (:mod:`.clearance`), down to the resolution of the
bracket; what differs across a bracket is a *transition*.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.fragmentation.census.clearance import feed_slack, is_clear, split, surprises
from landscape.fragmentation.census.trace import CHANGES, ROWS, TIME, TIMES, Inputs, trace
from landscape.fragmentation.census.trace import EVENT as TOP_EVENT
from landscape.fragmentation.census.trace import KIND as TOP
from landscape.gradients.tangent import layer_tangent
from landscape.neurons.interface import excess, has_threshold, rest
from landscape.simulator.layer import run_layer_in
from landscape.simulator.packed import Source
from landscape.simulator.rooms import no_room, run_of

__all__ = ["MARGIN", "RESOLUTION", "Line", "Transitions", "ascending", "find_transitions"]

RESOLUTION = 1e-12  # of the range: width of a bracket
MARGIN = 0.45  # of a bracket, to both sides of a jump: rounding makes a spike flicker for a few numbers beside it
MOST_ITEMS = 4096  # uncertain neurons and cells within one starting cell; more are reported as unresolved
SAME_TIME = 1e-8  # of the trial: a spike that moves less across a bracket has not jumped

# Columns of transitions.
LAYER, NEURON, NUMBER, KIND, EVENT, PARTNER, APPEARS = 0, 1, 2, 3, 4, 5, 6
LEFT, RIGHT, TIME_LEFT, TIME_RIGHT, PARTNER_TIME = 0, 1, 2, 3, 4


class Line(NamedTuple):
    """One sample on a line ``centre + position * direction``."""

    sizes: np.ndarray
    widths: np.ndarray
    starts: np.ndarray
    duration: float
    centre: np.ndarray  # (n_flat,); the first layer's part is used for nothing but naming a channel
    direction: np.ndarray  # (n_flat,)
    times: np.ndarray  # (n_events,) of the sample
    drive: np.ndarray  # (n_events, width): what the first layer receives at the centre
    change: np.ndarray  # (n_events, width): and its change per unit of the position
    read: Any  # int64; how many spikes of an output neuron are followed; 0 where outputs do not spike


class Layer(NamedTuple):
    """The layer whose transitions are looked for."""

    number: Any  # int64
    base: np.ndarray  # (n, rows) weights by postsynaptic neuron; what it receives per event for the first layer
    direction: np.ndarray  # (n, rows) their change per unit of the position
    held: np.ndarray  # its feed where the direction leaves the layers below as they are, otherwise empty
    most: Any  # int64; how many spikes of a neuron are followed, -1 for all


class Transitions(NamedTuple):
    """Transitions as found; ``size[0]`` rows are in use. ``unresolved`` are cells that were given up."""

    whole: np.ndarray  # (n, 7) int64
    real: np.ndarray  # (n, 5)
    size: np.ndarray  # (2,) int64: rows in use of transitions, of unresolved
    unresolved: np.ndarray  # (m, 2)


@inline
def make_transitions(n, m):
    """Room for ``n`` transitions and ``m`` unresolved cells."""
    return Transitions(np.empty((n, 7), np.int64), np.empty((n, 5)), np.zeros(2, np.int64), np.empty((m, 2)))


@inline
def _flat_at(line, position):
    """Weights at a position; the first layer's, which the drive stands for, are left out."""
    flat = line.centre.copy()
    for j in range(line.starts[1], flat.size):
        flat[j] += position * line.direction[j]
    return flat


@inline
def _rows_of(line, flat, layer):
    block = flat[line.starts[layer] : line.starts[layer + 1]]
    return block.reshape((line.sizes[layer], line.widths[layer + 1]))


@inline
def _layer(line, number, held):
    most = line.read if number == line.sizes.size - 2 else np.int64(-1)  # all spikes of hidden neurons
    if number == 0:
        return Layer(number, line.drive.T.copy(), line.change.T.copy(), held, most)
    base = _rows_of(line, line.centre, number).T.copy()
    return Layer(number, base, _rows_of(line, line.direction, number).T.copy(), held, most)


@inline
def _is_moved(line, layer):
    """Whether the direction has a part in the weights of a layer."""
    if layer == 0:
        for k in range(line.change.shape[0]):
            for i in range(line.change.shape[1]):
                if line.change[k, i] != 0.0:
                    return True
        return False
    for j in range(line.starts[layer], line.starts[layer + 1]):  # noqa: SIM110 - generators do not compile
        if line.direction[j] != 0.0:
            return True
    return False


@inline
def _feed_at(neuron, line, position, number):
    """Feed of a layer at a position, and whether the layers below could be simulated."""
    times = line.times
    row = np.arange(times.size)
    changes = np.zeros((1, times.size))
    fine = True
    if number > 0:
        rows = line.drive.copy()
        row_change = np.empty((1, line.drive.shape[0], line.drive.shape[1]))
        for k in range(rows.shape[0]):
            for i in range(rows.shape[1]):
                rows[k, i] += position * line.change[k, i]
                row_change[0, k, i] = line.change[k, i]
        flat = _flat_at(line, position)
        rooms = [no_room(neuron)]
        for below in range(number):
            n = line.sizes[below + 1]
            source = Source(times, row, rows)
            if not run_layer_in(rooms, 0, neuron, n, line.duration, source, np.bool_(True)):
                fine = False
                break
            times, row, changes = _spikes_with_changes(neuron, n, line.duration, source, rooms[0], row_change, changes)
            if below + 1 < number:
                rows = _rows_of(line, flat, below + 1).copy()
                above = _rows_of(line, line.direction, below + 1)
                row_change = np.empty((1, above.shape[0], above.shape[1]))
                for k in range(above.shape[0]):
                    for i in range(above.shape[1]):
                        row_change[0, k, i] = above[k, i]
    feed = np.empty((3, times.size))
    for k in range(times.size):
        feed[TIMES, k] = times[k]
        feed[CHANGES, k] = changes[0, k] if fine else 0.0
        feed[ROWS, k] = row[k]
    return feed, fine


@inline
def _spikes_with_changes(neuron, n, duration, source, room, row_change, changes):
    """Times and neurons of the spikes of a recorded run, and the changes of the times."""
    run = run_of(room)
    spike_changes, _ = layer_tangent(neuron, n, duration, source, run, row_change, changes)
    return run.sorted_time.copy(), run.sorted_neuron.copy(), spike_changes


@inline
def _feed_of(neuron, line, layer, position):
    """:func:`_feed_at`, simulated only where the direction changes it."""
    if layer.held.shape[1] > 0:
        return layer.held, True
    return _feed_at(neuron, line, position, layer.number)


@inline
def _trace(neuron, line, layer, feed, position, i, scratch):
    """Trace of neuron ``i`` and whether there was room for its spikes."""
    inputs = Inputs(feed, layer.base, layer.direction, position, line.duration)
    return trace(neuron, inputs, i, layer.most, scratch)


@inline
def _trace_all(neuron, line, layer, position, scratch):
    """Feed of a layer and traces of all its neurons at a position, and whether they could be simulated."""
    feed, fine = _feed_of(neuron, line, layer, position)
    traces = []
    for i in range(line.sizes[layer.number + 1]):
        here, enough = _trace(neuron, line, layer, feed, position, i, scratch)
        fine = fine and enough
        traces.append(here)
    return (feed, traces), fine


@inline
def _first_difference(left, right, duration):
    """Number of the first spike that is missing on one side or has jumped; -1 if none."""
    n0 = int(left[0, 0])
    n1 = int(right[0, 0])
    n = min(n0, n1)
    for j in range(n):
        if abs(left[1 + j, TIME] - right[1 + j, TIME]) > SAME_TIME * duration:
            return j
    return -1 if n0 == n1 else n


@inline
def _distance(left, right):
    """How far two spike trains are apart: the largest displacement, infinite where their numbers differ."""
    if left[0, 0] != right[0, 0]:
        return np.inf
    largest = 0.0
    for j in range(int(left[0, 0])):
        largest = max(largest, abs(left[1 + j, TIME] - right[1 + j, TIME]))
    return largest


@inline
def _pin_down(neuron, line, layer, i, low, high, left, right, scratch):
    """Bisect a bracket to adjacent numbers, towards the larger difference; returns it with both traces."""
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        feed, fine = _feed_of(neuron, line, layer, middle)
        here, enough = _trace(neuron, line, layer, feed, middle, i, scratch)
        if not (fine and enough):
            break
        if _distance(left, here) >= _distance(here, right):
            high = middle
            right = here
        else:
            low = middle
            left = here
    return low, high, left, right


@inline
def _record(neuron, line, found, layer, i, low, high, left, right):
    """Write down how two spike trains across a bracket differ."""
    j = _first_difference(left, right, line.duration)
    time_left = left[1 + j, TIME] if j < left[0, 0] else np.nan
    time_right = right[1 + j, TIME] if j < right[0, 0] else np.nan
    # The spike that is there on one side only is the earlier one.
    appears = np.isnan(time_left) or time_right < time_left
    there = right if appears else left
    kind = int(there[1 + j, TOP])
    event = int(there[1 + j, TOP_EVENT])
    partner = -1
    partner_time = np.nan
    if event >= 0:
        position = high if appears else low
        feed, _ = _feed_of(neuron, line, layer, position)
        partner = int(feed[ROWS, event])
        partner_time = feed[TIMES, event]
    n = found.size[0]
    found.whole[n, LAYER] = layer.number
    found.whole[n, NEURON] = i
    found.whole[n, NUMBER] = j
    found.whole[n, KIND] = kind
    found.whole[n, EVENT] = event
    found.whole[n, PARTNER] = partner
    found.whole[n, APPEARS] = 1 if appears else 0
    found.real[n, LEFT] = low
    found.real[n, RIGHT] = high
    found.real[n, TIME_LEFT] = time_left
    found.real[n, TIME_RIGHT] = time_right
    found.real[n, PARTNER_TIME] = partner_time
    found.size[0] = n + 1


@inline
def _grown(found):
    # Element by element: to compile the assignment of a slice, with its errors, takes seconds.
    n = found.whole.shape[0]
    m = found.unresolved.shape[0]
    larger = make_transitions(2 * n, 2 * m)
    for j in range(n):
        for c in range(found.whole.shape[1]):
            larger.whole[j, c] = found.whole[j, c]
        for c in range(found.real.shape[1]):
            larger.real[j, c] = found.real[j, c]
    for j in range(m):
        for c in range(2):
            larger.unresolved[j, c] = found.unresolved[j, c]
    return Transitions(larger.whole, larger.real, found.size, larger.unresolved)


@inline
def _is_clear(neuron, line, layer, feed, left, right, i, bounds, surprise, one_sided):
    low, high = bounds
    slack = feed_slack(neuron, feed, layer.base, layer.direction, low, i, surprise) if layer.number > 0 else 0.0
    reset_rate = abs(excess(neuron, rest(neuron))) / neuron.tau
    margins = has_threshold(neuron)
    same_time = SAME_TIME * line.duration
    return is_clear(left, right, high - low, slack, reset_rate, one_sided, margins, layer.most, same_time)


@inline
def _surprises(line, layer, feed0, feed1, low, high, one_sided):
    if layer.number == 0:
        return np.zeros(0)
    return surprises(feed0, feed1, line.sizes[layer.number], high - low, one_sided)


@inline
def _search_cell(neuron, line, layer, bounds, left_end, right_end, one_sided, smallest, scratch, found):
    """Find the transitions of all neurons of a layer in one cell. Returns them and whether all could be simulated."""
    duration = line.duration
    low, high = bounds
    feed0, lefts = left_end
    feed1, rights = right_end
    # Uncertain neurons with their cells, level by level; those of one cell stand together.
    who = [0 for _ in range(0)]
    lows = [0.0 for _ in range(0)]
    highs = [0.0 for _ in range(0)]
    on_left = [lefts[0] for _ in range(0)]
    on_right = [lefts[0] for _ in range(0)]
    feeds_left = [feed0 for _ in range(0)]
    feeds_right = [feed0 for _ in range(0)]
    surprise = _surprises(line, layer, feed0, feed1, low, high, one_sided)
    for i in range(line.sizes[layer.number + 1]):
        if not _is_clear(neuron, line, layer, feed0, lefts[i], rights[i], i, bounds, surprise, one_sided):
            who.append(i)
            lows.append(low)
            highs.append(high)
            on_left.append(lefts[i])
            on_right.append(rights[i])
            feeds_left.append(feed0)
            feeds_right.append(feed1)
    while len(who) > 0:
        next_who = [0 for _ in range(0)]
        next_lows = [0.0 for _ in range(0)]
        next_highs = [0.0 for _ in range(0)]
        next_left = [lefts[0] for _ in range(0)]
        next_right = [lefts[0] for _ in range(0)]
        next_feeds_left = [feed0 for _ in range(0)]
        next_feeds_right = [feed0 for _ in range(0)]
        at = np.nan
        feed = feed0
        before = surprise
        after = surprise
        for item in range(len(who)):
            i = who[item]
            a = lows[item]
            b = highs[item]
            left = on_left[item]
            right = on_right[item]
            middle = split(left, right, a, b)
            if b - a <= smallest or not a < middle < b:
                if _first_difference(left, right, duration) >= 0:
                    a, b, left, right = _pin_down(neuron, line, layer, i, a, b, left, right, scratch)
                    # What was continuous, however steep, is the same at adjacent numbers.
                    if _first_difference(left, right, duration) >= 0:
                        if found.size[0] == found.whole.shape[0]:
                            found = _grown(found)
                        _record(neuron, line, found, layer, i, a, b, left, right)
                continue
            edge_left = one_sided and a == low
            edge_right = one_sided and b == high
            if middle != at:
                feed, fine = _feed_of(neuron, line, layer, middle)
                if not fine:
                    return found, False
                at = middle
                before = _surprises(line, layer, feeds_left[item], feed, a, middle, edge_left)
                after = _surprises(line, layer, feed, feeds_right[item], middle, b, edge_right)
            here, enough = _trace(neuron, line, layer, feed, middle, i, scratch)
            if not enough:
                return found, False
            if not _is_clear(neuron, line, layer, feeds_left[item], left, here, i, (a, middle), before, edge_left):
                next_who.append(i)
                next_lows.append(a)
                next_highs.append(middle)
                next_left.append(left)
                next_right.append(here)
                next_feeds_left.append(feeds_left[item])
                next_feeds_right.append(feed)
            if not _is_clear(neuron, line, layer, feed, here, right, i, (middle, b), after, edge_right):
                next_who.append(i)
                next_lows.append(middle)
                next_highs.append(b)
                next_left.append(here)
                next_right.append(right)
                next_feeds_left.append(feed)
                next_feeds_right.append(feeds_right[item])
        if len(next_who) > MOST_ITEMS:
            if found.size[1] == found.unresolved.shape[0]:
                found = _grown(found)
            found.unresolved[found.size[1], 0] = low
            found.unresolved[found.size[1], 1] = high
            found.size[1] += 1
            break
        who = next_who
        lows = next_lows
        highs = next_highs
        on_left = next_left
        on_right = next_right
        feeds_left = next_feeds_left
        feeds_right = next_feeds_right
    return found, True


@inline
def ascending(values, n):
    """Indices that sort the first ``n`` values."""
    order = np.empty(n, np.int64)
    for j in range(n):
        k = j
        while k > 0 and values[order[k - 1]] > values[j]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = j
    return order


@inline
def find_transitions(neuron, line, grid, scratch):
    """All transitions of the layers of spiking neurons between the positions of ``grid``.

    Returns them, the lowest layer first, and whether all could be simulated.
    """
    found = make_transitions(np.int64(64), np.int64(4))
    smallest = RESOLUTION * (grid[grid.size - 1] - grid[0])
    beside = MARGIN * smallest
    n_layers = line.sizes.size - 1
    moved = False  # whether the direction has a part in one of the layers below
    for number in range(n_layers if line.read != 0 else n_layers - 1):
        held = np.empty((3, 0))
        if not moved:
            if not _is_moved(line, number):
                continue  # nothing happens here
            held, fine = _feed_at(neuron, line, grid[0], number)
            if not fine:
                return found, False
            moved = True
        layer = _layer(line, number, held)
        before = found.size[0]
        order = ascending(found.real[:, LEFT], before)
        low = grid[0]
        one_sided = False
        lefts, fine = _trace_all(neuron, line, layer, low, scratch)
        if not fine:
            return found, False
        next_grid = 1
        next_cut = 0
        while next_grid < grid.size:
            # The next point is the next one of the grid or the left end of a jump below, whichever comes first.
            high = grid[next_grid]
            cut = next_cut < before and found.real[order[next_cut], LEFT] - beside <= high
            if cut:
                high = max(found.real[order[next_cut], LEFT] - beside, low)
            if high > low:
                rights, fine = _trace_all(neuron, line, layer, high, scratch)
                if not fine:
                    return found, False
                found, fine = _search_cell(
                    neuron, line, layer, (low, high), lefts, rights, one_sided or cut, smallest, scratch, found
                )
                if not fine:
                    return found, False
                low = high
                lefts = rights
            one_sided = cut
            if cut:
                # Beyond the jump; jumps whose brackets overlap are passed together.
                beyond = found.real[order[next_cut], RIGHT] + beside
                next_cut += 1
                while next_cut < before and found.real[order[next_cut], LEFT] - beside <= beyond:
                    beyond = max(beyond, found.real[order[next_cut], RIGHT] + beside)
                    next_cut += 1
                low = max(low, min(beyond, grid[grid.size - 1]))
                while next_grid < grid.size and grid[next_grid] <= low:
                    next_grid += 1
                lefts, fine = _trace_all(neuron, line, layer, low, scratch)
                if not fine:
                    return found, False
            else:
                next_grid += 1
    return found, True
