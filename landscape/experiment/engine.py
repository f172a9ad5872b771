"""Tasks computed by this process: all parts of one in turn, or single pieces, as engines deal them out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from landscape.config import Config
from landscape.errors import LandscapeError, ResultFileError
from landscape.experiment.activity import Activity
from landscape.experiment.context import Context
from landscape.experiment.inputs import from_outside
from landscape.experiment.piece import Piece, Skipped, SkippedResultError
from landscape.experiment.plan import Plan, Task
from landscape.experiment.store import Parts, State
from landscape.parallel import thread_count
from landscape.results import provenance


class Engine:
    """Computes the tasks of an experiment.

    Args:
        plan: the tasks.
        context: what they compute with.
        activity: where it is recorded who is at work, and what failed.
    """

    def __init__(self, plan: Plan, context: Context, activity: Activity) -> None:
        self.plan = plan
        self.context = context
        self.activity = activity

    def finish(self, task: Task) -> None:
        """Compute what is missing of a task; what it needs is there.

        Raises:
            ResultFileError: a file of it belongs to another experiment.
            LandscapeError: it cannot be computed.
            KeyboardInterrupt: the part under way was abandoned.
        """
        progress = self.context.progress
        progress.between_pieces()
        if self._is_done(task.whole):
            self._say_done(task)
            return
        self.context.preflight()
        start = time.perf_counter()
        if self.skipped_need(task) is None:
            self._compute_parts(task)
        result = self._compute(task.whole)
        seconds = time.perf_counter() - start
        said = self._told_skipped(task, result) if isinstance(result, Skipped) else task.told(result, seconds)
        if said:
            progress.end(said)

    def finish_piece(self, piece: Piece) -> None:
        """Compute a piece unless it is there, or is a part of what is there already.

        Raises:
            ResultFileError: what it needs is missing, or a file belongs to another experiment.
            LandscapeError: it cannot be computed.
            KeyboardInterrupt: it was abandoned.
        """
        store = self.context.store
        if store.is_spared(piece) or self._is_done(piece):
            return
        task = self.plan.task_of(piece)
        for name in (source.file_name for source in piece.made_from):
            self._require(piece, name)
        if self.skipped_need(task) is not None:
            # The whole holds the reason, for which no part is needed.
            if piece.whole is not None:
                return
        else:
            for name in piece.needs:
                self._require(piece, name)
        self.context.preflight()
        self.context.done = 0.0
        self._compute(piece)

    def joined(self, task: Task, parts: Parts) -> Any:
        """Put a task together from some or all of its parts; return the result, or the :class:`Skipped` in its place.

        Args:
            task: the task; what it needs is there.
            parts: what its parts hold.
        """
        if (skipped := self.skipped_need(task)) is not None:
            return skipped
        if skips := parts.skips():
            return min(skips, key=lambda skip: skip.order)
        try:
            return self._tried(lambda: task.join(self.context, parts))
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            if isinstance(error, LandscapeError):
                raise
            # Their checksums fit, but somebody else may have made them.
            folder = self.context.store.path(task.parts[0]).parent
            raise ResultFileError(f"{folder}: what is in it are no parts of {task.name}; remove it") from error

    def write_joined(self, task: Task, result: Any) -> None:
        """Write the file of a task that was put together from its parts."""
        said = Parts(self.context.store, task.parts).attributes() if not isinstance(result, Skipped) else []
        self._write(task.whole, result, hosts=", ".join(sorted({str(each["host"]) for each in said})) or None)

    def _compute_parts(self, task: Task) -> None:
        context, parts = self.context, task.parts
        sizes = [task.size(context, number) for number in range(task.n_parts)]
        context.done = 0.0
        context.progress.begin(task.label, sum(sizes), task.unit)
        for piece, size in zip(parts, sizes, strict=False):
            context.progress.between_pieces()
            if not self._is_done(piece):
                self._compute(piece)
            context.done += size
            context.progress.advance(context.done)

    def _compute(self, piece: Piece) -> Any:
        """Compute a piece that is not there, write its file and return what it holds."""
        task = self.plan.task_of(piece)
        start = time.perf_counter()
        with self.activity.at(piece.file_name):
            if piece.part is None and task.parts:
                content = self.joined(task, Parts(self.context.store, task.parts))
                self.write_joined(task, content)
            else:
                content = self.skipped_need(task) or self._tried(lambda: self._computed(task, piece))
                self._write(piece, content, seconds=time.perf_counter() - start)
        return content

    def _computed(self, task: Task, piece: Piece) -> Any:
        if piece.part is not None:
            return task.compute(self.context, piece.part)
        return task.join(self.context, {0: task.compute(self.context, 0)})

    def _tried(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except SkippedResultError as error:
            return error.skipped

    def _write(self, piece: Piece, content: Any, **about: Any) -> None:
        context = self.context
        origin = origin_of(context.config, self._data_hash(piece)) | {"threads": thread_count(context.threads)}
        context.store.write(piece, content, origin | about)

    def _data_hash(self, piece: Piece) -> str:
        """Hash of the samples; from what the piece is made from, where there is such: to put parts together takes
        none.
        """
        for source in piece.made_from:
            return str(self.context.store.attributes(source)["data_hash"])
        return self.context.data_hash

    def _is_done(self, piece: Piece) -> bool:
        state = self.context.store.state(piece)
        if state in (State.DAMAGED, State.STALE):
            self.context.progress.say(f"{piece.file_name}: {state.value}, computed again")
        return state is State.GOOD

    def _say_done(self, task: Task) -> None:
        result = self.context.store.skipped(task.whole)
        said = task.told_done(self.context) if result is None else [self._told_skipped(task, result)]
        for line in filter(None, said):
            self.context.progress.say(line)

    def _told_skipped(self, task: Task, skipped: Skipped) -> str:
        # What could not be made of a task that it needs has been told already.
        return task.told_skipped(skipped.reason) if self.skipped_need(task) is None else ""

    def skipped_need(self, task: Task) -> Skipped | None:
        """Why a task cannot be done that needs a result that could not be made; None if it can."""
        needs: Iterable[Task] = () if task.takes_skipped else task.needs
        return next((found for need in needs if (found := self.context.store.skipped(need.whole)) is not None), None)

    def _require(self, piece: Piece, name: str) -> None:
        if not (self.context.store.folder / name).exists():
            raise ResultFileError(f"{piece.file_name}: needs {name}, which is not there yet")


def origin_of(config: Config, data_hash: str | None) -> dict[str, Any]:
    """Return where a result comes from, for the root of its file."""
    seeds = {"seed": config.seed} | {f"seed_{model.name}": config.seed_of(model) for model in config.model}
    attributes = provenance(config.to_toml(), seeds, data_hash, host=True)
    if outside := from_outside(config):
        attributes["plugins"] = ", ".join(f"{name} {source}" for name, source in outside.items())
    return attributes
