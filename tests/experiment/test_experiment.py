"""Stages of an experiment: what they leave, and what they do not do again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic import tiny_experiment
from synthetic.tiny_experiment import piece, tiny

from landscape.config import parse_config
from landscape.experiment import Experiment
from landscape.experiment.tasks.training import Training
from landscape.results import ResultFile, validate

# --- what a run leaves ---


def test_a_run_leaves_a_valid_result_file_figures_a_report_and_the_resolved_experiment(
    finished: Path,
) -> None:
    assert validate(finished / "landscape.h5") == []
    result = ResultFile(finished / "landscape.h5")
    assert result.models == ["lif", "qif"]
    assert result.slices("lif") == ["plane", "line"]
    assert (finished / "report.md").is_file()
    assert (finished / "report.html").is_file()
    assert list((finished / "figures").glob("*.png"))
    assert (finished / "config.toml").read_text(encoding="utf-8") == tiny().to_toml()


def test_the_result_file_says_where_it_comes_from(finished: Path) -> None:
    attributes = ResultFile(finished / "landscape.h5").attributes
    assert attributes["config"] == tiny().to_toml()
    assert attributes["seed"] == 3
    assert len(attributes["data_hash"]) == 64
    surface = ResultFile(finished / "landscape.h5").surface("qif", "plane")
    assert surface.attributes["model"] == "qif"
    assert surface.attributes["remedies"] == "none"
    assert surface.attributes["centre"] == "best"
    assert surface.attributes["n_samples"] == 20
    assert "yin-yang" in surface.attributes["data"]


def test_remedies_are_named_in_every_result(tmp_path: Path) -> None:
    config = tiny("model.lif.training.missing_spike_increase=0.01", "slice.plane.points=2", "training.epochs=1")
    Experiment(config, tmp_path / "r").analyze()
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    for slice_name in ("plane", "line"):
        assert "missing_spike_increase = 0.01" in result.surface("lif", slice_name).attributes["remedies"]
        assert result.surface("qif", slice_name).attributes["remedies"] == "none"
    training = result.training("lif")
    assert training is not None
    assert training.settings["missing_spike_increase"] == 0.01


def test_a_surface_has_the_shape_the_axes_and_the_centre_that_were_asked_for(finished: Path) -> None:
    result = ResultFile(finished / "landscape.h5")
    for model in ("lif", "qif"):
        plane = result.surface(model, "plane")
        assert plane.shape == (7, 4)
        assert plane.done.all()
        centre = tuple(int(np.flatnonzero(coordinates == 0.0)[0]) for coordinates in plane.axes)
        line = result.surface(model, "line")
        at_best = int(np.flatnonzero(line.axes[0] == 0.0)[0])
        assert line.loss[at_best] == plane.loss[centre]


def test_the_line_passes_through_the_initial_network(finished: Path) -> None:
    from landscape.evaluation import evaluate

    experiment = Experiment(tiny(), finished)
    surface = ResultFile(finished / "landscape.h5").surface("qif", "line")
    qif = experiment.config.model[1]
    trained = experiment.context.result(experiment.plan.of(Training, qif))
    _, test = experiment.context.data
    expected = evaluate(trained.initial, test, experiment.context.objective(qif))
    start = int(np.argmin(np.abs(surface.axes[0] + 1.0)))
    assert surface.axes[0][start] == -1.0
    assert surface.loss[start] == pytest.approx(expected.loss, rel=1e-9)


def test_stages_return_the_files_of_their_tasks(results: Path) -> None:
    pieces = results / "pieces"
    networks = [piece(results, f"train.{model}") for model in ("lif", "qif")]
    assert Experiment(tiny(), results).train() == networks
    names = [f"sweep.{model}.{entry}" for model in ("lif", "qif") for entry in ("plane", "line")]
    assert [path for path in Experiment(tiny(), results).sweep() if path.name.startswith("sweep")] == [
        piece(results, name) for name in names
    ]
    assert {path.parent for path in Experiment(tiny(), results).sweep()} == {pieces}


def test_an_experiment_needs_no_slices(tmp_path: Path, quick_figures: None) -> None:
    text = tiny_experiment.TOML.split("[[slice]]")[0] + '[figures]\nformats = ["png"]\n'
    Experiment(parse_config(text, overrides=["training.epochs=1"]), tmp_path / "r").run()
    assert validate(tmp_path / "r" / "landscape.h5") == []


# --- what is not done again ---


def test_a_second_run_computes_nothing_and_changes_nothing(results: Path, computed: list[str]) -> None:
    before = tiny_experiment.contents(results)
    files = Experiment(tiny(), results).run()
    assert computed == []
    assert tiny_experiment.contents(results) == before
    assert all(path.is_file() for path in files)
    assert results / "report.html" in files


def test_a_second_run_does_not_load_the_compiler(results: Path) -> None:
    path = tiny_experiment.write(results.parent)
    code = (
        "import sys\n"
        "from landscape.config import load_config\n"
        "from landscape.experiment import Experiment\n"
        f"Experiment(load_config({str(path)!r}), {str(results)!r}).run()\n"
        "sys.exit(any(name in sys.modules for name in ('numba', 'matplotlib', 'scipy')))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr


def of_slice(name: str, *kinds: str) -> list[str]:
    return [f"{kind}.{model}.{name}" for kind in kinds for model in ("lif", "qif")]


OF_QIF = ["train.qif", "raster.qif"] + [
    f"{kind}.qif.{name}" for kind in ("directions", "sweep") for name in ("plane", "line")
]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("slice.plane.points=[4, 7]", ["sweep.lif.plane", "sweep.qif.plane"]),
        ("slice.line.range=[-1.0, 0.5]", ["sweep.lif.line", "sweep.qif.line"]),
        ("figures.raster_sample=1", ["raster.lif", "raster.qif"]),
        ("slice.plane.seed=8", of_slice("plane", "directions", "sweep")),
        ("model.qif.training.epochs=1", OF_QIF),
        ("description=other words", []),
        ("slice.line.name=renamed", of_slice("renamed", "directions", "sweep")),
    ],
)
def test_a_changed_key_makes_only_what_depends_on_it_again(
    results: Path, computed: list[str], override: str, expected: list[str]
) -> None:
    Experiment(tiny(override), results).analyze()
    assert sorted(computed) == sorted(expected)
    assert validate(results / "landscape.h5") == []
    assert (results / "config.toml").read_text(encoding="utf-8") == tiny(override).to_toml()


def test_going_back_to_an_earlier_experiment_finds_its_pieces(results: Path, computed: list[str]) -> None:
    before = ResultFile(results / "landscape.h5").surface("lif", "plane").loss
    Experiment(tiny("slice.plane.points=3"), results).analyze()
    computed.clear()
    Experiment(tiny(), results).analyze()
    assert computed == []
    np.testing.assert_array_equal(ResultFile(results / "landscape.h5").surface("lif", "plane").loss, before)


def test_figures_that_the_experiment_has_no_more_are_removed(results: Path, quick_figures: None) -> None:
    own = results / "figures" / "mine.txt"
    own.write_text("kept", encoding="utf-8")
    assert (results / "figures" / "profiles_line.png").is_file()
    Experiment(tiny("slice.line.name=cut"), results).run()
    assert not (results / "figures" / "profiles_line.png").exists()
    assert (results / "figures" / "profiles_cut.png").is_file()
    assert own.is_file()


def test_records_of_figures_that_are_damaged_are_ignored(results: Path, quick_figures: None) -> None:
    record = results / "pieces" / "figures.json"
    assert json.loads(record.read_text(encoding="utf-8"))["files"]
    record.write_text("[", encoding="utf-8")
    Experiment(tiny(), results).run()
    assert json.loads(record.read_text(encoding="utf-8"))["files"]
