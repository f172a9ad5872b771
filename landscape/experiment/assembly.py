"""Puts the pieces of an experiment together into ``landscape.h5``."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.errors import ResultFileError
from landscape.experiment.geometry import axes_of
from landscape.experiment.inputs import from_outside
from landscape.experiment.pieces import read_piece
from landscape.experiment.shards import Block, Shard, join, read_shard
from landscape.wording import display_name

if TYPE_CHECKING:
    from landscape.config import ModelConfig, SliceConfig
    from landscape.experiment.piece import Piece
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation import Comparison
    from landscape.results import ModelResult, SliceResult
    from landscape.slices.surface import Surface


class StaleShardError(ResultFileError):
    """Raised when a shard was swept around another network or along other directions than its slice has now."""


_ORIGIN = re.compile(r"created|git_commit|hosts?|version_\w+")


def assembled_id(path: Path) -> str | None:
    """Return the id of the plan that a result file was assembled from; None if there is no readable file."""
    if not path.is_file():
        return None
    from landscape.results import ResultFile

    try:
        return str(ResultFile(path).attributes.get("plan"))
    except ResultFileError:
        return None


def result_id(experiment: Experiment, finished: Collection[str] | None = None) -> str:
    """Return what a result file is to say that it was assembled from: the experiment, and the very files of its pieces.

    Args:
        experiment: the experiment.
        finished: file names of the pieces that are there; all if not given.
    """
    from landscape.h5.sealing import seal_of

    digest = hashlib.sha256(experiment.plan.result_id.encode("ascii"))
    for piece in experiment.plan.pieces():
        if not piece.part_of and (finished is None or piece.file_name in finished):
            with suppress(OSError):
                digest.update(f"{piece.file_name} {seal_of(experiment.piece_path(piece))}".encode())
    return digest.hexdigest()[:16]


def assemble(experiment: Experiment) -> None:
    """Measure all slices and write ``landscape.h5``, which takes the place of an earlier one.

    Raises:
        ResultFileError: a piece is missing, damaged or of another experiment.
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.experiment.comparing import comparison_of

    plan = experiment.plan
    models = {model.name: _model_result(experiment, model) for model in experiment.config.model}
    # From a piece, not from the samples: what is all there is put together without loading them.
    data_hash = _data_hash_of(experiment.piece_path(plan.train(experiment.config.model[0])))
    # What of it is about versions says it of the assembly; each group repeats it for its piece.
    attributes = root_attributes(experiment, data_hash) | {"plan": result_id(experiment)}
    _write(experiment, models, attributes, comparison_of(experiment))


def assemble_finished(
    experiment: Experiment, finished: Collection[str], surfaces: Mapping[tuple[str, str], Surface], id_of_part: str
) -> None:
    """Measure what there is of the slices and write ``landscape.h5``; what is missing is left out.

    Args:
        experiment: the experiment.
        finished: file names of the pieces that are there, of slices as a whole only. The comparison is made with
            those of its lines.
        surfaces: unfinished slices by model and name, their missing points pending.
        id_of_part: what the result file is to say that it was assembled from.

    Raises:
        ResultFileError: a piece is damaged or of another experiment.
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.experiment.comparing import comparison_of

    finished = frozenset(finished)
    models = {model.name: _model_result(experiment, model, finished, surfaces) for model in experiment.config.model}
    known = [experiment.folder.pieces / name for name in sorted(finished)][:1]
    attributes = root_attributes(experiment, _data_hash_of(known[0]) if known else None) | {"plan": id_of_part}
    _write(experiment, models, attributes, comparison_of(experiment, finished))


def _write(
    experiment: Experiment,
    models: Mapping[str, ModelResult],
    attributes: Mapping[str, Any],
    comparison: Comparison | None,
) -> None:
    from landscape.results import write_results

    write_results(experiment.folder.result_file, models, attributes, comparison=comparison)
    if comparison is not None:
        first, second = (display_name(name) for name in comparison.models)
        experiment.progress.say(comparison.verdict_on(first, second))


def _data_hash_of(piece: Path) -> str:
    """Return the hash of the samples that a piece was computed with."""
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attributes

    with open_for_reading(piece) as file:
        return str(read_attributes(file)["data_hash"])


def root_attributes(experiment: Experiment, data_hash: str | None) -> dict[str, Any]:
    """Return where a result comes from, for the root of its file."""
    from landscape.results import provenance

    config = experiment.config
    seeds = {"seed": config.seed} | {f"seed_{model.name}": config.seed_of(model) for model in config.model}
    attributes = provenance(config.to_toml(), seeds, data_hash, host=True)
    if outside := from_outside(config):
        attributes["plugins"] = ", ".join(f"{name} {source}" for name, source in outside.items())
    return attributes


def origin_of(path: Path) -> dict[str, Any]:
    """Return when and with what a piece was computed: the pieces of one result may be of different days."""
    from landscape.results import ResultFile

    return {name: value for name, value in ResultFile(path).attributes.items() if _ORIGIN.fullmatch(name)}


def gather(
    experiment: Experiment, model: ModelConfig, entry: SliceConfig, problems: dict[str, str] | None = None
) -> Surface | None:
    """Return a slice put together from its shards.

    Args:
        experiment: the experiment.
        model: the model.
        entry: a slice that is cut into shards and whose directions are made.
        problems: if given, shards that are missing, damaged or stale are left out and their points are pending;
            what is wrong with those that are there is put in here, by file name. If not, all must be there.

    Returns:
        None if there are no shards.

    Raises:
        DamagedFileError: a shard is damaged or missing.
        StaleShardError: a shard was swept around another network or along other directions.
        ResultFileError: a shard belongs to another experiment or version.
    """
    from landscape.results import DamagedFileError

    shared = experiment.shared_directions(experiment.plan.directions(model, entry).file_name)
    if shared.directions is None:
        return None
    hosts: set[str] = set()

    def parts() -> Iterator[tuple[Block, Shard]]:
        for piece in experiment.plan.shards(model, entry):
            path = experiment.piece_path(piece)
            if problems is not None and not path.exists():
                continue
            try:
                # What is said of the slice, the first says for all.
                shard = read_shard(path, piece.file_name, identity_only=bool(hosts))
                if shard.attributes.get("around") != shared.around:
                    raise StaleShardError(f"{path}: was swept around another network or along other directions")
            except (DamagedFileError, StaleShardError) as error:
                if problems is None:
                    raise
                problems[piece.file_name] = str(error)
                continue
            hosts.add(str(shard.attributes.get("host")))
            assert piece.block is not None
            yield piece.block, shard

    surface = join(axes_of(entry), shared.directions, parts())
    if surface is not None:
        surface.attributes["hosts"] = ", ".join(sorted(hosts))
    return surface


def _model_result(
    experiment: Experiment,
    model: ModelConfig,
    finished: Collection[str] | None = None,
    surfaces: Mapping[tuple[str, str], Surface] | None = None,
) -> ModelResult:
    from landscape.fragmentation import analyze
    from landscape.results import ModelResult, SliceResult

    plan = experiment.plan

    def content(piece: Piece) -> ModelResult | None:
        if finished is not None and piece.file_name not in finished:
            return None
        return read_piece(experiment.piece_path(piece), model.name)

    trained = content(plan.train(model))
    raster = content(plan.raster(model))
    slices: dict[str, SliceResult | None] = {}
    skipped: dict[str, str] = {}
    for entry in experiment.config.slice:
        piece = plan.sweep(model, entry)
        swept = content(piece)
        surface: Any = None
        if swept is not None:
            skipped |= swept.skipped
            surface = swept.slices[entry.name].surface
            if surface is not None:
                surface.attributes.update(origin_of(experiment.piece_path(piece)))
        elif surfaces is not None:
            surface = surfaces.get((model.name, entry.name))
        if surface is None:
            slices[entry.name] = None
            continue
        measured = SliceResult(surface, **analyze(surface))
        if entry.census and entry.dimension == 2:
            measured = _with(measured, "curves", content(plan.curves(model, entry)), entry.name)
        census = plan.census(model, entry) if entry.census and entry.dimension == 1 else None
        found = None if census is None else content(census)
        if census is not None and found is not None:
            measured = _with(measured, "census", found, entry.name)
            if measured.census is not None:
                measured.census.attributes.update(origin_of(experiment.piece_path(census)))
                measured = _with(measured, "anatomy", content(plan.anatomy(model, entry)), entry.name)
                measured = _with(measured, "fragments", content(plan.fragments(model, entry)), entry.name)
        slices[entry.name] = measured
    if trained is None:
        return ModelResult(slices=slices, skipped=skipped)
    origin = origin_of(experiment.piece_path(plan.train(model)))
    assert trained.training is not None
    return ModelResult(
        network=trained.network,
        training=dataclasses.replace(trained.training, attributes=dict(trained.training.attributes) | origin),
        slices=slices,
        raster=None if raster is None else raster.raster,
        attributes=dict(trained.attributes) | origin,
        skipped=skipped,
    )


def _with(measured: SliceResult, kind: str, found: ModelResult | None, name: str) -> SliceResult:
    """Return a slice with a record from its piece; with the reason why there is no census, where there is none."""
    if found is None:
        return measured
    content = getattr(found.slices[name], kind)
    if content is None and kind in ("census", "curves") and measured.surface is not None:
        measured.surface.attributes["census_skipped"] = found.skipped.get(name, "not taken")
    return measured.changed(**{kind: content})
