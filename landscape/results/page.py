"""The format page (``README.md`` beside): its tables are made from what the records say of themselves."""

from __future__ import annotations

from pathlib import Path

from landscape.h5.kinds import kinds_of
from landscape.h5.page import tables
from landscape.h5.tree import Model, Root, parts_of_slices
from landscape.slices.surface import Surface

__all__ = ["PAGE", "page_tables", "page_with_tables"]

PAGE = Path(__file__).with_name("README.md")
PAGE_START, PAGE_END = "<!-- tables: start -->", "<!-- tables: end -->"


def page_tables() -> str:
    """The tables of the format page, in Markdown."""
    parts = (parts_of_slices(), kinds_of("model"), kinds_of("root"))
    return tables([Root, Model, Surface, *(kind for part in parts for kind in part.values())])


def page_with_tables(text: str) -> str:
    """The text of the format page with its tables replaced by those of this module."""
    before, rest = text.split(PAGE_START)
    after = rest.split(PAGE_END)[1]
    return f"{before}{PAGE_START}\n\n{page_tables()}\n{PAGE_END}{after}"
