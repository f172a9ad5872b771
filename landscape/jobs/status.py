"""How far a study is: from the files of its pieces and the records of those at work.

Only names of files are looked at, and their times: a study of a hundred thousand pieces is told in seconds. Whether a
piece is whole is checked when it is read.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from landscape.experiment.activity import Failure, Worker
from landscape.text import visible
from landscape.wording import rough_duration, text_table

if TYPE_CHECKING:
    from landscape.experiment import Experiment

#: Latest finished pieces that the speed is measured from.
LATEST = 200


@dataclass
class Group:
    """Pieces of one task, its parts and the whole apart.

    Attributes:
        name: what they are listed under.
        total: number of pieces.
        done: how many are there.
        running: how many are computed right now.
        failed: how many failed and are not there.
        cost: estimated core seconds of all.
        cost_left: estimated core seconds of those that are not there.
    """

    name: str
    total: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    cost: float = 0.0
    cost_left: float = 0.0

    @property
    def missing(self) -> int:
        """How many are neither there nor computed right now nor failed."""
        return self.total - self.done - self.running - self.failed


@dataclass(frozen=True)
class StudyStatus:
    """How far a study is.

    Attributes:
        groups: its pieces, by task.
        workers: the processes at work.
        failures: pieces that failed and are not there.
        has_result: whether there is a ``landscape.h5``.
        speed: estimated core seconds of pieces that were finished per second lately; 0 if that cannot be told.
    """

    groups: list[Group]
    workers: list[Worker] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    has_result: bool = False
    speed: float = 0.0

    @property
    def total(self) -> Group:
        """All groups as one."""
        whole = Group("all")
        for group in self.groups:
            for name in ("total", "done", "running", "failed", "cost", "cost_left"):
                setattr(whole, name, getattr(whole, name) + getattr(group, name))
        return whole

    @property
    def seconds_left(self) -> float | None:
        """Time left at the speed of the latest pieces; None if nobody is at work or it cannot be told yet."""
        return self.total.cost_left / self.speed if self.workers and self.speed > 0.0 else None

    def table(self) -> str:
        """The status as text: one line per group, then who is at work, failures, and the time left."""
        rows: list[tuple[str, ...]] = [("piece", "done", "running", "failed", "missing", "of", "left")]
        rows += [
            (
                group.name,
                *(f"{n:,}" for n in (group.done, group.running, group.failed, group.missing, group.total)),
                rough_duration(group.cost_left) if group.cost_left else "",
            )
            for group in [*self.groups, self.total]
        ]
        lines = [text_table(rows, "<>>>>>>")]
        for worker in self.workers[:20]:
            job = f", job {worker.job}" if worker.job else ""
            lines.append(
                f"at work: {worker.host}, process {worker.pid}{job}: {worker.piece} "
                f"since {rough_duration(max(0.0, time.time() - worker.since))}"
            )
        lines += [f"at work: {len(self.workers) - 20} more"] if len(self.workers) > 20 else []
        lines += [f"failed: {failure.piece} on {failure.host}: {failure.message}" for failure in self.failures[:20]]
        lines += [f"failed: {len(self.failures) - 20} more"] if len(self.failures) > 20 else []
        lines.append(self.summary())
        return "\n".join(visible(line, keep="\n") for line in lines)

    def summary(self) -> str:
        """One line: how much is there, and how long the rest takes."""
        whole = self.total
        text = f"{whole.done:,} of {whole.total:,} pieces are there"
        if not whole.cost_left:
            return text + ("" if self.has_result else "; 'landscape merge' puts them together")
        if self.seconds_left is not None:
            return f"{text}; about {rough_duration(self.seconds_left)} left"
        return (
            f"{text}; about {rough_duration(whole.cost_left)} of one core left; {len(self.workers)} processes at work"
        )


def study_status(experiment: Experiment) -> StudyStatus:
    """Tell how far a study is; nothing is written and no piece is opened.

    Raises:
        ConfigError: a data file is missing, so that the pieces cannot be told.
    """
    pieces = experiment.plan.pieces
    there = _files(experiment.folder.pieces, {os.path.dirname(piece.file_name) for piece in pieces})
    workers = experiment.activity.workers()
    failures = {failure.piece: failure for failure in experiment.activity.failures()}
    running = {worker.piece for worker in workers}
    groups: dict[str, Group] = {}
    finished: list[tuple[float, float]] = []
    failed = []
    for piece in pieces:
        group = groups.setdefault(piece.group, Group(piece.group))
        group.total += 1
        group.cost += piece.cost
        when = there.get(piece.file_name)
        if when is not None or (piece.whole is not None and piece.whole.file_name in there):
            group.done += 1
            if when is not None:
                finished.append((when, piece.cost))
            continue
        group.cost_left += piece.cost
        if piece.file_name in running:
            group.running += 1
        elif piece.file_name in failures:
            group.failed += 1
            failed.append(failures[piece.file_name])
    return StudyStatus(
        list(groups.values()), workers, failed, experiment.folder.result_file.is_file(), _speed(finished)
    )


def _files(folder: Path, below: Iterable[str]) -> dict[str, float]:
    """When the files in some folders were written, by their names from ``folder`` on; empty ones do not count."""
    found: dict[str, float] = {}
    for name in below:
        try:
            entries = list(os.scandir(folder / name))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(".h5") and not entry.name.startswith("."):
                state = entry.stat()
                if state.st_size:
                    found[f"{name}/{entry.name}" if name else entry.name] = state.st_mtime
    return found


def _speed(finished: list[tuple[float, float]]) -> float:
    latest = sorted(finished)[-LATEST:]
    if len(latest) < 3:
        return 0.0
    # The first was under way before the time that is looked at began.
    elapsed = max(time.time(), latest[-1][0]) - latest[0][0]
    return sum(cost for _, cost in latest[1:]) / elapsed if elapsed > 0.0 else 0.0
