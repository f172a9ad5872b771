"""The page a person reads about a run: what was run, what was found, the figures.

A section is one file in ``sections/``, called as the section, that defines ``SECTION``: what it is of, its place in the
order, and a function that tells it. A module from outside the package that defines one is named by ``landscape --plugin
FILE``::

    from landscape.report import Section
    from landscape.report.page import Heading, Paragraph

    def tell(run):
        yield Heading("Models", 3)
        yield Paragraph(", ".join(run.models))

    SECTION = Section(name="models", of="experiment", place=45, tell=tell)

Figures say of themselves where in the report they stand (:class:`landscape.figures.FigureKind`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from landscape.errors import cannot_write
from landscape.figures import draw_all
from landscape.figures.kind import figures_of
from landscape.filesystem import write_text
from landscape.paths import user_path
from landscape.report.page import Block, as_html, as_markdown
from landscape.report.section import SECTIONS, Drawing, Section, Told, sections_of
from landscape.results.run import Run

__all__ = ["SECTIONS", "Section", "write_report"]


def write_report(
    result_path: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    figures_dir: str | os.PathLike[str] | None = None,
) -> list[Path]:
    """Write ``report.md`` and ``report.html`` about a result file.

    Args:
        result_path: the result file.
        folder: where the two pages go; made where it is missing.
        figures_dir: folder with the PNG figures that :func:`landscape.figures.draw_all` made of this file;
            ``folder/figures`` where not given. With none there, they are drawn for the HTML page alone.

    Returns:
        The two files, Markdown first. The Markdown page links the figures, the HTML page holds them and opens
        offline.

    Raises:
        ResultFileError: the result file is missing, damaged, no result file or of another format version.
        InputError: the folder cannot be written to.
    """
    run = Run.read(result_path)
    folder = user_path(folder)
    figures = user_path(figures_dir) if figures_dir is not None else folder / "figures"
    paths = folder / "report.md", folder / "report.html"
    with tempfile.TemporaryDirectory() as spare:
        shown = figures
        if not any(figures.glob("*.png")):
            shown = Path(spare)
            draw_all(result_path, shown, ("png",))
        pages = (
            as_markdown(list(_blocks(run, figures)), folder),
            as_html(list(_blocks(run, shown)), run.title),
        )
    for path, text in zip(paths, pages, strict=True):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
        except OSError as error:
            raise cannot_write(path, error) from error
    return list(paths)


def _blocks(run: Run, figures: Path) -> Iterator[Block]:
    for section in sections_of("experiment"):
        yield from _shown(section.tell(run), figures)
        own = (kind for kind in figures_of("experiment") if kind.section == section.name)
        yield from _shown((Drawing(kind.file_stem(), kind.title()) for kind in own), figures)


def _shown(told: Iterable[Told], figures: Path) -> Iterator[Block]:
    for block in told:
        yield from block.shown(figures) if isinstance(block, Drawing) else (block,)
