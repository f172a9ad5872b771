"""The work behind what is measured with the census of a slice."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import SimulationError
from landscape.experiment.census import census_samples
from landscape.experiment.geometry import axes_of, directions_of, line_of
from landscape.experiment.lineage import piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.pieces import read_piece, write_piece
from landscape.experiment.work import surroundings

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation.census import Census

#: Why a measure is not there that is made from a census.
NO_CENSUS = "there is no census"


def measure(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Do the work of a piece of kind ``anatomy`` or ``fragments``."""
    work = {"anatomy": take_anatomy, "fragments": measure_fragments}
    work[piece.kind](experiment, piece, model, entry)


def take_anatomy(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Follow the spikes of one sample along a line and write them to their piece.

    The sample is the one with the largest jumps for the model with the most discontinuities, so that all models are
    seen with the same one. Where there is no census the piece says so instead.
    """
    from landscape.fragmentation.anatomy import anatomy, telling_sample

    start = time.perf_counter()
    found = {other.name: census_of(experiment, other, entry) for other in experiment.config.model}
    own = found[model.name]
    if own is None:
        _write(experiment, piece, skipped={entry.name: NO_CENSUS})
        return
    sample = telling_sample(max((census for census in found.values() if census is not None), key=len))
    around = surroundings(experiment, model, entry)
    directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    data, _ = census_samples(experiment, entry, around.data)
    try:
        seen = anatomy(around.centre, directions[0], data, around.objective, own, sample=sample)
    except SimulationError as error:
        _write(experiment, piece, skipped={entry.name: str(error)})
        return
    _write(experiment, piece, anatomy=seen)
    seconds = time.perf_counter() - start
    experiment.progress.end(f"{model.name}: spikes of sample {sample} along slice {entry.name}, {seconds:.1f} s")


def measure_fragments(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Measure how fragmented the loss is along a line, at the samples of its census, and write the piece.

    Losses and derivatives are those of the census's samples at the points of the slice, each sample on its own, so that
    every measure has its interval; how the gradient turns from point to point and how far it predicts the loss are
    measured as well. Where there is no census the piece says so instead.
    """
    from landscape.fragmentation import fragments, gradient_cosines, gradient_fidelity, sample_profile

    census = census_of(experiment, model, entry)
    if census is None:
        _write(experiment, piece, skipped={entry.name: NO_CENSUS})
        return
    around = surroundings(experiment, model, entry)
    directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    data, _ = census_samples(experiment, entry, around.data)
    progress = experiment.progress
    progress.begin(f"{model.name}: measures of {entry.name}", len(data), "samples")
    start = time.perf_counter()
    line = (around.centre, directions[0])
    axis, threads, seed = axes_of(entry)[0], experiment.threads, experiment.config.seed
    profile = sample_profile(
        *line, axis, data, around.objective, threads=threads, progress=lambda done, total: progress.advance(done)
    )
    found = fragments(census, profile, seed=seed)
    cosines = {}
    if axis.size > 1:
        places = found.position
        cosines = gradient_cosines(*line, axis, data, around.objective, places, seed=seed, threads=threads)
    fidelity = gradient_fidelity(*line, line_of(entry), data, around.objective, seed=seed, threads=threads)
    found = dataclasses.replace(found, estimates=found.estimates | cosines, fidelity=fidelity)
    _write(experiment, piece, fragments=found)
    progress.end(f"{model.name}: fragments of slice {entry.name}, {time.perf_counter() - start:.1f} s")


def census_of(experiment: Experiment, model: ModelConfig, entry: SliceConfig) -> Census | None:
    """Return the census of a slice around a model from its piece; None where it could not be taken."""
    found = read_piece(experiment.piece_path(experiment.plan.census(model, entry)), model.name)
    return found.slices[entry.name].census


def _write(experiment: Experiment, piece: Piece, skipped: Mapping[str, str] | None = None, **content: Any) -> None:
    from landscape.results import ModelResult, SliceResult

    result = ModelResult({piece.slice: SliceResult(**content)}, skipped=skipped)
    write_piece(experiment.piece_path(piece), piece.model, result, piece_attributes(experiment, piece))
