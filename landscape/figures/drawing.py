"""All figures of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from landscape.errors import InputError
from landscape.figures.anatomies import potential_figure, spike_map_figure
from landscape.figures.comparisons import comparison_figure
from landscape.figures.curve_maps import curve_figure, fragment_figure
from landscape.figures.curves import training_figure
from landscape.figures.discontinuities import discontinuity_figure
from landscape.figures.jump_sizes import jump_size_figure
from landscape.figures.material import Material, read_material
from landscape.figures.planes import gradient_norm_figure, loss_figure, silent_figure
from landscape.figures.profiles import profile_figure
from landscape.figures.rasters import raster_figure
from landscape.figures.saving import FORMATS, save_figure, settle
from landscape.figures.style import style
from landscape.figures.surfaces import surface_figure
from landscape.paths import user_path

_OF_LINES: dict[str, Callable[[Material, str], Figure | None]] = {
    "profiles": profile_figure,
    "discontinuities": discontinuity_figure,
    "jumps": jump_size_figure,
    "spikes": spike_map_figure,
    "potential": potential_figure,
}

_OF_PLANES: dict[str, Callable[[Material, str], Figure | None]] = {
    "surface": loss_figure,
    "surface3d": surface_figure,
    "curves": curve_figure,
    "fragments": fragment_figure,
    "gradient_norm": gradient_norm_figure,
    "silent": silent_figure,
}


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
        The files, in the order of the report. For each line ``profiles_SLICE`` and, where a census was taken,
        ``discontinuities_SLICE`` and ``jumps_SLICE``, with the anatomy of a sample ``spikes_SLICE`` and
        ``potential_SLICE``; for each plane ``surface_SLICE``, ``surface3d_SLICE``, ``gradient_norm_SLICE``,
        ``silent_SLICE`` and, where they were traced, ``curves_SLICE`` and ``fragments_SLICE``; ``training``;
        ``comparison``, where models were compared; ``raster``.

    Raises:
        ResultFileError: the file is missing, damaged, no result file or of another format version.
        InputError: an unknown format, or the folder cannot be written to.
    """
    for kind in formats:
        if kind not in FORMATS:
            raise InputError(f"figure format {kind!r}: use {', '.join(FORMATS)}")
    material = read_material(result_path)
    folder = user_path(figures_dir)
    paths = []
    with style():
        for name, figure in _figures(material):
            settle(figure)
            paths += [save_figure(figure, folder / f"{name}.{kind}") for kind in formats]
    return paths


def _figures(material: Material) -> Iterator[tuple[str, Figure]]:
    for name, surfaces in material.surfaces.items():
        dimensions = {len(surface.axes) for surface in surfaces.values()}
        for number, kinds in ((1, _OF_LINES), (2, _OF_PLANES)):
            for kind, draw in kinds.items() if number in dimensions else ():
                figure = draw(material, name)
                if figure is not None:
                    yield f"{kind}_{name}", figure
    for name, maker in (("training", training_figure), ("comparison", comparison_figure), ("raster", raster_figure)):
        figure = maker(material)
        if figure is not None:
            yield name, figure
