"""Puts what there is of a study together into ``landscape.h5``, finished or not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landscape.errors import ResultFileError
from landscape.experiment.assembly import assemble, assemble_finished, assembled_id, gather
from landscape.experiment.existing import REMEDY, check_folder, is_finished

if TYPE_CHECKING:
    from landscape.experiment import Experiment
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
    another network; such shards are named in what is returned, and computed again by the next run. Slices whose shards
    are all there get their piece. Done twice, the second time changes nothing.

    Raises:
        ResultFileError: nothing is finished yet, or a piece belongs to another experiment or version.
        FolderInUseError: another merge takes too long.
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.experiment.work import is_current, join_slice

    plan = experiment.plan
    wanted = [piece for piece in plan.pieces() if not piece.part_of]
    results = [experiment.piece_path(piece) for piece in wanted if piece.is_result_file]
    check_folder(experiment.folder.result_file, results)
    finished: list[str] = []
    missing: list[str] = []
    problems: dict[str, str] = {}
    surfaces: dict[tuple[str, str], Surface] = {}
    for piece in wanted:
        path = experiment.piece_path(piece)
        model, entry = plan.model_of(piece), plan.slice_of(piece)
        if is_finished(path, piece):
            finished.append(piece.file_name)
            continue
        if path.exists():
            problems[piece.file_name] = f"{path}: damaged file"
        shards = [] if entry is None or piece.kind != "sweep" else plan.shards(model, entry)
        if entry is None or not shards:
            missing.append(piece.file_name)
            continue
        made = plan.directions(model, entry)
        has_directions = is_finished(experiment.piece_path(made), made)
        if has_directions and not (
            experiment.piece_path(plan.train(model)).exists() and is_current(experiment, made, model, entry)
        ):
            problems[made.file_name] = f"{experiment.piece_path(made)}: made around another network"
            has_directions = False
        try:
            surface = gather(experiment, model, entry, problems) if has_directions else None
        except ResultFileError as error:
            raise ResultFileError(f"{error}; {REMEDY}") from error
        if surface is not None and surface.complete:
            join_slice(experiment, piece, model, entry, surface)
            finished.append(piece.file_name)
            continue
        missing += [made.file_name] * (not has_directions)
        missing += [s.file_name for s in shards if s.file_name in problems or not experiment.piece_path(s).exists()]
        missing.append(piece.file_name)
        if surface is not None:
            surfaces[model.name, entry.name] = surface
    if not finished:
        raise ResultFileError(
            f"{experiment.folder.path}: nothing is finished yet; run it with 'landscape run {experiment.config.name}'"
        )
    with experiment.folder.result_locked():
        merged_from = plan.result_id if not missing else _id_of_part(plan.result_id, missing)
        changed = assembled_id(experiment.folder.result_file) != merged_from
        if changed and not missing:
            assemble(experiment)
        elif changed:
            assemble_finished(experiment, finished, surfaces, merged_from)
    return Merged(not missing, changed, missing, problems)


def _id_of_part(result_id: str, missing: list[str]) -> str:
    return f"{result_id}-without-{hashlib.sha256(' '.join(missing).encode()).hexdigest()[:16]}"
