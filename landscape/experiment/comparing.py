"""The work behind the comparison of two models: one line of it, all lines in turn, and what they add up to."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.config import ModelConfig
from landscape.errors import DirectionError, SimulationError
from landscape.experiment.compared_lines import read_line, write_line
from landscape.experiment.existing import is_finished
from landscape.experiment.lineage import is_current, piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.work import duration_text, samples_of

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation import Comparison

#: Lines that were left out are named up to so many; the status of each is kept anyway.
_NAMED = 100

_SOFTWARE = re.compile(r"git_commit|version_\w+")


def compare_models(experiment: Experiment) -> None:
    """Measure the lines of the comparison that are not measured yet; nothing to do where nothing is compared.

    Raises:
        KeyboardInterrupt: it was interrupted; the finished lines are kept, nothing of the one under way.
    """
    comparison = experiment.config.comparison
    pieces = experiment.plan.compared()
    if comparison is None:
        return
    progress = experiment.progress
    names = " and ".join(comparison.models)
    there = [is_finished(experiment.piece_path(piece), piece) and is_current(experiment, piece) for piece in pieces]
    if all(there):
        progress.say(f"comparison of {names}: done already")
        return
    progress.begin(f"comparison of {names}", len(pieces), "lines")
    start = time.perf_counter()
    for number, piece in enumerate(pieces):
        experiment.parts_done = number
        experiment.finish(piece)
        progress.advance(number + 1)
    networks = len(pieces) // comparison.directions
    already = f" ({sum(there)} of them done already)" if any(there) else ""
    progress.end(
        f"comparison of {names}: {len(pieces)} lines around {networks} networks{already}, "
        f"{duration_text(time.perf_counter() - start)}"
    )


def measure_compared_line(experiment: Experiment, piece: Piece, model: ModelConfig) -> None:
    """Measure one line of the comparison around a network and write its piece.

    If its direction cannot be made, or a sample cannot be simulated on all of it, the piece holds the reason instead.

    Raises:
        KeyboardInterrupt: it was interrupted; nothing of this line is kept.
    """
    from landscape.fragmentation.compare import MEASURES, measure_line

    comparison = experiment.config.comparison
    assert comparison is not None
    pair = next(number for number, models in enumerate(experiment.config.pairs) if model in models)
    data = samples_of(experiment, comparison.line)
    start = time.perf_counter()
    already = experiment.parts_done
    values: dict[str, float] = {}
    reason = ""
    try:
        found = measure_line(
            experiment.networks(model)[comparison.centre],
            data,
            experiment.objective(model),
            number=(pair, piece.number),
            bounds=comparison.bounds,
            points=comparison.points,
            normalization=comparison.normalization,
            seed=experiment.config.seed_of(comparison),
            threads=experiment.threads,
            progress=lambda done, total: experiment.progress.advance(already + done / total),
        )
        values = {name: found[name].value for name in MEASURES}
    except (DirectionError, SimulationError) as error:
        reason = str(error)
        experiment.progress.say(f"{model.name}: line {piece.number} of the comparison: left out: {reason}")
    attributes = piece_attributes(experiment, piece) | {
        "piece": piece.file_name,
        "n_samples": len(data),
        "seconds": time.perf_counter() - start,
    }
    write_line(experiment.piece_path(piece), values, reason, attributes)


def comparison_of(experiment: Experiment, finished: Collection[str] | None = None) -> Comparison | None:
    """Compare the two models by the lines that are there.

    Args:
        experiment: the experiment.
        finished: file names of the pieces that are there; all if not given.

    Returns:
        None where nothing is compared, or no line is there.

    Raises:
        ResultFileError: a piece is damaged, or missing though it is to be there.
    """
    from landscape.fragmentation import compare_tables
    from landscape.fragmentation.compare import MEASURES
    from landscape.slices.surface import Status

    comparison = experiment.config.comparison
    if comparison is None:
        return None
    pairs = experiment.config.pairs
    place = {models[side].name: (side, pair) for pair, models in enumerate(pairs) for side in (0, 1)}
    shape = (2, len(pairs), comparison.directions)
    values = {name: np.full(shape, np.nan) for name in MEASURES}
    status = np.full(shape, Status.PENDING, np.uint8)
    left_out: list[str] = []
    said: dict[str, dict[str, None]] = {}
    samples = 0
    for piece in experiment.plan.compared():
        if finished is not None and piece.file_name not in finished:
            continue
        at = (*place[piece.model], piece.number)
        line = read_line(experiment.piece_path(piece), piece.file_name)
        samples = int(line.attributes["n_samples"])
        for key, value in line.attributes.items():
            if _SOFTWARE.fullmatch(key):
                said.setdefault(key, {})[str(value)] = None
        if line.reason:
            status[at] = Status.FAILED
            left_out.append(f"{piece.model}, line {piece.number}: {line.reason}")
            continue
        status[at] = Status.DONE
        for name in MEASURES:
            values[name][at] = line.values[name]
    if (status == Status.PENDING).all():
        return None
    found = compare_tables(
        (comparison.models[0], comparison.models[1]),
        values,
        primary=comparison.primary,
        resamples=comparison.resamples,
        level=comparison.level,
        seed=experiment.config.seed_of(comparison),
    )
    about: dict[str, Any] = {
        "first_networks": [first.name for first, _ in pairs],
        "second_networks": [second.name for _, second in pairs],
        "low": comparison.bounds[0],
        "high": comparison.bounds[1],
        "points": comparison.points,
        "normalization": comparison.normalization,
        "centre": comparison.centre,
        "data": comparison.data,
        "n_samples": samples,
    }
    if left_out:
        about["left_out"] = left_out[:_NAMED]
    # Of pieces that were computed with different versions, all are named.
    about |= {key: " / ".join(texts) for key, texts in said.items()}
    return dataclasses.replace(found, status=status, attributes=about)
