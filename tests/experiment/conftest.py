"""What the tests of experiments share: results folders that are made once, and what is computed in them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic import tiny_experiment

from landscape.experiment import Experiment
from landscape.experiment.tasks import kinds
from landscape.results import ResultFile


@pytest.fixture(scope="session")
def finished(analyzed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with everything done; not to be changed."""
    folder = Path(shutil.copytree(analyzed, tmp_path_factory.mktemp("finished") / "tiny"))
    Experiment(tiny_experiment.tiny(), folder).run()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


@pytest.fixture(scope="session")
def with_census(analyzed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with the discontinuities on a line around both models; not to be changed."""
    folder = Path(shutil.copytree(analyzed, tmp_path_factory.mktemp("finished") / "tiny"))
    Experiment(tiny_experiment.tiny(*tiny_experiment.CENSUS), folder).analyze()
    return folder


@pytest.fixture
def censused(with_census: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(with_census, tmp_path / "tiny"))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks of which a part, or the only one, is computed from here on."""
    names: list[str] = []

    def watch(kind: type) -> None:
        original = kind.compute

        def spy(task, context, part):
            names.append(task.name)
            return original(task, context, part)

        monkeypatch.setattr(kind, "compute", spy)

    for kind in kinds():
        watch(kind)
    return names


@pytest.fixture
def quick_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that are only empty files, where the test is not about how they look."""
    import landscape.figures
    import landscape.report

    def draw_all(path, folder, formats):
        folder.mkdir(exist_ok=True)
        names = [f"profiles_{name}" for name in ResultFile(path).slices("lif")]
        files = [folder / f"{name}.{kind}" for name in names for kind in formats]
        for file in files:
            file.touch()
        return files

    monkeypatch.setattr(landscape.figures, "draw_all", draw_all)
    monkeypatch.setattr(landscape.report, "write_report", lambda *arguments: [])
