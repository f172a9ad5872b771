"""Checks of an experiment against its samples, before hours of training are spent on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from landscape.config import DirectionConfig, ModelConfig, SliceConfig
from landscape.errors import ConfigError, DirectionError
from landscape.experiment.geometry import axis, is_shifted

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment

Shapes = list[tuple[int, int]]


def check_before_training(experiment: Experiment) -> None:
    """Refuse what would fail only after training, and say what will be other than one may expect.

    Said are: fewer samples than asked for, and axes that are shifted so that 0 is one of their points.

    Raises:
        ConfigError: there are not so many test samples as ``figures.raster_sample`` needs.
        DirectionError: a file with directions is missing, unreadable, of the wrong shapes or not finite, or a weight
            does not exist.
    """
    config = experiment.config
    train_data, test_data = experiment.data
    sample = config.figures.raster_sample
    if sample >= len(test_data):
        raise ConfigError(
            f"{config.origin}: figures.raster_sample: must be below the number of test samples, {len(test_data)}, "
            f"found {sample}"
        )
    for model in config.model:
        sizes = (train_data.n_channels, *model.hidden, train_data.n_classes)
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        for entry in config.slice:
            for number, direction in enumerate(entry.directions):
                where = f"{config.origin}: slice.{entry.name}.directions.{number}"
                if direction.kind == "weight":
                    _check_weight(direction, model, shapes, where)
                elif direction.kind == "file":
                    earlier = [other.path for other in entry.directions[:number]]
                    _check_file(direction.path or "", earlier.count(direction.path), model, shapes, where)
    for key, asked, there in (
        ("samples", config.data.samples, len(train_data)),
        ("test_samples", config.data.test_samples, len(test_data)),
    ):
        if asked is not None and asked > there:
            experiment.progress.say(f"data: {key} = {asked}, but there are {there}; all are used")
    for entry in config.slice:
        there = len(test_data if entry.data == "test" else train_data)
        if entry.samples is not None and entry.samples > there:
            experiment.progress.say(
                f"slice {entry.name}: samples = {entry.samples}, but there are {there} {entry.data} samples; "
                "all are used"
            )
        there = min(there, entry.samples or there)
        if entry.census_samples is not None and entry.census_samples > there:
            experiment.progress.say(
                f"slice {entry.name}: census_samples = {entry.census_samples}, but the slice has {there} samples; "
                "all are used"
            )
        for text in _shifts(entry):
            experiment.progress.say(f"slice {entry.name}: {text}")
    if config.comparison is not None:
        asked, there = config.comparison.samples, len(test_data if config.comparison.data == "test" else train_data)
        if asked is not None and asked > there:
            experiment.progress.say(
                f"comparison: samples = {asked}, but there are {there} {config.comparison.data} samples; all are used"
            )


def _shifts(entry: SliceConfig) -> list[str]:
    """Return a sentence for each axis that does not begin where its range does."""
    said = []
    for number, ((low, high), points) in enumerate(zip(entry.bounds, entry.shape, strict=True)):
        coordinates = axis(low, high, points)
        if is_shifted(coordinates, low, high):
            said.append(
                f"axis {number} goes from {coordinates[0]:.4g} to {coordinates[-1]:.4g} instead of {low:g} to "
                f"{high:g}, so that 0, the centre, is one of its points"
            )
    return said


def _check_weight(direction: DirectionConfig, model: ModelConfig, shapes: Shapes, where: str) -> None:
    layer, post, pre = direction.layer or 0, direction.post or 0, direction.pre or 0
    if layer < len(shapes) and post < shapes[layer][0] and pre < shapes[layer][1]:
        return
    raise DirectionError(
        f"{where}: there is no weight [{post}, {pre}] in layer {layer} of model '{model.name}'; counted from 0, its "
        f"layers have shapes (n_post, n_pre) {_listed(shapes)}"
    )


def _check_file(path: str, number: int, model: ModelConfig, shapes: Shapes, where: str) -> None:
    """Read a file as the sweep will: ``number`` other directions of the slice are taken from it before."""
    import numpy as np

    from landscape.network import Network
    from landscape.slices.directions import load_directions

    remedy = (
        f"model '{model.name}' needs weights_0, weights_1, ... of shapes {_listed(shapes)}, or (count, n_post, n_pre) "
        "for several directions"
    )
    # Only the shapes of a network matter here.
    network = Network.from_parts("qif", {"tau": 1.0}, [np.zeros(shape) for shape in shapes], 1.0)
    try:
        count = len(load_directions(Path(path).expanduser(), network))
    except (DirectionError, OSError, LookupError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).removeprefix(f"{Path(path).expanduser()}: ")
        raise DirectionError(f"{where}: {path}: {reason}; {remedy}") from error
    if number >= count:
        raise DirectionError(f"{where}: {path}: holds {count} directions, but is named {number + 1} times; {remedy}")


def _listed(shapes: Shapes) -> str:
    return ", ".join(str(shape) for shape in shapes)
