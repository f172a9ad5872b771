"""What is told of every slice, and its figures."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.figures.kind import figures_of
from landscape.report.section import Drawing, Section, Told, sections_of
from landscape.results.run import Run


def slices_found(run: Run) -> Iterator[Told]:
    """The sections of slices for each of them, and after them all its figures."""
    for name in run.surfaces:
        for section in sections_of("slice"):
            yield from section.tell(run, name)
        for kind in figures_of("line", "plane", "slice"):
            yield Drawing(kind.file_stem(name), kind.title(name))


SECTION = Section(name="slices", of="experiment", place=50, tell=slices_found)
