"""How long pieces of work take, estimated from the experiment alone.

The estimates decide how slices and censuses are cut into shards and how pieces are dealt out to tasks, so they must be
the same on every machine, and before anything is computed: nominal numbers stand for what only a trained network would
tell. They were fitted to the processor time of pieces of the experiments of this package, with 10 to 160 hidden
neurons, and are within a factor of three of it; ``landscape status`` corrects them by what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from landscape.config import ComparisonConfig, Config, ModelConfig, SliceConfig
from landscape.datasets.registry import Source, sources
from landscape.datasets.sizes import DataSize, size_of_file
from landscape.experiment.preparation import GENERATED_SAMPLES, GENERATED_TEST_SAMPLES
from landscape.neurons import MODELS, costs_of
from landscape.readouts import READOUTS
from landscape.slices.directions import KINDS

#: Core seconds of a trial, loss alone: beside all neurons; per neuron, with its spikes. What differs between
#: neuron models stands in their modules (:class:`landscape.neurons.Costs`).
SECONDS_PER_TRIAL = 5.6e-6
SECONDS_PER_NEURON = 0.3e-6

#: A trial with directional derivatives costs this many times one without, and one with the gradient beside twice that.
GRADIENT_FACTOR = 2.5

#: A trial of training, with its gradient and its share of a step; per input spike and neuron of the first layer, whose
#: drive is not known in advance as on a slice; what comes before the first trial.
TRAINING_FACTOR = 4.0
SECONDS_PER_INPUT = 0.5e-9
SECONDS_PER_TRAINING = 0.2

#: Spikes that a hidden neuron emits per trial.
NOMINAL_SPIKES = 3.0

#: The census of a sample on a line as long as the weights of each neuron, beside all neurons.
SECONDS_PER_CENSUS = 8e-3

#: Events for which the models' costs of a census hold; the census of a sample grows with the square root.
CENSUS_EVENTS = 32.0

#: Evaluating one discontinuity in extended precision, per neuron and event; how many, the largest ones, are.
SECONDS_PER_CONFIRMATION = 2.5e-3
CONFIRMED = 3

#: The census of a plane, per line of its grid: further lines are laid in cells in doubt.
CURVES_FACTOR = 1.6

#: Seconds of a piece beside its computation: loading samples, writing and checking its file; of resampling its samples.
SECONDS_PER_PIECE = 0.02
SECONDS_PER_RESAMPLING = 0.1

#: Points at which gradient fidelity is evaluated: both ends of nine sizes of step from each of 41, and these.
FIDELITY_POINTS = 41 * (2 * 9 + 1)

#: Seconds to read and check a shard that a slice or a census is put together from.
SECONDS_PER_SHARD = 0.002

#: More seconds than anyone waits, and still a number to calculate with.
FOREVER = 1e15

#: Data whose size cannot be told.
NOMINAL_DATA = DataSize(10_000, 20, 2000.0, 2000.0)


class Samples(NamedTuple):
    """What a data set is estimated, or known, to have.

    Attributes:
        train: training samples.
        test: test samples.
        classes: classes.
        spikes: input spikes per sample.
        events: times per sample at which inputs spike.
    """

    train: int
    test: int
    classes: int
    spikes: float
    events: float


def samples(config: Config) -> Samples:
    """Return the numbers of training and of test samples, and what a sample is like.

    They are read from data files; a file that cannot be read is told when its data are loaded.
    """
    settings = config.data
    known = sources()
    train = _size(settings.source, known)
    test = None if settings.test_source is None else _size(settings.test_source, known)
    if settings.source in known and known[settings.source].generated:
        n_train, n_test = settings.samples or GENERATED_SAMPLES, settings.test_samples or GENERATED_TEST_SAMPLES
    elif test is None:
        n_test = round(train.samples * settings.test_fraction)
        n_train = train.samples - n_test
    else:
        n_train, n_test = train.samples, test.samples
    classes = train.classes
    if settings.classes is not None:
        share = min(1.0, len(settings.classes) / classes)
        n_train, n_test, classes = round(n_train * share), round(n_test * share), len(settings.classes)
    n_train = n_train if settings.samples is None else min(n_train, settings.samples)
    n_test = n_test if settings.test_samples is None else min(n_test, settings.test_samples)
    events = train.events if settings.bins is None else min(train.events, settings.bins)
    return Samples(max(n_train, 1), max(n_test, 1), max(classes, 1), train.spikes, max(events, 1.0))


def _size(source: str, known: Mapping[str, Source]) -> DataSize:
    found = known[source].size if source in known else size_of_file(source)
    return found or NOMINAL_DATA


def trial(config: Config, model: ModelConfig) -> float:
    """Return the estimated core seconds of one trial, without gradient."""
    there = samples(config)
    update = costs_of(model.neuron).update
    *hidden, (outputs, events) = _layers(model, there)
    seconds = SECONDS_PER_TRIAL + outputs * events * update
    return seconds + sum(neurons * (SECONDS_PER_NEURON + update * count) for neurons, count in hidden)


def _layers(model: ModelConfig, there: Samples) -> list[tuple[int, float]]:
    """Neurons and events of each layer, outputs too: times at which inputs spike, then spikes of the layer below."""
    sizes = [*model.hidden, there.classes]
    return list(zip(sizes, [there.events, *(NOMINAL_SPIKES * neurons for neurons in model.hidden)], strict=True))


def of_training(config: Config, model: ModelConfig) -> float:
    """Return the estimated core seconds of training a model."""
    there = samples(config)
    each = trial(config, model)
    learned = TRAINING_FACTOR * each + SECONDS_PER_INPUT * there.spikes * _layers(model, there)[0][0]
    epoch = there.train * learned + there.test * each
    return SECONDS_PER_PIECE + SECONDS_PER_TRAINING + config.training_of(model).epochs * epoch


def of_point(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of one point of a slice."""
    # The directional derivatives cost as much as a gradient, the gradient itself comes on top.
    factor = GRADIENT_FACTOR if entry.gradient == "none" else 2 * GRADIENT_FACTOR
    return factor * _slice_samples(config, entry) * trial(config, model)


def of_directions(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of making the directions of a slice."""
    evaluations = sum(KINDS[direction.kind].evaluations for direction in entry.directions)
    return SECONDS_PER_PIECE + evaluations * of_point(config, model, entry)


def of_census(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of the census of a slice."""
    ((low, high),) = entry.bounds
    found = census_samples(config, entry) * _of_sample(config, model, high - low)
    return SECONDS_PER_PIECE + found + of_confirming(config, model, entry)


def of_confirming(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of evaluating the largest discontinuities in extended precision."""
    if not (MODELS[model.neuron].extended_precision and READOUTS[config.objective_of(model).kind].extended_precision):
        return 0.0
    ((low, high),) = entry.bounds
    there = samples(config)
    found = costs_of(model.neuron).discontinuities * sum(model.hidden) * (high - low) * census_samples(config, entry)
    updates = sum(neurons * events for neurons, events in _layers(model, there)[:-1])
    return min(min(CONFIRMED, found) * SECONDS_PER_CONFIRMATION * updates, FOREVER)


def of_curves(config: Config, model: ModelConfig, entry: SliceConfig, lines: int) -> float:
    """Return the estimated core seconds of the census of a plane."""
    each = sum(_of_sample(config, model, high - low) for low, high in entry.bounds)
    return SECONDS_PER_PIECE + CURVES_FACTOR * lines * census_samples(config, entry) * each


def _of_sample(config: Config, model: ModelConfig, width: float) -> float:
    """Core seconds of the census of one sample on a line of some length, in multiples of its direction."""
    costs = costs_of(model.neuron)
    events = math.sqrt(samples(config).events / CENSUS_EVENTS)
    width = costs.census_base + (1.0 - costs.census_base) * width
    deeper = 1.0 + costs.census_per_layer * width
    seconds, more = SECONDS_PER_CENSUS, costs.census_per_neuron * events * width
    for neurons in model.hidden:
        seconds += more * neurons**costs.census_power
        more = min(more * deeper, FOREVER)
    return min(seconds, FOREVER)


def of_anatomy(config: Config, model: ModelConfig) -> float:
    """Return the estimated core seconds of following one sample's spikes along a line."""
    events = math.sqrt(samples(config).events / CENSUS_EVENTS)
    costs = costs_of(model.neuron)
    return costs.anatomy + costs.anatomy_per_neuron * events * sum(model.hidden)


def of_fragments(config: Config, model: ModelConfig, entry: SliceConfig) -> float:
    """Return the estimated core seconds of the measures that go with the census of a slice."""
    points = 2 * math.prod(entry.shape) + FIDELITY_POINTS
    trials = census_samples(config, entry) * points
    return SECONDS_PER_PIECE + SECONDS_PER_RESAMPLING + GRADIENT_FACTOR * trials * trial(config, model)


def of_compared_line(config: Config, model: ModelConfig, comparison: ComparisonConfig) -> float:
    """Return the estimated core seconds of one line of the comparison around a network."""
    line = comparison.line
    # Nothing is evaluated in extended precision there.
    taken = of_census(config, model, line) - of_confirming(config, model, line)
    trials = census_samples(config, line) * math.prod(line.shape)
    return taken + SECONDS_PER_PIECE + SECONDS_PER_RESAMPLING + GRADIENT_FACTOR * trials * trial(config, model)


def of_joining(shards: int) -> float:
    """Return the estimated core seconds of putting a slice together from shards."""
    return SECONDS_PER_PIECE + SECONDS_PER_SHARD * shards


def census_samples(config: Config, entry: SliceConfig) -> int:
    """Return the estimated number of samples of the census of a slice."""
    n_samples = _slice_samples(config, entry)
    return n_samples if entry.census_samples is None else min(n_samples, entry.census_samples)


def _slice_samples(config: Config, entry: SliceConfig) -> int:
    there = samples(config)
    n_samples = there.test if entry.data == "test" else there.train
    return n_samples if entry.samples is None else min(n_samples, entry.samples)
