"""The share of silent neurons on a plane."""

from __future__ import annotations

from matplotlib.figure import Figure

from landscape.figures.kind import FigureKind
from landscape.figures.material import Material
from landscape.figures.planes import Maps, draw_maps, planes_of


def silent_figure(material: Material, name: str) -> Figure | None:
    """Draw the share of silent neurons on a plane, one row per hidden layer; None without hidden neurons."""
    surfaces = {m: s for m, s in planes_of(material, name).items() if sum(s.hidden_sizes) > 0}
    if not surfaces:
        return None
    n_layers = max(len(surface.hidden_sizes) for surface in surfaces.values())
    rows = []
    for layer in range(n_layers):
        shares = {
            model: surface.silent_share_per_layer[..., layer]
            for model, surface in surfaces.items()
            if layer < len(surface.hidden_sizes)
        }
        rows.append((f"Hidden layer {layer + 1}" if n_layers > 1 else "", shares))
    maps = Maps("silent", "Silent neurons", rows, share=True, missing="hidden neurons")
    return draw_maps(
        material,
        name,
        surfaces,
        maps,
        f"Share of hidden neurons that fire in no sample, on the slice '{name}': no gradient reaches their "
        "incoming weights, except through pseudospikes.",
    )


FIGURE = FigureKind(
    name="silent",
    of="plane",
    place=160,
    caption="Share of silent hidden neurons",
    draw=silent_figure,
)
