"""Figures of the experiment that stand in no other section."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.figures.kind import figures_of
from landscape.report.section import SECTIONS, Drawing, Section, Told
from landscape.results.run import Run


def other_figures(run: Run) -> Iterator[Told]:
    """Each under a heading of its own."""
    for kind in figures_of("experiment"):
        if kind.section not in SECTIONS:
            yield Drawing(kind.file_stem(), kind.title(), heading=kind.heading or kind.caption)


SECTION = Section(name="figures", of="experiment", place=70, tell=other_figures)
