"""From the ``[data]`` table to training and test samples in trial units."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from landscape.config import Config, DataConfig
from landscape.datasets import load_dataset, sources
from landscape.errors import ConfigError, DataError

if TYPE_CHECKING:
    from landscape.datasets import Dataset, Source

#: Samples of a generated data set that are made if the experiment does not say how many.
GENERATED_SAMPLES = 5000
GENERATED_TEST_SAMPLES = 1000

#: Most bins in all, those after the trial's end too.
MOST_BINS = 2**24


def prepare_data(config: Config) -> tuple[Dataset, Dataset]:
    """Return training and test samples as an experiment describes them.

    Raises:
        ConfigError: a data file is missing.
        DataError: a data file is malformed, or does not have what the experiment asks for.
    """
    try:
        train, test = _loaded(config)
        settings = config.data
        if settings.classes is not None:
            train, test = (data.select(classes=settings.classes, relabel=True) for data in (train, test))
        if settings.samples is not None and settings.samples < len(train):
            train = train.select(count=settings.samples, seed=config.seed)
        if settings.test_samples is not None and settings.test_samples < len(test):
            test = test.select(count=settings.test_samples, seed=config.seed)
        return _in_trial_units(train, config), _in_trial_units(test, config)
    except DataError as error:
        raise DataError(f"{config.origin}: data: {error}{_in_keys(str(error))}") from error


def _loaded(config: Config) -> tuple[Dataset, Dataset]:
    """Return the samples that training and test samples are chosen from."""
    settings = config.data
    source = sources().get(settings.source)
    if source is not None and source.generated:
        return _generated(config, source)
    options = {} if settings.file_channels is None else {"n_channels": settings.file_channels}
    train = load_dataset(settings.source, **options)
    if settings.test_source is None:
        test, train = train.split(settings.test_fraction, seed=config.seed)
    else:
        test = _fitted(load_dataset(settings.test_source, **options), train)
    return train, test


def _in_keys(message: str) -> str:
    """Return how to follow advice about the parameters of a library function in an experiment; may be empty."""
    if "option 'n_channels'" in message:
        return " (remove data.file_channels: only files in SHD layout need it)"
    if "n_channels" in message:
        return " (in an experiment: data.file_channels, if the encoder has more channels)"
    if "n_classes" in message:
        return " (the number of classes is that of the names in extra/keys of the file, else its largest label + 1)"
    return ""


def _fitted(test: Dataset, train: Dataset) -> Dataset:
    """Return test samples with as many classes as the training samples: a small test file may not show all of
    them."""
    if test.n_channels != train.n_channels:
        raise DataError(f"the test file has {test.n_channels} channels, the training file {train.n_channels}")
    if test.n_classes > train.n_classes:
        raise DataError(f"the test file has {test.n_classes} classes, the training file only {train.n_classes}")
    return dataclasses.replace(test, n_classes=train.n_classes, class_names=train.class_names)


def _generated(config: Config, source: Source) -> tuple[Dataset, Dataset]:
    settings = config.data
    if settings.test_source is not None:
        raise ConfigError(f"{config.origin}: data.test_source: the data are generated and need none; remove the key")
    n_train = settings.samples or GENERATED_SAMPLES
    n_test = settings.test_samples or GENERATED_TEST_SAMPLES
    # One draw, cut in two: no test sample is a training sample.
    both = source.load(n_train + n_test, seed=config.seed)
    return both.select(indices=range(n_train)), both.select(indices=range(n_train, n_train + n_test))


def _in_trial_units(data: Dataset, config: Config) -> Dataset:
    settings = config.data
    if settings.channels is not None:
        data = data.pool_channels(settings.channels)
    if settings.normalize_time:
        data = data.normalize_time(settings.span)
    elif settings.time_scale != 1.0:
        data = data.scale_time(settings.time_scale)
    if settings.bins is not None:
        data = _binned(data, settings, config.trial.duration)
    return data if settings.offset == 0.0 else data.scale_time(1.0, offset=settings.offset)


def _binned(data: Dataset, settings: DataConfig, duration: float) -> Dataset:
    """Bin over the span of normalised samples, else over the trial; what comes later gets bins of the same
    width."""
    assert settings.bins is not None
    span = settings.span if settings.normalize_time else duration
    last = float(data.times.max(initial=0.0))
    if settings.bins * (last / span) > MOST_BINS:
        raise DataError(
            f"bins = {settings.bins} for a trial of {span:g} would be far too many for times up to {last:g}; if that "
            "is a matter of units, set data.time_scale, data.normalize_time or trial.duration"
        )
    n_spans = max(1, math.ceil(last / span))
    return data.bin_times(settings.bins * n_spans, span * n_spans)
