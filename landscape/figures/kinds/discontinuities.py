"""The discontinuities of the mean loss along a line, by mechanism, the models side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import NDArray

from landscape.figures.captions import (
    mechanism_keys,
    model_sentence,
    remedy_sentence,
    slice_sentences,
    title_with_samples,
    with_caption,
)
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.scales import common_scale, finite_values
from landscape.figures.style import COLUMN, FAILED_FACE, MECHANISMS, PAGE, display_name, ticks
from landscape.fragmentation.census.record import Census

FloatArray = NDArray[np.float64]

#: How many of the largest jumps are marked on the curve.
_MARKED = 15

#: Marks and ticks beyond this number are drawn as pixels, not as shapes.
_MANY = 3000


def discontinuity_figure(material: Material, name: str) -> Figure | None:
    """Draw the discontinuities of a line, one column per model on common scales; None without a census."""
    censuses = material.of(Census, name)
    models = [model for model in material.models if model in censuses and len(material.surfaces[name][model].axes) == 1]
    if not models:
        return None
    figure = Figure(figsize=(COLUMN if len(models) == 1 else PAGE, 3.3))
    axes = figure.subplots(3, len(models), sharex="col", sharey="row", squeeze=False, height_ratios=(1.5, 1.1, 0.45))
    for column, model in zip(axes.T, models, strict=True):
        census = censuses[model]
        _draw_loss(column[0], material, name, model)
        if len(census):
            _draw_sizes(column[1], census)
            _draw_ticks(column[2], census)
        else:
            _say_none(column[1], census)
        for axis in column:
            _dress(axis, census)
        title = title_with_samples(model, "jumps", census.n_samples, _drawn_samples(material, name, model))
        column[0].set_title(title, color=material.colors[model], fontweight="bold")
        column[2].set_xlabel("Position along the direction")
    _scale(axes, material, name, models)
    figure.align_ylabels(axes[:, 0])
    found = [mechanism for mechanism in MECHANISMS if any((censuses[m].mechanism == mechanism).any() for m in models)]
    surfaces = {model: material.surfaces[name][model] for model in models}
    sentences = [
        _first_sentence(material, name, models),
        *(census_sentence(model, censuses[model]) for model in models),
        _rows_sentence(material, name, models),
        *_infinite_sentences(censuses, models),
        *_unresolved_sentences(censuses, models),
        model_sentence(models, material.sizes),
        *slice_sentences(surfaces),
        remedy_sentence(models, material.remedies),
    ]
    with_caption(figure, sentences, keys=mechanism_keys(found), column_gap=0.06)
    return figure


def census_sentence(model: str, census: Census) -> str:
    """The numbers of a census in one sentence."""
    examined = sum(census.transitions.values())
    where = f"in [{census.low:g}, {census.high:g}] over {census.n_samples} samples"
    if len(census) == 0:
        return (
            f"{display_name(model)}: no discontinuity at {examined:,} transitions examined {where}; the loss of a "
            f"sample changes by at most {census.largest_continuous:.1g} nats across one."
        )
    counts = [
        f"{np.count_nonzero(census.mechanism == mechanism):,} {label}"
        for mechanism, (_, _, label) in MECHANISMS.items()
        if (census.mechanism == mechanism).any()
    ]
    sizes = np.abs(census.mean_jump)
    return (
        f"{display_name(model)}: {len(census):,} discontinuities ({', '.join(counts)}) at {examined:,} transitions "
        f"examined {where}; they sum to {sizes.sum():.3g} nats, the largest is {sizes.max():.2g} nats."
    )


def curve_with_jumps(
    x: FloatArray, y: FloatArray, position: FloatArray, jump: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """A curve through sampled points that jumps where the loss does and is straight in between.

    Args:
        x: coordinates of the points, (n,), increasing.
        y: values there, (n,); nan where there are none.
        position: where the loss jumps, (k,), increasing.
        jump: by how much, (k,).

    Returns:
        Coordinates and values of the curve, with a nan in each jump, and the values on both sides of the jumps, (k, 2).
    """
    # What is left of the values without the jumps is continuous.
    total = np.concatenate([[0.0], np.cumsum(jump)])
    continuous = y - total[np.searchsorted(position, x, side="right")]
    between = np.interp(position, x, continuous)
    sides = between[:, None] + np.stack([total[:-1], total[1:]], axis=1)
    places = np.concatenate([x, np.repeat(position, 3)])
    values = np.concatenate([y, np.insert(sides, 1, np.nan, axis=1).ravel()])
    order = np.argsort(places, kind="stable")
    # A point that falls on a jump has its value to the right of it, as it was sorted above.
    on_jump = np.isin(x, position)
    keep = np.concatenate([~on_jump, np.ones(values.size - x.size, bool)])[order]
    return places[order][keep], values[order][keep], sides


def _draw_loss(axis: Axes, material: Material, name: str, model: str) -> None:
    surface = material.surfaces[name][model]
    census = material.of(Census, name)[model]
    x, y = surface.axes[0], _drawn_loss(material, name, model)
    color = material.colors[model]
    inside = (census.position > x[0]) & (census.position < x[-1]) & np.isfinite(census.jump)
    if not inside.any() or not _covers(material, name, model):
        axis.plot(x, y, color=color, linewidth=0.9)
        return
    jumps = census.mean_jump[inside]
    places, values, sides = curve_with_jumps(x, y, census.position[inside], jumps)
    axis.plot(places, values, color=color, linewidth=0.9)
    positions, mechanisms = census.position[inside], census.mechanism[inside]
    for row in np.argsort(-np.abs(jumps), kind="stable")[:_MARKED]:
        dark, marker, _ = MECHANISMS[str(mechanisms[row])]
        axis.vlines(positions[row], *sorted(sides[row]), color=dark, linewidth=0.6, zorder=2.5)
        axis.plot(
            [positions[row]],
            [sides[row].mean()],
            marker=marker,
            markersize=4.0,
            color=dark,
            markeredgecolor="white",
            markeredgewidth=0.5,
            linestyle="none",
            zorder=3,
        )


def _own_samples(material: Material, name: str, model: str) -> NDArray[np.int64] | None:
    """The numbers of the samples of a census that has fewer than the slice, where the loss of each is known."""
    samples = material.of(Census, name)[model].samples
    if samples is None or material.surfaces[name][model].sample_loss is None:
        return None
    return np.asarray(samples, np.int64)


def _drawn_loss(material: Material, name: str, model: str) -> FloatArray:
    """The mean loss at the points: that of the samples of the census where it is known, else that of the slice's."""
    surface, samples = material.surfaces[name][model], _own_samples(material, name, model)
    if samples is None or surface.sample_loss is None:
        return finite_values(surface, surface.loss)
    return finite_values(surface, surface.sample_loss[:, samples].mean(axis=1))


def _drawn_samples(material: Material, name: str, model: str) -> int:
    """How many samples the mean loss that is drawn is over."""
    census, about = material.of(Census, name)[model], material.surfaces[name][model].attributes
    if _own_samples(material, name, model) is not None:
        return census.n_samples
    return int(about.get("n_samples", census.n_samples))


def _covers(material: Material, name: str, model: str) -> bool:
    """Whether a census is over the samples that the drawn mean loss is over."""
    return _drawn_samples(material, name, model) == material.of(Census, name)[model].n_samples


def _first_sentence(material: Material, name: str, models: Sequence[str]) -> str:
    if all(_covers(material, name, model) for model in models):
        counts = sorted({material.of(Census, name)[model].n_samples for model in models})
        number = " or ".join(map(str, counts))
        return f"Mean loss of {number} samples along the slice '{name}' and every discontinuity of it."
    return f"Mean loss along the slice '{name}' and every discontinuity of the losses of some of its samples."


def _draw_sizes(axis: Axes, census: Census) -> None:
    sizes = np.abs(census.mean_jump)
    shown = np.isfinite(sizes)
    alpha = float(np.clip(250.0 / max(len(census), 1), 0.25, 0.9))
    for mechanism, (color, marker, _) in MECHANISMS.items():
        own = shown & (census.mechanism == mechanism)
        axis.plot(
            census.position[own],
            sizes[own],
            linestyle="none",
            marker=marker,
            markersize=2.4 if len(census) < 1000 else 1.6,
            markeredgewidth=0.0,
            color=color,
            alpha=alpha,
            rasterized=len(census) > _MANY,
        )


def _draw_ticks(axis: Axes, census: Census) -> None:
    """One lane per mechanism; a jump's opacity grows with the rank of its size among all."""
    ranks = np.argsort(np.argsort(np.abs(census.jump), kind="stable"), kind="stable")
    opacity = 0.12 + 0.88 * ((ranks + 1) / max(len(census), 1)) ** 2
    for lane, (mechanism, (color, _, _)) in enumerate(MECHANISMS.items()):
        own = census.mechanism == mechanism
        if not own.any():
            continue
        axis.vlines(
            census.position[own],
            -lane - 0.4,
            -lane + 0.4,
            color=color,
            alpha=opacity[own],
            linewidth=0.6 if len(census) < _MANY else 0.3,
            rasterized=len(census) > _MANY,
        )


def _say_none(axis: Axes, census: Census) -> None:
    examined = sum(census.transitions.values())
    axis.text(
        0.5,
        0.5,
        f"no discontinuity at\n{examined:,} transitions examined",
        transform=axis.transAxes,
        ha="center",
        va="center",
        color="#555555",
    )


def _dress(axis: Axes, census: Census) -> None:
    axis.grid(True, axis="y")
    axis.axvline(0.0, color="#999999", linewidth=0.5, zorder=0.5)
    axis.set_xlim(census.low, census.high)
    axis.xaxis.set_major_locator(ticks(5))
    for _, begin, end in census.unresolved:
        axis.axvspan(begin, end, facecolor=FAILED_FACE, linewidth=0.0, zorder=0.2)


def _scale(axes: NDArray[np.object_], material: Material, name: str, models: Sequence[str]) -> None:
    scale = common_scale([_drawn_loss(material, name, model) for model in models])
    if scale is not None and scale.logarithmic:
        axes[0, 0].set_yscale("log")
    elif scale is not None:
        margin = 0.08 * (scale.high - scale.low)
        axes[0, 0].set_ylim(scale.low - margin, scale.high + margin)
        axes[0, 0].yaxis.set_major_locator(ticks(4))
    axes[0, 0].set_ylabel("Loss (nats, log scale)" if scale is not None and scale.logarithmic else "Loss (nats)")
    axes[1, 0].set_ylabel("|Jump| (nats)")
    found = [np.abs(material.of(Census, name)[model].mean_jump) for model in models]
    sizes = np.concatenate([each[np.isfinite(each)] for each in found])
    if sizes.size:
        axes[1, 0].set_yscale("log")
        axes[1, 0].set_ylim(sizes.min() / 2.0, sizes.max() * 2.0)
        axes[1, 0].yaxis.set_minor_locator(NullLocator())
    else:
        axes[1, 0].yaxis.set_major_locator(NullLocator())
    axes[2, 0].set_ylim(-len(MECHANISMS) + 0.4, 0.6)
    axes[2, 0].yaxis.set_major_locator(FixedLocator([-lane for lane in range(len(MECHANISMS))]))
    axes[2, 0].set_yticklabels([label for _, _, label in MECHANISMS.values()])
    for axis in axes[2]:
        axis.grid(False)
        axis.tick_params(axis="y", length=0)


def _rows_sentence(material: Material, name: str, models: Sequence[str]) -> str:
    jumping = [model for model in models if len(material.of(Census, name)[model])]
    if not jumping:
        return ""
    points = {material.surfaces[name][model].n_points for model in models}
    said = f"Top: straight between {points.pop() if len(points) == 1 else 'the sampled'} points except for the jumps"
    if all(_covers(material, name, model) for model in jumping):
        said += f", of which the {_MARKED} largest are marked"
    else:
        said = "Top: straight between sampled points, over more samples than the discontinuities"
    return f"{said}. Middle: sizes of the jumps of the mean loss. Bottom: a tick per jump, darker for larger ones."


def _infinite_sentences(censuses: Mapping[str, Census], models: Sequence[str]) -> list[str]:
    counts = {model: int(np.count_nonzero(~np.isfinite(censuses[model].jump))) for model in models}
    found = [f"{count} of {display_name(model)}" for model, count in counts.items() if count]
    said = f"Jumps from or to an infinite loss have no size and are in the bottom row only: {', '.join(found)}."
    return [said] if found else []


def _unresolved_sentences(censuses: Mapping[str, Census], models: Sequence[str]) -> list[str]:
    found = [f"{len(censuses[m].unresolved)} of {display_name(m)}" for m in models if len(censuses[m].unresolved)]
    said = f"Dark bands: pieces where transitions of a sample are not told apart ({', '.join(found)})."
    return [said] if found else []


FIGURE = FigureKind(
    name="discontinuities",
    of="line",
    place=20,
    caption="Discontinuities of the mean loss by mechanism",
    draw=discontinuity_figure,
    needs="a census of a line",
    reading=(
        "Between sampled points the mean loss is drawn straight except for the discontinuities, which are where the "
        "census found them and as high: the sum of the jumps between two points is taken off the difference of their "
        "losses, what is left is spread evenly. Where the census is over fewer samples than the mean loss, the points "
        "are joined as they are."
    ),
)
