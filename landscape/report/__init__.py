"""The page a person reads about a run: what was run, what was found, the figures."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from landscape.errors import cannot_write
from landscape.filesystem import is_regular, write_text
from landscape.paths import user_path
from landscape.report import content
from landscape.report.comparison import comparison_found
from landscape.report.curves import curves_found
from landscape.report.discontinuities import discontinuities_found
from landscape.report.page import Block, Heading, Picture, as_html, as_markdown
from landscape.results.reading import ResultFile

__all__ = ["write_report"]

_OF_SLICES = (
    ("profiles", "Profiles of loss, accuracy, derivative and silent share"),
    ("discontinuities", "Discontinuities of the mean loss by mechanism"),
    ("jumps", "Sizes and mechanisms of the jumps of single samples"),
    ("spikes", "Spike times and loss of one sample"),
    ("potential", "Membrane potential on both sides of one discontinuity"),
    ("surface", "Loss"),
    ("surface3d", "Loss in three dimensions"),
    ("curves", "Curves of discontinuity over the loss"),
    ("fragments", "Fragments of the mean loss"),
    ("gradient_norm", "Norm of the gradient"),
    ("silent", "Share of silent hidden neurons"),
)


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
    run = content.read_run(ResultFile(result_path))
    folder = user_path(folder)
    figures = user_path(figures_dir) if figures_dir is not None else folder / "figures"
    paths = folder / "report.md", folder / "report.html"
    with tempfile.TemporaryDirectory() as spare:
        shown = figures
        if not any(figures.glob("*.png")):
            from landscape.figures import draw_all

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


def _blocks(run: content.Run, figures: Path) -> Iterator[Block]:
    yield from content.introduction(run)
    yield from content.what_was_run(run)
    yield Heading("What was found")
    yield from content.training_found(run)
    yield from _picture(figures, "training", "Training curves of all models")
    for name in run.slices:
        yield from content.slice_found(run, name)
        yield from discontinuities_found(run, name)
        yield from curves_found(run, name)
        for kind, text in _OF_SLICES:
            yield from _picture(figures, f"{kind}_{name}", f"{text} on the slice {name}")
    yield from comparison_found(run)
    yield from _picture(figures, "comparison", "Measures of two models over networks and lines, and their differences")
    rasters = list(_picture(figures, "raster", "Spikes of an example sample through the layers"))
    if rasters:
        yield Heading("An example sample", 3)
        yield from rasters
    yield from content.how_to_read()
    yield from content.how_to_repeat(run)


def _picture(figures: Path, name: str, text: str) -> Iterator[Block]:
    path = figures / f"{name}.png"
    # No link: what it leads to would go into the page.
    if is_regular(path):
        yield Picture(path, text)
