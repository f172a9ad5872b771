"""The loss on a plane, as maps."""

from __future__ import annotations

from matplotlib.figure import Figure

from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.planes import Maps, draw_maps, planes_of
from landscape.figures.scales import finite_values


def loss_figure(material: Material, name: str) -> Figure:
    """Draw the loss of a plane as heat maps with contours; white dots and squares mark the notable sampled minima."""
    surfaces = planes_of(material, name)
    values = {model: finite_values(surface, surface.loss) for model, surface in surfaces.items()}
    maps = Maps("loss", "Loss (nats)", [("", values)], contours=True, minima=True)
    return draw_maps(
        material,
        name,
        surfaces,
        maps,
        f"Loss on the slice '{name}', lines at equal steps of the colour scale.",
    )


FIGURE = FigureKind(
    name="surface",
    of="plane",
    place=110,
    caption="Loss",
    draw=loss_figure,
)
