"""The root, and the groups of a model beside its slices: network, training record, example sample."""

from __future__ import annotations

from landscape.storage.layout import FORMAT_VERSION, Attribute, Entry, Layout

ROOT = Layout(
    path="/",
    required=True,
    description="The experiment. Its groups are the models, and `comparison` where two of them were compared.",
    attributes=(
        Attribute("format", "text", True, 'always "landscape"'),
        Attribute("format_version", "integer", True, f"version of this format: {FORMAT_VERSION}"),
        Attribute("created", "text", True, "when the file was written: ISO 8601, UTC"),
        Attribute("models", "texts", True, "names of the model groups, in the order of the experiment"),
        Attribute("config", "text", False, "the whole configuration of the experiment, as TOML"),
        Attribute("seed", "integer", False, "seed of the experiment, from which the other seeds derive"),
        Attribute("data_hash", "text", False, "SHA-256 of the data"),
        Attribute("git_commit", "text", False, 'commit of the package\'s source; "+" after it: with local changes'),
        Attribute("host", "text", False, "name of the machine"),
    ),
    further_attributes=True,
)

NETWORK = Layout(
    path="/MODEL/network, /MODEL/training/initial, /MODEL/training/final",
    required=False,
    description=(
        "A network. The model's own `network` is the one that is used: the best of training, where it was trained."
    ),
    entries=(
        Entry("duration", (), "<f8", "trial time", True, "trial duration, in the time unit of tau"),
        Entry(
            "neuron_{n}",
            ("neuron_{n}",),
            "<i4",
            "1",
            True,
            "number of the neuron in layer {n} (0: input channels)",
        ),
        Entry(
            "weights_{n}",
            ("neuron_{n+1}", "neuron_{n}"),
            "<f8",
            "potential",
            True,
            "weights from layer {n} to layer {n+1}",
        ),
    ),
    attributes=(Attribute("neuron", "text", True, "name of the neuron model"),),
    further_attributes=True,
)

CONSTANTS = Layout(
    path="constants, in a network",
    required=True,
    description=(
        "The constants of the neuron model by name, as `tau` and `threshold`; times in trial time, others "
        "in units of the potential."
    ),
    further_dims=(),
    further_finite=True,
)

TRAINING = Layout(
    path="/MODEL/training",
    required=False,
    description=(
        "The training record, one row per epoch; epoch 0 is the initial network. Further columns may be "
        "present. A value that was not measured in an epoch is NaN."
    ),
    entries=(
        Entry("epoch", ("epoch",), "<i4", "1", True, "number of training epochs done"),
        Entry("train_loss", ("epoch",), "<f8", "nat", False, "mean loss on the training data", False),
        Entry("test_loss", ("epoch",), "<f8", "nat", False, "mean loss on the test data", False),
        Entry("train_accuracy", ("epoch",), "<f8", "1", False, "accuracy on the training data", False),
        Entry("test_accuracy", ("epoch",), "<f8", "1", False, "accuracy on the test data", False),
        Entry(
            "activity",
            ("epoch",),
            "<f8",
            "1",
            False,
            "mean number of spikes per hidden neuron and trial",
            False,
        ),
        Entry(
            "silent_share",
            ("epoch",),
            "<f8",
            "1",
            False,
            "share of hidden neurons that fire in no sample",
            False,
        ),
        Entry(
            "gradient_norm",
            ("epoch",),
            "<f8",
            "nat/potential",
            False,
            "Euclidean norm of the loss gradient",
            False,
        ),
        Entry("learning_rate", ("epoch",), "<f8", "potential", False, "learning rate of the optimizer", False),
        Entry("kept_epoch", ("kept_epoch",), "<i4", "1", False, "epochs at which the parameters were kept"),
        Entry("parameter", ("parameter",), "<i4", "1", False, "number of the weight in the parameter vector"),
        Entry(
            "trajectory",
            ("kept_epoch", "parameter"),
            "<f8",
            "potential",
            False,
            "parameter vector at the kept epochs",
        ),
    ),
    attributes=(
        Attribute("best_epoch", "integer", True, "epoch of the best network"),
        Attribute("interrupted", "integer", True, "1 where training was interrupted, else 0"),
        Attribute("seconds", "number", False, "time that training took"),
        *(
            attribute
            for which, what in (("train", "training"), ("test", "test"))
            for attribute in (
                Attribute(f"{which}_spikes", "integer", False, f"input spikes of the {what} samples"),
                Attribute(f"{which}_spikes_cut", "integer", False, "those at the trial's end or later: without effect"),
                Attribute(f"{which}_samples", "integer", False, f"{what} samples"),
                Attribute(f"{which}_samples_silent", "integer", False, "those without a spike before the trial's end"),
            )
        ),
    ),
    further_attributes=True,
    further_dims=("epoch",),
)

SETTINGS = Layout(
    path="/MODEL/training/settings",
    required=False,
    description=(
        "The settings of training, as attributes, remedies against silence among them. A setting that is "
        "off by being unset is absent."
    ),
    further_attributes=True,
)

RASTER = Layout(
    path="/MODEL/raster",
    required=False,
    description=(
        "All spikes of one example sample in the model's network, one row per spike, sorted by layer and time."
    ),
    entries=(
        Entry("spike", ("spike",), "<i4", "1", True, "number of the spike"),
        Entry("time", ("spike",), "<f8", "trial time", True, "time of the spike"),
        Entry(
            "layer",
            ("spike",),
            "<i4",
            "1",
            True,
            "layer of the spike: 0 for the input, the last for the output",
        ),
        Entry(
            "neuron",
            ("spike",),
            "<i4",
            "1",
            True,
            "number of the neuron (or input channel) in its layer, from 0",
        ),
    ),
    attributes=(
        Attribute("sizes", "integers", True, "number of input channels and of neurons in each layer"),
        Attribute("duration", "number", True, "trial duration"),
        Attribute("sample", "integer", True, "number of the sample in the test data"),
        Attribute("label", "integer", True, "class of the sample"),
        Attribute("prediction", "integer", False, "class that the network gave"),
    ),
    further_attributes=True,
)
