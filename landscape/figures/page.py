"""The page of figures (``README.md`` beside): its list is made from what the figures say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from landscape.figures.kind import FIGURES, SUBJECTS, FigureKind, figures_of

__all__ = ["PAGE", "page_with_list"]

PAGE = Path(__file__).with_name("README.md")
LIST_START, LIST_END = "<!-- figures: start -->", "<!-- figures: end -->"


def page_with_list(text: str) -> str:
    """The text of the page with its list replaced by that of the package's own figures."""
    before, rest = text.split(LIST_START)
    after = rest.split(LIST_END)[1]
    return f"{before}{LIST_START}\n\n" + "\n".join(_list()) + f"\n\n{LIST_END}{after}"


def _list() -> Iterator[str]:
    own = [kind for kind in figures_of(*SUBJECTS) if kind.name in FIGURES.own()]
    yield "| file | shows | drawn where the file has |"
    yield "|---|---|---|"
    for kind in own:
        yield f"| `{_file(kind)}` | {kind.caption} | {kind.needs or SUBJECTS[kind.of]} |"
    for kind in own:
        if kind.reading:
            yield f"\n**{_file(kind)}**: {kind.reading}"


def _file(kind: FigureKind) -> str:
    return kind.file_stem("SLICE" if kind.of != "experiment" else "")
