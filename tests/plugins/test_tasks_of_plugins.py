"""What a contributor does: a kind of task with a result of its own, one file outside the package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic.tiny_experiment import tiny

from landscape.errors import ConfigError
from landscape.experiment.tasks import kinds, plan_of

TOY = Path(__file__).parent / "toy_task.py"

READS = """
from landscape.results import ResultFile, validate
assert validate("results/landscape.h5") == []
file = ResultFile("results/landscape.h5")
for model in ("lif", "qif"):
    surface, peaks = file.surface(model, "line"), file.peaks(model, "line")
    assert peaks.count == surface.n_points == 9
    assert len(peaks.position) == len(peaks.height) == 4
    assert peaks.height[0] == surface.loss.max()
    assert file.peaks(model, "plane") is None
"""


def python(folder: Path, *arguments: object, plugin: Path = TOY) -> subprocess.CompletedProcess[str]:
    """A process of its own: what a plugin brings stays there."""
    more = {"PYTHONPATH": os.pathsep.join(sys.path), "LANDSCAPE_PLUGINS": str(plugin)}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, env=os.environ | more)


def landscape(folder: Path, *arguments: str, plugin: Path = TOY) -> subprocess.CompletedProcess[str]:
    return python(folder, "-m", "landscape_cli.main", *arguments, "--out", "results", plugin=plugin)


@pytest.fixture(scope="module")
def study(analyzed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an experiment, and results with the toy's."""
    folder = tmp_path_factory.mktemp("toy")
    shutil.copytree(analyzed, folder / "results")
    (folder / "tiny.toml").write_text(tiny().to_toml(), encoding="utf-8")
    done = landscape(folder, "analyze", "tiny.toml")
    assert done.returncode == 0, done.stderr
    assert "lif: slice line done already" in done.stderr
    assert "peaks.lif.line: " in done.stderr
    return folder


def test_its_parts_are_computed_put_together_and_found_in_the_result_file(study: Path) -> None:
    names = sorted(path.name.split(".")[1] for path in (study / "results" / "pieces").glob("peaks.*.h5"))
    assert names == ["lif", "qif"]
    assert len(list((study / "results" / "pieces").glob("peaks.lif.line.*/0000?.h5"))) == 2
    done = python(study, "-c", READS)
    assert done.returncode == 0, done.stderr


def test_it_is_done_once_and_again_where_its_source_or_what_it_needs_changes(study: Path, tmp_path: Path) -> None:
    planned = landscape(study, "plan", "tiny.toml", "--every-piece").stdout
    assert "peaks.lif.line" in planned
    changed = tmp_path / "toy_task.py"
    changed.write_text(TOY.read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    for other in (
        landscape(study, "plan", "tiny.toml", "--every-piece", plugin=changed).stdout,
        landscape(study, "plan", "tiny.toml", "--every-piece", "--set", "slice.line.points=5").stdout,
    ):
        before, after = (
            {word for word in text.split() if word.startswith("peaks.lif") and word.endswith(".h5")}
            for text in (planned, other)
        )
        assert before
        assert after
        assert not before & after
    done = landscape(study, "merge", "tiny.toml")
    assert done.returncode == 0, done.stderr


def test_a_kind_with_the_name_of_another_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "second_sweep.py"
    path.write_text(
        "from landscape.experiment.tasks.sweep import Sweep\n\n\nclass Other(Sweep):\n    kind = 'sweep'\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("LANDSCAPE_PLUGINS", str(path))
    with pytest.raises(ConfigError, match=r"plugin second_sweep: the kind of task 'sweep' .*take another"):
        kinds()


def test_without_a_plugin_there_are_the_kinds_of_the_package() -> None:
    assert {kind.__module__.rpartition(".")[0] for kind in kinds()} == {"landscape.experiment.tasks"}
    assert {task.kind for task in plan_of(tiny()).tasks} == {"train", "raster", "directions", "sweep"}
