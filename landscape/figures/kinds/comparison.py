"""Two models compared over trained networks and directions: paired points, differences with their intervals."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedFormatter
from numpy.typing import NDArray

from landscape.figures.captions import with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.style import PAGE, display_name, model_colors, ticks
from landscape.fragmentation.comparison_record import Comparison, MeasureComparison
from landscape.measures import described
from landscape.slices.surface import Status

FloatArray = NDArray[np.float64]

_PANELS, _COLUMNS = 6, 3

#: Where the models and their difference stand along the horizontal axis.
_FIRST, _SECOND, _DIFFERENCE = 0.0, 1.0, 2.05


def comparison_figure(material: Material) -> Figure | None:
    """Draw paired measures of two models and their differences; None where nothing was compared."""
    comparison = material.find(Comparison)
    if comparison is None:
        return None
    names = shown_measures(comparison)
    if not names:
        return None
    columns = min(_COLUMNS, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(PAGE * columns / _COLUMNS, 2.05 * rows))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    colors = _colors(material, comparison)
    for axis in axes[len(names) :]:
        axis.set_axis_off()
    for axis, name in zip(axes, names, strict=False):
        _draw_pairs(axis, comparison.values[name], colors)
        _draw_difference(axis, comparison, name)
        labels = [display_name(model) for model in comparison.models]
        axis.set_xticks([_FIRST, _SECOND, _DIFFERENCE])
        axis.xaxis.set_major_formatter(FixedFormatter([*labels, "difference"]))
        axis.set_xlim(-0.45, _DIFFERENCE + 0.5)
        for tick, color in zip(axis.get_xticklabels(), colors, strict=False):
            tick.set_color(color)
            tick.set_fontweight("bold")
        axis.set_title(described(name).short, fontweight="bold" if name == comparison.primary else "normal")
    first = comparison[comparison.primary]
    one, other = (display_name(model) for model in comparison.models)
    sentences = [
        *([comparison.verdict_on(one, other)] if comparison.primary in names else []),
        _missing(comparison),
        "Lines: pairs of trained networks, mean over directions; small dots: directions; bars: means over networks.",
        f"Right axis: {other} less {one} with its {100 * comparison.level:g}% interval,",
        f"the wider of a hierarchical bootstrap ({comparison.resamples:,} draws) and Student's t.",
        f"Networks: {first.networks} per model; lines: {first.directions}.",
        "d: Cohen's d of the paired differences, corrected for few networks.",
        "\N{GREEK SMALL LETTER DELTA}: Cliff's delta.",
    ]
    keys = [
        Line2D([], [], color="#777777", linewidth=0.6, marker="o", markersize=3.5, label="pair of networks"),
        Line2D([], [], color="#999999", linestyle="none", marker=".", markersize=3.0, label="direction"),
        Line2D([], [], color="#222222", linewidth=1.0, marker="D", markersize=3.5, label="difference and interval"),
    ]
    with_caption(figure, sentences, keys=keys, column_gap=0.08)
    return figure


def _colors(material: Material, comparison: Comparison) -> list[str]:
    """The colours of the two models: those of their first networks in the other figures."""
    known = []
    for model, side in zip(comparison.models, ("first_networks", "second_networks"), strict=True):
        first = (list(comparison.attributes.get(side, [])) or [model])[0]
        known.append(material.colors.get(str(first)))
    return [str(color) for color in known] if all(known) else model_colors(comparison.models, comparison.models)


def _missing(comparison: Comparison) -> str:
    """How many lines are not shown; empty if all are."""
    if comparison.status is None:
        return ""
    pending, failed = (int(np.count_nonzero(comparison.status == state)) for state in (Status.PENDING, Status.FAILED))
    said = [f"{pending} are not measured yet"] * (pending > 0) + [f"{failed} could not be measured"] * (failed > 0)
    return f"Of {comparison.status.size} lines, {' and '.join(said)}." if said else ""


def shown_measures(comparison: Comparison) -> list[str]:
    """The measures to draw, the one that decides first; only those with a value for both models, and those that are the
    same everywhere last.
    """
    panels = {name: described(name).panel for name in comparison.measures}
    order = sorted(panels, key=lambda name: math.inf if (panel := panels[name]) is None else panel)
    usable = [name for name in order if comparison[name].networks > 0]
    constant = {name: bool(np.nanmin(comparison.values[name]) == np.nanmax(comparison.values[name])) for name in usable}
    return sorted(usable, key=lambda name: (name != comparison.primary, constant[name]))[:_PANELS]


def _draw_pairs(axis: Axes, values: FloatArray, colors: list[str]) -> None:
    """Values (2, n_networks, n_directions): a line per pair of networks, a dot per direction."""
    both: NDArray[np.bool_] = np.asarray(np.isfinite(values).all(axis=0))
    n_networks = both.shape[0]
    networks = [number for number in range(n_networks) if both[number].any()]
    means = np.array([[values[side, number, both[number]].mean() for number in networks] for side in (0, 1)])
    # Beside one another in the order of networks, so that equal values do not hide each other.
    spread = np.linspace(-0.22, 0.22, len(networks)) if len(networks) > 1 else np.zeros(1)
    offset = dict(zip(networks, spread, strict=True))
    for side, (at, color) in enumerate(zip((_FIRST, _SECOND), colors, strict=True)):
        for number in networks:
            dots = values[side, number, both[number]]
            axis.plot(
                np.full(dots.size, at + offset[number]),
                dots,
                linestyle="none",
                marker="o",
                markersize=1.6,
                markeredgewidth=0.0,
                color=color,
                alpha=0.4,
            )
        axis.plot([at - 0.33, at + 0.33], [means[side].mean()] * 2, color="#222222", linewidth=1.1, zorder=4)
    for column, number in enumerate(networks):
        places = [_FIRST + offset[number], _SECOND + offset[number]]
        axis.plot(places, means[:, column], color="#777777", linewidth=0.6, alpha=0.8, zorder=2)
        for side, color in enumerate(colors):
            axis.plot([places[side]], [means[side, column]], "o", color=color, markersize=3.4, zorder=3)
    axis.grid(True, axis="y")
    low, high = float(np.nanmin(values)), float(np.nanmax(values[np.isfinite(values)]))
    margin = 0.07 * (high - low) or 0.07 * abs(high) or 1.0
    axis.set_ylim(low - margin, high + margin)
    axis.yaxis.set_major_locator(ticks(4))


def _draw_difference(axis: Axes, comparison: Comparison, name: str) -> None:
    """The difference on an axis of its own that begins where the first model's mean is."""
    found = comparison[name]
    beside = axis.twinx()
    beside.spines["right"].set_visible(True)
    beside.spines["top"].set_visible(False)
    low, high = axis.get_ylim()
    # Same unit length as on the left, zero at the first model's mean: the second's mean is level with the difference.
    ends = [found.difference.low, found.difference.high, found.difference.value]
    reach = [found.mean[0] + end for end in ends if np.isfinite(end)]
    low, high = min([low, *reach]), max([high, *reach])
    margin = 0.04 * (high - low)
    axis.set_ylim(low - margin, high + margin)
    beside.set_ylim(low - margin - found.mean[0], high + margin - found.mean[0])
    beside.axhline(0.0, xmin=0.62, color="#999999", linewidth=0.6, zorder=1)
    if np.isfinite(found.difference.low):
        beside.vlines(_DIFFERENCE, found.difference.low, found.difference.high, color="#222222", linewidth=1.1)
    beside.plot([_DIFFERENCE], [found.difference.value], "D", color="#222222", markersize=3.6)
    beside.yaxis.set_major_locator(ticks(4))
    beside.tick_params(length=2.0)
    # In the corner away from the interval.
    upper = not found.difference.value > 0.0
    beside.text(
        0.985,
        0.985 if upper else 0.015,
        _effect(found),
        transform=beside.transAxes,
        ha="right",
        va="top" if upper else "bottom",
        fontsize=6.0,
        color="#444444",
        linespacing=1.3,
        # The line of no difference may pass behind it.
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
    )


def _effect(found: MeasureComparison) -> str:
    def number(value: float) -> str:
        return f"{value:.2g}".replace("-", "\N{MINUS SIGN}") if np.isfinite(value) else "not defined"

    lines = [f"d = {number(found.cohens_d)}", f"\N{GREEK SMALL LETTER DELTA} = {number(found.cliffs_delta)}"]
    return "\n".join(lines)


FIGURE = FigureKind(
    name="comparison",
    of="experiment",
    place=220,
    caption="Measures of two models over networks and lines, and their differences",
    draw=comparison_figure,
    needs="a comparison",
    section="comparison",
)
