"""The loss of a two-dimensional slice as a surface in three dimensions."""

from __future__ import annotations

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LightSource, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter
from mpl_toolkits.mplot3d import Axes3D
from numpy.typing import NDArray

from landscape.figures import style
from landscape.figures.captions import (
    absence_sentence,
    model_sentence,
    remedy_sentence,
    slice_sentences,
    with_caption,
)
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.scales import Scale, common_scale, finite_values
from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]

#: Number of points above which the net over the surface is left out.
_FINE = 3000

_ELEVATION, _AZIMUTH = 32.0, -122.0


def surface_figure(material: Material, name: str) -> Figure | None:
    """Draw the loss of a plane in three dimensions; None where no model has two points along each axis."""
    surfaces = {m: s for m, s in material.surfaces[name].items() if len(s.axes) == 2 and min(s.shape) > 1}
    values = {model: finite_values(surface, surface.loss) for model, surface in surfaces.items()}
    scale = common_scale(values.values())
    if not surfaces or scale is None:
        return None
    width = style.COLUMN if len(surfaces) == 1 else style.PAGE
    # Smaller than half a page, the numbers along the edges would run into one another.
    columns = min(2, len(surfaces))
    rows = -(-len(surfaces) // columns)
    figure = Figure(figsize=(width, rows * 0.86 * min((width - 0.6) / columns, 3.2)))
    axes = figure.subplots(rows, columns, squeeze=False, subplot_kw={"projection": "3d"}).ravel()
    for axis in axes[len(surfaces) :]:
        axis.set_axis_off()
    for axis, (model, surface) in zip(axes, surfaces.items(), strict=False):
        _draw_surface(axis, surface, values[model], scale)
        axis.set_title(style.display_name(model), color=material.colors[model], fontweight="bold", y=0.98, pad=0)
    label = "Loss (nats, log scale)" if scale.logarithmic else "Loss (nats)"
    mappable = ScalarMappable(norm=scale.norm, cmap=style.color_map("loss"))
    bar = figure.colorbar(mappable, ax=list(axes), label=label, shrink=0.62 / rows, aspect=18, pad=0.06, fraction=0.04)
    bar.outline.set_linewidth(0.5)
    sentences = [
        f"Loss on the slice '{name}', as facets between the sampled points."
        + (" All panels share heights and colours." if len(surfaces) > 1 else ""),
        model_sentence(list(surfaces), material.sizes),
        absence_sentence(material, name, surfaces, "plane of two or more points along each axis"),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    if any(not np.all(np.isfinite(array)) for array in values.values()):
        sentences.append("Gaps: points without a value.")
    with_caption(figure, sentences)
    return figure


def _draw_surface(axis: Axes3D, surface: Surface, values: FloatArray, scale: Scale) -> None:
    heights, low, high = _heights(values, scale)
    axis.set_zlim(_floor(low, high), high + 0.02 * (high - low))
    _dress(axis, scale, low, high)
    if not np.isfinite(heights).any():
        return
    x, y = np.meshgrid(*surface.axes, indexing="ij")
    axis.computed_zorder = False
    # Each facet has the colour of the mean of its corners, shaded by its slope; one with a missing corner is
    # left out.
    corners = np.stack([heights[:-1, :-1], heights[1:, :-1], heights[:-1, 1:], heights[1:, 1:]])
    mean = corners.mean(axis=0)
    colors = style.color_map("loss")(Normalize(low, high)(np.nan_to_num(mean, nan=low)))
    present = np.isfinite(mean)
    colors[~present] = 0.0
    axis.plot_surface(
        x,
        y,
        heights,
        facecolors=_shaded(colors, heights, surface, high - low),
        rstride=1,
        cstride=1,
        # The grid's net, unless it is so fine that it would only darken the surface.
        edgecolor=(0.0, 0.0, 0.0, 0.28) if values.size <= _FINE else "none",
        linewidth=0.15 if values.size <= _FINE else 0.0,
        antialiased=values.size <= _FINE,
        shade=False,
        rasterized=values.size > 1500,
        zorder=2,
    )
    if np.isfinite(heights).all() and high > low and not scale.constant:
        levels = np.linspace(low, high, 10)[1:-1]
        inside = [v for v in levels if heights.min() < v < heights.max()]
        if inside:
            axis.contour(
                x,
                y,
                heights,
                levels=inside,
                zdir="z",
                offset=_floor(low, high),
                cmap=style.color_map("loss"),
                norm=Normalize(low, high),
                linewidths=0.5,
                zorder=1,
            )


def _floor(low: float, high: float) -> float:
    return low - 0.25 * (high - low)


def _heights(values: FloatArray, scale: Scale) -> tuple[FloatArray, float, float]:
    if not scale.logarithmic:
        return values, scale.low, scale.high
    # Losses of exactly 0 stand at the lowest positive one, which the scale begins with.
    return np.log10(np.maximum(values, scale.low)), float(np.log10(scale.low)), float(np.log10(scale.high))


def _shaded(colors: FloatArray, heights: FloatArray, surface: Surface, spread: float) -> FloatArray:
    """Facet colours, lit from one side so that slopes can be seen."""
    filled = np.where(np.isfinite(heights), heights, np.nanmin(heights))
    steps = [float(np.abs(np.diff(axis)).mean()) for axis in surface.axes]
    extents = [float(np.ptp(axis)) for axis in surface.axes]
    # Heights drawn as tall as the plane is wide.
    exaggeration = 0.55 * max(extents) / spread if spread > 0.0 else 1.0
    light = LightSource(azdeg=300, altdeg=50)
    intensity = light.hillshade(filled, vert_exag=exaggeration, dx=steps[1], dy=steps[0])[:-1, :-1]
    out = colors.copy()
    out[..., :3] *= (0.72 + 0.28 * np.clip(intensity, 0.0, 1.0))[..., None]
    return out


def _dress(axis: Axes3D, scale: Scale, low: float, high: float) -> None:
    axis.view_init(elev=_ELEVATION, azim=_AZIMUTH)
    axis.set_box_aspect((1.0, 1.0, 0.72), zoom=1.12)
    axis.set_xlabel("Direction 1", labelpad=-8)
    axis.set_ylabel("Direction 2", labelpad=-8)
    axis.set_zlabel("")
    for side in (axis.xaxis, axis.yaxis, axis.zaxis):
        side.set_tick_params(pad=-3)
        side.set_pane_color((0.975, 0.975, 0.975, 1.0))
        side._axinfo["grid"].update(color="#dcdcdc", linewidth=0.4)
        side.line.set_linewidth(0.5)
    axis.xaxis.set_major_locator(style.ticks(4))
    axis.yaxis.set_major_locator(style.ticks(4))
    if scale.logarithmic:
        powers = np.arange(np.ceil(low), np.floor(high) + 1)
        axis.zaxis.set_major_locator(FixedLocator(powers[:: max(1, powers.size // 5)].tolist()))
        axis.zaxis.set_major_formatter(FuncFormatter(lambda value, _: f"$10^{{{round(value)}}}$"))
    else:
        marks = [t for t in style.ticks(5).tick_values(low, high) if low <= t <= high]
        axis.zaxis.set_major_locator(FixedLocator(marks))


FIGURE = FigureKind(
    name="surface3d",
    of="plane",
    place=120,
    caption="Loss in three dimensions",
    draw=surface_figure,
)
