"""The census of one sample: transitions, the losses on both sides, and what follows in later layers."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from landscape.constants import Neuron, Objective
from landscape.fragmentation.census import limits
from landscape.fragmentation.census.kernels import observe_on_line, transitions_on_line
from landscape.fragmentation.census.search import APPEARS, KIND, LAYER, LEFT, MARGIN, NEURON, RESOLUTION, RIGHT
from landscape.fragmentation.census.trace import GRAZING
from landscape.simulator.packed import PackedNetwork

__all__ = ["SampleCensus", "census_of_sample", "losses_on_line"]

DISPLACED = 1e-5  # of the trial: a spike that moves less has not jumped (next to grazing it moves like a root)


class SampleCensus(NamedTuple):
    """Transitions of one sample by position; transitions whose brackets overlap share a ``cluster``."""

    whole: np.ndarray  # (n, 7) int64, columns of :mod:`.search`
    real: np.ndarray  # (n, 5)
    cluster: np.ndarray  # (n,) int64: number of the jump that the transition belongs to
    settled: np.ndarray  # (n,) bool: not a mere flicker of rounding beside another one of the same neuron
    loss: np.ndarray  # (n_clusters, 2): one-sided limits
    error: np.ndarray  # (n_clusters, 2): estimated errors
    jumps: np.ndarray  # (n_clusters,) bool: whether the loss jumps
    difference: np.ndarray  # (n_clusters, len(WIDTHS)): across brackets that shrink; nan where others are inside
    displaced: np.ndarray  # (m, 6) int64: cluster, layer, neuron, first spike that differs, spikes on the left, right
    displaced_time: np.ndarray  # (m, 2): its time on the left and on the right, nan where it is missing
    active_first: np.ndarray  # (hidden neurons,) bool: spike at the lower end
    toggles: np.ndarray  # (k, 3) int64: cluster at which a hidden neuron falls silent (0) or awakes (1)
    unresolved: np.ndarray  # (m, 2)
    fine: bool


class _Spikes(NamedTuple):
    """Spikes of all layers at one position."""

    times: NDArray[np.float64]
    units: NDArray[np.int64]  # neurons numbered through all layers


def losses_on_line(
    objective: Objective,
    neuron: Neuron,
    network: PackedNetwork,
    flat_direction: NDArray[np.float64],
    positions: NDArray[np.float64],
    times: NDArray[np.float64],
    channels: NDArray[np.integer[Any]],
    label: int,
) -> NDArray[np.float64]:
    """Losses (n,) of one sample at positions (n,) of a line; nan where it cannot be simulated."""
    return observe_on_line(objective, neuron, network, flat_direction, positions, times, channels, label)[0]


def census_of_sample(
    objective: Objective,
    neuron: Neuron,
    network: PackedNetwork,
    flat_direction: NDArray[np.float64],
    grid: NDArray[np.float64],
    times: NDArray[np.float64],
    channels: NDArray[np.integer[Any]],
    label: int,
    read: int,
    smallest: float,
) -> SampleCensus:
    """Census of one sample on ``network.flat + position * flat_direction`` between the positions of ``grid``.

    Args:
        objective: the objective, its optional fields filled in.
        neuron: the neuron model.
        network: the network at position 0.
        flat_direction: packed like its weights.
        grid: (n,), ascending; starting points of the search.
        times: input spike times of the sample.
        channels: their channels.
        label: the sample's class.
        read: how many spikes of each output neuron the objective reads (:func:`landscape.readouts.spikes_read`);
            transitions of later ones are not looked for.
        smallest: smallest jump of the loss, nats.
    """

    def observe(positions: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[_Spikes]]:
        found = observe_on_line(objective, neuron, network, flat_direction, positions.ravel(), times, channels, label)
        pieces = zip(np.split(found[1], found[3])[:-1], np.split(found[2], found[3])[:-1], strict=True)
        return found[0].reshape(positions.shape), [_Spikes(*piece) for piece in pieces]

    def losses(positions: NDArray[np.float64]) -> NDArray[np.float64]:
        found = losses_on_line(objective, neuron, network, flat_direction, positions.ravel(), times, channels, label)
        return found.reshape(positions.shape)

    low, high = float(grid[0]), float(grid[-1])
    span = high - low
    beside = MARGIN * RESOLUTION * span
    whole, real, unresolved, fine, has_threshold = transitions_on_line(
        neuron, network, flat_direction, grid, times, channels, np.int64(read)
    )
    cluster, left, right = _clusters(real, beside)
    n = left.size
    # Which side of a jump is like a root: the one where a spike that comes by grazing is there.
    roots = np.zeros((n, 2), np.bool_)
    grazing = whole[:, KIND] == GRAZING
    roots[cluster[grazing], whole[grazing, APPEARS]] = True
    reach = np.stack([left - np.concatenate([[low], right])[:n], np.concatenate([left, [high]])[1:] - right], axis=1)
    edges = np.stack([left - np.minimum(beside, reach[:, 0]), right + np.minimum(beside, reach[:, 1])], axis=1)
    at_edges, spikes = observe(np.concatenate([[low], edges.ravel()]))
    # The search follows outputs only as far as the loss does; the trial as a whole has to be possible.
    fine = bool(fine and not np.isnan(at_edges).any() and not np.isnan(losses(grid)).any())
    outer = at_edges[1:].reshape(n, 2)
    loss = outer.copy()
    error = np.zeros((n, 2))
    across = np.abs(limits.difference(outer[:, 1], outer[:, 0]))
    measured = (across >= smallest) | (roots.any(axis=1) & (across > 1e-3 * smallest))
    for column, (edge, side) in enumerate(((left, -1.0), (right, 1.0))):
        rows = np.flatnonzero(measured & ~roots[:, column])
        loss[rows, column], error[rows, column] = limits.smooth_limits(
            losses, edge[rows], reach[rows, column], beside, outer[rows, column], side
        )
        rows = np.flatnonzero(measured & roots[:, column])
        loss[rows, column], error[rows, column] = limits.root_limits(
            losses, edge[rows], reach[rows, column], span, outer[rows, column], side
        )
    jumps = measured & (np.abs(limits.difference(loss[:, 1], loss[:, 0])) >= smallest)
    rows = np.flatnonzero(jumps & (reach.min(axis=1, initial=np.inf) >= beside))
    sides = (outer[rows, 0], outer[rows, 1])
    jumps[rows] = ~limits.are_steep(losses, left[rows], right[rows], beside, sides, has_threshold)
    differences = np.full((n, len(limits.WIDTHS)), np.nan)
    rows = np.flatnonzero(jumps)
    differences[rows] = limits.shrinking_differences(losses, left[rows], right[rows], reach[rows].min(axis=1), span)
    sizes = network.sizes[1:]
    displaced, displaced_time = _displaced(rows, whole, cluster, spikes[1:], sizes, network.duration)
    active = [_active(here, sizes) for here in spikes]
    return SampleCensus(
        whole,
        real,
        cluster,
        _settled(whole, cluster, spikes[1:], sizes, network.duration),
        loss,
        error,
        jumps,
        differences,
        displaced,
        displaced_time,
        active[0],
        _toggles(active),
        unresolved,
        fine,
    )


def _clusters(
    real: NDArray[np.float64], beside: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Numbers (n,) of the clusters that transitions belong to, and the clusters' ends without what is beside them."""
    cluster = np.zeros(len(real), np.int64)
    lefts: list[float] = []
    rights: list[float] = []
    for j, (left, right) in enumerate(real[:, [LEFT, RIGHT]].tolist()):
        if not lefts or left - beside > rights[-1] + beside:
            lefts.append(left)
            rights.append(right)
        else:
            rights[-1] = max(rights[-1], right)
        cluster[j] = len(lefts) - 1
    return cluster, np.array(lefts, np.float64), np.array(rights, np.float64)


def _active(spikes: _Spikes, sizes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which hidden neurons spike, (n_hidden,)."""
    return np.bincount(spikes.units, minlength=int(sizes.sum()))[: int(sizes[:-1].sum())] > 0


def _toggles(active: list[NDArray[np.bool_]]) -> NDArray[np.int64]:
    """Where hidden neurons fall silent or awake, given who spikes at the lower end and on both sides of every cluster.

    The state before a cluster is looked at too: at a model without margins a pair of changes may have been passed over.
    """
    rows = [
        (place // 2, neuron, int(now[neuron]))
        for place, (before, now) in enumerate(itertools.pairwise(active))
        for neuron in np.flatnonzero(before != now)
    ]
    return np.array(rows, np.int64).reshape(len(rows), 3)


def _settled(
    whole: NDArray[np.int64],
    cluster: NDArray[np.int64],
    spikes: list[_Spikes],
    sizes: NDArray[np.int64],
    duration: float,
) -> NDArray[np.bool_]:
    """Which transitions count (n,): of those of one neuron in one cluster one, if its spikes differ across the cluster.

    Beside a zero of its margin a spike may come and go several times by rounding.
    """
    of_neuron = np.column_stack([cluster, whole[:, [LAYER, NEURON]]])
    _, first, times = np.unique(of_neuron, axis=0, return_index=True, return_counts=True)
    settled = np.zeros(len(whole), np.bool_)
    settled[first] = True
    ends = np.concatenate([[0], np.cumsum(sizes)])
    for j in first[times > 1].tolist():
        unit = int(ends[whole[j, LAYER]] + whole[j, NEURON])
        before, after = (_by_unit(spikes[2 * cluster[j] + side], int(ends[-1]))[unit] for side in (0, 1))
        settled[j] = _first_difference(before, after, duration) is not None
    return settled


def _displaced(
    jumps: NDArray[np.int64],
    whole: NDArray[np.int64],
    cluster: NDArray[np.int64],
    spikes: list[_Spikes],
    sizes: NDArray[np.int64],
    duration: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Spikes that come, go or jump in a jump's layer and in later ones, by jump, layer and neuron."""
    rows: list[tuple[int, ...]] = []
    times: list[tuple[float, float]] = []
    ends = np.concatenate([[0], np.cumsum(sizes)])
    for jump in jumps.tolist():
        lowest = int(whole[np.argmax(cluster == jump), LAYER])
        sides = [_by_unit(spikes[2 * jump + side], int(ends[-1])) for side in (0, 1)]
        for layer in range(lowest, sizes.size):
            for unit in range(int(ends[layer]), int(ends[layer + 1])):
                before, after = sides[0][unit], sides[1][unit]
                number = _first_difference(before, after, duration)
                if number is not None:
                    rows.append((jump, layer, unit - int(ends[layer]), number, before.size, after.size))
                    times.append(
                        (
                            float(before[number]) if number < before.size else np.nan,
                            float(after[number]) if number < after.size else np.nan,
                        )
                    )
    return np.array(rows, np.int64).reshape(len(rows), 6), np.array(times, np.float64).reshape(len(times), 2)


def _first_difference(before: NDArray[np.float64], after: NDArray[np.float64], duration: float) -> int | None:
    """Number of the first spike that comes, goes or jumps; None if there is none."""
    shared = min(before.size, after.size)
    moved = np.abs(before[:shared] - after[:shared]) > DISPLACED * duration
    number = int(np.argmax(moved)) if moved.any() else shared
    return number if number < max(before.size, after.size) else None


def _by_unit(spikes: _Spikes, n_units: int) -> list[NDArray[np.float64]]:
    """Spike times of each unit, ascending."""
    order = np.argsort(spikes.units, kind="stable")
    counts = np.bincount(spikes.units, minlength=n_units)
    return np.split(spikes.times[order], np.cumsum(counts)[:-1])
