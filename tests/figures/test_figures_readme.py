"""The page of figures lists what there is, and the figure of one's own that it leads to is one of any slice."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from synthetic import results as synthetic

from landscape.errors import InputError
from landscape.figures import FIGURES, FigureKind, Material
from landscape.figures.page import PAGE, page_with_list
from landscape.figures.style import style


def test_the_page_lists_every_figure_as_it_says_of_itself():
    text = PAGE.read_text(encoding="utf-8")
    assert page_with_list(text) == text, "bring the page up to date with: python -m landscape.figures"
    for name in FIGURES.own():
        assert FIGURES[name].caption in text


def test_every_figure_of_the_package_lacks_nothing_and_is_called_as_its_module():
    for name in FIGURES.own():
        assert FIGURES[name].name == name
        assert FIGURES[name].lacks() == []
    places = [FIGURES[name].place for name in FIGURES.own()]
    assert len(set(places)) == len(places)


def test_the_figure_of_ones_own_is_one_of_any_slice(tmp_path):
    names = runpy.run_path(str(Path(__file__).parents[1] / "plugins" / "toy_figure.py"))
    assert names["FIGURE"].lacks() == []
    synthetic.write_example(tmp_path / "r.h5", plane=(3, 2), line=3, analyzed=False)
    material = Material.read(tmp_path / "r.h5")
    for name in material.surfaces:
        with style():
            figure = names["FIGURE"].draw(material, name)
        assert f"Losses on the slice '{name}'." in " ".join(figure.texts[-1].get_text().split())


def test_a_figure_that_lacks_something_is_refused_with_all_that_it_lacks():
    kind = FigureKind(name="My figure", of="cube", place=1, caption="", draw=lambda material: None)
    with pytest.raises(InputError, match=r"'My figure' has a name with .*; is of 'cube', .*; has no caption"):
        FIGURES.add(kind)
    with pytest.raises(InputError, match="'raster' has the name of one of the package"):
        FIGURES.add(FIGURES["raster"])
