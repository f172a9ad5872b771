"""Figures, drawn from result files alone; nothing is computed anew. ``README.md`` tells which, and how to add one."""

from __future__ import annotations

from landscape.figures.drawing import draw_all
from landscape.figures.kind import FIGURES, FigureKind
from landscape.figures.material import Material
from landscape.figures.rasters import plot_data

__all__ = ["FIGURES", "FigureKind", "Material", "draw_all", "plot_data"]
