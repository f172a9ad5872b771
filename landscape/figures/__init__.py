"""Figures, drawn from result files alone; nothing is computed anew."""

from __future__ import annotations

from landscape.figures.drawing import draw_all
from landscape.figures.rasters import plot_data

__all__ = ["draw_all", "plot_data"]
