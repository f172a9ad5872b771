"""Discontinuity curves on a plane: exact crossings of the grid's lines, joined within its cells, sample by sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.arrays import as_array
from landscape.constants import Objective
from landscape.errors import DirectionError, InputError
from landscape.fragmentation.curves import chains, faces
from landscape.fragmentation.curves_record import Curves
from landscape.fragmentation.joining import Cell, Crossing, Joint, join_all, join_clear
from landscape.fragmentation.plane_lines import MECHANISMS, SampleOnPlane
from landscape.network import Network
from landscape.parallel import run_blocks
from landscape.slices.directions.vectors import LARGEST

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["CurvesInterrupted", "TracedSample", "assembled_curves", "trace_curves", "traced_samples"]

FloatArray = NDArray[np.float64]

INNER_POINTS = 5  # starting points of the census of a line across a cell


class TracedSample(NamedTuple):
    """The curves of one sample."""

    size: np.ndarray  # (n_curves,) int64: points of each curve
    spike: np.ndarray  # (n_curves, 3) int64: layer, neuron and number of the mechanism at most points; -1 if not known
    point: np.ndarray  # (n_points, 2)
    axis: (
        np.ndarray
    )  # (n_points,) int8: axis along which the line through the point runs, -1 for a point taken to be one
    jump: np.ndarray  # (n_points,)
    joint: np.ndarray  # (n_points,) int8
    doubt: np.ndarray  # (n_cells, 4): ends of the smallest cells where not all crossings could be joined without doubt
    order: (
        np.ndarray
    )  # (n_cells, 3): what these are sorted by: number of the cell; side and place of the first crossing
    counts: np.ndarray  # (2,) int64: smallest cells with a curve; pieces of lines that are not resolved


class CurvesInterrupted(KeyboardInterrupt):
    """The tracing was interrupted; give ``finished``, by sample, to ``resume`` and those are not traced again."""

    def __init__(self, finished: Mapping[int, TracedSample]) -> None:
        super().__init__(f"interrupted after {len(finished)} samples")
        self.finished = finished


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
    resume: Mapping[int, TracedSample] | None = None,
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
        progress: called as ``progress(samples done, samples in all)``.
        resume: what an interrupted tracing of the same plane and samples had finished (:class:`CurvesInterrupted`).

    Raises:
        DirectionError: directions or axes do not describe a plane of this network.
        DataError: the data do not fit the network, or there is no such sample.
        InputError: ``depth`` is negative.
        UnfitSampleError: a sample cannot be simulated somewhere on a line; the first of them is named.
        CurvesInterrupted: on an interrupt; it carries what was finished.
    """
    chosen = data if samples is None else data.select(indices=np.asarray(samples, np.int64))
    everyone = range(len(chosen))
    grid = (network, directions, axes, chosen, objective)
    options: Any = {"depth": depth, "points": points, "minimum": minimum}
    found = traced_samples(*grid, everyone, **options, threads=threads, progress=progress, resume=resume)
    return assembled_curves([found[sample] for sample in everyone], axes, depth=depth, minimum=minimum)


def traced_samples(
    network: Network,
    directions: Sequence[Any],
    axes: Sequence[ArrayLike],
    data: Dataset,
    objective: Objective,
    samples: Sequence[int],
    *,
    depth: int = 3,
    points: int | None = None,
    minimum: float = 1e-9,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Mapping[int, TracedSample] | None = None,
) -> dict[int, TracedSample]:
    """Return the curves of some samples, each of which is on its own; by the number of the sample.

    Those of all samples, traced together or in parts, are what :func:`assembled_curves` puts together.

    Args:
        network: as for :func:`trace_curves`, and likewise all others.
        directions: two.
        axes: the lines of the grid.
        data: the samples.
        objective: readout and loss.
        samples: numbers of the samples to trace, ascending.
        depth: how often a cell may be divided.
        points: starting points of the census of a line.
        minimum: smallest jump.
        threads: number of threads.
        progress: called as ``progress(samples done, samples in all)``.
        resume: what was finished before; it is in what is returned.

    Raises:
        LandscapeError: as :func:`trace_curves`.
        CurvesInterrupted: on an interrupt; it carries what was finished.
    """
    if len(directions) != 2 or len(axes) != 2:
        raise DirectionError(f"a plane has two directions and two axes, not {len(directions)} and {len(axes)}")
    if depth < 0:
        raise InputError(f"depth must be 0 or more, not {depth}")
    grid = _checked_axes(axes)
    finished = dict(resume or {})
    todo = [sample for sample in samples if sample not in finished]

    def work(sample: int) -> TracedSample:
        return _traced(SampleOnPlane(network, directions, data, sample, objective, minimum), grid, depth, points)

    try:
        if progress is not None:
            progress(len(finished), len(samples))
        for position, found in run_blocks(work, todo, threads):
            finished[todo[position]] = found
            if progress is not None:
                progress(len(finished), len(samples))
    except KeyboardInterrupt:
        raise CurvesInterrupted(finished) from None
    return finished


def assembled_curves(
    samples: Sequence[TracedSample], axes: Sequence[ArrayLike], *, depth: int = 3, minimum: float = 1e-9
) -> Curves:
    """Put the curves of all samples together, and find the fragments that they bound.

    Args:
        samples: the curves of each sample, in the order of the samples.
        axes: as they were traced with; likewise the others.
        depth: how often a cell was divided.
        minimum: smallest jump.
    """
    grid = _checked_axes(axes)
    low, high = np.array([axis[0] for axis in grid]), np.array([axis[-1] for axis in grid])
    drawn = [np.split(sample.point, np.cumsum(sample.size)[:-1]) if sample.size.size else [] for sample in samples]
    areas = [faces(lines, low, high)[0] for lines in drawn]
    region_area, outlines = faces([line for lines in drawn for line in lines], low, high)

    def together(name: str) -> np.ndarray:
        return np.concatenate([getattr(sample, name) for sample in samples])

    of_curve = np.repeat(np.arange(len(samples)), [sample.size.size for sample in samples])
    of_doubt = np.repeat(np.arange(len(samples)), [len(sample.doubt) for sample in samples])
    spike, order = together("spike"), together("order")
    sorting = np.lexsort([of_doubt, *order.T[::-1]])
    crossed, unresolved = np.sum([sample.counts for sample in samples], axis=0).tolist()
    return Curves(
        axes=grid,
        n_samples=len(samples),
        offsets=_offsets(together("size")),
        sample=of_curve.astype(np.int64),
        layer=spike[:, 0],
        neuron=spike[:, 1],
        mechanism=np.array(["", *MECHANISMS])[spike[:, 2] + 1],
        point=together("point"),
        axis=together("axis"),
        jump=together("jump"),
        joint=together("joint"),
        ambiguous_sample=of_doubt[sorting],
        ambiguous_cell=together("doubt")[sorting],
        crossed=crossed,
        region_area=region_area,
        region_offsets=_offsets([len(outline) for outline in outlines]),
        region_outline=np.concatenate(outlines),
        sample_region_area=np.concatenate(areas),
        sample_region_offsets=_offsets([area.size for area in areas]),
        attributes={"depth": depth, "minimum": minimum, "unresolved": unresolved},
    )


def _traced(plane: SampleOnPlane, grid: tuple[FloatArray, FloatArray], depth: int, points: int | None) -> TracedSample:
    edges: dict[tuple[int, float], list[tuple[int, ...]]] = {}
    for axis in (0, 1):
        along = grid[axis]
        many = max(51, 2 * along.size) if points is None else points
        for at in grid[1 - axis].tolist():
            numbers = plane.crossings_on(axis, at, (float(along[0]), float(along[-1])), many)
            edges[axis, at] = plane.split(numbers, axis, along)
    cells: list[Cell] = []
    for i in range(grid[0].size - 1):
        for j in range(grid[1].size - 1):
            low, high = (float(grid[0][i]), float(grid[1][j])), (float(grid[0][i + 1]), float(grid[1][j + 1]))
            sides = (edges[0, low[1]][i], edges[1, high[0]][j], edges[0, high[1]][i], edges[1, low[0]][j])
            cells.append(Cell(low, high, len(cells), sides))
    segments: list[tuple[int, int, int]] = []
    doubt: list[tuple[float, ...]] = []
    order: list[tuple[float, ...]] = []
    extra: list[tuple[float, float]] = []  # points where curves are taken to end or branch
    crossed = 0
    for level in range(depth + 1):
        divided = []
        for cell in cells:
            around = cell.turned(plane.crossings)
            if not around:
                continue
            pairs, clear = join_clear(around, plane.crossings)
            if not clear and level < depth:
                divided.append(cell)
                continue
            crossed += 1
            if clear:
                segments += [(a, b, int(joint)) for a, b, joint in pairs]
                continue
            doubt.append((cell.low[0], cell.high[0], cell.low[1], cell.high[1]))
            order.append((cell.number, *cell.first_met(plane.crossings)))
            segments += _guessed(cell, around, plane.crossings, extra)
        cells = [quarter for cell in divided for quarter in _quarters(plane, cell)]
    return _packed(plane, segments, extra, doubt, order, crossed)


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


def _quarters(plane: SampleOnPlane, cell: Cell) -> list[Cell]:
    """A cell in four, with the crossings of the two exact lines between them."""
    middle = [0.5 * (a + b) for a, b in zip(cell.low, cell.high, strict=True)]
    across = plane.crossings_on(0, middle[1], (cell.low[0], cell.high[0]), INNER_POINTS)
    upward = plane.crossings_on(1, middle[0], (cell.low[1], cell.high[1]), INNER_POINTS)
    places = [np.array([a, 0.5 * (a + b), b]) for a, b in zip(cell.low, cell.high, strict=True)]
    horizontal = [plane.split(numbers, 0, places[0]) for numbers in (cell.sides[0], across, cell.sides[2])]
    vertical = [plane.split(numbers, 1, places[1]) for numbers in (cell.sides[3], upward, cell.sides[1])]
    quarters = []
    for i in (0, 1):
        for j in (0, 1):
            low = (float(places[0][i]), float(places[1][j]))
            high = (float(places[0][i + 1]), float(places[1][j + 1]))
            sides = (horizontal[j][i], vertical[i + 1][j], horizontal[j + 1][i], vertical[i][j])
            quarters.append(Cell(low, high, 4 * cell.number + 2 * i + j, sides))
    return quarters


def _guessed(
    cell: Cell,
    around: list[tuple[int, float]],
    crossings: Sequence[Crossing],
    extra: list[tuple[float, float]],
) -> list[tuple[int, int, int]]:
    """Segments in a cell that is not divided further; new points are appended to ``extra``.

    New points have the numbers -1, -2, ... in their order.
    """
    pairs, left = join_all(around, crossings)
    segments = [(a, b, int(joint)) for a, b, joint in pairs]
    for number in left:
        start = np.array(crossings[number].place)
        if not segments:
            centre = [0.5 * (a + b) for a, b in zip(cell.low, cell.high, strict=True)]
            extra.append((centre[0], centre[1]))
            joint = Joint.END if len(left) == 1 else Joint.JUNCTION
            segments += [(other, -len(extra), int(joint)) for other in left]
            break

        def place(point: int) -> FloatArray:
            return np.array(crossings[point].place if point >= 0 else extra[-point - 1])

        nearest = [_nearest(start, place(a), place(b)) for a, b, _ in segments]
        at = min(range(len(segments)), key=lambda k: float(np.hypot(*(nearest[k] - start))))
        # The other curve gets a point there, so that both truly meet.
        a, b, joint_there = segments.pop(at)
        extra.append((float(nearest[at][0]), float(nearest[at][1])))
        new = -len(extra)
        segments += [(a, new, joint_there), (new, b, joint_there), (number, new, int(Joint.JUNCTION))]
    return segments


def _nearest(point: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    along = end - start
    square = float(along @ along)
    # Not at the very ends, which other cells share.
    share = 0.5 if square == 0.0 else min(max(float((point - start) @ along) / square, 0.01), 0.99)
    return np.asarray(start + share * along)


def _packed(
    plane: SampleOnPlane,
    segments: list[tuple[int, int, int]],
    extra: list[tuple[float, float]],
    doubt: list[tuple[float, ...]],
    order: list[tuple[float, ...]],
    crossed: int,
) -> TracedSample:
    crossings = plane.crossings
    curves = chains(segments)
    points = [point for numbers, _ in curves for point in numbers]
    place = [crossings[point].place if point >= 0 else extra[-point - 1] for point in points]
    spikes = [_most_common([crossings[p] for p in numbers if p >= 0]) for numbers, _ in curves]
    return TracedSample(
        size=np.array([len(numbers) for numbers, _ in curves], np.int64),
        spike=np.array(spikes, np.int64).reshape(len(curves), 3),
        point=np.array(place, np.float64).reshape(len(points), 2),
        axis=np.array([crossings[point].axis if point >= 0 else -1 for point in points], np.int8),
        jump=np.array([crossings[point].jump if point >= 0 else np.nan for point in points], np.float64),
        joint=np.array([joint for _, joints in curves for joint in (*joints, -1)], np.int8),
        doubt=np.array(doubt, np.float64).reshape(len(doubt), 4),
        order=np.array(order, np.float64).reshape(len(order), 3),
        counts=np.array([crossed, plane.unresolved], np.int64),
    )


def _most_common(crossings: list[Crossing]) -> tuple[int, int, int]:
    counted = Counter((crossing.layer, crossing.neuron, crossing.mechanism) for crossing in crossings)
    return counted.most_common(1)[0][0] if counted else (-1, -1, -1)


def _offsets(sizes: ArrayLike) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
