"""What the package knows of a section of the report: where it stands and what it tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from landscape.errors import InputError
from landscape.filesystem import is_regular
from landscape.plugins import source_hash
from landscape.registry import Registry
from landscape.report.page import Block, Heading, Picture

__all__ = ["SECTIONS", "Drawing", "Section", "Told", "sections_of"]

SUBJECTS = ("experiment", "slice")


@dataclass(frozen=True)
class Drawing:
    """A figure of the run, in the place of a picture; nothing where it was not drawn.

    Attributes:
        stem: name of its file, without the suffix.
        text: its alternative text.
        heading: what it stands under, if it is there; may be empty.
    """

    stem: str
    text: str
    heading: str = ""

    def shown(self, figures: Path) -> Iterator[Block]:
        """The picture, if a folder of figures has it."""
        path = figures / f"{self.stem}.png"
        # No link: what it leads to would go into the page.
        if is_regular(path):
            if self.heading:
                yield Heading(self.heading, 3)
            yield Picture(path, self.text)


#: What sections are made of.
Told = Block | Drawing


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the report by its name.

    Attributes:
        name: what figures call it that stand in it (:class:`landscape.figures.FigureKind`).
        of: ``"experiment"``, or ``"slice"`` for what is told of every slice in turn.
        place: its place in the order of those of its subject; those of the package have tens.
        tell: gives its blocks, none where there is nothing to tell, from the :class:`landscape.results.Run` and, for
            one of slices, the name of the slice.
    """

    name: str
    of: str
    place: float
    tell: Callable[..., Iterator[Told]]

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return source_hash(self.tell)

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each; empty where nothing does."""
        problems = []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            problems.append("has a name with other characters than small letters, digits and '_'")
        if self.of not in SUBJECTS:
            problems.append(f"is of {self.of!r}, not of one of {', '.join(SUBJECTS)}")
        return problems


SECTIONS: Registry[Section] = Registry("landscape.report.sections", "SECTION", "section of the report", InputError)


def sections_of(subject: str) -> list[Section]:
    """The sections of a subject, in order."""
    return sorted((section for section in SECTIONS.all() if section.of == subject), key=lambda section: section.place)
