"""Puts the pieces of an experiment together into ``landscape.h5``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.errors import ResultFileError
from landscape.experiment.pieces import read_piece

if TYPE_CHECKING:
    from landscape.config import ModelConfig
    from landscape.experiment.stages import Experiment
    from landscape.storage import ModelResult


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
    attributes = root_attributes(experiment, data_hash) | {"plan": experiment.plan.result_id}
    models = {model.name: _model_result(experiment, model) for model in experiment.config.model}
    write_results(experiment.folder.result_file, models, attributes)


def root_attributes(experiment: Experiment, data_hash: str) -> dict[str, Any]:
    """Return where a result comes from, for the root of its file."""
    from landscape.storage import provenance

    config = experiment.config
    seeds = {"seed": config.seed} | {f"seed_{model.name}": config.seed_of(model) for model in config.model}
    return provenance(config.to_toml(), seeds, data_hash)


def _model_result(experiment: Experiment, model: ModelConfig) -> ModelResult:
    from landscape.fragmentation import analyze
    from landscape.storage import ModelResult, SliceResult

    plan = experiment.plan
    trained = read_piece(experiment.piece_path(plan.train(model)), model.name)
    raster = read_piece(experiment.piece_path(plan.raster(model)), model.name)
    slices = {}
    for entry in experiment.config.slice:
        swept = read_piece(experiment.piece_path(plan.sweep(model, entry)), model.name)
        result = swept.slices[entry.name]
        assert isinstance(result, SliceResult)
        slices[entry.name] = analyze(result.surface)
    return ModelResult(
        network=trained.network,
        training=trained.training,
        slices=slices,
        raster=raster.raster,
        attributes=trained.attributes,
    )
