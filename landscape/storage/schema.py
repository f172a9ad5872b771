"""The layout of a result file, as one table.

Writing, validation and the tables of the format page (``README.md`` beside this file) are all driven by :data:`LAYOUT`.
To add a name to the format, add an entry here and a value where its group is filled, then put the page's tables in
place anew with ``python -m landscape.storage.schema``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FORMAT = "landscape"
NETWORK_FORMAT = "landscape-network"
FORMAT_VERSION = 1
SUPPORTED_VERSIONS = (1,)

#: Stands in the dimensions of an entry for the axes of its slice: ``axis_0``, or ``axis_0, axis_1``.
AXES = "axes"

STATUS_FLAGS = {"flag_values": (0, 1, 2, 3), "flag_meanings": "pending done failed not_finite"}
BOOL_FLAGS = {"flag_values": (0, 1), "flag_meanings": "false true", "dtype": "bool"}


@dataclass(frozen=True)
class Entry:
    """One dataset. ``{n}`` in a name stands for 0, 1, 2, ...; ``{n+1}`` for the number after it.

    Attributes:
        name: its name in the group.
        dims: the names of its dimensions; a dataset whose only dimension has its own name is a dimension scale.
        dtype: its type, as numpy writes it, little-endian.
        unit: the attribute ``units``.
        required: True, False, or "2D" (required where the slice has two axes).
        description: the attribute ``long_name``.
        finite: whether its values must be finite (in a slice: at the points whose status is done).
        flags: further attributes of the dataset, which say what its numbers mean.
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    unit: str
    required: bool | str
    description: str
    finite: bool = True
    flags: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_scale(self) -> bool:
        """Whether it is the dimension scale (the coordinate) of the dimension of its name."""
        return self.dims == (self.name,)

    @property
    def repeats(self) -> bool:
        """Whether the entry stands for any number of datasets."""
        return "{n}" in self.name

    def numbered(self, n: int) -> Entry:
        """The entry for one number."""

        def put(text: str) -> str:
            return text.replace("{n+1}", str(n + 1)).replace("{n}", str(n))

        return Entry(
            put(self.name),
            tuple(put(dim) for dim in self.dims),
            self.dtype,
            self.unit,
            self.required,
            put(self.description),
            self.finite,
            self.flags,
        )


@dataclass(frozen=True)
class Attribute:
    """One attribute of a group. ``kind`` is "text", "integer", "number", "texts" or "integers"."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True)
class Layout:
    """One kind of group.

    Attributes:
        path: where such groups are, for the page.
        required: whether the group must be there in its parent.
        description: what it holds.
        entries: its datasets.
        attributes: its attributes.
        further_attributes: whether others are allowed (text and numbers).
        further_dims: dimensions of float64 datasets that are allowed beyond the entries; None where none are.
    """

    path: str
    required: bool
    description: str
    entries: tuple[Entry, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    further_attributes: bool = False
    further_dims: tuple[str, ...] | None = None

    def entry(self, name: str) -> Entry | None:
        """The entry of a dataset by its name in the file; None for a name that the layout does not list."""
        for entry in self.entries:
            if entry.name == name:
                return entry
            if entry.repeats:
                match = re.fullmatch(re.escape(entry.name).replace(re.escape("{n}"), r"(0|[1-9]\d*)"), name)
                if match:
                    return entry.numbered(int(match.group(1)))
        return None


_ROOT = Layout(
    path="/",
    required=True,
    description="The experiment. Its groups are the models.",
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

_SLICE = Layout(
    path="/MODEL and /MODEL/SLICE",
    required=False,
    description=(
        "A slice of the loss landscape. The first slice of a model is in the model's own group, each further one in a "
        "subgroup. The first index of every array goes with `axis_0` and the first direction. Where `status` is not 1 "
        "(done), numbers are NaN and `silent` is 0: only `status` tells."
    ),
    entries=(
        Entry("axis_0", ("axis_0",), "<f8", "1", True, "coordinate along the first direction, in multiples of it"),
        Entry("axis_1", ("axis_1",), "<f8", "1", "2D", "coordinate along the second direction, in multiples of it"),
        Entry("direction", ("direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry("layer", ("layer",), "<i4", "1", True, "number of the layer: 1 is the first hidden one, the last the output"),
        Entry("hidden_neuron", ("hidden_neuron",), "<i4", "1", True, "number of the hidden neuron, through all layers"),
        Entry("sample", ("sample",), "<i4", "1", False, "number of the sample in the slice's data"),
        Entry("parameter", ("parameter",), "<i4", "1", False, "number of the weight in the parameter vector"),
        Entry("hidden_neuron_layer", ("hidden_neuron",), "<i4", "1", True, "layer of the hidden neuron"),
        Entry("status", (AXES,), "|u1", "1", True, "what became of the point", flags=STATUS_FLAGS),
        Entry("loss", (AXES,), "<f8", "nat", True, "loss, mean over the samples"),
        Entry("accuracy", (AXES,), "<f8", "1", True, "share of samples classified correctly"),
        Entry(
            "directional_derivative",
            (AXES, "direction"),
            "<f8",
            "nat",
            True,
            "exact derivative of the loss along each direction, per unit of the axis",
        ),
        Entry("gradient_norm", (AXES,), "<f8", "nat/potential", False, "Euclidean norm of the loss gradient over all weights"),
        Entry("spike_count", (AXES, "layer"), "<f8", "1", True, "mean number of spikes per neuron and sample in the layer"),
        Entry(
            "silent",
            (AXES, "hidden_neuron"),
            "|u1",
            "1",
            True,
            "whether the hidden neuron fires in no sample",
            flags=BOOL_FLAGS,
        ),
        Entry("sample_loss", (AXES, "sample"), "<f8", "nat", False, "loss of each sample"),
        Entry("gradient", (AXES, "parameter"), "<f8", "nat/potential", False, "derivative of the loss by each weight"),
    ),
    attributes=(
        Attribute("slice", "text", True, "name of the slice"),
        Attribute("hidden_sizes", "integers", True, "number of neurons in each hidden layer"),
        Attribute("slices", "texts", False, "in a model's group: names of all its slices, in order; one that is not sampled yet has no group"),
    ),
    further_attributes=True,
)

_DIRECTIONS = Layout(
    path="directions, in a slice",
    required=True,
    description="The directions that span the slice. `weights_n` holds, for each direction, its part in the n-th weights.",
    entries=(
        Entry("direction", ("direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry("other_direction", ("other_direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry("gram", ("direction", "other_direction"), "<f8", "potential2", True, "inner products of the directions"),
        Entry("norms", ("direction",), "<f8", "potential", True, "Euclidean norms of the directions"),
        Entry("neuron_{n}", ("neuron_{n}",), "<i4", "1", True, "number of the neuron in layer {n} (0: input channels)"),
        Entry(
            "weights_{n}",
            ("direction", "neuron_{n+1}", "neuron_{n}"),
            "<f8",
            "potential",
            True,
            "the directions' weights from layer {n} to layer {n+1}",
        ),
        Entry("weight_layer", ("weight_layer",), "<i4", "1", False, "number of the weights: n for those of `weights_n`"),
        Entry("network_norms", ("weight_layer",), "<f8", "potential", False, "Euclidean norm of the centre's n-th weights"),
    ),
    attributes=(
        Attribute("recipe", "text", True, "how the directions were made"),
        Attribute("normalization", "text", True, "neuron, layer, unit or raw"),
        Attribute("seed", "integer", False, "seed of random directions"),
    ),
    further_attributes=True,
)

_REGIONS = Layout(
    path="regions, in a slice",
    required=False,
    description=(
        "Silent regions: connected sets of evaluated points (2D: neighbours along an axis) at which a hidden neuron fires in no sample. "
        "Shares are of the evaluated points."
    ),
    entries=(
        Entry("hidden_layer", ("hidden_layer",), "<i4", "1", True, "number of the hidden layer, from 1"),
        Entry("region_count", ("hidden_layer",), "<i4", "1", True, "number of silent regions of the layer's neurons"),
        Entry("area_share", ("hidden_layer",), "<f8", "1", True, "share of points with at least one silent neuron in the layer", False),
        Entry("all_silent_share", ("hidden_layer",), "<f8", "1", True, "share of points at which the whole layer is silent", False),
        Entry("mean_silent_share", ("hidden_layer",), "<f8", "1", True, "share of silent neurons in the layer, mean over points", False),
        Entry("region", ("region",), "<i4", "1", True, "number of the region, from 0"),
        Entry("region_layer", ("region",), "<i4", "1", True, "layer of the region's neuron"),
        Entry("region_neuron", ("region",), "<i4", "1", True, "number of the region's neuron in its layer, from 0"),
        Entry("region_points", ("region",), "<i4", "1", True, "number of points in the region"),
        Entry("region_share", ("region",), "<f8", "1", True, "share of points in the region"),
    ),
    attributes=(
        Attribute("points_used", "integer", True, "number of points that are done"),
        Attribute("points_excluded", "integer", True, "number of points that are not"),
    ),
)

_SUMMARY = Layout(
    path="summary, in a slice",
    required=False,
    description=(
        "Measures of the sampled values as they are; points that are not done, or whose loss is not finite, are left out and counted. "
        "The `sampled_...` ones, the counts of minima and the largest change depend on the spacing of the points: they are no "
        "count of discontinuities. A measure that is not defined (0/0) is NaN."
    ),
    entries=(
        Entry("points_used", (), "<i4", "1", True, "number of points that enter the measures"),
        Entry("points_excluded", (), "<i4", "1", True, "number of points left out"),
        Entry("loss_lowest", (), "<f8", "nat", True, "lowest sampled loss", False),
        Entry("loss_median", (), "<f8", "nat", True, "median of the sampled losses", False),
        Entry("loss_highest", (), "<f8", "nat", True, "highest sampled loss", False),
        Entry("loss_at_centre", (), "<f8", "nat", True, "loss where all coordinates are 0", False),
        Entry("accuracy_highest", (), "<f8", "1", True, "highest sampled accuracy", False),
        Entry("accuracy_at_centre", (), "<f8", "1", True, "accuracy where all coordinates are 0", False),
        Entry("silent_share_mean", (), "<f8", "1", True, "share of silent hidden neurons, mean over points", False),
        Entry("axis", ("axis",), "<i4", "1", True, "number of the axis"),
        Entry(
            "sampled_total_variation",
            ("axis",),
            "<f8",
            "nat",
            True,
            "sum of the absolute loss changes between neighbouring points along the axis, mean over grid lines",
            False,
        ),
        Entry(
            "sampled_total_variation_over_net_change",
            ("axis",),
            "<f8",
            "1",
            True,
            "the same, summed over grid lines, over the summed absolute net changes from the lines' first to last points",
            False,
        ),
        Entry(
            "sampled_total_variation_over_range",
            ("axis",),
            "<f8",
            "1",
            True,
            "sampled total variation over the range of the sampled losses",
            False,
        ),
        Entry(
            "sampled_derivative_sign_changes_per_length",
            ("axis",),
            "<f8",
            "1",
            True,
            "sign changes of the directional derivative between sampled points, per unit of the axis",
            False,
        ),
        Entry("largest_neighbour_change", ("axis",), "<f8", "nat", True, "largest absolute loss change between neighbouring points", False),
        Entry("minima", (), "<i4", "1", True, "number of local minima of the sampled loss; a plateau counts once"),
        Entry("minima_above_1_percent", (), "<i4", "1", True, "those whose persistence is at least 1 % of the range of the sampled losses"),
        Entry("minimum", ("minimum",), "<i4", "1", True, "number of the minimum, most persistent first"),
        Entry("minimum_index", ("minimum", "axis"), "<i4", "1", True, "index of the minimum's first point along each axis"),
        Entry("minimum_loss", ("minimum",), "<f8", "nat", True, "loss at the minimum"),
        Entry(
            "minimum_persistence",
            ("minimum",),
            "<f8",
            "nat",
            True,
            "how far the loss must rise to leave for a lower minimum; infinite where there is none to be reached",
            False,
        ),
        Entry("minimum_points", ("minimum",), "<i4", "1", True, "number of points in the minimum's plateau"),
    ),
)

_DISCONTINUITIES = Layout(
    path="discontinuities, in a slice",
    required=False,
    description="Reserved for the exact census of discontinuities. This version does not write it and does not look into it.",
    further_attributes=True,
)

_NETWORK = Layout(
    path="/MODEL/network, /MODEL/training/initial, /MODEL/training/final",
    required=False,
    description="A network. The model's own `network` is the one that is used: the best of training, where it was trained.",
    entries=(
        Entry("duration", (), "<f8", "trial time", True, "trial duration, in the time unit of tau"),
        Entry("neuron_{n}", ("neuron_{n}",), "<i4", "1", True, "number of the neuron in layer {n} (0: input channels)"),
        Entry("weights_{n}", ("neuron_{n+1}", "neuron_{n}"), "<f8", "potential", True, "weights from layer {n} to layer {n+1}"),
    ),
    attributes=(Attribute("neuron", "text", True, "name of the neuron model"),),
    further_attributes=True,
)

_CONSTANTS = Layout(
    path="constants, in a network",
    required=True,
    description="The constants of the neuron model by name, as `tau` and `threshold`; times in trial time, others in units of the potential.",
    further_dims=(),
)

_TRAINING = Layout(
    path="/MODEL/training",
    required=False,
    description=(
        "The training record, one row per epoch; epoch 0 is the initial network. Further columns may be present. "
        "A value that was not measured in an epoch is NaN."
    ),
    entries=(
        Entry("epoch", ("epoch",), "<i4", "1", True, "number of training epochs done"),
        Entry("train_loss", ("epoch",), "<f8", "nat", False, "mean loss on the training data", False),
        Entry("test_loss", ("epoch",), "<f8", "nat", False, "mean loss on the test data", False),
        Entry("train_accuracy", ("epoch",), "<f8", "1", False, "accuracy on the training data", False),
        Entry("test_accuracy", ("epoch",), "<f8", "1", False, "accuracy on the test data", False),
        Entry("activity", ("epoch",), "<f8", "1", False, "mean number of spikes per hidden neuron and trial", False),
        Entry("silent_share", ("epoch",), "<f8", "1", False, "share of hidden neurons that fire in no sample", False),
        Entry("gradient_norm", ("epoch",), "<f8", "nat/potential", False, "Euclidean norm of the loss gradient", False),
        Entry("learning_rate", ("epoch",), "<f8", "potential", False, "learning rate of the optimizer", False),
        Entry("kept_epoch", ("kept_epoch",), "<i4", "1", False, "epochs at which the parameters were kept"),
        Entry("parameter", ("parameter",), "<i4", "1", False, "number of the weight in the parameter vector"),
        Entry("trajectory", ("kept_epoch", "parameter"), "<f8", "potential", False, "parameter vector at the kept epochs"),
    ),
    attributes=(
        Attribute("best_epoch", "integer", True, "epoch of the best network"),
        Attribute("interrupted", "integer", True, "1 where training was interrupted, else 0"),
        Attribute("seconds", "number", False, "time that training took"),
    ),
    further_attributes=True,
    further_dims=("epoch",),
)

_SETTINGS = Layout(
    path="/MODEL/training/settings",
    required=False,
    description="The settings of training, as attributes, remedies against silence among them. A setting that is off by being unset is absent.",
    further_attributes=True,
)

_RASTER = Layout(
    path="/MODEL/raster",
    required=False,
    description="All spikes of one example sample in the model's network, one row per spike, sorted by layer and time.",
    entries=(
        Entry("spike", ("spike",), "<i4", "1", True, "number of the spike"),
        Entry("time", ("spike",), "<f8", "trial time", True, "time of the spike"),
        Entry("layer", ("spike",), "<i4", "1", True, "layer of the spike: 0 for the input, the last for the output"),
        Entry("neuron", ("spike",), "<i4", "1", True, "number of the neuron (or input channel) in its layer, from 0"),
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

#: All kinds of groups, by the names used in this package.
LAYOUT: dict[str, Layout] = {
    "root": _ROOT,
    "slice": _SLICE,
    "directions": _DIRECTIONS,
    "regions": _REGIONS,
    "summary": _SUMMARY,
    "discontinuities": _DISCONTINUITIES,
    "network": _NETWORK,
    "constants": _CONSTANTS,
    "training": _TRAINING,
    "settings": _SETTINGS,
    "raster": _RASTER,
}

#: Subgroups of each kind of group, and their kinds.
SUBGROUPS: dict[str, dict[str, str]] = {
    "slice": {name: name for name in ("directions", "regions", "summary", "discontinuities")},
    "model": {name: name for name in ("network", "training", "raster")},
    "network": {"constants": "constants"},
    "training": {"settings": "settings", "initial": "network", "final": "network"},
}

#: Names that neither a model nor a slice may have, because they mean something in a model's group.
RESERVED_NAMES = frozenset(SUBGROUPS["slice"]) | frozenset(SUBGROUPS["model"]) | {e.name for e in _SLICE.entries}


def page_tables() -> str:
    """The tables of the format page, in Markdown."""
    return "\n".join(_page_lines())


def _page_lines() -> Iterator[str]:
    for layout in LAYOUT.values():
        yield f"### `{layout.path}`" if layout.path == "/" else f"### {layout.path}"
        yield ""
        yield layout.description
        yield ""
        if layout.entries or layout.further_dims is not None:
            yield "| dataset | dimensions | type | unit | required | what |"
            yield "|---|---|---|---|---|---|"
            for entry in layout.entries:
                dims = ", ".join("axis_0[, axis_1]" if dim == AXES else dim for dim in entry.dims) or "scalar"
                required = {True: "yes", False: "", "2D": "in 2D"}[entry.required]
                what = entry.description
                if entry.flags:
                    values = entry.flags["flag_values"]
                    meanings = str(entry.flags["flag_meanings"]).split()
                    pairs = zip(values, meanings, strict=True)  # type: ignore[call-overload]
                    what += ": " + ", ".join(f"{value} {meaning}" for value, meaning in pairs)
                yield f"| `{entry.name}` | {dims} | {TYPE_NAMES[entry.dtype]} | {entry.unit} | {required} | {what} |"
            if layout.further_dims is not None:
                dims = ", ".join(layout.further_dims) or "scalar"
                yield f"| any other | {dims} | float64 | | | |"
            yield ""
        if layout.attributes or layout.further_attributes:
            yield "| attribute | type | required | what |"
            yield "|---|---|---|---|"
            for attribute in layout.attributes:
                yield (
                    f"| `{attribute.name}` | {attribute.kind} | {'yes' if attribute.required else ''} "
                    f"| {attribute.description} |"
                )
            if layout.further_attributes:
                yield "| any other | text or number | | |"
            yield ""


TYPE_NAMES = {"<f8": "float64", "<i4": "int32", "|u1": "uint8"}

PAGE = Path(__file__).with_name("README.md")
PAGE_START, PAGE_END = "<!-- tables: start -->", "<!-- tables: end -->"


def page_with_tables(text: str) -> str:
    """The text of the format page with its tables replaced by those of this module."""
    before, rest = text.split(PAGE_START)
    after = rest.split(PAGE_END)[1]
    return f"{before}{PAGE_START}\n\n{page_tables()}\n{PAGE_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
