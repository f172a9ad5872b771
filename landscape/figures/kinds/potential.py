"""The membrane potential of one neuron on both sides of one discontinuity."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from landscape.figures.anatomies import layer_name, own_census
from landscape.figures.captions import model_sentence, with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.style import MECHANISMS, PAGE, display_name, ticks
from landscape.fragmentation.anatomy_record import Anatomy, BothSides

FloatArray = NDArray[np.float64]

#: Half the width of the window around an event, as a share of the trial.
_ZOOM = 0.03


def potential_figure(material: Material, name: str) -> Figure | None:
    """Draw the potential on both sides of one discontinuity, one row per model that has one; None where none has."""
    anatomies = material.of(Anatomy, name)
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


def _side_sentence(material: Material, name: str, model: str) -> str:
    anatomy = material.of(Anatomy, name)[model]
    sides = anatomy.both_sides
    assert sides is not None
    own = own_census(material, name, model)
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
        f"{layer_name(anatomy, sides.layer).lower()} layer on both sides of the discontinuity{jump} at position "
        f"{sides.position:.6g}".replace("-", "\N{MINUS SIGN}")
        + f", sample {anatomy.sample} of the census: {why}."
    )


FIGURE = FigureKind(
    name="potential",
    of="line",
    place=50,
    caption="Membrane potential on both sides of one discontinuity",
    draw=potential_figure,
    needs="the anatomy of a sample, with a jump",
    reading=(
        "The two potentials are evaluated at 1e-10 of the range beside the discontinuity. They are the same to the "
        "eye up to the event; there one reaches the threshold and is reset, the other turns just below it. The right "
        "panel magnifies the event."
    ),
)
