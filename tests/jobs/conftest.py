"""Finished studies that the tests of this folder share: each is computed once, and not to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from synthetic import studies

from landscape.experiment import Experiment


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two networks with slices in parts."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    Experiment(studies.study(), folder, threads=2).analyze()
    return folder


@pytest.fixture(scope="session")
def finished_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one network."""
    folder = tmp_path_factory.mktemp("finished") / "small"
    Experiment(studies.small(), folder, threads=1).analyze()
    return folder


@pytest.fixture(scope="session")
def finished_census(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One network with a census in parts."""
    folder = tmp_path_factory.mktemp("finished") / "census"
    Experiment(studies.census(), folder, threads=2).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of the study to change."""
    return Path(shutil.copytree(finished, tmp_path / "study"))
