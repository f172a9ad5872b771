"""A figure of one's own: how the losses of a slice are spread."""

from __future__ import annotations

from matplotlib.figure import Figure

from landscape.figures import FigureKind, Material
from landscape.figures.captions import with_caption


def draw(material: Material, name: str) -> Figure:
    """Histograms of the losses of all models."""
    figure = Figure(figsize=(3.3, 2.0))
    axes = figure.subplots()
    for model, surface in material.surfaces[name].items():
        axes.hist(surface.loss.ravel(), color=material.colors[model], alpha=0.5)
    with_caption(figure, [f"Losses on the slice '{name}'."])
    return figure


FIGURE = FigureKind(name="histogram", of="slice", place=300, caption="Histogram of the loss", draw=draw)
