"""Discontinuity curves of a plane over its loss, and the fragments that they bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from landscape.figures import style
from landscape.figures.captions import model_sentence, remedy_sentence, slice_sentences, with_caption
from landscape.figures.discontinuities import title_with_samples
from landscape.figures.material import Material
from landscape.figures.planes import aspect, draw_map
from landscape.figures.scales import common_scale, finite_values
from landscape.slices.surface import Surface

if TYPE_CHECKING:
    from landscape.fragmentation.curves_record import Curves

FloatArray = NDArray[np.float64]

#: Light colours that people with any kind of colour blindness tell apart (Paul Tol's "light" scheme); neighbouring
#: fragments never share one.
_FRAGMENTS = ("#77AADD", "#EEDD88", "#FFAABB", "#44BB99", "#EE8866", "#BBCC33", "#99DDFF", "#AAAA00", "#DDDDDD")

#: Shapes beyond this number are drawn as pixels.
_MANY = 1500


def curve_figure(material: Material, name: str) -> Figure | None:
    """Draw the discontinuity curves of a plane over its loss, coloured by mechanism; None where none were traced."""
    surfaces, curves = _traced(material, name)
    if not curves:
        return None
    values = {model: finite_values(surface, surface.loss) for model, surface in surfaces.items()}
    scale = common_scale(values.values())
    figure, axes, ratio = _panels(surfaces)
    found: set[str] = set()
    patches: dict[str, Patch] = {}
    for axis, (model, surface) in zip(axes, surfaces.items(), strict=True):
        patches |= draw_map(axis, surface, values[model], scale, "loss behind")
        _draw_curves(axis, curves[model])
        _dress(axis, material, model, surface, curves[model], ratio)
        found |= set(curves[model].mechanism.tolist())
        if not len(curves[model]):
            _say(axis, "no discontinuity")
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
        _resolution(curves),
        model_sentence(list(surfaces), material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    with_caption(figure, sentences, keys=[*keys, *patches.values()], fixed_shape=ratio is not None)
    return figure


def fragment_figure(material: Material, name: str) -> Figure | None:
    """Draw the fragments of the mean loss on a plane in colours; None where no curves were traced."""
    surfaces, curves = _traced(material, name)
    if not curves:
        return None
    figure, axes, ratio = _panels(surfaces)
    for axis, (model, surface) in zip(axes, surfaces.items(), strict=True):
        own = curves[model]
        _draw_fragments(axis, own)
        _dress(axis, material, model, surface, own, ratio)
        if own.fragments <= 1:
            _say(axis, "one fragment")
    axes[0].set_ylabel("Position along direction 2")
    sentences = [
        f"Fragments of the mean loss on the slice '{name}': within each it is continuous.",
        "Neighbours differ in colour, which has no other meaning.",
        *(_fragment_numbers(model, own) for model, own in curves.items()),
        _resolution(curves),
        model_sentence(list(surfaces), material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    with_caption(figure, sentences, fixed_shape=ratio is not None)
    return figure


def _traced(material: Material, name: str) -> tuple[dict[str, Surface], dict[str, Curves]]:
    curves = material.curves.get(name, {})
    models = [model for model in material.models if model in curves and len(material.surfaces[name][model].axes) == 2]
    return {model: material.surfaces[name][model] for model in models}, {model: curves[model] for model in models}


def _panels(surfaces: Mapping[str, Surface]) -> tuple[Figure, NDArray[np.object_], float | None]:
    width = style.COLUMN if len(surfaces) == 1 else style.PAGE
    ratio = aspect(surfaces.values())
    panel = min((width - 0.95) / len(surfaces), 2.9)
    figure = Figure(figsize=(width, panel * (ratio or 1.0) + 0.5))
    axes = figure.subplots(1, len(surfaces), sharex=True, sharey=True, squeeze=False)
    return figure, axes[0], ratio


def _dress(axis: Axes, material: Material, model: str, surface: Surface, curves: Curves, ratio: float | None) -> None:
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


def _say(axis: Axes, text: str) -> None:
    axis.text(
        0.5,
        0.06,
        text,
        transform=axis.transAxes,
        ha="center",
        va="bottom",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 2.0},
    )


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
                    rasterized=own.size > _MANY,
                    zorder=2.0,
                ),
                autolim=False,
            )


def _height(curves: Curves, number: int) -> float:
    """Median size of the jumps of a curve."""
    jumps = np.abs(curves.jump[curves.offsets[number] : curves.offsets[number + 1]])
    known = jumps[np.isfinite(jumps)]
    return float(np.median(known)) if known.size else 0.0


def _draw_fragments(axis: Axes, curves: Curves) -> None:
    ends = curves.region_offsets
    outlines = [curves.region_outline[a:b] for a, b in pairwise(ends)]
    if not outlines:
        low, high = (np.array([line[k] for line in curves.axes]) for k in (0, -1))
        axis.add_patch(Rectangle(tuple(low), *(high - low), facecolor=_FRAGMENTS[0], linewidth=0.0))
        return
    colors = [_FRAGMENTS[number % len(_FRAGMENTS)] for number in distinct_numbers(outlines, len(_FRAGMENTS))]
    axis.add_collection(
        PolyCollection(
            outlines,
            facecolors=colors,
            edgecolors="#333333",
            linewidths=0.25 if len(outlines) < _MANY else 0.08,
            rasterized=len(outlines) > _MANY,
        ),
        autolim=False,
    )


def distinct_numbers(outlines: Sequence[FloatArray], count: int) -> list[int]:
    """Numbers from 0 on such that polygons with a common edge differ, all of the first ones about as frequent.

    Args:
        outlines: closed polygons, each (n, 2), that meet at common vertices only.
        count: how many numbers there should be; one more is taken where a polygon's neighbours have all of them.
    """
    sides: dict[frozenset[tuple[float, float]], list[int]] = {}
    for number, outline in enumerate(outlines):
        corners = [(float(x), float(y)) for x, y in outline]
        for begin, end in zip(corners, corners[1:] + corners[:1], strict=True):
            if begin != end:
                sides.setdefault(frozenset((begin, end)), []).append(number)
    neighbours: list[set[int]] = [set() for _ in outlines]
    for meeting in sides.values():
        for number in meeting:
            neighbours[number].update(other for other in meeting if other != number)
    chosen: list[int] = []
    used = [0] * count
    for number in range(len(outlines)):
        taken = {chosen[other] for other in neighbours[number] if other < number}
        free = [k for k in range(len(used)) if k not in taken]
        if not free:
            free = [len(used)]
            used.append(0)
        chosen.append(min(free, key=lambda k: (used[k], k)))
        used[chosen[-1]] += 1
    return chosen


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


def _fragment_numbers(model: str, curves: Curves) -> str:
    name = style.display_name(model)
    if curves.fragments <= 1:
        return f"{name}: one."
    of_samples = float(np.mean(curves.sample_fragments))
    return (
        f"{name}: {curves.fragments:,} over {curves.n_samples} samples, {curves.effective_fragments:.3g} effective; "
        f"{of_samples:.3g} per sample on average."
    )


def _resolution(curves: Mapping[str, Curves]) -> str:
    """What is exact about the curves and what is taken to be so."""
    grids = {" x ".join(str(axis.size) for axis in own.axes) for own in curves.values()}
    doubtful = {model: own.ambiguous_share for model, own in curves.items() if len(own.ambiguous)}
    said = f"Curves are exact on the {' and '.join(sorted(grids))} grid lines and straight in between"
    if doubtful:
        parts = ", ".join(f"{share:.1%} ({style.display_name(model)})" for model, share in doubtful.items())
        said += f"; in {parts} of the cells how they join is uncertain"
    return said + "."
