"""Puts what there is of a study together into ``landscape.h5``, finished or not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from landscape.errors import ResultFileError
from landscape.experiment.assembly import assemble, assembled_id, result_id
from landscape.experiment.existing import check_result
from landscape.experiment.piece import Piece
from landscape.experiment.plan import Task
from landscape.experiment.store import Parts, State, Store

if TYPE_CHECKING:
    from landscape.experiment import Experiment


@dataclass(frozen=True)
class Merged:
    """What a merge did.

    Attributes:
        complete: whether nothing is missing.
        changed: whether ``landscape.h5`` was written; not if it held the same already.
        missing: file names of the pieces that are missing, parts of finished tasks not counted.
        problems: what is wrong with files that are there but were left out, by name.
    """

    complete: bool
    changed: bool
    missing: list[str]
    problems: dict[str, str]


def merge(experiment: Experiment) -> Merged:
    """Put the finished pieces of a study together; others may go on computing meanwhile.

    Tasks whose parts are all there get their file. Of slices and comparisons some parts are enough: what is missing is
    pending in the result. Files that are damaged, or were made from another network than is there, are left out and
    named in what is returned; the next run computes them again. Done twice, the second time changes nothing.

    Raises:
        ResultFileError: nothing is finished yet, or a file belongs to another experiment or version.
        FolderInUseError: another merge takes too long.
        InputError: nothing may be written there, or a folder in the results folder leads out of it.
        WriteError: the disk is full, or fails.
    """
    experiment.folder.refuse_links()
    check_result(experiment.folder.result_file, experiment.progress.say)
    found = _Found()
    try:
        for task in experiment.plan.tasks:
            _look(experiment, task, found)
        if not found.results:
            name = experiment.config.name
            raise ResultFileError(
                f"{experiment.folder.path}: nothing is finished yet; run it with 'landscape run {name}'"
            )
        with experiment.folder.result_locked():
            merged_from = result_id(experiment.plan, experiment.store, found.pieces)
            changed = assembled_id(experiment.folder.result_file) != merged_from
            if changed:
                assemble(experiment.context, experiment.folder.result_file, found.results, merged_from)
    finally:
        experiment.context.take_back()
    return Merged(not found.missing, changed, found.missing, found.problems)


@dataclass
class _Found:
    """What a merge finds.

    Attributes:
        results: the tasks that have a result.
        pieces: the pieces whose files these are made of.
        missing: file names of pieces that are not there.
        problems: what is wrong with files that are there, by name.
    """

    results: list[Task] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


def _look(experiment: Experiment, task: Task, found: _Found) -> None:
    """Take a task from its file, or put it together from its parts as far as they are there."""
    engine, store, context = experiment.engine, experiment.store, experiment.context
    if _is_good(store, task.whole, found):
        found.results.append(task)
        found.pieces.append(task.whole)
        return
    there = [part for part in task.parts if _is_good(store, part, found)]
    fit = all(need.whole in found.pieces for need in task.needs)
    if fit and task.parts and (len(there) == len(task.parts) or engine.skipped_need(task) is not None):
        engine.write_joined(task, engine.joined(task, Parts(store, there)))
        found.results.append(task)
        found.pieces.append(task.whole)
        return
    if fit and task.joins_some and there:
        context.give(task, engine.joined(task, Parts(store, there)))
        found.results.append(task)
        found.pieces += there
    elif task.takes_some and any(need in found.results for need in task.needs):
        result = task.join(context, {0: task.compute(context, 0)})
        found.results.append(task)
        if fit:
            engine.write_joined(task, result)
            found.pieces.append(task.whole)
            return
        context.give(task, result)
    found.missing += [part.file_name for part in task.parts if part not in there]
    found.missing.append(task.whole.file_name)


def _is_good(store: Store, piece: Piece, found: _Found) -> bool:
    state = store.state(piece)
    if state in (State.DAMAGED, State.STALE):
        found.problems[piece.file_name] = f"{store.path(piece)}: {state.value}"
    return state is State.GOOD
