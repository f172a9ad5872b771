"""The anatomy of one sample's loss: all its spike times along a line, below its loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from landscape.figures.anatomies import layer_name, own_census
from landscape.figures.captions import mechanism_keys, model_sentence, slice_sentences, with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.style import COLUMN, MECHANISMS, PAGE, display_name, ticks
from landscape.fragmentation.anatomy_record import Anatomy
from landscape.fragmentation.census.record import Census

FloatArray = NDArray[np.float64]

_MANY_VERTICES = 40000

#: Spikes of the outputs of other classes.
_OTHER = "#9a9a9a"


def spike_map_figure(material: Material, name: str) -> Figure | None:
    """Draw all spike times of a sample along a line above its loss, one column per model; None without an anatomy."""
    anatomies = material.of(Anatomy, name)
    models = [model for model in material.models if model in anatomies]
    if not models:
        return None
    n_layers = max(len(anatomies[model].sizes) - 1 for model in models)
    heights = [0.95] + [1.25] * n_layers
    figure = Figure(figsize=(COLUMN if len(models) == 1 else PAGE, sum(heights) + 0.45))
    axes = figure.subplots(n_layers + 1, len(models), sharex="col", sharey="row", squeeze=False, height_ratios=heights)
    found: set[str] = set()
    for column, model in zip(axes.T, models, strict=True):
        anatomy = anatomies[model]
        own = own_census(material, name, model)
        found |= set() if own is None else set(own.mechanism.tolist())
        column[0].set_title(display_name(model), color=material.colors[model], fontweight="bold")
        _draw_loss(column[0], anatomy, material.colors[model])
        for number, axis in enumerate(column[1:]):
            # The output on top: next to the loss that it makes.
            layer = n_layers - 1 - number
            if layer < len(anatomy.sizes) - 1:
                _draw_layer(axis, anatomy, layer, material.colors[model])
            axis.yaxis.set_major_locator(ticks(4))
        for axis in column:
            axis.xaxis.set_major_locator(ticks(5))
            axis.set_xlim(anatomy.position[0], anatomy.position[-1])
            if own is not None:
                _draw_discontinuities(axis, own)
        column[-1].set_xlabel("Position along the direction")
    for number, axis in enumerate(axes[1:, 0]):
        axis.set_ylim(*_time_range([anatomies[model] for model in models], n_layers - 1 - number))
    axes[0, 0].set_ylabel("Loss of the\nsample (nats)")
    first = anatomies[models[0]]
    for number, axis in enumerate(axes[1:, 0]):
        axis.set_ylabel(f"{layer_name(first, n_layers - 1 - number)}\nspike times")
    figure.align_ylabels(axes[:, 0])
    keys = mechanism_keys([mechanism for mechanism in MECHANISMS if mechanism in found])
    keys = [Line2D([], [], color=key.get_color(), linewidth=1.2, label=key.get_label()) for key in keys]
    surfaces = {model: material.surfaces[name][model] for model in models}
    sentences = [
        _sample_sentence(material, name, models),
        *(_map_numbers(material, name, model) for model in models),
        "Every curve is the time of one spike; it ends where the spike disappears or jumps.",
        "Vertical lines: discontinuities of the sample's loss, stronger for larger ones." if found else "",
        "In the output layer the neuron of the sample's class is coloured, others are grey."
        if first.spiking_output
        else "",
        model_sentence(models, material.sizes),
        *slice_sentences(surfaces)[:2],
    ]
    with_caption(figure, sentences, keys=keys, column_gap=0.06)
    return figure


def _draw_loss(axis: Axes, anatomy: Anatomy, color: str) -> None:
    breaks = np.flatnonzero(np.diff(anatomy.piece)) + 1
    axis.plot(
        np.insert(anatomy.position, breaks, np.nan),
        np.insert(np.where(np.isfinite(anatomy.loss), anatomy.loss, np.nan), breaks, np.nan),
        color=color,
        linewidth=1.0,
    )
    axis.grid(True, axis="y")
    axis.yaxis.set_major_locator(ticks(4))


def _draw_layer(axis: Axes, anatomy: Anatomy, layer: int, color: str) -> None:
    vertices = np.column_stack([anatomy.vertex_position, anatomy.vertex_time])
    ends = np.searchsorted(anatomy.vertex_curve, np.arange(anatomy.curve_layer.size + 1))
    output = anatomy.spiking_output and layer == len(anatomy.sizes) - 2
    groups: dict[bool, list[NDArray[np.float64]]] = {False: [], True: []}
    for curve in np.flatnonzero(anatomy.curve_layer == layer):
        labelled = not output or anatomy.curve_neuron[curve] == anatomy.label
        groups[bool(labelled)].append(vertices[ends[curve] : ends[curve + 1]])
    for labelled, lines in groups.items():
        axis.add_collection(
            LineCollection(
                lines,
                colors=color if labelled else _OTHER,
                linewidths=1.1 if output else 0.6,
                alpha=1.0 if output else 0.8,
                zorder=2.0 + labelled,
                capstyle="butt",
                rasterized=sum(len(line) for line in lines) > _MANY_VERTICES,
            ),
            autolim=False,
        )


def _time_range(anatomies: Sequence[Anatomy], layer: int) -> tuple[float, float]:
    """From shortly before a layer's first spike to the end of the trial."""
    end = max(anatomy.duration for anatomy in anatomies)
    times = [anatomy.vertex_time[anatomy.curve_layer[anatomy.vertex_curve] == layer] for anatomy in anatomies]
    first = min((float(each.min()) for each in times if each.size), default=0.0)
    return max(0.0, first - 0.08 * (end - first)) if first < end else 0.0, end


def _draw_discontinuities(axis: Axes, own: Census) -> None:
    sizes = np.abs(own.jump)
    top = float(sizes[np.isfinite(sizes)].max(initial=0.0))
    # The eye follows the large ones through all panels; the small ones are there without covering the curves.
    strength = np.where(np.isfinite(sizes), np.sqrt(sizes / top) if top > 0.0 else 1.0, 1.0)
    for mechanism, (color, _, _) in MECHANISMS.items():
        here = own.mechanism == mechanism
        if here.any():
            for position, alpha in zip(own.position[here], 0.15 + 0.6 * strength[here], strict=True):
                axis.axvline(position, color=color, linewidth=0.6, alpha=alpha, zorder=1.0)


def _sample_sentence(material: Material, name: str, models: Sequence[str]) -> str:
    found = [material.of(Anatomy, name)[model] for model in models]
    samples = [f"{anatomy.sample} of the census (class {anatomy.label})" for anatomy in found]
    if len(set(samples)) == 1:
        said = samples[0]
    else:
        said = " / ".join(f"{text} ({display_name(m)})" for text, m in zip(samples, models, strict=True))
    return f"Loss and spike times of sample {said} along the slice '{name}'."


def _map_numbers(material: Material, name: str, model: str) -> str:
    own = own_census(material, name, model)
    if own is None:
        return ""
    if not len(own):
        return f"{display_name(model)}: the sample's loss has no discontinuity."
    sizes = np.abs(own.jump[np.isfinite(own.jump)])
    if len(own) == 1:
        return f"{display_name(model)}: one discontinuity, of {sizes.sum():.3g} nats."
    return (
        f"{display_name(model)}: {len(own)} discontinuities, which sum to {sizes.sum():.3g} nats; the largest is "
        f"{sizes.max(initial=0.0):.3g} nats."
    )


FIGURE = FigureKind(
    name="spikes",
    of="line",
    place=40,
    caption="Spike times and loss of one sample",
    draw=spike_map_figure,
    needs="the anatomy of a sample",
    reading=(
        "A curve ends where its spike disappears or jumps, and another begins where one appears. In a LIF layer this "
        "happens anywhere within the trial, and everything downstream of it jumps; in a QIF layer curves enter and "
        "leave at the trial's end only, where a spike has no effect. Positions are dense enough that no spike moves "
        "by more than a hundredth of the trial from one to the next, so a gap is a jump and not a lack of points."
    ),
)
