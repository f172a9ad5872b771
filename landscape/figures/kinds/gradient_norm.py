"""The norm of the gradient on a plane."""

from __future__ import annotations

from matplotlib.figure import Figure

from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.planes import Maps, draw_maps, planes_of
from landscape.figures.scales import finite_values


def gradient_norm_figure(material: Material, name: str) -> Figure | None:
    """Draw the norm of the gradient on a plane; None where no model has it."""
    surfaces = planes_of(material, name)
    values = {}
    for model, surface in surfaces.items():
        if surface.gradient_norm is not None:
            values[model] = finite_values(surface, surface.gradient_norm)
    if not values:
        return None
    surfaces = {model: surfaces[model] for model in values}
    maps = Maps("gradient", "Gradient norm", [("", values)], missing="gradient norms")
    return draw_maps(
        material,
        name,
        surfaces,
        maps,
        f"Euclidean norm of the exact loss gradient over all weights on the slice '{name}'.",
    )


FIGURE = FigureKind(
    name="gradient_norm",
    of="plane",
    place=150,
    caption="Norm of the gradient",
    draw=gradient_norm_figure,
    needs="a plane with norms of gradients",
)
