"""What an engine computes at a time and what has a file: a part of a task, or a task as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from landscape.errors import LandscapeError


@dataclass(frozen=True, eq=False)
class Piece:
    """A task as a whole, or a part of one.

    Attributes:
        file_name: name of its file; parts with their folder, which keeps all folders small.
        task: name of the task.
        part: number of the part; None for a whole.
        whole: the whole that it is a part of; None for a whole. Once that is there, no part is needed.
        made_from: the wholes that its content is made from.
        needs: file names of the pieces that have to be there first: those, and the parts of a whole.
        record: type of record that a whole holds, or that stands in for its result; a part holds :class:`Values`.
        cost: estimated core seconds.
    """

    file_name: str
    task: str
    part: int | None
    whole: Piece | None
    made_from: tuple[Piece, ...]
    needs: tuple[str, ...]
    record: type
    cost: float

    @property
    def group(self) -> str:
        """What it is listed under: parts of one task together."""
        return self.task if self.part is None else f"{self.task} parts"


class HasWhole(Protocol):
    """A task."""

    @property
    def whole(self) -> Piece:
        """The task as a whole."""


@dataclass(frozen=True)
class Values:
    """What a part of a task holds, as the task's kind puts it together.

    Attributes:
        arrays: by name.
        attributes: text and numbers by name.
    """

    arrays: Mapping[str, NDArray[Any]]
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Skipped:
    """Takes the place of a result that cannot be made.

    Attributes:
        reason: why, in words.
        order: of several reasons that the parts of a task give, the one with the lowest number counts.
    """

    reason: str
    order: int = 0


class SkippedResultError(LandscapeError):
    """Raised where a result cannot be made or is asked for that could not be; ``skipped`` takes its place."""

    def __init__(self, reason: str, order: int = 0) -> None:
        super().__init__(reason)
        self.skipped = Skipped(reason, order)
