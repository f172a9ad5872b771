"""Title, description, and where the numbers are from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from landscape.report.page import Block, Heading, Paragraph, Prose
from landscape.report.section import Section
from landscape.results.run import Run


def introduction(run: Run) -> Iterator[Block]:
    """Title and description."""
    yield Heading(run.title, 1)
    for part in re.split(r"\n\s*\n", str(run.config.get("description", "")).strip()):
        if part:
            yield Prose(part)
    yield Paragraph(
        f"Written {_date(run.attributes.get('created'))} by spiking-landscape "
        f"{run.attributes.get('version_landscape', '(version unknown)')} from {run.file.path.name}, which "
        "holds all numbers of this page."
    )


def _date(created: Any) -> str:
    try:
        return f"on {datetime.fromisoformat(str(created)):%Y-%m-%d at %H:%M} UTC"
    except ValueError:
        return "on an unknown date"


SECTION = Section(name="introduction", of="experiment", place=10, tell=introduction)
