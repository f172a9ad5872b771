"""The loss and its derivatives at the points of a slice.

The network at a point is ``centre + sum(coordinate * direction)``, computed from the centre for every point. The
drive of the first layer is linear in the weights, so every sample is projected once per block of points onto the
centre and the directions; after that a point costs no more for many input channels than for few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from landscape.arrays import as_array
from landscape.compilation import inline, kernel, leaf
from landscape.constants import Objective
from landscape.datasets.use import warn_of_unused
from landscape.errors import DirectionError, InputError
from landscape.evaluation import blocks_of, check_fit, packed
from landscape.gradients.trial import trial_gradient, trial_tangent_in, upper_row_tangents
from landscape.network import Network
from landscape.neurons import neuron_name
from landscape.parallel import run_blocks, thread_count
from landscape.readouts import interface, objective_name, resolved
from landscape.simulator.inputs import drive_at, group, project_to
from landscape.simulator.memory import aligned, aligned_zeros, borrowed
from landscape.simulator.packed import PackedNetwork, Samples, layer_rows, lent, pack, unpack
from landscape.simulator.rooms import run_of
from landscape.simulator.trial import rerun_hidden_in, rooms_for, run_hidden_in
from landscape.slices.directions import Directions, check_directions
from landscape.slices.directions.vectors import LARGEST
from landscape.slices.surface import Status, Surface

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["SweepInterrupted", "sweep"]

BLOCK_POINTS = 32
BLOCK_MEMORY = 2**26  # bytes of weights and gradients of the points of a block


class SweepInterrupted(KeyboardInterrupt):
    """Raised by :func:`sweep` when it is interrupted; ``surface`` holds the points that were finished."""

    def __init__(self, surface: Surface) -> None:
        super().__init__("the sweep was interrupted")
        self.surface = surface


class _Found(NamedTuple):
    """What is found out at each point of a block; all but the first two are added to."""

    losses: np.ndarray  # (n_points, n_samples)
    correct: np.ndarray  # (n_points, n_samples) bool
    derivatives: np.ndarray  # (n_points, n_directions) along the directions, summed over the samples, or empty rows
    counts: np.ndarray  # (n_points, n_layers) int64: spikes of all samples
    active: np.ndarray  # (n_points, hidden neurons) bool: spiked in a sample
    gradients: np.ndarray  # (n_points, n_flat) summed over the samples, or empty rows


@kernel
def _sweep_points(
    objective,
    neuron,
    network,
    directions,
    points,
    coordinates,
    samples,
    found,
):
    """All samples at some points of a slice.

    ``network`` is the centre, ``directions`` (n_directions, n_flat), ``coordinates`` (n_points, n_directions).
    ``points`` holds the weights of all layers but the first at the points, one point after another, behind as many
    numbers as the first layer has, which are not looked at (:func:`_weights_at`).
    """
    network = lent(network)
    directions = borrowed(directions)
    points = borrowed(points)
    times = borrowed(samples.times)
    channels = borrowed(samples.channels)
    offsets, labels = samples.offsets, samples.labels
    losses, correct, derivatives = found.losses, found.correct, found.derivatives
    counts, active, gradients = found.counts, found.active, found.gradients
    n_layers = network.sizes.size - 1
    n_directions = directions.shape[0]
    n_upper = network.flat.size - network.starts[1]
    # The derivatives are wanted or not: decided at run time, so that all is compiled once.
    keep = derivatives.shape[1] > 0
    failed = np.zeros(coordinates.shape[0], np.bool_)
    width = network.widths[1]
    most = np.int64(0)
    for sample in range(labels.size):
        most = max(most, offsets[sample + 1] - offsets[sample])
    index = np.arange(most)
    drive = aligned(most * width).reshape((most, width))
    # onto the centre and the directions
    projected = aligned((n_directions + 1) * most * width).reshape((n_directions + 1, most, width))
    drive_tangent = projected[1:]
    row_tangents = upper_row_tangents(network, directions)
    rooms = rooms_for(neuron, network)
    unchanged = _unchanged_layers(network, directions)
    for sample in range(labels.size):
        inputs = group(
            times[offsets[sample] : offsets[sample + 1]],
            channels[offsets[sample] : offsets[sample + 1]],
            network.duration,
        )
        n_events = inputs.times.size
        project_to(projected[0], inputs, layer_rows(network, network.flat, np.int64(0)))
        for d in range(n_directions):
            project_to(projected[d + 1], inputs, layer_rows(network, directions[d], np.int64(0)))
        known = False
        for point in range(coordinates.shape[0]):
            if failed[point]:
                continue
            # The numbers before a point's own stand for the weights of the first layer, which acts through its drive.
            flat = points[point * n_upper : point * n_upper + network.flat.size]
            here = PackedNetwork(network.sizes, network.widths, network.starts, flat, network.duration)
            if not known:
                drive_at(drive, projected, coordinates[point], n_events)
                sources, fine = run_hidden_in(
                    rooms, neuron, here, inputs.times, index[:n_events], drive[:n_events], keep
                )
                known = fine and unchanged > 0
            else:
                fine = rerun_hidden_in(rooms, sources, unchanged, neuron, here, keep)
            if not fine:
                losses[point, sample] = np.nan
                failed[point] = True
                continue
            source = sources[n_layers - 1]
            loss, right, readout = interface.read(objective, neuron, here, source, rooms, labels[sample], keep)
            losses[point, sample] = loss
            correct[point, sample] = right
            if np.isnan(loss):
                failed[point] = True
                continue
            column = 0
            for layer in range(n_layers - 1):
                run = run_of(rooms[layer])
                counts[point, layer] += run.time.size
                _mark(active[point], run.neuron, column)
                column += network.sizes[layer + 1]
            counts[point, n_layers - 1] += interface.output_spikes(objective, readout)[0].size
            if keep:
                change = trial_tangent_in(
                    objective, neuron, here, directions, drive_tangent, row_tangents, sources, rooms, readout
                )
                for d in range(n_directions):
                    derivatives[point, d] += change[d]
                if gradients.shape[1] > 0:
                    trial_gradient(objective, neuron, here, inputs, sources, rooms, readout, gradients[point])


@inline
def _unchanged_layers(network, directions):
    """How many hidden layers, from the lowest one, do as they do at the centre on the whole slice."""
    for layer in range(network.sizes.size - 2):
        for d in range(directions.shape[0]):
            for j in range(network.starts[layer], network.starts[layer + 1]):
                if directions[d, j] != 0.0:
                    return layer
    return network.sizes.size - 2


@leaf
def _mark(active, neurons, column):
    for j in range(neurons.size):
        active[np.uintp(column + neurons[np.uintp(j)])] = True


def sweep(
    network: Network,
    directions: Sequence[list[np.ndarray]],
    axes: Sequence[ArrayLike],
    data: Dataset,
    objective: Objective,
    *,
    gradient: str = "none",
    derivative: bool = True,
    sample_losses: bool = False,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Surface | None = None,
) -> Surface:
    """Evaluate the mean loss over a data set, and its derivatives, at the points of a 1D or 2D slice.

    Args:
        network: the network at coordinate 0.
        directions: one or two, each a list of arrays shaped like ``network.weights``.
        axes: for each direction the coordinates, (n,), strictly increasing, in multiples of the direction.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        gradient: ``"norm"`` also records the norm of the gradient over all weights, ``"full"`` the gradient itself
            (n_parameters numbers per point); ``"none"``, the fastest, neither.
        derivative: ``False`` leaves out the derivatives along the directions (``nan`` in the surface), which take more
            time than the loss.
        sample_losses: also record the loss of every sample.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(points done, points in all)``.
        resume: an unfinished surface of the same slice; its finished points are kept.

    Returns:
        Surface: points that could not be simulated have status ``FAILED``, points where the loss or a derivative is
        infinite ``NOT_FINITE``.

    Raises:
        DirectionError: directions or axes do not describe a slice of this network.
        DataError: the data do not fit the network.
        InputError: ``gradient`` is unknown, or ``resume`` belongs to another slice.
        SweepInterrupted: on an interrupt; it carries what was finished.

    Warns:
        DataWarning: much of the input comes too late to have an effect, as in :func:`landscape.evaluate`.
    """
    warn_of_unused(data, network.duration)
    check_fit(network, data)
    if gradient not in ("none", "norm", "full"):
        raise InputError(f"gradient {gradient!r} is unknown; choose 'none', 'norm' or 'full'")
    if not derivative and gradient != "none":
        raise InputError(f"gradient={gradient!r} needs derivative=True")
    objective_here = resolved(objective, network.neuron)
    checked = check_directions(directions, network)
    coordinates = _checked_axes(axes, len(checked))
    if not isinstance(directions, Directions):
        directions = Directions(checked, recipe="given")
    surface = Surface.pending(
        coordinates,
        directions,
        network.hidden_sizes,
        len(network.weights),
        gradient_norm=gradient != "none",
        n_samples=len(data) if sample_losses else None,
        n_parameters=network.parameters.size if gradient == "full" else None,
        attributes={
            "neuron": neuron_name(network.neuron),
            "objective": objective_name(objective),
            "n_samples": len(data),
            "fingerprint": _fingerprint(network, data, objective_here),
        },
    )
    if resume is not None:
        _take_over(surface, resume)

    centre = packed(network)
    flat_directions = aligned_zeros(len(checked), centre.flat.size)
    for own, direction in zip(flat_directions, checked, strict=True):
        own[:] = pack(direction)
    grid = np.stack([c.ravel() for c in np.meshgrid(*coordinates, indexing="ij")], axis=1)
    todo = np.flatnonzero(surface.status.ravel() == Status.PENDING)
    per_point = 8 * (centre.flat.size - int(centre.starts[1])) + (0 if gradient == "none" else centre.flat.nbytes)
    size = max(1, min(BLOCK_POINTS, BLOCK_MEMORY // max(1, per_point), -(-todo.size // (4 * thread_count(threads)))))
    blocks = [todo[begin:end] for begin, end in blocks_of(todo.size, size)]

    samples = Samples(data.times, data.channels, data.offsets, data.labels)

    def work(block: np.ndarray) -> _Found:
        here = grid[block]
        points = _weights_at(here, centre, flat_directions)
        n, n_samples = block.size, len(data)
        found = _Found(
            losses=np.zeros((n, n_samples)),
            correct=np.zeros((n, n_samples), np.bool_),
            derivatives=np.zeros((n, len(checked) if derivative else 0)),
            counts=np.zeros((n, len(network.weights)), np.int64),
            active=np.zeros((n, sum(network.hidden_sizes)), np.bool_),
            gradients=np.zeros((n, 0 if gradient == "none" else centre.flat.size)),
        )
        _sweep_points(objective_here, network.neuron, centre, flat_directions, points, here, samples, found)
        return found

    done = surface.n_points - todo.size
    try:
        if progress is not None:
            progress(done, surface.n_points)
        for position, found in run_blocks(work, blocks, threads):
            _record(surface, blocks[position], found, network, len(data))
            done += blocks[position].size
            if progress is not None:
                progress(done, surface.n_points)
    except KeyboardInterrupt:
        raise SweepInterrupted(surface) from None
    return surface


def _weights_at(coordinates: np.ndarray, centre: PackedNetwork, directions: np.ndarray) -> np.ndarray:
    """Weights at points as :func:`_sweep_points` takes them: without those of the first layer, by far the most."""
    first = int(centre.starts[1])
    points = aligned_zeros(first + len(coordinates) * (centre.flat.size - first))
    own = points[first:].reshape(len(coordinates), -1)
    own[:] = centre.flat[first:]
    for d, direction in enumerate(directions):
        own += coordinates[:, d, None] * direction[first:]
    return points


def _record(surface: Surface, block: np.ndarray, found: _Found, network: Network, n_samples: int) -> None:
    """Write the results of a block to its points of the surface."""
    where = np.unravel_index(block, surface.shape)
    loss = found.losses.mean(axis=1)
    derivative = found.derivatives / n_samples
    gradients = found.gradients / n_samples
    finite = np.isfinite(loss) & np.isfinite(derivative).all(axis=1) & np.isfinite(gradients).all(axis=1)
    failed = np.isnan(found.losses).any(axis=1)
    good = np.flatnonzero(finite & ~failed)
    spot = tuple(w[good] for w in where)
    surface.loss[spot] = loss[good]
    surface.accuracy[spot] = found.correct[good].mean(axis=1)
    if derivative.shape[1] > 0:
        surface.directional_derivative[spot] = derivative[good]
    surface.spike_count[spot] = found.counts[good] / (n_samples * np.array(network.sizes[1:]))
    surface.silent[spot] = ~found.active[good]
    if surface.gradient_norm is not None:
        # Each by itself: a sum over one axis of several rows may be taken in another order than that of one row.
        surface.gradient_norm[spot] = [np.sqrt(np.sum(row * row)) for row in gradients[good]]
    if surface.gradient is not None:
        for place, row in zip(zip(*spot, strict=True), gradients[good], strict=True):
            surface.gradient[place] = np.concatenate([part.ravel() for part in unpack(row, network.sizes)])
    if surface.sample_loss is not None:
        surface.sample_loss[spot] = found.losses[good]
    # Last, so that an interrupt never leaves a point that is done but has no values.
    surface.status[where] = np.where(failed, Status.FAILED, np.where(finite, Status.DONE, Status.NOT_FINITE))


def _checked_axes(axes: Sequence[ArrayLike], count: int) -> list[np.ndarray]:
    """Copies of the coordinates as float64, each axis finite, not empty and strictly increasing."""
    if len(axes) != count or count > 2:
        raise DirectionError(f"{len(axes)} axes for {count} directions; give one axis per direction, one or two in all")
    checked = []
    for number, given in enumerate(axes):
        try:
            axis = as_array(given).astype(np.float64)
        except ValueError as error:
            raise DirectionError(f"axis {number} is no array of numbers ({error})") from None
        if axis.ndim != 1 or axis.size == 0:
            raise DirectionError(f"axis {number} has shape {axis.shape}; give at least one coordinate")
        if not np.isfinite(axis).all():
            raise DirectionError(f"axis {number} has coordinates that are not finite")
        if np.abs(axis).max() > LARGEST:
            raise DirectionError(f"axis {number} has coordinates beyond {LARGEST:g}; scale the direction instead")
        if not (np.diff(axis) > 0.0).all():
            raise DirectionError(f"axis {number} is not strictly increasing; sort it and drop repeated coordinates")
        checked.append(axis)
    return checked


def _fingerprint(network: Network, data: Dataset, objective: Objective) -> str:
    """Hash of what the values on a slice depend on besides its directions and axes."""
    digest = hashlib.sha256(network.parameters.tobytes())
    constants = (neuron_name(network.neuron), tuple(network.neuron), network.sizes, network.duration)
    digest.update(repr((constants, objective_name(objective), tuple(objective))).encode())
    digest.update(data.content_hash().encode())
    return digest.hexdigest()[:16]


def _take_over(surface: Surface, earlier: Surface) -> None:
    """Copy the finished points of an earlier surface of the same slice."""
    same = (
        surface.attributes["fingerprint"] == earlier.attributes.get("fingerprint")
        and surface.shape == earlier.shape
        and all(np.array_equal(a, b) for a, b in zip(surface.axes, earlier.axes, strict=True))
        and len(surface.directions) == len(earlier.directions)
        and all(
            np.array_equal(a, b)
            for one, other in zip(surface.directions, earlier.directions, strict=True)
            for a, b in zip(one, other, strict=True)
        )
    )
    fields = (
        "loss",
        "accuracy",
        "directional_derivative",
        "spike_count",
        "silent",
        "status",
        "gradient_norm",
        "sample_loss",
        "gradient",
    )
    for name in fields:
        mine, theirs = getattr(surface, name), getattr(earlier, name)
        same = same and (mine is None) == (theirs is None) and (mine is None or mine.shape == theirs.shape)
    if not same:
        raise InputError("the surface to resume belongs to another slice; sweep without it")
    finished = (earlier.status == Status.DONE) | (earlier.status == Status.NOT_FINITE)
    for name in fields:
        mine = getattr(surface, name)
        if mine is not None:
            mine[finished] = getattr(earlier, name)[finished]
