"""Puts what there is of a study together into ``landscape.h5``, finished or not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landscape.errors import ResultFileError
from landscape.experiment.assembly import assemble, assemble_finished, assembled_id, gather, result_id
from landscape.experiment.existing import REMEDY, check_folder, is_finished
from landscape.experiment.lineage import STALE, is_current
from landscape.experiment.parts import join

if TYPE_CHECKING:
    from landscape.experiment import Experiment
    from landscape.experiment.piece import Piece
    from landscape.slices.surface import Surface


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Attributes:
        complete: whether nothing is missing.
        changed: whether ``landscape.h5`` was written; not if it held the same already.
        missing: file names of the pieces that are missing, shards of finished slices not counted.
        problems: what is wrong with pieces that are there but were left out, by file name.
    """

    complete: bool
    changed: bool
    missing: list[str]
    problems: dict[str, str]


def merge(experiment: Experiment) -> Merged:
    """Put the finished pieces of a study together; others may go on computing pieces meanwhile.

    Points whose shard is missing are pending in the result, and so are those whose shard is damaged or was swept around
    another network; pieces that are damaged, or were made from another network than is there, are named in what is
    returned, and computed again by the next run. Slices and censuses whose shards are all there get their piece. Done
    twice, the second time changes nothing.

    Raises:
        ResultFileError: nothing is finished yet, or a piece belongs to another experiment or version.
        FolderInUseError: another merge takes too long.
        InputError: nothing may be written there, or a folder in the results folder leads out of it.
        WriteError: the disk is full, or fails.
    """
    plan = experiment.plan
    wanted = [piece for piece in plan.pieces() if not piece.part_of]
    results = [experiment.piece_path(piece) for piece in wanted if piece.is_result_file]
    experiment.folder.refuse_links()
    check_folder(experiment.folder.result_file, results, experiment.progress.say)
    found = _Found()
    for piece in wanted:
        path = experiment.piece_path(piece)
        if is_finished(path, piece):
            if is_current(experiment, piece):
                found.finished.append(piece.file_name)
                continue
            found.problems[piece.file_name] = f"{path}: {STALE}"
        elif path.exists():
            found.problems[piece.file_name] = f"{path}: damaged file"
        if not piece.is_in_shards:
            found.missing.append(piece.file_name)
            continue
        try:
            _put_together(experiment, piece, found)
        except ResultFileError as error:
            raise ResultFileError(f"{error}; {REMEDY}") from error
    if not found.finished:
        raise ResultFileError(
            f"{experiment.folder.path}: nothing is finished yet; run it with 'landscape run {experiment.config.name}'"
        )
    with experiment.folder.result_locked():
        merged_from = result_id(experiment, frozenset(found.finished))
        if found.missing:
            merged_from = _id_of_part(merged_from, found)
        changed = assembled_id(experiment.folder.result_file) != merged_from
        if changed and not found.missing:
            assemble(experiment)
        elif changed:
            assemble_finished(experiment, found.finished, found.surfaces, merged_from)
    return Merged(not found.missing, changed, found.missing, found.problems)


@dataclass
class _Found:
    """What a merge finds.

    Attributes:
        finished: file names of the pieces that are there.
        missing: file names of those that are not.
        problems: what is wrong with files that are there, by name.
        surfaces: unfinished slices by model and name.
    """

    finished: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    surfaces: dict[tuple[str, str], Surface] = field(default_factory=dict)


def _put_together(experiment: Experiment, piece: Piece, found: _Found) -> None:
    """Put a slice or a census together from its shards, or note what is missing of it."""
    from landscape.experiment.census_shards import gather_census, join_census
    from landscape.experiment.work import join_slice

    plan = experiment.plan
    model, entry = plan.model_of(piece), plan.slice_of(piece)
    assert entry is not None
    made, shards = plan.parts_of(piece)
    path = experiment.piece_path(made)
    usable = is_finished(path, made) and experiment.piece_path(plan.train(model)).exists()
    if usable and not is_current(experiment, made):
        found.problems[made.file_name] = f"{path}: {STALE}"
        usable = False
    if usable and experiment.shared_directions(made.file_name).directions is None:
        # The piece itself holds the reason, and is made with the directions; where it was lost, it is made again.
        join(experiment, piece, model, entry)
        found.finished.append(piece.file_name)
        return
    if usable and piece.kind == "census":
        if (gathered := gather_census(experiment, model, entry, found.problems)) is not None:
            join_census(experiment, piece, model, entry, gathered)
            found.finished.append(piece.file_name)
            return
    elif usable and (surface := gather(experiment, model, entry, found.problems)) is not None:
        if surface.complete:
            join_slice(experiment, piece, model, entry, surface)
            found.finished.append(piece.file_name)
            return
        found.surfaces[model.name, entry.name] = surface
    found.missing += [made.file_name] * (not usable)
    there = {shard.file_name for shard in shards if experiment.piece_path(shard).exists()}
    found.missing += [
        shard.file_name for shard in shards if shard.file_name in found.problems or shard.file_name not in there
    ]
    found.missing.append(piece.file_name)


def _id_of_part(finished: str, found: _Found) -> str:
    """Return what a result file is to say that it was assembled from where some pieces are missing."""
    digest = hashlib.sha256(" ".join(found.missing).encode())
    for surface in found.surfaces.values():
        digest.update(surface.loss.tobytes() + surface.directional_derivative.tobytes())
    return f"{finished}-without-{digest.hexdigest()[:16]}"
