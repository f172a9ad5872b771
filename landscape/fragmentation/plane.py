"""Discontinuity curves on a plane: exact crossings of the grid's lines, joined within its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.arrays import as_array
from landscape.constants import Objective
from landscape.errors import DirectionError, InputError
from landscape.fragmentation.curves import chains, faces
from landscape.fragmentation.curves_record import Curves
from landscape.fragmentation.joining import Cell, Crossing, Joint, join_all, join_clear
from landscape.fragmentation.plane_lines import CurvesInterrupted, FoundOnLine, LineKey, Plane
from landscape.parallel import run_pieces
from landscape.slices.directions.vectors import LARGEST

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["trace_curves"]

FloatArray = NDArray[np.float64]

INNER_POINTS = 5  # starting points of the census of a line across a cell


def trace_curves(
    network: Network,
    directions: Sequence[Any],
    axes: Sequence[ArrayLike],
    data: Dataset,
    objective: Objective,
    *,
    samples: Sequence[int] | None = None,
    depth: int = 3,
    points: int | None = None,
    minimum: float = 1e-9,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Mapping[LineKey, FoundOnLine] | None = None,
) -> Curves:
    """Trace the discontinuity curves of a plane, and find the fragments they bound.

    The exact census is made of every line of the grid. In every cell the crossings of its sides are joined, sample by
    sample: two of the same spike and mechanism with opposite jumps, as met going around the cell, are one curve. Where
    that leaves a doubt the cell is divided in four by further exact lines, up to ``depth`` times.

    Args:
        network: the network at the origin.
        directions: two, each a list of arrays shaped like ``network.weights``.
        axes: the lines of the grid along both directions, each (n,), strictly increasing, n at least 2.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        samples: the samples to trace, numbered in the result by their place here; all by default.
        depth: how often a cell may be divided.
        points: starting points of the census of a line; by default twice the lines it crosses, at least 51.
        minimum: smallest absolute jump of a sample's loss, nats.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(lines done, lines in all)`` for the lines of the grid, then for the cells of each
            depth.
        resume: what an interrupted tracing of the same plane had finished (:class:`CurvesInterrupted`).

    Raises:
        DirectionError: directions or axes do not describe a plane of this network.
        DataError: the data do not fit the network, or there is no such sample.
        InputError: ``depth`` is negative.
        SimulationError: a sample cannot be simulated somewhere on a line.
        CurvesInterrupted: on an interrupt; it carries what was finished.
    """
    if len(directions) != 2 or len(axes) != 2:
        raise DirectionError(f"a plane has two directions and two axes, not {len(directions)} and {len(axes)}")
    if depth < 0:
        raise InputError(f"depth must be 0 or more, not {depth}")
    grid = _checked_axes(axes)
    chosen = data if samples is None else data.select(indices=np.asarray(samples, np.int64))
    plane = Plane(network, directions, chosen, objective, minimum, resume or {})
    try:
        return _traced(plane, grid, depth, points, threads, progress)
    except KeyboardInterrupt:
        raise CurvesInterrupted(plane.finished) from None


def _traced(
    plane: Plane,
    grid: tuple[FloatArray, FloatArray],
    depth: int,
    points: int | None,
    threads: int | None,
    progress: Callable[[int, int], None] | None,
) -> Curves:
    everyone = range(len(plane.data))
    lines = [(axis, float(at)) for axis in (0, 1) for at in grid[1 - axis]]
    edges: dict[tuple[int, float], list[tuple[int, ...]]] = {}
    for done, (axis, at) in enumerate(lines):
        if progress is not None:
            progress(done, len(lines))
        along = grid[axis]
        many = max(51, 2 * along.size) if points is None else points
        found = plane.census(axis, at, (float(along[0]), float(along[-1])), many, everyone, threads)
        edges[axis, at] = plane.split(plane.add(found), axis, along)
    if progress is not None:
        progress(len(lines), len(lines))

    cells = []
    for i in range(grid[0].size - 1):
        for j in range(grid[1].size - 1):
            low, high = (float(grid[0][i]), float(grid[1][j])), (float(grid[0][i + 1]), float(grid[1][j + 1]))
            sides = (edges[0, low[1]][i], edges[1, high[0]][j], edges[0, high[1]][i], edges[1, low[0]][j])
            cells.append(Cell(low, high, 0, sides))
    segments: list[tuple[int, int, int]] = []
    doubtful: list[tuple[float, ...]] = []
    extra: list[tuple[tuple[float, float], int]] = []  # points where curves are taken to end or branch; sample
    crossed = 0
    for level in range(depth + 1):
        divide = []
        for cell in cells:
            again: set[int] = set()
            by_sample: dict[int, list[tuple[int, float]]] = {}
            for item in cell.turned(plane.crossings):
                by_sample.setdefault(plane.crossings[item[0]].sample, []).append(item)
            for sample, around in by_sample.items():
                pairs, clear = join_clear(around, plane.crossings)
                if not clear and level < depth:
                    again.add(sample)
                    continue
                crossed += 1
                if clear:
                    segments += [(a, b, int(joint)) for a, b, joint in pairs]
                    continue
                doubtful.append((sample, cell.low[0], cell.high[0], cell.low[1], cell.high[1]))
                segments += _guessed(cell, around, plane.crossings, extra)
            if again:
                divide.append(cell.of_samples(again, plane.crossings))
        cells = _divided(plane, divide, threads, progress)
    return _assembled(plane, grid, segments, extra, doubtful, crossed, depth)


def _checked_axes(axes: Sequence[ArrayLike]) -> tuple[FloatArray, FloatArray]:
    try:
        grid = [as_array(axis).astype(np.float64) for axis in axes]
    except ValueError as error:
        raise DirectionError(f"axes must be arrays of numbers, not {error}") from None
    for number, axis in enumerate(grid):
        if axis.ndim != 1 or axis.size < 2 or not (np.abs(axis) <= LARGEST).all() or not (np.diff(axis) > 0.0).all():
            raise DirectionError(
                f"axis {number} is no grid: give two or more coordinates up to {LARGEST:g}, strictly increasing"
            )
    return grid[0], grid[1]


def _divided(
    plane: Plane, cells: list[Cell], threads: int | None, progress: Callable[[int, int], None] | None
) -> list[Cell]:
    """Every cell in four, with the crossings of the two exact lines between them."""

    def work(cell: Cell) -> tuple[FoundOnLine, FoundOnLine]:
        samples = sorted({plane.crossings[number].sample for side in cell.sides for number in side})
        middle = [0.5 * (a + b) for a, b in zip(cell.low, cell.high, strict=True)]
        return (
            plane.census(0, middle[1], (cell.low[0], cell.high[0]), INNER_POINTS, samples, 1),
            plane.census(1, middle[0], (cell.low[1], cell.high[1]), INNER_POINTS, samples, 1),
        )

    found: dict[int, tuple[FoundOnLine, FoundOnLine]] = {}
    for position, result in run_pieces(work, cells, threads):
        found[position] = result
        if progress is not None:
            progress(len(found), len(cells))
    quarters = []
    for position, cell in enumerate(cells):
        across, upward = found[position]
        places = [np.array([a, 0.5 * (a + b), b]) for a, b in zip(cell.low, cell.high, strict=True)]
        horizontal = [
            plane.split(numbers, 0, places[0]) for numbers in (cell.sides[0], plane.add(across), cell.sides[2])
        ]
        vertical = [plane.split(numbers, 1, places[1]) for numbers in (cell.sides[3], plane.add(upward), cell.sides[1])]
        for i in (0, 1):
            for j in (0, 1):
                low = (float(places[0][i]), float(places[1][j]))
                high = (float(places[0][i + 1]), float(places[1][j + 1]))
                sides = (horizontal[j][i], vertical[i + 1][j], horizontal[j + 1][i], vertical[i][j])
                quarters.append(Cell(low, high, cell.depth + 1, sides))
    return quarters


def _guessed(
    cell: Cell,
    around: list[tuple[int, float]],
    crossings: Sequence[Crossing],
    extra: list[tuple[tuple[float, float], int]],
) -> list[tuple[int, int, int]]:
    """Segments of one sample in a cell that is not divided further; new points are appended to ``extra``.

    New points have the numbers -1, -2, ... in their order.
    """
    pairs, left = join_all(around, crossings)
    segments = [(a, b, int(joint)) for a, b, joint in pairs]
    sample = crossings[around[0][0]].sample
    for number in left:
        start = np.array(crossings[number].place)
        if not segments:
            centre = [0.5 * (a + b) for a, b in zip(cell.low, cell.high, strict=True)]
            extra.append(((centre[0], centre[1]), sample))
            joint = Joint.END if len(left) == 1 else Joint.JUNCTION
            segments += [(other, -len(extra), int(joint)) for other in left]
            break

        def place(point: int) -> FloatArray:
            return np.array(crossings[point].place if point >= 0 else extra[-point - 1][0])

        nearest = [_nearest(start, place(a), place(b)) for a, b, _ in segments]
        at = min(range(len(segments)), key=lambda k: float(np.hypot(*(nearest[k] - start))))
        # The other curve gets a point there, so that both truly meet.
        a, b, joint_there = segments.pop(at)
        extra.append(((float(nearest[at][0]), float(nearest[at][1])), sample))
        new = -len(extra)
        segments += [(a, new, joint_there), (new, b, joint_there), (number, new, int(Joint.JUNCTION))]
    return segments


def _nearest(point: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    along = end - start
    square = float(along @ along)
    # Not at the very ends, which other cells share.
    share = 0.5 if square == 0.0 else min(max(float((point - start) @ along) / square, 0.01), 0.99)
    return np.asarray(start + share * along)


def _assembled(
    plane: Plane,
    grid: tuple[FloatArray, FloatArray],
    segments: list[tuple[int, int, int]],
    extra: list[tuple[tuple[float, float], int]],
    doubtful: list[tuple[float, ...]],
    crossed: int,
    depth: int,
) -> Curves:
    crossings = plane.crossings
    n_samples = len(plane.data)
    low, high = np.array([axis[0] for axis in grid]), np.array([axis[-1] for axis in grid])
    own: list[list[tuple[int, int, int]]] = [[] for _ in range(n_samples)]
    for segment in segments:
        first = segment[0] if segment[0] >= 0 else segment[1]
        own[crossings[first].sample if first >= 0 else extra[-first - 1][1]].append(segment)
    place = {**{k: c.place for k, c in enumerate(crossings)}, **{-k - 1: e[0] for k, e in enumerate(extra)}}
    curves: list[tuple[int, list[int], list[int]]] = []
    areas = []
    lines: list[FloatArray] = []
    for sample in range(n_samples):
        found = chains(own[sample])
        curves += [(sample, points, joints) for points, joints in found]
        drawn = [np.array([place[point] for point in points]) for points, _ in found]
        lines += drawn
        areas.append(faces(drawn, low, high)[0])
    region_area, outlines = faces(lines, low, high)
    points = [point for _, numbers, _ in curves for point in numbers]
    kinds = [_most_common([crossings[p] for p in numbers if p >= 0]) for _, numbers, _ in curves]
    return Curves(
        axes=grid,
        n_samples=n_samples,
        offsets=_offsets([len(numbers) for _, numbers, _ in curves]),
        sample=np.array([sample for sample, _, _ in curves], np.int64),
        layer=np.array([kind[0] for kind in kinds], np.int64),
        neuron=np.array([kind[1] for kind in kinds], np.int64),
        mechanism=np.array([kind[2] for kind in kinds], np.str_),
        point=np.array([place[point] for point in points], np.float64).reshape(len(points), 2),
        axis=np.array([crossings[point].axis if point >= 0 else -1 for point in points], np.int8),
        jump=np.array([crossings[point].jump if point >= 0 else np.nan for point in points], np.float64),
        joint=np.array([joint for _, _, joints in curves for joint in (*joints, -1)], np.int8),
        ambiguous_sample=np.array([doubt[0] for doubt in doubtful], np.int64),
        ambiguous_cell=np.array([doubt[1:] for doubt in doubtful], np.float64).reshape(len(doubtful), 4),
        crossed=crossed,
        region_area=region_area,
        region_offsets=_offsets([len(outline) for outline in outlines]),
        region_outline=np.concatenate(outlines),
        sample_region_area=np.concatenate(areas),
        sample_region_offsets=_offsets([area.size for area in areas]),
        attributes={"depth": depth, "minimum": plane.minimum, "unresolved": plane.unresolved},
    )


def _most_common(crossings: list[Crossing]) -> tuple[int, int, str]:
    counted = Counter((crossing.layer, crossing.neuron, crossing.mechanism) for crossing in crossings)
    return counted.most_common(1)[0][0] if counted else (-1, -1, "")


def _offsets(sizes: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
