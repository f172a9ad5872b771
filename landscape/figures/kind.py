"""What the package knows of a figure: what it is of, what it shows, how it is read, how it is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landscape.errors import InputError
from landscape.plugins import source_hash
from landscape.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURES", "FigureKind", "figures_of"]

#: Of what there are figures, with what a file then has to have, in words.
SUBJECTS = {"line": "a line", "plane": "a plane", "slice": "a slice", "experiment": "an experiment"}

#: What figures of a slice with so many axes are of.
OF_AXES = {1: ("line", "slice"), 2: ("plane", "slice")}


@dataclass(frozen=True, kw_only=True)
class FigureKind:
    """A kind of figure by its name.

    Attributes:
        name: what its files are called; of a slice, with its name behind it: ``NAME_SLICE``.
        of: what it is of: ``"line"`` (a slice with one axis), ``"plane"`` (with two), ``"slice"`` (with any) or
            ``"experiment"`` (all models).
        place: its place in the order of all figures; those of the package have tens.
        caption: what it shows, in a phrase that begins with a capital and has no full stop.
        draw: gives the figure, or None where there is nothing to draw, from the :class:`landscape.figures.Material` of
            a run and, but for one of the experiment, the name of the slice. Settings of style hold while it runs.
        needs: what a result file must have for it, in words; what ``of`` says where it is empty.
        reading: how to read it, where that needs more than its caption: sentences in Markdown, for the page of figures.
        section: name of the section of the report that it stands at the end of, for one of the experiment. Those of
            slices stand at the end of what is said of their slice.
        heading: heading of the report that one of the experiment without a section stands under; its caption where it
            is empty.
    """

    name: str
    of: str
    place: float
    caption: str
    draw: Callable[..., Figure | None]
    needs: str = ""
    reading: str = ""
    section: str = ""
    heading: str = ""

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return source_hash(self.draw)

    def file_stem(self, name: str = "") -> str:
        """Name of its files without the suffix, for a slice or, without one, for the experiment."""
        return f"{self.name}_{name}" if name else self.name

    def title(self, name: str = "") -> str:
        """What is shown, with the slice."""
        return f"{self.caption} on the slice {name}" if name else self.caption

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each; empty where nothing does."""
        problems = []
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            problems.append("has a name with other characters than small letters, digits and '_'")
        if self.of not in SUBJECTS:
            problems.append(f"is of {self.of!r}, not of one of {', '.join(SUBJECTS)}")
        if not self.caption:
            problems.append("has no caption")
        return problems


FIGURES: Registry[FigureKind] = Registry("landscape.figures.kinds", "FIGURE", "figure", InputError)


def figures_of(*subjects: str) -> list[FigureKind]:
    """The figures of these subjects, in order."""
    return sorted((kind for kind in FIGURES.all() if kind.of in subjects), key=lambda kind: kind.place)
