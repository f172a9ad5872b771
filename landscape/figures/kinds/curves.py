"""Discontinuity curves of a plane over its loss."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from landscape.figures import style
from landscape.figures.captions import (
    model_sentence,
    remedy_sentence,
    slice_sentences,
    with_caption,
)
from landscape.figures.curve_maps import MANY, dress, panels, resolution, say, traced
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.planes import draw_map
from landscape.figures.scales import common_scale, finite_values
from landscape.fragmentation.curves_record import Curves

FloatArray = NDArray[np.float64]


def curve_figure(material: Material, name: str) -> Figure | None:
    """Draw the discontinuity curves of a plane over its loss, coloured by mechanism; None where none were traced."""
    surfaces, curves = traced(material, name)
    if not curves:
        return None
    values = {model: finite_values(surface, surface.loss) for model, surface in surfaces.items()}
    scale = common_scale(values.values())
    figure, axes, ratio = panels(surfaces)
    found: set[str] = set()
    patches: dict[str, Patch] = {}
    for axis, (model, surface) in zip(axes, surfaces.items(), strict=True):
        patches |= draw_map(axis, surface, values[model], scale, "loss behind")
        _draw_curves(axis, curves[model])
        dress(axis, material, model, surface, curves[model], ratio)
        found |= set(curves[model].mechanism.tolist())
        if not len(curves[model]):
            say(axis, "no discontinuity")
    axes[0].set_ylabel("Position along direction 2")
    if scale is not None:
        label = "Loss (nats, log scale)" if scale.logarithmic else "Loss (nats)"
        mappable = ScalarMappable(norm=scale.norm, cmap=style.color_map("loss behind"))
        bar = figure.colorbar(mappable, ax=list(axes), label=label, aspect=22, pad=0.015, fraction=0.05)
        bar.outline.set_linewidth(0.5)
    keys = [
        Line2D([], [], color=color, linewidth=1.2, label=label)
        for mechanism, (color, _, label) in style.MECHANISMS.items()
        if mechanism in found
    ]
    sentences = [
        f"Loss on the slice '{name}', and curves where a sample's loss jumps, stronger for larger jumps.",
        *(_curve_numbers(model, own) for model, own in curves.items()),
        resolution(curves),
        model_sentence(list(surfaces), material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    with_caption(figure, sentences, keys=[*keys, *patches.values()], fixed_shape=ratio is not None)
    return figure


def _draw_curves(axis: Axes, curves: Curves) -> None:
    if not len(curves):
        return
    parts = [curves.point[a:b] for a, b in pairwise(curves.offsets)]
    sizes = np.array([_height(curves, number) for number in range(len(curves))])
    # By rank: sizes span many powers of ten.
    ranks = (np.argsort(np.argsort(sizes, kind="stable"), kind="stable") + 1) / sizes.size
    for mechanism, (color, _, _) in style.MECHANISMS.items():
        own = np.flatnonzero(curves.mechanism == mechanism)
        if own.size:
            axis.add_collection(
                LineCollection(
                    [parts[number] for number in own],
                    colors=color,
                    linewidths=0.35 + 0.75 * ranks[own] ** 2,
                    alpha=0.25 + 0.75 * ranks[own] ** 2,
                    capstyle="round",
                    rasterized=own.size > MANY,
                    zorder=2.0,
                ),
                autolim=False,
            )


def _height(curves: Curves, number: int) -> float:
    """Median size of the jumps of a curve."""
    jumps = np.abs(curves.jump[curves.offsets[number] : curves.offsets[number + 1]])
    known = jumps[np.isfinite(jumps)]
    return float(np.median(known)) if known.size else 0.0


def _curve_numbers(model: str, curves: Curves) -> str:
    name = style.display_name(model)
    if not len(curves):
        return f"{name}: none for any of {curves.n_samples} samples."
    crossings = curves.mechanism[np.repeat(np.arange(len(curves)), np.diff(curves.offsets))][curves.axis >= 0]
    shares = [
        f"{np.mean(crossings == mechanism):.0%} {label}"
        for mechanism, (_, _, label) in style.MECHANISMS.items()
        if (crossings == mechanism).any()
    ]
    return (
        f"{name}: {len(curves):,} curves of {curves.n_samples} samples through {crossings.size:,} exact points "
        f"({', '.join(shares)})."
    )


FIGURE = FigureKind(
    name="curves",
    of="plane",
    place=130,
    caption="Curves of discontinuity over the loss",
    draw=curve_figure,
    needs="traced curves of a plane",
)
