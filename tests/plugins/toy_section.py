"""Sections of the report of one's own: one of the experiment, one of every slice."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.report import Section
from landscape.report.page import Block, Heading, Paragraph
from landscape.results import Run


def models(run: Run) -> Iterator[Block]:
    """The names of the models."""
    yield Heading("Models by name", 3)
    yield Paragraph(f"The models are {' and '.join(run.models)}.")


def lowest(run: Run, name: str) -> Iterator[Block]:
    """The lowest loss on a slice."""
    found = min(float(surface.loss.min()) for surface in run.surfaces[name].values())
    yield Paragraph(f"No loss on {name} is below {found:.3g} nats.")


SECTION = (
    Section(name="models", of="experiment", place=45, tell=models),
    Section(name="lowest", of="slice", place=40, tell=lowest),
)
