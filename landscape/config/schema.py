"""Every key of an experiment file with its type, unit, default and bounds.

"Trial units" are the unit of spike times, of ``tau`` and of the trial duration: one clock for all of them.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    Field,
    PrivateAttr,
    SerializeAsAny,
    field_validator,
    model_validator,
)

from landscape.config.choice import ChosenTable, NameOf
from landscape.config.comparison import ComparisonConfig, pairs_of
from landscape.config.slices import SliceConfig
from landscape.config.toml import dumps
from landscape.neurons import MODELS
from landscape.readouts import READOUTS
from landscape.slices.directions import KINDS
from landscape.tables import (
    Count,
    Finite,
    Index,
    Name,
    NonNegative,
    Positive,
    Seed,
    Seeds,
    Table,
    free_name,
    one_per_seed,
    one_seed_or_several,
    refuse_alike,
)
from landscape.training.optimizers import OPTIMIZERS


class DataConfig(Table):
    """Which samples the networks are trained on and evaluated on, and how their spikes are prepared.

    Preparation goes in this order: selection of classes, samples, pooling of channels, time normalisation or
    scaling, offset, binning.
    """

    source: str = "digits"
    """`"digits"` (embedded synthetic speech), `"yin-yang"` (generated), or a file in SHD layout (`.h5`,
    `.h5.gz`; relative to the working directory)."""

    test_source: str | None = None
    """File with the test samples; if not set, the test samples are split off `source`."""

    test_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of each class that is split off for testing, if `test_source` is not set and the data are not
    generated."""

    classes: list[Index] | None = None
    """Labels to keep, renumbered 0, 1, ... in this order; if not set, all."""

    samples: Count | None = None
    """Number of training samples to keep (as many of each class as possible); if not set, all."""

    test_samples: Count | None = None
    """Number of test samples to keep; if not set, all."""

    file_channels: Count | None = None
    """Input channels of the encoder behind a file in SHD layout, which does not say it; if not set, 700. A spike on a
    channel beyond them is an error. [channels]"""

    channels: Count | None = None
    """Pool neighbouring input channels to this many; if not set, no pooling."""

    bins: Count | None = None
    """Move spikes to the starts of this many equal bins, of `span` with `normalize_time`, else of the trial;
    if not set, no binning."""

    normalize_time: bool = False
    """Stretch each sample so that it lasts from 0 to `span`."""

    span: Positive = 3.0
    """Duration of a sample after `normalize_time`. [trial units]"""

    time_scale: Positive = 1.0
    """Factor from the file's time to trial units, if `normalize_time` is off. [trial units per file unit]"""

    offset: NonNegative = 0.0
    """Added to all spike times. [trial units]"""

    @field_validator("classes")
    @classmethod
    def _classes_differ(cls, classes: list[int] | None) -> list[int] | None:
        if classes is not None and (len(classes) == 0 or len(set(classes)) != len(classes)):
            raise ValueError("must name at least one class, and each only once")
        return classes


class TrialConfig(Table):
    """One presentation of a sample."""

    duration: Positive = 4.0
    """Duration T of a trial. [trial units]"""


class ObjectiveConfig(ChosenTable):
    """How the output layer is read and what the loss is. The keys of each readout follow; those of others have no
    effect."""

    chosen_by = "kind"
    registry = READOUTS
    keeps_others = True

    kind: str = "first_spike"
    """The readout."""


class TrainingConfig(Table):
    """Minibatch gradient descent. The keys marked as remedies act against silence and are off by default."""

    epochs: Index = 20
    """Passes over the training samples; 0 leaves the initial network. [epochs]"""

    batch_size: Count = 32
    """Samples per step. [samples]"""

    optimizer: Annotated[str, NameOf(OPTIMIZERS)] = "adam"
    """Optimizer."""

    learning_rate: Positive = 1e-3
    """Step size at the start."""

    relative_rate: bool = False
    """Steps in units of each layer's initial root mean square weight, so that one rate serves layers of many
    and of few inputs."""

    decay: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The step size is multiplied by this every `decay_every` epochs."""

    decay_every: Count = 1
    """See `decay`. [epochs]"""

    clip_norm: Positive | None = None
    """Longer gradients are scaled to this norm; if not set, never."""

    seed: Seed | None = None
    """Order of samples and augmentation; if not set, the model's seed."""

    channel_shift: Index = 0
    """Augmentation: a sample's channels move together by up to this many, either way. [channels]"""

    time_jitter: NonNegative = 0.0
    """Augmentation: standard deviation of the shift of each spike (to the bins, if there are). [trial units]
    """

    spike_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Augmentation: share of input spikes left out at random."""

    weight_decay: NonNegative = 0.0
    """Each step shrinks the weights by this times the step size."""

    activity_weight: NonNegative = 0.0
    """Remedy: pull on the incoming weights of hidden neurons whose mean spike count in a batch is outside
    `activity_low` to `activity_high`, added to the gradient."""

    activity_low: NonNegative = 0.0
    """See `activity_weight`. [spikes per neuron and trial]"""

    activity_high: Annotated[float, Field(ge=0)] = math.inf
    """See `activity_weight`. [spikes per neuron and trial]"""

    missing_spike_increase: NonNegative = 0.0
    """Remedy: added in a step to the incoming weights of hidden neurons without a spike in the whole batch,
    and to those of a label's output neuron, times the share of its samples in which it has none; in units of
    the steps, decaying with their size."""

    keep_every: Count = 1
    """The parameters are kept every so many epochs (the trajectory, for `pca` directions). [epochs]"""


class InitializationConfig(Table):
    """Initial weights, given by the drive that a neuron receives rather than by the scale of its weights."""

    mean: list[Finite] | None = None
    """Per layer: mean over neurons of the drive, the sum of its input weights over a trial; if not set, a
    mean that gives one to two spikes per neuron. [current]"""

    spread: list[NonNegative] | None = None
    """Per layer: standard deviation of the drive over neurons; if not set, as above. [current]"""


class ModelConfig(ChosenTable):
    """A network that is trained and swept; one `[[model]]` each. The constants of its neurons are keys too; those of
    each neuron model follow."""

    chosen_by = "neuron"
    registry = MODELS

    name: Name
    """The model's group in the result file; letters, digits, `_` and `-`."""

    neuron: str
    """The neuron model."""

    hidden: list[Count] = [64]
    """Neurons in each hidden layer. [neurons]"""

    seed: Seed | None = None
    """Initial weights and training; if not set, the experiment's `seed`."""

    seeds: Seeds | None = None
    """Train the model once for each of these seeds, in place of `seed`: `lif` with `seeds = [1, 2]` stands for two
    models `lif_seed1` and `lif_seed2`."""

    initialization: InitializationConfig = InitializationConfig()
    """Initial weights."""

    training: TrainingConfig = TrainingConfig()
    """Keys of `[training]` that differ for this model."""

    objective: SerializeAsAny[ObjectiveConfig] = Field(default_factory=ObjectiveConfig)
    """Keys of `[objective]` that differ for this model."""

    _name_is_free = field_validator("name")(free_name)
    _one_seed_or_several = model_validator(mode="after")(one_seed_or_several)

    @model_validator(mode="after")
    def _drives_fit_the_layers(self) -> Self:
        for key, values in (("mean", self.initialization.mean), ("spread", self.initialization.spread)):
            if values is not None and len(values) != len(self.hidden) + 1:
                layers = f"{len(self.hidden)} hidden and one output layer"
                raise ValueError(
                    f"initialization.{key} has {len(values)} values, but there are {layers}: give one each"
                )
        return self


class FiguresConfig(Table):
    """What is drawn and how it is saved."""

    formats: Annotated[list[Literal["pdf", "png", "svg"]], Field(min_length=1)] = ["pdf", "png"]
    """File formats of every figure."""

    raster_sample: Index = 0
    """Test sample whose spikes are shown through the layers."""


class JobsConfig(Table):
    """How the work is divided into parts; the results do not depend on it."""

    shard_cost: Positive = 20.0
    """A slice or census estimated to cost more has parts of about this cost, one file each. [core seconds]"""

    max_shards: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """Most parts of one slice or census; those of larger ones cost more. [parts]"""


class Config(Table):
    """An experiment: data, models, training, slices, comparison."""

    name: Name = Field(json_schema_extra={"default": "the file's name"})
    """Name of the experiment and of its results folder."""

    description: str = ""
    """What the experiment is for; stands in the report."""

    seed: Seed = 0
    """Seed of everything random that has no seed of its own."""

    data: DataConfig = DataConfig()
    """Samples."""

    trial: TrialConfig = TrialConfig()
    """Trial."""

    objective: SerializeAsAny[ObjectiveConfig] = Field(default_factory=ObjectiveConfig)
    """Readout and loss."""

    training: TrainingConfig = TrainingConfig()
    """Training."""

    model: Annotated[list[SerializeAsAny[ModelConfig]], Field(min_length=1)]
    """Models; at least one."""

    slice: list[SliceConfig] = []
    """Slices; may be none."""

    comparison: ComparisonConfig | None = None
    """Comparison of two models; if not set, none."""

    figures: FiguresConfig = FiguresConfig()
    """Figures."""

    jobs: JobsConfig = JobsConfig()
    """How the work is divided."""

    _origin: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _readouts_of_models(cls, values: Any) -> Any:
        """Let `[model.objective]` have the readout of `[objective]` where it names none: its keys depend on it."""
        objective = values.get("objective") if isinstance(values, dict) else None
        if not isinstance(objective, dict) or "kind" not in objective or not isinstance(values.get("model"), list):
            return values
        models = [
            model | {"objective": {"kind": objective["kind"]} | model["objective"]}
            if isinstance(model, dict) and isinstance(model.get("objective"), dict)
            else model
            for model in values["model"]
        ]
        return values | {"model": models}

    @field_validator("model", "slice")
    @classmethod
    def _one_entry_per_seed(cls, entries: list[Any]) -> list[Any]:
        return [single for entry in entries for single in one_per_seed(entry)]

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        refuse_alike(self.model_names, self.slice_names)
        return self

    @model_validator(mode="after")
    def _comparison_has_pairs(self) -> Self:
        _ = self.pairs
        return self

    @model_validator(mode="after")
    def _activity_bands_are_ordered(self) -> Self:
        # Here and not in the table itself, since a model may set one end and [training] the other.
        for model in self.model:
            low, high = (getattr(self.training_of(model), key) for key in ("activity_low", "activity_high"))
            if not low <= high:
                raise ValueError(f"model '{model.name}': activity_low ({low:g}) exceeds activity_high ({high:g})")
        return self

    @model_validator(mode="after")
    def _censuses_can_be_taken(self) -> Self:
        asked = [f"slice '{entry.name}': census" for entry in self.slice if entry.census]
        asked += ["comparison"] if self.comparison is not None else []
        without = [model for model in self.trained_models if not MODELS[model.neuron].census]
        if asked and without:
            model = without[0]
            raise ValueError(
                f"{asked[0]}: neuron model '{model.neuron}' of model '{model.name}' has no census of discontinuities; "
                "remove it"
            )
        return self

    @model_validator(mode="after")
    def _directions_can_be_made(self) -> Self:
        for entry in self.slice:
            asked = Counter(direction.kind for direction in entry.directions)
            for kind, model in itertools.product(asked, self.model):
                problem = KINDS[kind].problem
                if problem and (text := problem(asked[kind], entry, self.training_of(model))):
                    raise ValueError(f"slice '{entry.name}' of model '{model.name}': {text}")
        return self

    @property
    def origin(self) -> str:
        """The file the experiment came from, for messages; its name if it came from none."""
        return self._origin or self.name

    @property
    def model_names(self) -> list[str]:
        """Names of the models in the order of the file."""
        return [model.name for model in self.model]

    @property
    def slice_names(self) -> list[str]:
        """Names of the slices in the order of the file."""
        return [entry.name for entry in self.slice]

    @property
    def pairs(self) -> list[tuple[ModelConfig, ModelConfig]]:
        """The models whose networks are compared with each other, the reference first; none without a comparison."""
        return [] if self.comparison is None else pairs_of(self.comparison, self.model, self.seed_of)

    @property
    def trained_models(self) -> list[ModelConfig]:
        """All models that are trained: those of the experiment, and others for the comparison alone."""
        compared = [model for pair in zip(*self.pairs, strict=True) for model in pair]
        return self.model + [model for model in compared if model.name not in self.model_names]

    def training_of(self, model: ModelConfig) -> TrainingConfig:
        """Return ``[training]`` with the keys that ``model`` sets otherwise, and with a seed."""
        merged = _overridden(self.training, model.training)
        return merged if merged.seed is not None else merged.model_copy(update={"seed": self.seed_of(model)})

    def objective_of(self, model: ModelConfig) -> ObjectiveConfig:
        """Return ``[objective]`` with the keys that ``model`` sets otherwise; none of another readout's are left."""
        own = model.objective
        is_another = "kind" in own.model_fields_set and own.kind != self.objective.kind
        return own if is_another else _overridden(self.objective, own)

    def seed_of(self, entry: ModelConfig | SliceConfig | ComparisonConfig) -> int:
        """Return the seed of a model, a slice or the comparison: its own if it has one, else the experiment's."""
        return self.seed if entry.seed is None else entry.seed

    def to_toml(self) -> str:
        """Return the experiment as TOML, every default spelled out; :func:`parse_config` reads it back."""
        table = self.model_dump(exclude_none=True)
        for entry, model in zip(table["model"], self.model, strict=True):
            for key in ("initialization", "training", "objective"):
                # Only what the model sets itself: the defaults of these tables are the experiment's tables.
                entry[key] = getattr(model, key).model_dump(exclude_unset=True, exclude_none=True)
                if key == "objective" and entry[key].get("kind") == self.objective.kind:
                    del entry[key]["kind"]
                if not entry[key]:
                    del entry[key]
        return dumps(table)


TableT = TypeVar("TableT", bound=Table)


def _overridden(base: TableT, changes: TableT) -> TableT:
    return base.model_copy(update={key: getattr(changes, key) for key in changes.model_fields_set})
