"""Checks of an experiment against its samples, before hours of training are spent on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from landscape.config import Config, SliceConfig
from landscape.datasets.use import input_use
from landscape.errors import ConfigError, DataError, DirectionError
from landscape.experiment.geometry import axis, is_shifted
from landscape.experiment.progress import Progress
from landscape.slices.directions import KINDS

if TYPE_CHECKING:
    from landscape.datasets import Dataset

#: Share of a trial before which the last input spike, and multiple of it beyond which a tau, hints at another unit.
LEAST_FILLED = 0.05
MOST_TAU = 10.0
_UNITS = "if that is a matter of units, set data.time_scale, data.normalize_time or trial.duration"


def check_before_training(config: Config, data: tuple[Dataset, Dataset], progress: Progress) -> None:
    """Refuse what would fail only after training, and say what will be other than one may expect.

    Said are: input spikes that have no effect, times that fill little of a trial, fewer samples than asked for, and
    axes that are shifted so that 0 is one of their points.

    Raises:
        ConfigError: there are not so many test samples as ``figures.raster_sample`` needs.
        DataError: no input spike of the training or of the test samples comes before the trial's end.
        DirectionError: a file with directions is missing, unreadable, of the wrong shapes or not finite, or a weight
            does not exist.
    """
    train_data, test_data = data
    sample = config.figures.raster_sample
    if sample >= len(test_data):
        raise ConfigError(
            f"{config.origin}: figures.raster_sample: must be below the number of test samples, {len(test_data)}, "
            f"found {sample}"
        )
    _check_times(config, data, progress.say)
    for model in config.model:
        sizes = (train_data.n_channels, *model.hidden, train_data.n_classes)
        shapes = list(zip(sizes[1:], sizes[:-1], strict=True))
        for entry in config.slice:
            for number, direction in enumerate(entry.directions):
                where = f"{config.origin}: slice.{entry.name}.directions.{number}"
                earlier = [other for other in entry.directions[:number] if other.kind == direction.kind]
                if check := KINDS[direction.kind].check:
                    try:
                        check(direction, earlier, shapes)
                    except DirectionError as error:
                        said = str(error).replace("{model}", f"model '{model.name}'")
                        raise DirectionError(f"{where}: {said}") from error
    for key, asked, there in (
        ("samples", config.data.samples, len(train_data)),
        ("test_samples", config.data.test_samples, len(test_data)),
    ):
        if asked is not None and asked > there:
            progress.say(f"data: {key} = {asked}, but there are {there}; all are used")
    for entry in config.slice:
        there = len(test_data if entry.data == "test" else train_data)
        if entry.samples is not None and entry.samples > there:
            progress.say(
                f"slice {entry.name}: samples = {entry.samples}, but there are {there} {entry.data} samples; "
                "all are used"
            )
        there = min(there, entry.samples or there)
        if entry.census_samples is not None and entry.census_samples > there:
            progress.say(
                f"slice {entry.name}: census_samples = {entry.census_samples}, but the slice has {there} samples; "
                "all are used"
            )
        for text in _shifts(entry):
            progress.say(f"slice {entry.name}: {text}")
    if config.comparison is not None:
        asked, there = config.comparison.samples, len(test_data if config.comparison.data == "test" else train_data)
        if asked is not None and asked > there:
            progress.say(
                f"comparison: samples = {asked}, but there are {there} {config.comparison.data} samples; all are used"
            )


def _check_times(config: Config, data: tuple[Dataset, Dataset], say: Callable[[str], None]) -> None:
    """Refuse or tell what times look like that are in another unit than the trial's."""
    duration = config.trial.duration
    for which, samples in zip(("training", "test"), data, strict=True):
        use = input_use(samples, duration)
        if use.is_nothing:
            raise DataError(f"{config.origin}: data, {which} samples: {use.problem()}; {_UNITS}")
        if problem := use.problem():
            say(f"data, {which} samples: {problem}; {_UNITS}")
        elif use.last_time < LEAST_FILLED * duration:
            say(
                f"data, {which} samples: the last input spike comes at {use.last_time:g}, long before the trial's end, "
                f"{duration:g}; {_UNITS}"
            )
    for model in config.trained_models:
        for key, value in model.constants.items():
            if key.startswith("tau") and value > MOST_TAU * duration:
                say(f"model {model.name}: {key} = {value:g} is long for a trial of {duration:g}; {_UNITS}")


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
