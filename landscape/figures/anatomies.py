"""The anatomy of one sample's loss: spike times along a line, and the potential on both sides of a jump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from landscape.figures.captions import model_sentence, slice_sentences, with_caption
from landscape.figures.discontinuities import mechanism_keys
from landscape.figures.material import Material
from landscape.figures.style import COLUMN, MECHANISMS, PAGE, display_name, ticks

if TYPE_CHECKING:
    from landscape.fragmentation.anatomy_record import Anatomy, BothSides
    from landscape.fragmentation.census import Census

FloatArray = NDArray[np.float64]

_MANY_VERTICES = 40000

#: Half the width of the window around an event, as a share of the trial.
_ZOOM = 0.03

#: Spikes of the outputs of other classes.
_OTHER = "#9a9a9a"


def spike_map_figure(material: Material, name: str) -> Figure | None:
    """Draw all spike times of a sample along a line above its loss, one column per model; None without an anatomy."""
    anatomies = material.anatomies.get(name, {})
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
        own = _own_census(material, name, model)
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
        axis.set_ylabel(f"{_layer_name(first, n_layers - 1 - number)}\nspike times")
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


def potential_figure(material: Material, name: str) -> Figure | None:
    """Draw the potential on both sides of one discontinuity, one row per model that has one; None where none has."""
    anatomies = material.anatomies.get(name, {})
    models = [m for m in material.models if m in anatomies and anatomies[m].both_sides is not None]
    if not models:
        return None
    figure = Figure(figsize=(PAGE, 0.35 + 2.2 * len(models)))
    axes = figure.subplots(2 * len(models), 2, squeeze=False, height_ratios=(1.0, 0.34) * len(models))
    for number, model in enumerate(models):
        rows = axes[2 * number : 2 * number + 2]
        for column, zoomed in ((0, False), (1, True)):
            _draw_potential(rows[0, column], anatomies[model], zoomed, material.colors[model])
            _draw_inputs(rows[1, column], anatomies[model])
            rows[1, column].set_xlim(rows[0, column].get_xlim())
            rows[0, column].tick_params(labelbottom=False)
            rows[1, column].set_xlabel("Time (trial units)")
        rows[0, 0].set_ylabel("Membrane potential")
        rows[1, 0].set_ylabel("Input\nweight")
        rows[0, 0].set_title(f"{display_name(model)}, whole trial", pad=10.0)
        rows[0, 1].set_title("around the event", pad=10.0)
        figure.align_ylabels(rows[:, 0])
    color = material.colors[models[0]]
    keys = [
        Line2D([], [], color="#222222", linewidth=0.9, label="left of the discontinuity"),
        Line2D([], [], color=color, linewidth=1.5, label="right of it"),
        Line2D([], [], color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), label="threshold"),
        Line2D([], [], color="#222222", marker="o", markersize=3.5, linestyle="none", label="event"),
    ]
    if any(np.isfinite(sides.partner_time) for m in models if (sides := anatomies[m].both_sides) is not None):
        keys.append(Line2D([], [], color=MECHANISMS["order"][0], linewidth=1.6, label="incoming spike"))
    sentences = [*(_side_sentence(material, name, model) for model in models)]
    sentences.append("Triangles: its spikes. Bottom: the spikes that arrive at it, by the weights of their synapses.")
    sentences.append(model_sentence(models, material.sizes))
    with_caption(figure, sentences, keys=keys, column_gap=0.06)
    return figure


def _own_census(material: Material, name: str, model: str) -> Census | None:
    census = material.censuses.get(name, {}).get(model)
    return None if census is None else census.of_sample(material.anatomies[name][model].sample)


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


def _draw_potential(axis: Axes, anatomy: Anatomy, zoomed: bool, color: str) -> None:
    sides = anatomy.both_sides
    assert sides is not None
    low, high = _window(sides.event_time, anatomy.duration, zoomed)
    for side, line, width in ((1, color, 1.8), (0, "#222222", 0.8)):
        here = sides.side == side
        axis.plot(sides.time[here], sides.potential[here], color=line, linewidth=width, zorder=2.0 + (side == 0))
        spikes = sides.spike_time[(sides.spike_side == side) & (sides.spike_time >= low) & (sides.spike_time <= high)]
        if spikes.size:
            axis.plot(
                spikes,
                np.full(spikes.size, 1.0 + 0.045 * side),
                transform=axis.get_xaxis_transform(),
                marker="v",
                markersize=4.4 if side else 3.0,
                linestyle="none",
                color=line,
                clip_on=False,
                zorder=4.0 + (side == 0),
            )
    axis.set_xlim(low, high)
    axis.set_ylim(*_potential_range(sides, low, high, zoomed))
    if np.isfinite(sides.threshold):
        axis.axhline(sides.threshold, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
        axis.plot([sides.event_time], [sides.threshold], "o", color="#222222", markersize=3.2, zorder=5)
    if np.isfinite(sides.partner_time):
        axis.axvline(sides.partner_time, color=MECHANISMS["order"][0], linewidth=0.9, zorder=1)
    axis.grid(True, axis="y")
    axis.xaxis.set_major_locator(ticks(5))
    axis.yaxis.set_major_locator(ticks(4))


def _window(event: float, duration: float, zoomed: bool) -> tuple[float, float]:
    if not zoomed:
        return 0.0, duration
    half = _ZOOM * duration
    return max(0.0, event - half), min(duration, event + half)


def _potential_range(sides: BothSides, low: float, high: float, zoomed: bool) -> tuple[float, float]:
    """What the axis shows: around the event, the side that does not spike there, which passes close to threshold."""
    shown = (sides.time >= low) & (sides.time <= high) & np.isfinite(sides.potential)
    if zoomed:
        at_event = np.abs(sides.spike_time - sides.event_time) < 0.01 * (high - low)
        without = [side for side in (0, 1) if not np.any(at_event & (sides.spike_side == side))]
        if without:
            shown &= sides.side == without[0]
    level = sides.threshold if np.isfinite(sides.threshold) else 1.0
    values = sides.potential[shown]
    # Potentials without a bound are cut off: what matters is near the threshold.
    bottom, top = (
        max(float(values.min(initial=level)), -4.0 * level),
        min(float(values.max(initial=level)), 2.0 * level),
    )
    margin = (0.15 if zoomed else 0.08) * (top - bottom or level)
    return bottom - margin, top + margin


def _draw_inputs(axis: Axes, anatomy: Anatomy) -> None:
    sides = anatomy.both_sides
    assert sides is not None
    coincides = (sides.input_neuron == sides.partner) & (np.abs(sides.input_time - sides.partner_time) < 1e-6)
    for chosen, color, width in ((~coincides, "#555555", 0.8), (coincides, MECHANISMS["order"][0], 1.6)):
        axis.vlines(sides.input_time[chosen], 0.0, sides.input_weight[chosen], color=color, linewidth=width)
    axis.axhline(0.0, color="#999999", linewidth=0.5)
    largest = 1.12 * float(np.abs(sides.input_weight).max(initial=0.0)) or 1.0
    axis.set_ylim(-largest, largest)
    axis.yaxis.set_major_locator(ticks(2))
    axis.xaxis.set_major_locator(ticks(5))


def _layer_name(anatomy: Anatomy, layer: int) -> str:
    n_layers = len(anatomy.sizes) - 1
    if anatomy.spiking_output and layer == n_layers - 1:
        return "Output"
    hidden = n_layers - 1 if anatomy.spiking_output else n_layers
    return "Hidden" if hidden == 1 else f"Hidden {layer + 1}"


def _sample_sentence(material: Material, name: str, models: Sequence[str]) -> str:
    found = [material.anatomies[name][model] for model in models]
    samples = [f"{anatomy.sample} of the census (class {anatomy.label})" for anatomy in found]
    if len(set(samples)) == 1:
        said = samples[0]
    else:
        said = " / ".join(f"{text} ({display_name(m)})" for text, m in zip(samples, models, strict=True))
    return f"Loss and spike times of sample {said} along the slice '{name}'."


def _map_numbers(material: Material, name: str, model: str) -> str:
    own = _own_census(material, name, model)
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


def _side_sentence(material: Material, name: str, model: str) -> str:
    anatomy = material.anatomies[name][model]
    sides = anatomy.both_sides
    assert sides is not None
    own = _own_census(material, name, model)
    jump = f" of {own.jump[sides.row]:+.3g} nats".replace("-", "\N{MINUS SIGN}") if own is not None else ""
    below = "input channel" if sides.layer == 0 else "neuron below"
    weights = sides.input_weight[
        (sides.input_neuron == sides.partner) & (np.abs(sides.input_time - sides.partner_time) < 1e-6)
    ]
    why = {
        "order": f"the threshold crossing at {sides.event_time:.4g} coincides with a spike of {below} {sides.partner}"
        + (f" (weight {weights[0]:.3g})" if weights.size else "").replace("-", "\N{MINUS SIGN}"),
        "grazing": f"the potential touches the threshold at {sides.event_time:.4g}",
        "trial_end": "the spike is at the trial's end",
    }[sides.mechanism]
    return (
        f"{display_name(model)}: the potential of neuron {sides.neuron} of the "
        f"{_layer_name(anatomy, sides.layer).lower()} layer on both sides of the discontinuity{jump} at position "
        f"{sides.position:.6g}".replace("-", "\N{MINUS SIGN}")
        + f", sample {anatomy.sample} of the census: {why}."
    )
