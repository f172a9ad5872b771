"""How long pieces of work take, estimated from the experiment alone.

The estimates decide how slices are cut into shards and how shards are dealt out to tasks, so they must be the same on
every machine and before anything is loaded: nominal numbers stand for what only the samples or a trained network
would tell. They are good to a factor of a few; ``landscape status`` corrects them by what was measured.
"""

from __future__ import annotations

import math

from landscape.config import ComparisonConfig, Config, ModelConfig, SliceConfig

#: Seconds per event and neuron of a layer on one core, loss alone and with the gradient (a laptop core of 2024).
SECONDS_PER_UPDATE = 4.0e-9
GRADIENT_FACTOR = 2.5

#: The same of training, with what small batches cost beside.
TRAINING_FACTOR = 8.0

#: Spikes that a hidden neuron emits per trial.
NOMINAL_SPIKES = 1.5

#: What a data set has if the experiment does not say: training samples, test samples, input spikes per sample.
NOMINAL_DATA = {"digits": (320, 80, 350), "yin-yang": (5000, 1000, 5)}
NOMINAL_FILE = (8000, 2000, 2000)

#: Trials per sample of a census.
CENSUS_TRIALS = 500

#: The same of the census of a plane, per line of its grid: further lines are laid in cells in doubt.
CURVES_FACTOR = 2.0

#: Seconds of the anatomy of a sample.
SECONDS_PER_ANATOMY = 1.0

#: Seconds of a piece beside its computation: loading samples, writing and checking its file.
SECONDS_PER_PIECE = 0.02

_DIGIT_CLASSES = 20


def samples(config: Config) -> tuple[int, int]:
    """Return the estimated numbers of training and of test samples."""
    settings = config.data
    train, test, _ = NOMINAL_DATA.get(settings.source, NOMINAL_FILE)
    if settings.source != "yin-yang" and settings.test_source is None:
        both = train + test
        train, test = round(both * (1 - settings.test_fraction)), round(both * settings.test_fraction)
    if settings.source == "digits" and settings.classes is not None:
        share = min(1.0, len(settings.classes) / _DIGIT_CLASSES)
        train, test = round(train * share), round(test * share)
    if settings.samples is not None:
        train = settings.samples if settings.source == "yin-yang" else min(train, settings.samples)
    if settings.test_samples is not None:
        test = settings.test_samples if settings.source == "yin-yang" else min(test, settings.test_samples)
    return max(train, 1), max(test, 1)


def trial(config: Config, model: ModelConfig) -> float:
    """Return the estimated core seconds of one trial, without gradient."""
    _, _, spikes = NOMINAL_DATA.get(config.data.source, NOMINAL_FILE)
    events: float = spikes if config.data.bins is None else min(spikes, config.data.bins)
    updates = 0.0
    for neurons in model.hidden:
        own = NOMINAL_SPIKES * neurons
        updates += neurons * (events + own)
        events = own
    classes = 10 if config.data.classes is None else len(config.data.classes)
    return SECONDS_PER_UPDATE * (updates + classes * events)


def of_training(config: Config, model: ModelConfig) -> float:
    """Return the estimated core seconds of training a model."""
    n_train, n_test = samples(config)
    epoch = (TRAINING_FACTOR * n_train + n_test) * trial(config, model)
    return SECONDS_PER_PIECE + config.training_of(model).epochs * epoch


def of_point(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of one point of a slice."""
    n_train, n_test = samples(config)
    there = n_test if entry.data == "test" else n_train
    n_samples = there if entry.samples is None else min(there, entry.samples)
    # The directional derivatives cost as much as a gradient, the gradient itself comes on top.
    factor = GRADIENT_FACTOR if entry.gradient == "none" else 2 * GRADIENT_FACTOR
    return factor * n_samples * trial(config, model)


def of_directions(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of making the directions of a slice."""
    made = sum(direction.kind == "gradient" for direction in entry.directions)
    return SECONDS_PER_PIECE + made * of_point(config, model, entry)


def of_census(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of the census of a slice."""
    return SECONDS_PER_PIECE + CENSUS_TRIALS * _census_samples(config, entry) * trial(config, model)


def of_curves(config: Config, model: ModelConfig, entry: SliceConfig, lines: int) -> float:
    """Return the estimated core seconds of the census of a plane."""
    trials = CURVES_FACTOR * 2 * lines * CENSUS_TRIALS * _census_samples(config, entry)
    return SECONDS_PER_PIECE + trials * trial(config, model)


def of_fragments(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of the measures that go with the census of a slice."""
    trials = _census_samples(config, entry) * math.prod(entry.shape)
    return SECONDS_PER_PIECE + GRADIENT_FACTOR * trials * trial(config, model)


def of_compared_line(config: Config, model: ModelConfig, comparison: ComparisonConfig) -> float:
    """Return the estimated core seconds of one line of the comparison around a network."""
    line = comparison.line
    return of_census(config, model, line) + of_fragments(config, model, line)


def _census_samples(config: Config, entry: SliceConfig) -> int:
    n_train, n_test = samples(config)
    n_samples = n_test if entry.data == "test" else n_train
    for limit in (entry.samples, entry.census_samples):
        n_samples = n_samples if limit is None else min(n_samples, limit)
    return n_samples
