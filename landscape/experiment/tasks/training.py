"""Networks trained from an experiment's initial weights."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landscape.datasets.use import input_use
from landscape.errors import SimulationError
from landscape.experiment.context import Context
from landscape.experiment.plan import Plan, Task
from landscape.h5.fields import attributes, group, record
from landscape.network import Network
from landscape.network_record import NetworkData
from landscape.neurons import MODELS, by_name
from landscape.readouts import READOUTS
from landscape.training import InitSettings, TrainingSettings
from landscape.training.optimizers import OPTIMIZERS
from landscape.training.record import TrainingRecord
from landscape.wording import duration_text

if TYPE_CHECKING:
    from landscape.config import ModelConfig
    from landscape.network import Network

#: A trial of training, with its gradient and its share of a step, in trials without gradient; seconds per input spike
#: and neuron of the first layer, whose drive is not known in advance as on a slice; what comes before the first trial.
TRIALS_PER_STEP = 4.0
SECONDS_PER_INPUT = 0.5e-9
SECONDS_TO_BEGIN = 0.2


@record(doc="A trained network with the record of its training.")
class Trained:
    """What training gave.

    Attributes:
        network: the network of the best epoch, as plain numbers.
        training: the record, with the initial and the final network.
        attributes: what the network belongs to, in words and numbers.
    """

    network: NetworkData = group(NetworkData)
    training: TrainingRecord = group(TrainingRecord)
    attributes: Mapping[str, Any] = attributes()

    @functools.cached_property
    def best(self) -> Network:
        """The network of the best epoch."""
        return _network(self.network)

    @functools.cached_property
    def initial(self) -> Network:
        """The network before training."""
        return _network(self.training.initial)

    @functools.cached_property
    def final(self) -> Network:
        """The network after the last epoch."""
        return _network(self.training.final)


class Training(Task):
    """The training of a model."""

    kind = "train"
    stage = "train"
    record = Trained
    unit = "epochs"
    compiles = ("evaluate",)
    model: ModelConfig

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[Training]:
        """Return one for each model, those of the comparison alone included."""
        return [plan.of(cls, model) for model in plan.config.trained_models]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """Trial, objective, training, model and seed."""
        config = self.plan.config
        # Code from outside the package has no release: it is told by its source.
        outside = (
            MODELS[self.model.neuron],
            READOUTS[config.objective_of(self.model).kind],
            OPTIMIZERS[config.training_of(self.model).optimizer],
        )
        return {
            "outside": [module.source_hash for module in outside],
            "trial": config.trial.model_dump(),
            "objective": config.objective_of(self.model).model_dump(),
            "training": config.training_of(self.model).model_dump(),
            "model": self.model.model_dump(include={"neuron", "hidden", "initialization", *self.model.constants}),
            "seed": config.seed_of(self.model),
        }

    @property
    def seconds(self) -> float:
        """Every epoch sees all training samples, with gradient, and all test samples."""
        costs = self.plan.costs
        there, trial = costs.samples, costs.trial(self.model)
        learned = TRIALS_PER_STEP * trial + SECONDS_PER_INPUT * there.spikes * costs.layers(self.model)[0][0]
        epoch = there.train * learned + there.test * trial
        return SECONDS_TO_BEGIN + self.plan.config.training_of(self.model).epochs * epoch

    def compute(self, context: Context, part: int) -> Trained:
        """Train the network."""
        from landscape.training import train

        def tell(done: float, total: float, latest: Mapping[str, float]) -> None:
            context.progress.advance(done, _latest(latest))

        data, test_data = context.data
        try:
            record = train(
                untrained_network(context, self.model),
                data,
                test_data,
                context.objective(self.model),
                training_settings(context, self.model),
                threads=context.threads,
                progress=tell,
            )
        except SimulationError as error:
            raise SimulationError(f"model {self.model.name}: {error}") from error
        if record.interrupted:
            raise KeyboardInterrupt
        record = dataclasses.replace(record, attributes=_input_attributes(context))
        return Trained(record.best, record, about_model(context, self.model))

    def records(self, result: Trained) -> Mapping[str, Any]:
        """The network and the record apart."""
        return {"network": result.network, "training": result.training}

    def attributes(self, result: Trained) -> Mapping[str, Any]:
        """What the network belongs to."""
        return result.attributes

    def size(self, context: Context, part: int) -> float:
        """Epochs."""
        return context.config.training_of(self.model).epochs

    @property
    def label(self) -> str:
        """The model, training."""
        return f"{self.model.name}: training"

    def told(self, result: Trained, seconds: float) -> str:
        """Epochs, time and accuracy."""
        record = result.training
        return (
            f"{self.model.name}: trained {len(record.history['epoch']) - 1} epochs in {duration_text(seconds)}, "
            f"test accuracy {record.at_best('test_accuracy'):.1%} (epoch {record.best_epoch})"
        )

    def told_done(self, context: Context) -> Sequence[str]:
        """The model is trained."""
        return [f"{self.model.name}: training done already"]


def _network(stored: NetworkData) -> Network:
    return Network.from_parts(stored.neuron, stored.constants, stored.weights, stored.duration)


def untrained_network(context: Context, model: ModelConfig) -> Network:
    """Return the network of a model before training."""
    from landscape.training import default_settings, initial_network

    data, _ = context.data
    neuron = by_name(model.neuron)(**model.constants)
    sizes = (data.n_channels, *model.hidden, data.n_classes)
    usual = default_settings(neuron, len(sizes) - 1)
    wanted = model.initialization
    settings = InitSettings(
        mean=usual.mean if wanted.mean is None else tuple(wanted.mean),
        spread=usual.spread if wanted.spread is None else tuple(wanted.spread),
    )
    return initial_network(
        neuron,
        sizes,
        context.config.trial.duration,
        data,
        context.config.seed_of(model),
        settings,
        objective=context.objective(model),
    )


def training_settings(context: Context, model: ModelConfig) -> TrainingSettings:
    """Return how a model is trained."""
    return TrainingSettings(**context.config.training_of(model).model_dump())


def about_model(context: Context, model: ModelConfig) -> dict[str, Any]:
    """Return what a result of a model belongs to, in words and numbers."""
    config = context.config
    objective = config.objective_of(model)
    remedies = training_settings(context, model).remedies
    constants = {key: value for key, value in objective.constants.items() if value is not None}
    remedies += [
        f"{key} = {constants[key]:g}" for key in READOUTS[objective.kind].remedies if constants.get(key, 0.0) > 0.0
    ]
    return constants | {
        "experiment": config.name,
        "model": model.name,
        "objective": objective.kind,
        "remedies": ", ".join(remedies) or "none",
        "model_seed": config.seed_of(model),
    }


def _input_attributes(context: Context) -> dict[str, int]:
    """What trials leave of the input, as the format page names it."""
    uses = zip(("train", "test"), context.data, strict=True)
    counted = {which: input_use(data, context.config.trial.duration) for which, data in uses}
    names = ("spikes", "spikes_cut", "samples", "samples_silent")
    return {f"{which}_{name}": getattr(use, name) for which, use in counted.items() for name in names}


def _latest(values: Mapping[str, float]) -> str:
    parts = []
    if "train_loss" in values:
        parts.append(f"loss {values['train_loss']:.3f}")
    if "test_accuracy" in values:
        parts.append(f"test accuracy {values['test_accuracy']:.1%}")
    return ", ".join(parts)
