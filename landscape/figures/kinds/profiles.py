"""Profiles along a line: loss, accuracy, directional derivative and silent share, the models side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from numpy.typing import NDArray

from landscape.figures.captions import (
    absence_sentence,
    model_sentence,
    remedy_sentence,
    slice_sentences,
    with_caption,
)
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.scales import WIDE, cell_edges, common_scale, finite_values
from landscape.figures.style import (
    COLUMN,
    FAILED_EDGE,
    FAILED_FACE,
    PAGE,
    PENDING_EDGE,
    PENDING_FACE,
    display_name,
    ticks,
)
from landscape.slices.surface import Status, Surface

FloatArray = NDArray[np.float64]

_ROW_HEIGHT = 1.02

#: The derivative's axis is not linear where its largest size exceeds its 95th percentile by more than this factor.
_OUTLYING = 10.0


def profile_figure(material: Material, name: str) -> Figure:
    """Draw the profiles of a one-dimensional slice; one column per model, all on the same axes."""
    surfaces = material.surfaces[name]
    models = [model for model in material.models if model in surfaces and len(surfaces[model].axes) == 1]
    rows = 4
    figure = Figure(figsize=(COLUMN if len(models) == 1 else PAGE, 0.3 + rows * _ROW_HEIGHT))
    axes = figure.subplots(rows, len(models), sharex=True, sharey="row", squeeze=False)
    sentences = [f"Profiles along the slice '{name}', {_points(surfaces, models)}."]
    # Per row: its label, the values, whether they are shares.
    quantities = {
        "Loss (nats)": [finite_values(surfaces[m], surfaces[m].loss) for m in models],
        "Accuracy": [finite_values(surfaces[m], surfaces[m].accuracy) for m in models],
        "Derivative (nats)": [finite_values(surfaces[m], surfaces[m].directional_derivative[..., 0]) for m in models],
        "Silent neurons": [surfaces[m].silent_share for m in models],
    }
    for row, (label, values) in enumerate(quantities.items()):
        axes[row, 0].set_ylabel(label)
        for axis, model, line in zip(axes[row], models, values, strict=True):
            _draw_line(axis, surfaces[model], line, material.colors[model], filled=row == 3)
        if row == 0:
            sentences += _scale_loss(axes[row], values)
        elif row == 2:
            sentences += _scale_derivative(axes[row], values)
        else:
            axes[row, 0].set_ylim(-0.04, 1.04)
            axes[row, 0].yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
            axes[row, 0].yaxis.set_major_locator(ticks(4))
    for axis, model in zip(axes[0], models, strict=True):
        axis.set_title(display_name(model), color=material.colors[model], fontweight="bold")
    for axis in axes[-1]:
        axis.set_xlabel("Position along the direction")
    figure.align_ylabels(axes[:, 0])
    sentences.append(model_sentence(models, material.sizes))
    sentences.append(absence_sentence(material, name, models, "line"))
    sentences += slice_sentences({model: surfaces[model] for model in models})
    sentences.append(remedy_sentence(models, material.remedies))
    sentences.append("Dots are sampled points; the lines between them only guide the eye.")
    if any(not np.all(surfaces[m].done) for m in models):
        sentences.append("Light bands: not evaluated; dark bands: failed or not finite.")
    with_caption(figure, sentences, column_gap=0.06)
    return figure


def _points(surfaces: dict[str, Surface], models: Sequence[str]) -> str:
    counts = {surfaces[model].n_points for model in models}
    return f"{counts.pop()} points" if len(counts) == 1 else "the points as drawn"


def _draw_line(axis: Axes, surface: Surface, values: FloatArray, color: str, *, filled: bool) -> None:
    x = surface.axes[0]
    axis.grid(True, axis="y")
    axis.axvline(0.0, color="#999999", linewidth=0.5, zorder=0.5)
    if filled:
        axis.fill_between(
            x,
            0.0,
            np.nan_to_num(values),
            where=np.isfinite(values),
            color=color,
            alpha=0.18,
            lw=0,
            step="mid",
        )
    size = float(np.clip(260.0 / max(x.size, 1), 1.0, 2.6))
    axis.plot(x, values, color=color, linewidth=0.5, alpha=0.45, drawstyle="steps-mid" if filled else "default")
    axis.plot(x, values, color=color, linestyle="none", marker="o", markersize=size, markeredgewidth=0)
    edges = cell_edges(x)
    axis.set_xlim(edges[0], edges[-1])
    axis.xaxis.set_major_locator(ticks(5))
    for number in np.flatnonzero(surface.status != Status.DONE):
        pending = surface.status[number] == Status.PENDING
        axis.axvspan(
            edges[number],
            edges[number + 1],
            facecolor=PENDING_FACE if pending else FAILED_FACE,
            edgecolor=PENDING_EDGE if pending else FAILED_EDGE,
            linewidth=0.0,
            zorder=0.2,
        )


def _scale_loss(axes: NDArray[np.object_], values: Sequence[FloatArray]) -> list[str]:
    scale = common_scale(values)
    if scale is None:
        return []
    if scale.logarithmic:
        axes[0].set_yscale("log")
        axes[0].set_ylim(scale.low / 1.5, scale.high * 1.5)
        axes[0].set_ylabel("Loss (nats, log scale)")
        if any(np.any(line == 0.0) for line in values):
            return ["Losses of exactly 0 are off the logarithmic scale."]
        return []
    margin = 0.06 * (scale.high - scale.low)
    axes[0].set_ylim(scale.low - margin, scale.high + margin)
    axes[0].yaxis.set_major_locator(ticks(4))
    return []


def _scale_derivative(axes: NDArray[np.object_], values: Sequence[FloatArray]) -> list[str]:
    """Linear; where some values dwarf the others, linear around zero and logarithmic beyond, and said so."""
    for axis in axes:
        axis.axhline(0.0, color="#999999", linewidth=0.5, zorder=0.5)
    sizes = np.abs(np.concatenate([line[np.isfinite(line)] for line in values]))
    sizes = sizes[sizes > 0.0]
    if sizes.size == 0:
        axes[0].set_ylim(-1.0, 1.0)
        return []
    largest = float(sizes.max())
    median, usual = (float(value) for value in np.quantile(sizes, (0.5, 0.95)))
    # A handful of outliers lie beyond the usual values; larger values may also be more than a handful.
    if largest > _OUTLYING * usual or largest > WIDE * median:
        threshold = _round_up(min(usual, _OUTLYING * median))
        axes[0].set_yscale("symlog", linthresh=threshold, linscale=1.5)
        axes[0].yaxis.set_major_locator(FixedLocator(_symlog_ticks(values, threshold)))
        axes[0].yaxis.set_minor_locator(NullLocator())
        axes[0].yaxis.set_major_formatter(FuncFormatter(_signed))
        axes[0].set_ylabel(f"Derivative (nats)\nlog beyond ±{threshold:g}")
        for axis in axes:
            for line in (-threshold, threshold):
                axis.axhline(line, color="#999999", linewidth=0.7, linestyle=":", zorder=0.6)
        return [f"The derivative's axis is linear up to ±{threshold:g} and logarithmic beyond."]
    axes[0].yaxis.set_major_locator(ticks(4))
    return []


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, ... above a positive value."""
    decade = 10.0 ** np.floor(np.log10(value))
    return float(decade * next(step for step in (1, 2, 5, 10) if step * decade >= value))


def _symlog_ticks(values: Sequence[FloatArray], threshold: float) -> list[float]:
    """Zero, the ends of the linear part, and the largest round number that the values reach on either side."""
    joined = np.concatenate([line[np.isfinite(line)] for line in values])
    marks = [-threshold, 0.0, threshold]
    for sign in (-1.0, 1.0):
        reached = float((sign * joined).max(initial=0.0))
        decade = 10.0 ** np.floor(np.log10(reached)) if reached > 0.0 else 0.0
        # Where the axis spans many decades, a power of ten is rounder than the others.
        steps = (1,) if reached >= 1e4 else (1, 2, 5)
        mark = float(max(step * decade for step in steps if step * decade <= reached)) if decade else 0.0
        if mark > 3.0 * threshold:
            marks.append(sign * mark)
    return sorted(marks)


def _signed(value: float, _: object = None) -> str:
    if abs(value) < 1e4:
        return f"{value:g}".replace("-", "\N{MINUS SIGN}")
    power = round(np.log10(abs(value)))
    return f"{'$-' if value < 0 else '$'}10^{{{power}}}$"


FIGURE = FigureKind(
    name="profiles",
    of="line",
    place=10,
    caption="Profiles of loss, accuracy, derivative and silent share",
    draw=profile_figure,
)
