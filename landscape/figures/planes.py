"""Maps of a two-dimensional slice, the models side by side on one colour scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from landscape.figures import style
from landscape.figures.captions import (
    absence_sentence,
    model_sentence,
    remedy_sentence,
    slice_sentences,
    with_caption,
)
from landscape.figures.material import Material
from landscape.figures.scales import Scale, cell_edges, common_scale
from landscape.fragmentation.summary import NOTABLE_PERSISTENCE
from landscape.fragmentation.summary_record import Summary
from landscape.slices.surface import Status, Surface

FloatArray = NDArray[np.float64]

#: Beyond this ratio of their extents, two axes are not drawn to the same scale.
_WIDEST = 3.0


@dataclass(frozen=True)
class Maps:
    """Rows of maps: a label per row, values per row and model, and what models that are not shown lack."""

    quantity: str
    label: str
    rows: list[tuple[str, dict[str, FloatArray]]]
    contours: bool = False
    minima: bool = False
    share: bool = False
    missing: str = "plane"


def planes_of(material: Material, name: str) -> dict[str, Surface]:
    return {m: s for m, s in material.surfaces[name].items() if len(s.axes) == 2}


def draw_maps(material: Material, name: str, surfaces: Mapping[str, Surface], maps: Maps, first: str) -> Figure:
    models = list(surfaces)
    scale = _scale(maps)
    width = style.COLUMN if len(models) == 1 else style.PAGE
    ratio = aspect(surfaces.values())
    panel = min((width - 0.95) / len(models), 2.7)
    height = panel * (ratio or 1.0)
    figure = Figure(figsize=(width, len(maps.rows) * (height + 0.12) + 0.5))
    axes = figure.subplots(len(maps.rows), len(models), sharex=True, sharey=True, squeeze=False)
    keys: dict[str, Patch] = {}
    marks: set[str] = set()
    for row, (label, values) in enumerate(maps.rows):
        for column, model in enumerate(models):
            axis = axes[row, column]
            if model not in values:
                axis.set_axis_off()
                continue
            keys |= draw_map(axis, surfaces[model], values[model], scale, maps.quantity)
            if maps.contours and scale is not None and not scale.constant:
                _draw_contours(axis, surfaces[model], values[model], scale)
            marks |= _mark_centre(axis, surfaces[model])
            if maps.minima:
                # On top, since the centre of a slice is often a minimum.
                marks |= _draw_minima(axis, material, name, model)
            axis.set_aspect("equal" if ratio is not None else "auto")
            if row == 0:
                axis.set_title(style.display_name(model), color=material.colors[model], fontweight="bold")
            if row == len(maps.rows) - 1:
                axis.set_xlabel("Position along direction 1")
        axes[row, 0].set_ylabel(f"{label}\nposition along direction 2" if label else "Position along direction 2")
    if scale is not None:
        _color_bar(figure, axes, scale, maps)
    sentences = [first, *sorted(marks), model_sentence(models, material.sizes)]
    sentences += [absence_sentence(material, name, surfaces, maps.missing), *slice_sentences(surfaces)]
    sentences.append(remedy_sentence(models, material.remedies))
    sentences.append(_grid_sentence(surfaces))
    if scale is not None and scale.logarithmic:
        sentences.append("Logarithmic colour scale.")
    with_caption(figure, sentences, keys=list(keys.values()), fixed_shape=ratio is not None)
    return figure


def _scale(maps: Maps) -> Scale | None:
    every = [array for _, values in maps.rows for array in values.values()]
    if maps.share:
        # To the next twentieths around the values: a few neurons' difference stays visible.
        found = np.concatenate([array[np.isfinite(array)] for array in every])
        if found.size == 0:
            return None
        low, high = float(np.floor(20.0 * found.min()) / 20.0), float(np.ceil(20.0 * found.max()) / 20.0)
        return Scale(low, high) if high > low else Scale(max(low - 0.05, 0.0), min(high + 0.05, 1.0))
    if maps.quantity == "gradient":
        return common_scale([array[array > 0.0] for array in every], from_zero=True)
    return common_scale(every)


def _grid_sentence(surfaces: Mapping[str, Surface]) -> str:
    shapes = {" x ".join(str(n) for n in surface.shape) for surface in surfaces.values()}
    unfinished = sum(int(np.count_nonzero(surface.status != Status.DONE)) for surface in surfaces.values())
    text = f"{' and '.join(sorted(shapes))} points, each drawn as one cell"
    return f"{text}; {unfinished} without a value." if unfinished else f"{text}."


def aspect(surfaces: Iterable[Surface]) -> float | None:
    """Height over width of the slices in axis units; None where they are too slender to be drawn to scale."""
    ratios = []
    for surface in surfaces:
        widths = [np.ptp(cell_edges(axis)) for axis in surface.axes]
        ratios.append(float(widths[1] / widths[0]) if widths[0] > 0 else 1.0)
    largest = max(ratios)
    return largest if min(ratios) >= 1.0 / _WIDEST and largest <= _WIDEST else None


def draw_map(axis: Axes, surface: Surface, values: FloatArray, scale: Scale | None, quantity: str) -> dict[str, Patch]:
    """Draw values (n_0, n_1) as one cell per point, ``axis_0`` to the right and ``axis_1`` upwards.

    Returns:
        What needs a key, by label.
    """
    edges = [cell_edges(coordinates) for coordinates in surface.axes]
    keys: dict[str, Patch] = {}
    axis.set_facecolor(style.PENDING_FACE)
    missing = ~np.isfinite(values)
    pending = missing & (surface.status == Status.PENDING)
    if pending.any():
        keys["pending"] = _hatch(axis, edges, pending, "/////", style.PENDING_FACE, style.PENDING_EDGE, "not evaluated")
    failed = missing & ~pending
    if failed.any():
        keys["failed"] = _hatch(
            axis, edges, failed, "xxxxx", style.FAILED_FACE, style.FAILED_EDGE, "failed or not finite"
        )
    # pcolormesh takes rows first: transposed here, and only here, so that the first axis runs to the right.
    drawn = np.ma.masked_invalid(values.T)
    # A gradient of exactly zero is another thing than a small one; on a logarithmic scale it has no place at
    # all.
    if quantity == "gradient" or (scale is not None and scale.logarithmic):
        zero = np.ma.masked_where(drawn != 0.0, drawn)
        if zero.count():
            axis.pcolormesh(*edges, zero, cmap=ListedColormap([style.ZERO_FACE]))
            keys["zero"] = Patch(facecolor=style.ZERO_FACE, edgecolor="#999999", linewidth=0.5, label="exactly 0")
        drawn = np.ma.masked_where(drawn == 0.0, drawn)
    if scale is not None:
        axis.pcolormesh(*edges, drawn, cmap=style.color_map(quantity), norm=scale.norm, rasterized=values.size > 4000)
    axis.set_xlim(edges[0][0], edges[0][-1])
    axis.set_ylim(edges[1][0], edges[1][-1])
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(style.ticks(5))
    for spine in axis.spines.values():
        spine.set_visible(True)
    return keys


def _hatch(
    axis: Axes,
    edges: list[FloatArray],
    where: NDArray[np.bool_],
    hatch: str,
    face: str,
    edge: str,
    label: str,
) -> Patch:
    """Hatch the cells where ``where`` (n_0, n_1) is True."""
    # contourf hatches whole regions evenly, whatever the size of the cells; it wants the cells as fine
    # squares.
    x, y = (np.repeat(e, 2)[1:-1] for e in edges)
    fine = np.repeat(np.repeat(where, 2, axis=0), 2, axis=1).T.astype(float)
    filled = axis.contourf(x, y, fine, levels=[0.5, 1.5], colors=[face], hatches=[hatch])
    filled.set_edgecolor(edge)
    filled.set_linewidth(0.0)
    return Patch(facecolor=face, edgecolor=edge, hatch=hatch, linewidth=0.0, label=label)


def _draw_contours(axis: Axes, surface: Surface, values: FloatArray, scale: Scale) -> None:
    if min(values.shape) < 2:
        return
    drawn = np.ma.masked_invalid(values.T)
    finite = drawn.compressed()
    levels = [level for level in scale.levels() if finite.size and finite.min() < level < finite.max()]
    if levels:
        axis.contour(*surface.axes, drawn, levels=levels, colors="#ffffff", linewidths=0.4, alpha=0.75)


def _draw_minima(axis: Axes, material: Material, name: str, model: str) -> set[str]:
    """Mark the notable minima; returns what to say of it."""
    summary = material.of(Summary, name).get(model)
    if summary is None or summary.minimum_loss.size == 0:
        return set()
    spread = summary.loss_highest - summary.loss_lowest
    persistence = summary.minimum_persistence
    notable = ~np.isfinite(persistence) | (persistence >= NOTABLE_PERSISTENCE * spread)
    plateau = summary.minimum_points > 1
    surface = material.surfaces[name][model]
    said = set()
    what = f"of persistence at least {NOTABLE_PERSISTENCE:.0%} of the range"
    points = summary.minimum_index[notable & ~plateau]
    if points.size:
        _plot_cells(axis, surface, points, "o", 2.4)
        said.add(f"Dots: local minima of the sampled values, {what}.")
    flats = [middle_of_plateau(surface, first) for first in summary.minimum_index[notable & plateau]]
    if flats:
        _plot_cells(axis, surface, np.array(flats), "s", 3.0)
        said.add(f"Squares: plateaus that are local minima, {what}, at their middle cell.")
    return said


def _plot_cells(axis: Axes, surface: Surface, index: NDArray[Any], marker: str, size: float) -> None:
    x, y = (coordinates[index[:, k]] for k, coordinates in enumerate(surface.axes))
    axis.plot(x, y, marker=marker, markersize=size, **style.MARK)


def middle_of_plateau(surface: Surface, first: NDArray[Any]) -> tuple[int, int]:
    """Index of the cell of a plateau that is nearest to the mean of all its cells.

    Args:
        surface: a plane.
        first: index of any cell of the plateau, (2,); the others are those of the same loss that are connected to
            it, also across corners.
    """
    from scipy.ndimage import label

    at = int(first[0]), int(first[1])
    parts, _ = label(surface.done & (surface.loss == surface.loss[at]), structure=np.ones((3, 3)))
    cells = np.argwhere(parts == parts[at])
    nearest = cells[np.argmin(((cells - cells.mean(axis=0)) ** 2).sum(axis=1))]
    return int(nearest[0]), int(nearest[1])


def _mark_centre(axis: Axes, surface: Surface) -> set[str]:
    if not all(np.any(coordinates == 0.0) for coordinates in surface.axes):
        return set()
    axis.plot([0.0], [0.0], marker="P", markersize=7.0, **style.MARK)
    return {"Cross: centre."}


def _color_bar(figure: Figure, axes: NDArray[np.object_], scale: Scale, maps: Maps) -> None:
    mappable = ScalarMappable(norm=scale.norm, cmap=style.color_map(maps.quantity))
    label = f"{maps.label[:-1]}, {scale.note})" if scale.note and maps.label.endswith(")") else maps.label
    if scale.note and not maps.label.endswith(")"):
        label = f"{maps.label} ({scale.note})"
    bar = figure.colorbar(
        mappable,
        ax=axes.ravel().tolist(),
        label=label,
        aspect=22 * len(maps.rows),
        pad=0.015,
        fraction=0.05,
        extend="min" if scale.below else "neither",
    )
    bar.outline.set_linewidth(0.5)
    if maps.share:
        bar.ax.yaxis.set_major_formatter(ticker.PercentFormatter(1.0, decimals=0))
    elif not scale.logarithmic:
        bar.ax.yaxis.set_major_locator(style.ticks(6))
    if maps.contours and not scale.constant:
        bar.ax.hlines(
            scale.levels(),
            0,
            1,
            colors="#ffffff",
            linewidths=0.4,
            alpha=0.75,
            transform=bar.ax.get_yaxis_transform(),
        )
