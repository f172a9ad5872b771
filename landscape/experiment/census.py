"""The work behind a census: every discontinuity on a slice, for each of its samples."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import DirectionError, SimulationError
from landscape.experiment.cost import CONFIRMED
from landscape.experiment.geometry import directions_of, line_of
from landscape.experiment.lineage import piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.pieces import write_piece
from landscape.experiment.sample_censuses import read_partial_census, write_partial_census
from landscape.experiment.work import duration_text, surroundings
from landscape.slices.directions import Surroundings

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation.census import Census
    from landscape.fragmentation.census.sample import SampleCensus
    from landscape.slices.directions import Directions


def take_census(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Find all discontinuities on a slice around a trained network and write their piece.

    If the slice cannot be made, or a sample cannot be simulated on all of it, the piece holds the reason instead.

    Raises:
        KeyboardInterrupt: it was interrupted; the finished samples are kept and not done again.
    """
    from landscape.fragmentation.census import CensusInterrupted

    progress = experiment.progress
    partial = experiment.folder.pieces / piece.partial_name
    around = surroundings(experiment, model, entry)
    try:
        directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    except DirectionError as error:
        # The sweep of the slice has said it.
        write_skipped(experiment, piece, str(error))
        return
    data, _ = census_samples(experiment, entry, around.data)
    origin = fingerprint(around, directions, line_of(entry), data)
    resume = read_partial_census(partial, origin)
    if resume is None and partial.exists():
        progress.say(f"{partial.name}: damaged or of another line, the census starts anew")
    progress.begin(f"{model.name}: census of {entry.name}", len(data), "samples")
    start = time.perf_counter()
    try:
        found = write_census(experiment, piece, around, directions, resume or {})
    except CensusInterrupted as interrupt:
        write_partial_census(partial, interrupt.finished, origin)
        raise
    with suppress(OSError):
        partial.unlink(missing_ok=True)
    say_taken(experiment, piece, found, time.perf_counter() - start)


def write_census(
    experiment: Experiment,
    piece: Piece,
    around: Surroundings,
    directions: Directions,
    finished: Mapping[int, SampleCensus],
    attributes: Mapping[str, Any] | None = None,
) -> Census | str:
    """Take the census of the samples that are not finished, put all together and write the piece.

    Args:
        experiment: the experiment.
        piece: the piece of the census.
        around: what the slice is made from.
        directions: its direction.
        finished: the censuses of samples, as far as they were taken.
        attributes: what else is known of it.

    Returns:
        The census; why there is none where a sample cannot be simulated on all of the line.

    Raises:
        CensusInterrupted: it was interrupted.
    """
    from landscape.fragmentation.census import find_discontinuities
    from landscape.fragmentation.census.confirmation import is_supported
    from landscape.results import ModelResult, SliceResult

    entry = experiment.plan.slice_of(piece)
    assert entry is not None
    data, samples = census_samples(experiment, entry, around.data)
    try:
        census = find_discontinuities(
            around.centre,
            directions,
            line_of(entry),
            data,
            around.objective,
            confirm=CONFIRMED if is_supported(around.centre, around.objective) else 0,
            threads=experiment.threads,
            progress=lambda done, total: experiment.progress.advance(done),
            resume=finished,
        )
    except SimulationError as error:
        write_skipped(experiment, piece, str(error))
        return str(error)
    if samples is not None:
        census = dataclasses.replace(census, samples=samples)
    census.attributes.update(attributes or {})
    content = ModelResult({entry.name: SliceResult(census=census)})
    write_piece(experiment.piece_path(piece), piece.model, content, piece_attributes(experiment, piece))
    return census


def write_skipped(experiment: Experiment, piece: Piece, reason: str) -> None:
    """Write the piece of a census that cannot be taken, with the reason."""
    from landscape.results import ModelResult

    content = ModelResult(slices={piece.slice: None}, skipped={piece.slice: reason})
    write_piece(experiment.piece_path(piece), piece.model, content, piece_attributes(experiment, piece))


def say_taken(experiment: Experiment, piece: Piece, found: Census | str, seconds: float) -> None:
    """Say what a census found, or why it was not taken."""
    if isinstance(found, str):
        experiment.progress.end(skipped_text(piece.model, piece.slice, found))
        return
    of = f"{piece.model}: census of slice {piece.slice}"
    experiment.progress.end(f"{of}, {in_words(found)}, {duration_text(seconds)}")
    if len(found.unresolved):
        experiment.progress.say(f"{of}: {len(found.unresolved)} pieces are NOT resolved")


def say_done(experiment: Experiment, piece: Piece) -> None:
    """Say that a census was taken already, or why it is left out; nothing if there is no such slice."""
    from landscape.experiment.pieces import read_piece

    content = read_piece(experiment.piece_path(piece), piece.model)
    if content.slices[piece.slice].census is not None:
        experiment.progress.say(f"{piece.model}: census of slice {piece.slice} done already")


def skipped_text(model: str, name: str, reason: str) -> str:
    """Return how a run says that it leaves out a census."""
    return f"census of slice {name} ({model}): left out: {reason}"


def in_words(census: Census) -> str:
    """Return what a census found, in a few words."""
    transitions = sum(census.transitions.values())
    found = "1 discontinuity" if len(census) == 1 else f"{len(census)} discontinuities"
    return f"{census.n_samples} samples, {found} among {transitions} transitions"


def census_samples(
    experiment: Experiment, entry: SliceConfig, data: Dataset
) -> tuple[Dataset, NDArray[np.int64] | None]:
    """Return the samples that a census is taken of, and their numbers among those of the slice.

    Args:
        experiment: the experiment.
        entry: the slice.
        data: the samples of the slice.

    Returns:
        The samples, as many of each class as possible; their numbers, None if they are all of the slice's.
    """
    from landscape.datasets.selection import balanced

    if entry.census_samples is None or entry.census_samples >= len(data):
        return data, None
    numbers = np.asarray(balanced(data.labels, entry.census_samples, experiment.config.seed), np.int64)
    return data.select(indices=numbers), numbers


def fingerprint(around: Surroundings, directions: Directions, bounds: tuple[float, ...], data: Dataset) -> str:
    """Hash of what the census of a line depends on, or of a plane with such lines."""
    from landscape.fragmentation.census.sample import SampleCensus
    from landscape.neurons import neuron_name
    from landscape.readouts import objective_name

    network = around.centre
    digest = hashlib.sha256(network.parameters.tobytes())
    digest.update(directions.vectors.tobytes())
    constants = (neuron_name(network.neuron), tuple(network.neuron), network.sizes, network.duration)
    objective = (objective_name(around.objective), tuple(around.objective))
    digest.update(repr((constants, objective, bounds, SampleCensus._fields)).encode())
    digest.update(data.content_hash().encode())
    return digest.hexdigest()[:16]
