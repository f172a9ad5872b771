"""What a contributor does: a figure, sections of the report and a measure, each one file outside the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_plugins import HERE, landscape

from landscape.results import ResultFile, validate

TOYS = [HERE / f"toy_{name}.py" for name in ("figure", "section", "measure")]

TOML = """
name = "views"

[data]
source = "yin-yang"
samples = 20
test_samples = 4

[training]
epochs = 1

[[model]]
name = "lif"
neuron = "lif"
hidden = [4]

[[model]]
name = "qif"
neuron = "qif"
hidden = [4]

[[slice]]
name = "line"
directions = ["random"]
points = 3
census = true

[comparison]
models = ["lif", "qif"]
directions = 1
points = 3
primary = "large_jumps"

[figures]
formats = ["png"]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("views")
    (folder / "views.toml").write_text(TOML, encoding="utf-8")
    done = landscape("run", "views.toml", plugins=TOYS, folder=folder)
    assert done.returncode == 0, done.stderr
    return folder / "results" / "views"


def test_a_figure_of_ones_own_is_drawn_and_stands_in_the_report(results: Path) -> None:
    assert (results / "figures" / "histogram_line.png").is_file()
    report = (results / "report.md").read_text(encoding="utf-8")
    assert "![Histogram of the loss on the slice line](figures/histogram_line.png)" in report
    assert report.index("profiles_line.png") < report.index("histogram_line.png") < report.index("## How to read")


def test_sections_of_ones_own_are_told_in_their_places(results: Path) -> None:
    report = (results / "report.md").read_text(encoding="utf-8")
    assert report.index("### Training") < report.index("The models are lif and qif.") < report.index("### Slice: line")
    assert report.index("### Discontinuities on line") < report.index("No loss on line is below")
    assert report.index("No loss on line is below") < report.index("profiles_line.png")


def test_a_measure_of_ones_own_is_kept_told_and_compared(results: Path) -> None:
    path = results / "landscape.h5"
    assert validate(path) == []
    file = ResultFile(path)
    measured = file.fragments("lif", "line")
    census = file.census("lif", "line")
    assert measured["large_jumps"].value == np.count_nonzero(np.abs(census.jump) >= 0.001) / census.n_samples
    assert file.comparison.primary == "large_jumps"
    assert list(file.comparison.measures)[-1] == "large_jumps"
    report = (results / "report.md").read_text(encoding="utf-8")
    assert report.count("| Jumps of a sample's loss of at least 0.001 nats |") == 2


def test_a_comparison_by_a_measure_that_is_not_at_hand_is_refused_in_one_line(results: Path) -> None:
    done = landscape("plan", "views.toml", plugins=TOYS[:2], folder=results.parents[1])
    assert done.returncode == 2
    assert "comparison.primary" in done.stderr
    assert "LANDSCAPE_PLUGINS" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_is_drawn_and_told_without_the_plugins_that_it_was_made_with(results: Path) -> None:
    done = landscape("info", "results/views/landscape.h5", plugins=[], folder=results.parents[1])
    assert done.returncode == 0, done.stderr
    assert "large_jumps" in done.stdout
