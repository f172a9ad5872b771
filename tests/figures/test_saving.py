"""Figures as files: text in them is what it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter

from landscape.datasets import Dataset
from landscape.figures import plot_data
from landscape.figures.saving import save_figure, settle
from landscape.figures.style import style


@pytest.mark.parametrize("name", ["a$x^2$", r"$\frac{$ $", "$$", r"\$5 and $6", "a & <b>\x1b"])
def test_dollar_signs_in_names_are_no_formulas(tmp_path: Path, name: str) -> None:
    shown = name.replace("\x1b", "\\x1b")
    with style():
        figure = Figure(layout="constrained")
        left, right = figure.subplots(1, 2)
        left.set_title(name)
        left.set_xlabel(name)
        left.set_yscale("log")
        left.plot([1, 2], [1e-9, 1e-3], label=name)
        left.legend()
        right.set_xticks([0.0, 1.0])
        right.xaxis.set_major_formatter(FixedFormatter([name, "b"]))
        figure.text(0.0, 0.0, name)
        settle(figure)
        path = save_figure(figure, tmp_path / "a.svg")
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = path.read_text(encoding="utf-8")
    assert text.count(f"<!-- {escaped} -->") == 5
    assert "mathdefault" in text, "the numbers of the logarithmic axis"


def test_names_of_data_and_classes_are_drawn_as_they_are(tmp_path: Path) -> None:
    data = Dataset(
        np.array([0.1, 0.2]), np.array([0, 1]), np.array([0, 1, 2]), np.array([0, 1]), 2, 2, class_names=["$_{", "$^"]
    )
    plot_data(data, tmp_path / "a.png", name=r"$\frac{$")
    assert (tmp_path / "a.png").stat().st_size > 0
