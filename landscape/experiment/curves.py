"""The work behind the discontinuity curves of a plane."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import DirectionError, InputError, SimulationError
from landscape.experiment.census import census_samples, fingerprint, skipped_text
from landscape.experiment.geometry import directions_of, ends_of
from landscape.experiment.lineage import piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.pieces import write_piece
from landscape.experiment.plan import census_lines
from landscape.experiment.work import surroundings

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation import Curves
    from landscape.fragmentation.plane_lines import FoundOnLine, LineKey

_PARTIAL_FORMAT = "landscape-partial-curves"


def trace(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Trace the discontinuity curves of a plane and write them to their piece.

    If the plane cannot be made, or a sample cannot be simulated on all of it, the piece holds the reason instead.

    Raises:
        KeyboardInterrupt: it was interrupted; the finished lines are kept and not searched again.
    """
    from landscape.fragmentation import CurvesInterrupted, trace_curves
    from landscape.results import ModelResult, SliceResult

    progress = experiment.progress
    partial = experiment.folder.pieces / piece.partial_name
    around = surroundings(experiment, model, entry)

    def write(curves: Curves | None = None, skipped: Mapping[str, str] | None = None) -> None:
        result = ModelResult({entry.name: SliceResult(curves=curves)}, skipped=skipped)
        write_piece(experiment.piece_path(piece), model.name, result, piece_attributes(experiment, piece))
        with suppress(OSError):
            partial.unlink(missing_ok=True)

    start = time.perf_counter()
    try:
        directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    except DirectionError as error:
        # The sweep of the slice has said it.
        write(skipped={entry.name: str(error)})
        return
    data, samples = census_samples(experiment, entry, around.data)
    lines = census_lines(entry)
    axes = [np.linspace(low, high, lines) for low, high in ends_of(entry)]
    bounds = tuple(float(place) for axis in axes for place in axis)
    origin = fingerprint(around, directions, bounds, data)
    resume = read_partial_curves(partial, origin)
    if resume is None and partial.exists():
        progress.say(f"{partial.name}: damaged or of another plane, the curves are traced anew")
    parts: list[int] = []

    def tell(done: int, total: int) -> None:
        # The lines of the grid, then the cells of each depth.
        if not parts or total != parts[-1]:
            progress.begin(f"{model.name}: curves of {entry.name}", total, "cells" if parts else "lines")
            parts.append(total)
        progress.advance(done)

    try:
        curves = trace_curves(
            around.centre,
            directions,
            axes,
            data,
            around.objective,
            threads=experiment.threads,
            progress=tell,
            resume=resume,
        )
    except CurvesInterrupted as interrupt:
        write_partial_curves(partial, interrupt.finished, origin)
        raise
    except SimulationError as error:
        write(skipped={entry.name: str(error)})
        progress.end(skipped_text(model.name, entry.name, str(error)))
        return
    if samples is not None:
        curves = dataclasses.replace(curves, samples=samples)
    write(curves=curves)
    seconds = time.perf_counter() - start
    progress.end(
        f"{model.name}: curves of slice {entry.name}, {lines} x {lines} lines, {curves.n_samples} samples, "
        f"{len(curves)} curves, {curves.fragments} fragments, {seconds:.1f} s"
    )


def write_partial_curves(path: Path, finished: Mapping[LineKey, FoundOnLine], origin: str) -> None:
    """Write what an interrupted tracing had finished.

    Args:
        path: the file.
        finished: by line, as :class:`landscape.fragmentation.CurvesInterrupted` carries it.
        origin: what the curves depend on.

    Raises:
        InputError: the file cannot be written.
    """
    from landscape.h5.files import replace_file

    if not finished:
        return
    crossings = [crossing for found in finished.values() for crossing in found.crossings]
    with replace_file(path) as file:
        file.attrs["format"] = _PARTIAL_FORMAT
        file.attrs["origin"] = origin
        file["line"] = np.array(list(finished), np.float64)
        file["unresolved"] = np.array([found.unresolved for found in finished.values()], np.int64)
        file["end"] = np.cumsum([len(found.crossings) for found in finished.values()])
        file["place"] = np.array([crossing.place for crossing in crossings], np.float64).reshape(len(crossings), 2)
        file["spike"] = np.array([crossing[1:5] for crossing in crossings], np.int64).reshape(len(crossings), 4)
        file["mechanism"] = np.array([crossing.mechanism.encode() for crossing in crossings], "S16")
        file["axis"] = np.array([crossing.axis for crossing in crossings], np.int64)
        file["jump"] = np.array([crossing.jump for crossing in crossings], np.float64)


def read_partial_curves(path: Path, origin: str) -> dict[LineKey, FoundOnLine] | None:
    """Return what an interrupted tracing of the same plane and samples had finished, or None if there is none.

    It only saves time: one that is damaged or of another plane must not keep the tracing from starting again.
    """
    if not path.is_file():
        return None
    from landscape.fragmentation.joining import Crossing
    from landscape.fragmentation.plane_lines import FoundOnLine
    from landscape.h5.files import open_for_reading

    try:
        with open_for_reading(path) as file:
            if (file.attrs["format"], file.attrs["origin"]) != (_PARTIAL_FORMAT, origin):
                return None
            crossings = [
                Crossing((x, y), sample, layer, neuron, number, mechanism.decode(), axis, jump)
                for (x, y), (sample, layer, neuron, number), mechanism, axis, jump in zip(
                    *(file[name][()].tolist() for name in ("place", "spike", "mechanism", "axis", "jump")), strict=True
                )
            ]
            lines, ends = file["line"][()].tolist(), file["end"][()].tolist()
            unresolved = file["unresolved"][()].tolist()
            if ends and ends[-1] != len(crossings):
                return None
            return {
                (int(axis), at, low, high): FoundOnLine(crossings[begin:end], many)
                for (axis, at, low, high), begin, end, many in zip(
                    lines, [0, *ends[:-1]], ends, unresolved, strict=True
                )
            }
    except (InputError, OSError, LookupError, ValueError, TypeError, AttributeError):
        return None
