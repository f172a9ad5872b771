"""Spikes of an example sample through the layers of each network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from landscape.figures.captions import model_sentence, with_caption
from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.rasters import INK, draw_spikes
from landscape.figures.style import COLUMN, PAGE, display_name
from landscape.readouts import READOUTS
from landscape.simulator.raster_record import RasterData
from landscape.wording import representatives

#: Of more models than so many, those that only differ in their seeds share a column, the first one's.
_MOST_COLUMNS = 6


def raster_figure(material: Material) -> Figure | None:
    """Draw all spikes of the example sample, input at the bottom, one column per model; None without spikes
    to draw.
    """
    rasters = {
        model: material.of(RasterData)[model]
        for model in representatives(material.of(RasterData), _MOST_COLUMNS).values()
    }
    if not rasters:
        return None
    n_layers = max(len(raster.sizes) for raster in rasters.values())
    heights = [_height(max(r.sizes[k] for r in rasters.values() if k < len(r.sizes))) for k in range(n_layers)]
    figure = Figure(figsize=(COLUMN if len(rasters) == 1 else PAGE, sum(heights) + 0.12 * n_layers + 0.5))
    # Layers upwards, as the spikes go.
    axes = figure.subplots(n_layers, len(rasters), sharex="col", squeeze=False, height_ratios=heights[::-1])
    width = (figure.get_size_inches()[0] - 0.4) / len(rasters)
    for column, (model, raster) in enumerate(rasters.items()):
        for layer in range(n_layers):
            axis = axes[n_layers - 1 - layer, column]
            if layer >= len(raster.sizes):
                axis.set_axis_off()
                continue
            where = raster.layer == layer - 1
            color = INK if layer == 0 else material.colors[model]
            draw_spikes(
                axis,
                raster.time[where],
                raster.neuron[where],
                raster.sizes[layer],
                heights[layer],
                width,
                color,
            )
            axis.set_xlim(0.0, raster.duration)
            if column == 0:
                axis.set_ylabel(_layer_name(layer, len(raster.sizes)))
            if layer == len(raster.sizes) - 1:
                _mark_label(axis, raster)
                axis.set_title(display_name(model), color=material.colors[model], fontweight="bold")
        axes[-1, column].set_xlabel("Time (trial units)")
    figure.align_ylabels(axes[:, 0])
    samples = {(raster.sample, raster.label) for raster in rasters.values()}
    shown = " and ".join(f"{sample} (class {label})" for sample, label in sorted(samples))
    of_data = f" of {material.data}" if material.data else ""
    sentences = [
        f"Spikes of test sample {shown}{of_data} through the layers.",
        model_sentence(list(rasters), {model: raster.sizes for model, raster in rasters.items()}),
        _predictions(material, rasters),
        "Grey band: output neuron of the sample's class.",
    ]
    with_caption(figure, sentences, column_gap=0.05)
    return figure


def _height(size: int) -> float:
    return float(np.clip(0.35 + 0.11 * np.sqrt(size), 0.55, 1.7))


def _layer_name(layer: int, n_layers: int) -> str:
    if layer == 0:
        return "Input"
    if layer == n_layers - 1:
        return "Output"
    return "Hidden" if n_layers == 3 else f"Hidden {layer}"


def _mark_label(axis: Axes, raster: RasterData) -> None:
    axis.axhspan(raster.label - 0.5, raster.label + 0.5, color="#e6e6e6", linewidth=0, zorder=0.3)


def _names_first_spike(material: Material, model: str) -> bool:
    readout = material.objectives.get(model, "")
    return readout in READOUTS and READOUTS[readout].names_first_spike


def _predictions(material: Material, rasters: Mapping[str, RasterData]) -> str:
    """What each network takes the sample for; without a word on models whose file does not tell."""
    said = []
    for model, raster in rasters.items():
        if raster.prediction is not None:
            said.append(f"{display_name(model)}: {raster.prediction}")
        # Outputs that are read by their potential never spike, which says nothing about their prediction.
        elif _names_first_spike(material, model) and not np.any(raster.layer == len(raster.sizes) - 2):
            said.append(f"{display_name(model)}: none, no output spike")
    return f"Predicted class: {'; '.join(said)}." if said else ""


FIGURE = FigureKind(
    name="raster",
    of="experiment",
    place=230,
    caption="Spikes of an example sample through the layers",
    draw=raster_figure,
    needs="the spikes of a sample",
    heading="An example sample",
)
