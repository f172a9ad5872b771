"""All figures of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from landscape.errors import InputError
from landscape.figures.kind import OF_AXES, figures_of
from landscape.figures.material import Material
from landscape.figures.saving import FORMATS, save_figure, settle
from landscape.figures.style import style
from landscape.paths import user_path


def draw_all(
    result_path: str | os.PathLike[str],
    figures_dir: str | os.PathLike[str],
    formats: Sequence[str] = ("pdf", "png"),
) -> list[Path]:
    """Draw every figure that a result file has the numbers for, from the file alone.

    Args:
        result_path: the result file.
        figures_dir: folder of the figures; made where it is missing.
        formats: any of "pdf", "png", "svg".

    Returns:
        The files: those of the slices, ``NAME_SLICE``, then those of the experiment, each in the order of
        :data:`landscape.figures.FIGURES`.

    Raises:
        ResultFileError: the file is missing, damaged, no result file or of another format version.
        InputError: an unknown format, or the folder cannot be written to.
    """
    for kind in formats:
        if kind not in FORMATS:
            raise InputError(f"figure format {kind!r}: use {', '.join(FORMATS)}")
    material = Material.read(result_path)
    folder = user_path(figures_dir)
    paths = []
    with style():
        for name, figure in _figures(material):
            settle(figure)
            paths += [save_figure(figure, folder / f"{name}.{kind}") for kind in formats]
    return paths


def _figures(material: Material) -> Iterator[tuple[str, Figure]]:
    for name, surfaces in material.surfaces.items():
        subjects = {subject for surface in surfaces.values() for subject in OF_AXES[len(surface.axes)]}
        for kind in figures_of(*subjects):
            figure = kind.draw(material, name)
            if figure is not None:
                yield kind.file_stem(name), figure
    for kind in figures_of("experiment"):
        figure = kind.draw(material)
        if figure is not None:
            yield kind.file_stem(), figure
