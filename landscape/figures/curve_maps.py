"""Discontinuity curves of a plane over its loss, and the fragments that they bound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from landscape.figures import style
from landscape.figures.captions import title_with_samples
from landscape.figures.material import Material
from landscape.figures.planes import aspect
from landscape.fragmentation.curves_record import Curves
from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]


#: Shapes beyond this number are drawn as pixels.
MANY = 1500


def traced(material: Material, name: str) -> tuple[dict[str, Surface], dict[str, Curves]]:
    curves = material.of(Curves, name)
    models = [model for model in material.models if model in curves and len(material.surfaces[name][model].axes) == 2]
    return {model: material.surfaces[name][model] for model in models}, {model: curves[model] for model in models}


def panels(surfaces: Mapping[str, Surface]) -> tuple[Figure, NDArray[np.object_], float | None]:
    width = style.COLUMN if len(surfaces) == 1 else style.PAGE
    ratio = aspect(surfaces.values())
    panel = min((width - 0.95) / len(surfaces), 2.9)
    figure = Figure(figsize=(width, panel * (ratio or 1.0) + 0.5))
    axes = figure.subplots(1, len(surfaces), sharex=True, sharey=True, squeeze=False)
    return figure, axes[0], ratio


def dress(axis: Axes, material: Material, model: str, surface: Surface, curves: Curves, ratio: float | None) -> None:
    drawn = int(surface.attributes.get("n_samples", curves.n_samples))
    axis.set_title(
        title_with_samples(model, "curves", curves.n_samples, drawn), color=material.colors[model], fontweight="bold"
    )
    axis.set_xlabel("Position along direction 1")
    axis.set_aspect("equal" if ratio is not None else "auto")
    # Where there are curves to be found, no more: cells of the map reach beyond.
    axis.set_xlim(curves.axes[0][0], curves.axes[0][-1])
    axis.set_ylim(curves.axes[1][0], curves.axes[1][-1])
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(style.ticks(5))
    for spine in axis.spines.values():
        spine.set_visible(True)
    if all(np.any(coordinates == 0.0) for coordinates in surface.axes):
        axis.plot([0.0], [0.0], marker="P", markersize=6.0, **style.MARK)


def say(axis: Axes, text: str) -> None:
    axis.text(
        0.5,
        0.06,
        text,
        transform=axis.transAxes,
        ha="center",
        va="bottom",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2.0},
    )


def resolution(curves: Mapping[str, Curves]) -> str:
    """What is exact about the curves and what is taken to be so."""
    grids = {" x ".join(str(axis.size) for axis in own.axes) for own in curves.values()}
    doubtful = {model: own.ambiguous_share for model, own in curves.items() if len(own.ambiguous)}
    said = f"Curves are exact on the {' and '.join(sorted(grids))} grid lines and straight in between"
    if doubtful:
        parts = ", ".join(f"{share:.1%} ({style.display_name(model)})" for model, share in doubtful.items())
        said += f"; in {parts} of the cells how they join is uncertain"
    return said + "."
