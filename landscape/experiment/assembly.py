"""Puts the results of an experiment's tasks together into ``landscape.h5``."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from landscape.errors import ResultFileError
from landscape.experiment.context import Context
from landscape.experiment.engine import origin_of
from landscape.experiment.piece import Piece, Skipped
from landscape.experiment.plan import Plan, Task
from landscape.experiment.store import Store
from landscape.fragmentation.summary import analyze
from landscape.h5.sealing import seal_of
from landscape.results import ModelResult, ResultFile, SliceResult, write_results

#: What is said of a result that comes from the file of its task.
_ORIGIN = re.compile(r"created|git_commit|hosts?|version_\w+")


def assembled_id(path: Path) -> str | None:
    """Return the id of what a result file was assembled from; None if there is no readable file."""
    if not path.is_file():
        return None
    try:
        return str(ResultFile(path).attributes.get("plan"))
    except ResultFileError:
        return None


def result_id(plan: Plan, store: Store, pieces: Iterable[Piece] | None = None) -> str:
    """Return what a result file is to say that it was assembled from: the experiment, and the very files.

    Args:
        plan: the tasks of the experiment.
        store: their files.
        pieces: the pieces that go into the result; all tasks as wholes if not given.
    """
    digest = hashlib.sha256(plan.id.encode("ascii"))
    for piece in pieces if pieces is not None else (task.whole for task in plan.tasks):
        with suppress(OSError):
            digest.update(f"{piece.file_name} {seal_of(store.path(piece))}".encode())
    return digest.hexdigest()[:16]


def assemble(context: Context, path: Path, tasks: Iterable[Task], made_of: str) -> None:
    """Measure all slices and write ``landscape.h5``, which takes the place of an earlier one.

    A record goes where its class says (:func:`landscape.h5.fields.record`): into a group of its slice, of its model, or
    at the root.

    Args:
        context: the results of the tasks.
        path: the file.
        tasks: the tasks whose results go into it.
        made_of: what the file is to say that it was assembled from.

    Raises:
        ResultFileError: a file is missing, damaged or of another experiment.
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    content = _Content(context)
    for task in tasks:
        content.put(task, context.result_or_skipped(task))
    # What of it is about versions says it of the assembly; each group repeats it for its task.
    attributes = origin_of(context.config, content.data_hash) | {"plan": made_of}
    write_results(path, content.models(), attributes, **content.root)


class _Content:
    """What goes into a result file.

    Args:
        context: the results of tasks.

    Attributes:
        root: records of the experiment as a whole, by kind.
        data_hash: hash of the samples; None if no task says it.
    """

    def __init__(self, context: Context) -> None:
        self.root: dict[str, Any] = {}
        self.data_hash: str | None = None
        self._context = context
        self._models: dict[str, dict[str, Any]] = {}
        self._slices: dict[tuple[str, str], dict[str, Any]] = {}
        self._attributes: dict[str, dict[str, Any]] = {}
        self._skipped: dict[tuple[str, str], dict[str, str]] = {}

    def put(self, task: Task, result: Any) -> None:
        """Put the result of a task where its records belong."""
        model, entry = ("" if table is None else table.name for table in (task.model, task.entry))
        if isinstance(result, Skipped):
            if task.skipped_as:
                self._skipped.setdefault((model, entry), {})[task.skipped_as] = result.reason
            return
        about = self._context.about(task)
        self.data_hash = self.data_hash or about.get("data_hash")
        origin = {key: value for key, value in about.items() if _ORIGIN.fullmatch(key)}
        place = self._slices.setdefault((model, entry), {}) if entry else self._models.setdefault(model, {})
        for kind, record in task.records(result).items():
            if hasattr(record, "attributes"):
                record.attributes.update(origin)
            (place if model else self.root)[kind] = record
        if attributes := task.attributes(result):
            self._attributes[model] = {**attributes, **origin}

    def models(self) -> dict[str, ModelResult]:
        """Return what there is of each model, its slices measured."""
        config = self._context.config
        return {
            model.name: ModelResult(
                {entry.name: self._slice(model.name, entry.name) for entry in config.slice},
                attributes=self._attributes.get(model.name),
                skipped={
                    entry.name: reasons["slice"]
                    for entry in config.slice
                    if "slice" in (reasons := self._skipped.get((model.name, entry.name), {}))
                },
                **self._models.get(model.name, {}),
            )
            for model in config.model
        }

    def _slice(self, model: str, name: str) -> SliceResult | None:
        records = dict(self._slices.get((model, name), {}))
        surface = records.pop("surface", None)
        if surface is None:
            return None
        surface.attributes.update(self._skipped.get((model, name), {}))
        return SliceResult(surface, **analyze(surface), **records)
