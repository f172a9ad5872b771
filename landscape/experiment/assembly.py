"""Puts the pieces of an experiment together into ``landscape.h5``."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.errors import ResultFileError
from landscape.experiment.pieces import read_piece

if TYPE_CHECKING:
    from landscape.config import ModelConfig, SliceConfig
    from landscape.experiment.stages import Experiment
    from landscape.storage import ModelResult, SliceResult


_ORIGIN = re.compile(r"created|git_commit|version_\w+")


def assembled_id(path: Path) -> str | None:
    """Return the id of the plan that a result file was assembled from; None if there is no readable file."""
    if not path.is_file():
        return None
    from landscape.storage import ResultFile

    try:
        return str(ResultFile(path).attributes.get("plan"))
    except ResultFileError:
        return None


def assemble(experiment: Experiment) -> None:
    """Measure all slices and write ``landscape.h5``, which takes the place of an earlier one.

    Raises:
        InputError: the file cannot be written.
    """
    from landscape.storage import ResultFile, write_results

    # From a piece, not from the samples: what is all there is put together without loading them.
    first = experiment.piece_path(experiment.plan.train(experiment.config.model[0]))
    data_hash = str(ResultFile(first).attributes["data_hash"])
    # What of it is about versions says it of the assembly; each group repeats it for its piece.
    attributes = root_attributes(experiment, data_hash) | {"plan": experiment.plan.result_id}
    models = {model.name: _model_result(experiment, model) for model in experiment.config.model}
    write_results(experiment.folder.result_file, models, attributes)


def root_attributes(experiment: Experiment, data_hash: str) -> dict[str, Any]:
    """Return where a result comes from, for the root of its file."""
    from landscape.storage import provenance

    config = experiment.config
    seeds = {"seed": config.seed} | {f"seed_{model.name}": config.seed_of(model) for model in config.model}
    return provenance(config.to_toml(), seeds, data_hash)


def origin_of(path: Path) -> dict[str, Any]:
    """Return when and with what a piece was computed: the pieces of one result may be of different days."""
    from landscape.storage import ResultFile

    return {name: value for name, value in ResultFile(path).attributes.items() if _ORIGIN.fullmatch(name)}


def _model_result(experiment: Experiment, model: ModelConfig) -> ModelResult:
    from landscape.fragmentation import analyze
    from landscape.storage import ModelResult, SliceResult

    plan = experiment.plan
    trained = read_piece(experiment.piece_path(plan.train(model)), model.name)
    raster = read_piece(experiment.piece_path(plan.raster(model)), model.name)
    slices: dict[str, SliceResult | None] = {}
    skipped: dict[str, str] = {}
    for entry in experiment.config.slice:
        path = experiment.piece_path(plan.sweep(model, entry))
        swept = read_piece(path, model.name)
        skipped |= swept.skipped
        result = swept.slices[entry.name]
        if result is None:
            slices[entry.name] = None
            continue
        assert isinstance(result, SliceResult)
        result.surface.attributes.update(origin_of(path))
        measured = analyze(result.surface)
        slices[entry.name] = _with_census(experiment, model, entry, measured) if entry.census else measured
    origin = origin_of(experiment.piece_path(plan.train(model)))
    assert trained.training is not None
    return ModelResult(
        network=trained.network,
        training=dataclasses.replace(trained.training, attributes=origin),
        slices=slices,
        raster=raster.raster,
        attributes=dict(trained.attributes) | origin,
        skipped=skipped,
    )


def _with_census(experiment: Experiment, model: ModelConfig, entry: SliceConfig, measured: SliceResult) -> SliceResult:
    """Return a slice with its census, or with the reason why there is none."""
    path = experiment.piece_path(experiment.plan.census(model, entry))
    found = read_piece(path, model.name)
    if found.census is None:
        measured.surface.attributes["census_skipped"] = found.skipped.get(entry.name, "not taken")
        return measured
    found.census.attributes.update(origin_of(path))
    return dataclasses.replace(measured, census=found.census)
