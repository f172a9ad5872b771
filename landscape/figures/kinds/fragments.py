"""The fragments of the mean loss on a plane, which its discontinuity curves bound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
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
from landscape.fragmentation.curves_record import Curves

FloatArray = NDArray[np.float64]

#: Light colours that people with any kind of colour blindness tell apart (Paul Tol's "light" scheme); neighbouring
#: fragments never share one.
_FRAGMENTS = ("#77AADD", "#EEDD88", "#FFAABB", "#44BB99", "#EE8866", "#BBCC33", "#99DDFF", "#AAAA00", "#DDDDDD")


def fragment_figure(material: Material, name: str) -> Figure | None:
    """Draw the fragments of the mean loss on a plane in colours; None where no curves were traced."""
    surfaces, curves = traced(material, name)
    if not curves:
        return None
    figure, axes, ratio = panels(surfaces)
    for axis, (model, surface) in zip(axes, surfaces.items(), strict=True):
        own = curves[model]
        _draw_fragments(axis, own)
        dress(axis, material, model, surface, own, ratio)
        if own.fragments <= 1:
            say(axis, "one fragment")
    axes[0].set_ylabel("Position along direction 2")
    sentences = [
        f"Fragments of the mean loss on the slice '{name}': within each it is continuous.",
        "Neighbours differ in colour, which has no other meaning.",
        *(_fragment_numbers(model, own) for model, own in curves.items()),
        resolution(curves),
        model_sentence(list(surfaces), material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(list(surfaces), material.remedies),
    ]
    with_caption(figure, sentences, fixed_shape=ratio is not None)
    return figure


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
            linewidths=0.25 if len(outlines) < MANY else 0.08,
            rasterized=len(outlines) > MANY,
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


def _fragment_numbers(model: str, curves: Curves) -> str:
    name = style.display_name(model)
    if curves.fragments <= 1:
        return f"{name}: one."
    of_samples = float(np.mean(curves.sample_fragments))
    return (
        f"{name}: {curves.fragments:,} over {curves.n_samples} samples, {curves.effective_fragments:.3g} effective; "
        f"{of_samples:.3g} per sample on average."
    )


FIGURE = FigureKind(
    name="fragments",
    of="plane",
    place=140,
    caption="Fragments of the mean loss",
    draw=fragment_figure,
    needs="traced curves of a plane",
    reading=(
        "Neighbours differ in colour, which means nothing else. Curves are exact on the lines of the grid and "
        "straight in between."
    ),
)
