"""The heading over all that was found."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.report.page import Block, Heading
from landscape.report.section import Section
from landscape.results.run import Run


def heading(run: Run) -> Iterator[Block]:
    """What training, slices and comparisons stand under."""
    yield Heading("What was found")


SECTION = Section(name="found", of="experiment", place=30, tell=heading)
