"""The work behind a census: every discontinuity on a slice, for each of its samples."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import DirectionError, InputError, SimulationError
from landscape.experiment.assembly import root_attributes
from landscape.experiment.geometry import Surroundings, directions_of, line_of
from landscape.experiment.pieces import write_piece
from landscape.experiment.plan import Piece
from landscape.experiment.work import surroundings

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation.census import Census
    from landscape.fragmentation.census.sample import SampleCensus
    from landscape.slices.directions import Directions

#: Discontinuities that are evaluated in extended precision as well, the largest ones.
CONFIRMED = 3

_PARTIAL_FORMAT = "landscape-partial-census"


def take_census(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Find all discontinuities on a slice around a trained network and write their piece.

    If the slice cannot be made, or a sample cannot be simulated on all of it, the piece holds the reason instead.

    Raises:
        KeyboardInterrupt: it was interrupted; the finished samples are kept and not done again.
    """
    from landscape.fragmentation.census import CensusInterrupted, find_discontinuities
    from landscape.storage import ModelResult

    progress = experiment.progress
    path = experiment.piece_path(piece)
    partial = experiment.folder.pieces / piece.partial_name
    attributes = root_attributes(experiment, experiment.data_hash)
    around = surroundings(experiment, model, entry)
    try:
        directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    except DirectionError as error:
        # The sweep of the slice has said it.
        skipped = {entry.name: str(error)}
        write_piece(path, model.name, ModelResult(slices={entry.name: None}, skipped=skipped), attributes)
        return
    data, samples = census_samples(experiment, entry, around.data)
    bounds = line_of(entry)
    origin = fingerprint(around, directions, bounds, data)
    resume = read_partial_census(partial, origin)
    if resume is None and partial.exists():
        progress.say(f"{partial.name}: damaged or of another line, the census starts anew")
    progress.begin(f"{model.name}: census of {entry.name}", len(data), "samples")
    start = time.perf_counter()
    try:
        census = find_discontinuities(
            around.centre,
            directions,
            bounds,
            data,
            around.objective,
            confirm=CONFIRMED,
            threads=experiment.threads,
            progress=lambda done, total: progress.advance(done),
            resume=resume,
        )
    except CensusInterrupted as interrupt:
        write_partial_census(partial, interrupt.finished, origin)
        raise
    except SimulationError as error:
        skipped = {entry.name: str(error)}
        write_piece(path, model.name, ModelResult(slices={entry.name: None}, skipped=skipped), attributes)
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        progress.end(skipped_text(model.name, entry.name, str(error)))
        return
    if samples is not None:
        census.attributes["samples"] = samples
    write_piece(path, model.name, ModelResult(slices={entry.name: None}, census=census), attributes)
    with suppress(OSError):
        partial.unlink(missing_ok=True)
    progress.end(f"{model.name}: census of slice {entry.name}, {in_words(census)}, {time.perf_counter() - start:.1f} s")
    if len(census.unresolved):
        progress.say(f"{model.name}: census of slice {entry.name}: {len(census.unresolved)} pieces are NOT resolved")


def say_done(experiment: Experiment, piece: Piece) -> None:
    """Say that a census was taken already, or why it is left out; nothing if there is no such slice."""
    from landscape.experiment.pieces import read_piece

    content = read_piece(experiment.piece_path(piece), piece.model)
    if content.census is not None:
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


def write_partial_census(path: Path, finished: Mapping[int, SampleCensus], origin: str) -> None:
    """Write what an interrupted census had finished.

    Args:
        path: the file.
        finished: by sample, as :class:`landscape.fragmentation.census.CensusInterrupted` carries it.
        origin: what the census depends on.

    Raises:
        InputError: the file cannot be written.
    """
    from landscape.storage.files import replace_file

    if not finished:
        return
    order = sorted(finished)
    with replace_file(path) as file:
        file.attrs["format"] = _PARTIAL_FORMAT
        file.attrs["origin"] = origin
        file["sample"] = np.array(order, np.int64)
        for name in type(finished[order[0]])._fields:
            parts = [np.asarray(getattr(finished[sample], name)) for sample in order]
            rows = [part if part.ndim else part[None] for part in parts]
            group = file.create_group(name)
            group["ends"] = np.cumsum([len(part) for part in rows])
            group["values"] = np.concatenate(rows).astype(np.uint8 if rows[0].dtype == np.bool_ else rows[0].dtype)


def read_partial_census(path: Path, origin: str) -> dict[int, SampleCensus] | None:
    """Return what an interrupted census of the same line and samples had finished, or None if there is none.

    It only saves time: one that is damaged or of another line must not keep the census from starting again.
    """
    if not path.is_file():
        return None
    from landscape.fragmentation.census.sample import SampleCensus
    from landscape.storage.files import open_for_reading

    try:
        with open_for_reading(path) as file:
            if (file.attrs["format"], file.attrs["origin"]) != (_PARTIAL_FORMAT, origin):
                return None
            numbers = [int(number) for number in file["sample"][()]]
            columns = {
                name: np.split(file[name]["values"][()], file[name]["ends"][()])[:-1] for name in SampleCensus._fields
            }
    except (InputError, OSError, LookupError, ValueError, TypeError, AttributeError):
        return None
    if any(len(parts) != len(numbers) for parts in columns.values()):
        return None
    # Contiguous copies, as a kernel gives them.
    found = {}
    for place, number in enumerate(numbers):
        fields: dict[str, Any] = {name: np.array(parts[place]) for name, parts in columns.items()}
        for name in ("active_first", "jumps", "settled"):
            fields[name] = fields[name].astype(np.bool_)
        found[number] = SampleCensus(**fields | {"fine": bool(fields["fine"][0])})
    return found


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
