"""The anatomy of one sample's loss along a line: when every neuron spikes, and why one discontinuity happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.fragmentation.anatomy_record import Anatomy, BothSides
from landscape.fragmentation.both_sides import beyond_rounding, potentials_on_both_sides
from landscape.fragmentation.census.record import Census
from landscape.fragmentation.sample_line import SampleLine, Spikes

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["Anatomy", "BothSides", "anatomy", "telling_sample"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: Positions are added until no spike moves by more than this share of the trial from one to the next ...
_STEP = 0.01
#: ... or they are this share of the range apart: then the spike has jumped. A figure cannot show less.
_FINEST = 1e-6
#: Spikes that move by less than these shares of the trial are the same spike, across such a gap and across a
#: discontinuity's bracket.
_SAME = 1e-3
_SAME_ACROSS_BRACKET = 1e-6
#: A vertex is left out where a curve is straight to this share of the trial; in so many rounds.
_STRAIGHT = 5e-4
_ROUNDS = 8
#: Positions beyond which none are added.
_MOST_POSITIONS = 5000


def telling_sample(census: Census) -> int:
    """The sample with the largest summed size of its finite jumps; 0 where there are none."""
    totals = np.zeros(census.n_samples)
    finite = np.isfinite(census.jump)
    np.add.at(totals, census.sample[finite], np.abs(census.jump[finite]))
    return int(np.argmax(totals)) if totals.size else 0


def anatomy(
    network: Network,
    direction: Sequence[np.ndarray],
    data: Dataset,
    objective: Objective,
    census: Census,
    *,
    sample: int | None = None,
    row: int | None = None,
    points: int = 201,
    times: int = 801,
) -> Anatomy:
    """Follow the spikes of one sample along the line of a census.

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``.
        data: the data of the census.
        objective: its objective.
        census: what :func:`landscape.find_discontinuities` found.
        sample: the sample; where not given, the one with the largest summed jumps.
        row: the discontinuity of the sample whose two sides are looked at, a row of ``census.of_sample(sample)``; where
            not given, the one with the largest finite jump.
        points: evenly spaced positions to begin with; more are added where spikes come, go or move fast.
        times: evenly spaced times at which the potential is evaluated on both sides, and as many around the event.

    Raises:
        InputError: there is no such sample or row, or fewer than two points or times.
    """
    if points < 2 or times < 2:
        raise InputError(f"points and times must be at least 2, not {points} and {times}")
    chosen = telling_sample(census) if sample is None else int(sample)
    if not 0 <= chosen < min(len(data), census.n_samples):
        raise InputError(f"sample {chosen}: the census has samples 0 to {census.n_samples - 1}; choose among these")
    own = census.of_sample(chosen)
    if row is not None and not 0 <= row < len(own):
        raise InputError(f"discontinuity {row}: sample {chosen} has {len(own)}; choose one from 0 on")
    line = SampleLine(network, direction, data.select(indices=[chosen]), objective)
    brackets = beyond_rounding(own)
    start = np.unique(np.concatenate([np.linspace(census.low, census.high, points), brackets.ravel()]))
    start = start[~np.any((start[:, None] > brackets[:, 0]) & (start[:, None] < brackets[:, 1]), axis=1)]
    positions, spikes = _refined(line, start, census.high - census.low)
    piece = np.searchsorted(np.sort(brackets[:, 1]), positions, side="right").astype(np.int64)
    curves = _curves(positions, spikes, piece, line)
    loss = np.array([line.loss(position) for position in positions.tolist()])
    found = row if row is not None else _largest(own)
    return Anatomy(
        sample=chosen,
        label=int(data.labels[chosen]),
        duration=network.duration,
        sizes=network.sizes[: 1 + line.n_spiking],
        spiking_output=line.n_spiking == len(network.weights),
        position=positions,
        loss=loss,
        piece=piece,
        **curves,
        both_sides=None if found is None else potentials_on_both_sides(line, own, found, times),
    )


def _refined(line: SampleLine, start: FloatArray, width: float) -> tuple[FloatArray, list[Spikes]]:
    """Add positions until spikes move little from one to the next, or have jumped."""
    step = _STEP * line.network.duration
    known = {float(position): line.spikes(position) for position in start}
    todo = list(zip(start[:-1].tolist(), start[1:].tolist(), strict=True))
    while todo and len(known) < _MOST_POSITIONS:
        halves = []
        for left, right in todo:
            middle = 0.5 * (left + right)
            if _close(known[left], known[right], step) or right - left <= _FINEST * width:
                continue
            known[middle] = line.spikes(middle)
            halves += [(left, middle), (middle, right)]
        todo = halves
    positions = np.array(sorted(known))
    return positions, [known[position] for position in positions.tolist()]


def _close(one: Spikes, other: Spikes, step: float) -> bool:
    return np.array_equal(one.key, other.key) and bool(np.all(np.abs(one.time - other.time) <= step))


def _curves(positions: FloatArray, spikes: list[Spikes], piece: IntArray, line: SampleLine) -> dict[str, Any]:
    """Join spikes of neighbouring positions to curves."""
    duration = line.network.duration
    curve = np.arange(spikes[0].key.size)
    keys = [spikes[0].key]
    ids = [curve]
    count = curve.size
    for number in range(1, positions.size):
        before, here = spikes[number - 1], spikes[number]
        across = piece[number] != piece[number - 1]
        if not across and _close(before, here, _STEP * duration):
            ids.append(ids[-1])
            continue
        joined = _matched(before, here, (_SAME_ACROSS_BRACKET if across else _SAME) * duration)
        new = joined < 0
        following = np.where(new, 0, ids[-1][joined] if ids[-1].size else 0)
        following[new] = np.arange(count, count + np.count_nonzero(new))
        count += int(np.count_nonzero(new))
        keys.append(here.key[new])
        ids.append(following)
    vertex_curve = np.concatenate(ids)
    order = np.argsort(vertex_curve, kind="stable")
    curve_key = np.concatenate(keys).astype(np.int64)
    layer = line.layer_of(curve_key)
    place = np.repeat(positions, [each.key.size for each in spikes])[order]
    time = np.concatenate([each.time for each in spikes])[order]
    kept = _needed(vertex_curve[order], place, time, _STRAIGHT * duration)
    return {
        "curve_layer": layer,
        "curve_neuron": curve_key - line.offsets[layer],
        "vertex_curve": vertex_curve[order][kept].astype(np.int64),
        "vertex_position": place[kept],
        "vertex_time": time[kept],
    }


def _needed(curve: IntArray, position: FloatArray, time: FloatArray, tolerance: float) -> IntArray:
    """Vertices without which straight pieces would miss one by more than ``tolerance``, in their order.

    In each round every second vertex is left out that its neighbours lie straight enough around.
    """
    kept = np.arange(curve.size)
    for _ in range(_ROUNDS):
        before, here, after = kept[:-2:2], kept[1:-1:2], kept[2::2]
        inside = (curve[before] == curve[here]) & (curve[after] == curve[here])
        share = (position[here] - position[before]) / np.where(inside, position[after] - position[before], 1.0)
        missed = np.abs(time[before] + share * (time[after] - time[before]) - time[here])
        needless = inside & (missed <= tolerance / _ROUNDS)
        kept = np.setdiff1d(kept, here[needless], assume_unique=True)
    return kept


def _matched(before: Spikes, here: Spikes, tolerance: float) -> IntArray:
    """For each spike here, the spike before that is the same one, or -1; (n_here,)."""
    found = np.full(here.key.size, -1, np.int64)
    j = 0
    for k in range(here.key.size):
        while j < before.key.size and (
            before.key[j] < here.key[k] or (before.key[j] == here.key[k] and before.time[j] < here.time[k] - tolerance)
        ):
            j += 1
        if j < before.key.size and before.key[j] == here.key[k] and before.time[j] <= here.time[k] + tolerance:
            found[k] = j
            j += 1
    return found


def _largest(own: Census) -> int | None:
    sizes = np.where(np.isfinite(own.jump), np.abs(own.jump), -1.0)
    return int(np.argmax(sizes)) if sizes.size and sizes.max() >= 0.0 else None
