"""How long work takes, estimated from the experiment alone.

The estimates decide how tasks divide into parts and how pieces are dealt out to the tasks of a batch job, so they must
be the same on every machine, and before anything is computed: nominal numbers stand for what only a trained network
would tell. They were fitted to the processor time of pieces of the experiments of this package, with 10 to 160 hidden
neurons, and are within a factor of three of it; ``landscape status`` corrects them by what was measured. What a kind of
task costs is said in its module, in terms of what is here.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import NamedTuple

from landscape.config import Config, ModelConfig, SliceConfig
from landscape.datasets.registry import Source, sources
from landscape.datasets.sizes import DataSize, size_of_file
from landscape.experiment.preparation import GENERATED_SAMPLES, GENERATED_TEST_SAMPLES
from landscape.neurons import costs_of

#: Core seconds of a trial, loss alone: beside all neurons; per neuron, with its spikes. What differs between neuron
#: models stands in their modules (:class:`landscape.neurons.Costs`).
SECONDS_PER_TRIAL = 5.6e-6
SECONDS_PER_NEURON = 0.3e-6

#: A trial with directional derivatives costs this many times one without, and one with the gradient beside twice that.
GRADIENT_FACTOR = 2.5

#: Spikes that a hidden neuron emits per trial.
NOMINAL_SPIKES = 3.0

#: The census of a sample on a line as long as the weights of each neuron, beside all neurons.
SECONDS_PER_CENSUS = 8e-3

#: Events for which the models' costs of a census hold; the census of a sample grows with the square root.
CENSUS_EVENTS = 32.0

#: Seconds of a piece beside its computation: loading samples, writing and checking its file; of resampling samples; of
#: reading and checking a part.
SECONDS_PER_FILE = 0.02
SECONDS_PER_RESAMPLING = 0.1
SECONDS_PER_PART = 0.002

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


class Costs:
    """Estimates for one experiment.

    Args:
        config: the experiment.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    @functools.cached_property
    def samples(self) -> Samples:
        """The numbers of training and of test samples, and what a sample is like.

        They are read from data files; a file that cannot be read is told when its data are loaded.
        """
        settings = self.config.data
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

    def layers(self, model: ModelConfig) -> list[tuple[int, float]]:
        """Return neurons and events of each layer, outputs too: times at which inputs spike, then spikes of the layer
        below."""
        there = self.samples
        sizes = [*model.hidden, there.classes]
        return list(zip(sizes, [there.events, *(NOMINAL_SPIKES * n for n in model.hidden)], strict=True))

    def trial(self, model: ModelConfig) -> float:
        """Return the estimated core seconds of one trial, without gradient."""
        update = costs_of(model.neuron).update
        *hidden, (outputs, events) = self.layers(model)
        seconds = SECONDS_PER_TRIAL + outputs * events * update
        return seconds + sum(neurons * (SECONDS_PER_NEURON + update * count) for neurons, count in hidden)

    def samples_of(self, entry: SliceConfig) -> int:
        """Return the estimated number of samples of a slice."""
        n_samples = self.samples.test if entry.data == "test" else self.samples.train
        return n_samples if entry.samples is None else min(n_samples, entry.samples)

    def census_samples_of(self, entry: SliceConfig) -> int:
        """Return the estimated number of samples of the census of a slice."""
        n_samples = self.samples_of(entry)
        return n_samples if entry.census_samples is None else min(n_samples, entry.census_samples)

    def point(self, model: ModelConfig, entry: SliceConfig) -> float:
        """Return the estimated core seconds of one point of a slice."""
        # The directional derivatives cost as much as a gradient, the gradient itself comes on top.
        factor = GRADIENT_FACTOR if entry.gradient == "none" else 2 * GRADIENT_FACTOR
        return factor * self.samples_of(entry) * self.trial(model)

    def census(self, model: ModelConfig, entry: SliceConfig) -> float:
        """Return the estimated core seconds of the censuses of all samples on a line as long as a slice with one
        axis.
        """
        ((low, high),) = entry.bounds
        return self.census_samples_of(entry) * self.census_of_sample(model, high - low)

    def census_of_sample(self, model: ModelConfig, width: float) -> float:
        """Return the estimated core seconds of the census of one sample on a line.

        Args:
            model: the model.
            width: length of the line in multiples of its direction.
        """
        costs = costs_of(model.neuron)
        events = math.sqrt(self.samples.events / CENSUS_EVENTS)
        width = costs.census_base + (1.0 - costs.census_base) * width
        deeper = 1.0 + costs.census_per_layer * width
        seconds, more = SECONDS_PER_CENSUS, costs.census_per_neuron * events * width
        for neurons in model.hidden:
            seconds += more * neurons**costs.census_power
            more = min(more * deeper, FOREVER)
        return min(seconds, FOREVER)


def _size(source: str, known: Mapping[str, Source]) -> DataSize:
    found = known[source].size if source in known else size_of_file(source)
    return found or NOMINAL_DATA
