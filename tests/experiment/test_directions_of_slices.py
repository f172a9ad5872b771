"""Directions of slices, made once for all that is computed along them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from synthetic.tiny_experiment import tiny

from landscape.experiment import Experiment
from landscape.experiment.tasks.sweep import Sweep
from landscape.results import ResultFile
from landscape.slices.surface import Surface


def swept(results: Path, number: int, *overrides: str) -> Surface:
    """A slice around the QIF network."""
    experiment = Experiment(tiny(*overrides), results)
    experiment.sweep()
    config = experiment.config
    found = experiment.context.result(experiment.plan.of(Sweep, config.model[1], config.slice[number]))
    assert isinstance(found, Surface)
    return found


@pytest.mark.parametrize(
    "directions",
    [
        "gradient",
        "pca",
        "['pca', 'pca']",
        "['random', 'gradient']",
        "{kind = 'weight', layer = 1, post = 2, pre = 3}",
    ],
)
def test_every_kind_of_direction_makes_a_slice(results: Path, directions: str) -> None:
    surface = swept(results, 1, f"slice.line.directions={directions}", "slice.line.points=2")
    gram = surface.directions.gram
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0.0, atol=1e-9 * gram.max())
    assert surface.done.all()


def test_directions_can_come_from_a_file(results: Path) -> None:
    stored = ResultFile(results / "landscape.h5").surface("qif", "plane").directions
    path = results.parent / "directions.h5"
    with h5py.File(path, "w") as file:
        for layer in range(2):
            file[f"weights_{layer}"] = np.stack([direction[layer] for direction in stored])
    found = swept(results, 0, f"slice.plane.directions=['file:{path}', 'file:{path}']", "slice.plane.points=2")
    np.testing.assert_allclose(found.directions.vectors, stored.vectors, rtol=1e-12)
