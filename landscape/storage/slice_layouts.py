"""The groups of a slice: the sampled values, the directions, and what was measured."""

from __future__ import annotations

from landscape.storage.layout import AXES, BOOL_FLAGS, STATUS_FLAGS, Attribute, Entry, Layout

SLICE = Layout(
    path="/MODEL and /MODEL/SLICE",
    required=False,
    description=(
        "A slice of the loss landscape. The first slice of a model is in the model's own group, each "
        "further one in a subgroup. The first index of every array goes with `axis_0` and the first "
        "direction. Where `status` is not 1 (done), numbers are NaN and `silent` is 0: only `status` tells."
    ),
    entries=(
        Entry(
            "axis_0",
            ("axis_0",),
            "<f8",
            "1",
            True,
            "coordinate along the first direction, in multiples of it",
        ),
        Entry(
            "axis_1",
            ("axis_1",),
            "<f8",
            "1",
            "2D",
            "coordinate along the second direction, in multiples of it",
        ),
        Entry("direction", ("direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry(
            "layer",
            ("layer",),
            "<i4",
            "1",
            True,
            "number of the layer: 1 is the first hidden one, the last the output",
        ),
        Entry(
            "hidden_neuron",
            ("hidden_neuron",),
            "<i4",
            "1",
            True,
            "number of the hidden neuron, through all layers",
        ),
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
        Entry(
            "gradient_norm",
            (AXES,),
            "<f8",
            "nat/potential",
            False,
            "Euclidean norm of the loss gradient over all weights",
        ),
        Entry(
            "spike_count",
            (AXES, "layer"),
            "<f8",
            "1",
            True,
            "mean number of spikes per neuron and sample in the layer",
        ),
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
        Entry(
            "gradient",
            (AXES, "parameter"),
            "<f8",
            "nat/potential",
            False,
            "derivative of the loss by each weight",
        ),
    ),
    attributes=(
        Attribute("slice", "text", True, "name of the slice"),
        Attribute("hidden_sizes", "integers", True, "number of neurons in each hidden layer"),
        Attribute(
            "slices",
            "texts",
            False,
            "in a model's group: names of all its slices, in order; one that is not sampled yet has no group",
        ),
        Attribute(
            "skipped",
            "texts",
            False,
            "in a model's group: `NAME: REASON` for each of its slices that could not be sampled",
        ),
    ),
    further_attributes=True,
)

DIRECTIONS = Layout(
    path="directions, in a slice",
    required=True,
    description=(
        "The directions that span the slice. `weights_n` holds, for each direction, its part in the n-th weights."
    ),
    entries=(
        Entry("direction", ("direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry("other_direction", ("other_direction",), "<i4", "1", True, "number of the direction, from 0"),
        Entry(
            "gram",
            ("direction", "other_direction"),
            "<f8",
            "potential2",
            True,
            "inner products of the directions",
        ),
        Entry("norms", ("direction",), "<f8", "potential", True, "Euclidean norms of the directions"),
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
            ("direction", "neuron_{n+1}", "neuron_{n}"),
            "<f8",
            "potential",
            True,
            "the directions' weights from layer {n} to layer {n+1}",
        ),
        Entry(
            "weight_layer",
            ("weight_layer",),
            "<i4",
            "1",
            False,
            "number of the weights: n for those of `weights_n`",
        ),
        Entry(
            "network_norms",
            ("weight_layer",),
            "<f8",
            "potential",
            False,
            "Euclidean norm of the centre's n-th weights",
        ),
    ),
    attributes=(
        Attribute("recipe", "text", True, "how the directions were made"),
        Attribute("normalization", "text", True, "how each was scaled: neuron, layer, network, unit or raw"),
        Attribute("seed", "integer", False, "seed of random directions"),
    ),
    further_attributes=True,
)

REGIONS = Layout(
    path="regions, in a slice",
    required=False,
    description=(
        "Silent regions: connected sets of evaluated points (2D: neighbours along an axis) at which a "
        "hidden neuron fires in no sample. Shares are of the evaluated points."
    ),
    entries=(
        Entry("hidden_layer", ("hidden_layer",), "<i4", "1", True, "number of the hidden layer, from 1"),
        Entry(
            "region_count",
            ("hidden_layer",),
            "<i4",
            "1",
            True,
            "number of silent regions of the layer's neurons",
        ),
        Entry(
            "area_share",
            ("hidden_layer",),
            "<f8",
            "1",
            True,
            "share of points with at least one silent neuron in the layer",
            False,
        ),
        Entry(
            "all_silent_share",
            ("hidden_layer",),
            "<f8",
            "1",
            True,
            "share of points at which the whole layer is silent",
            False,
        ),
        Entry(
            "mean_silent_share",
            ("hidden_layer",),
            "<f8",
            "1",
            True,
            "share of silent neurons in the layer, mean over points",
            False,
        ),
        Entry("region", ("region",), "<i4", "1", True, "number of the region, from 0"),
        Entry("region_layer", ("region",), "<i4", "1", True, "layer of the region's neuron"),
        Entry(
            "region_neuron",
            ("region",),
            "<i4",
            "1",
            True,
            "number of the region's neuron in its layer, from 0",
        ),
        Entry("region_points", ("region",), "<i4", "1", True, "number of points in the region"),
        Entry("region_share", ("region",), "<f8", "1", True, "share of points in the region"),
    ),
    attributes=(
        Attribute("points_used", "integer", True, "number of points that are done"),
        Attribute("points_excluded", "integer", True, "number of points that are not"),
    ),
)

SUMMARY = Layout(
    path="summary, in a slice",
    required=False,
    description=(
        "Measures of the sampled values as they are; points that are not done, or whose loss is not "
        "finite, are left out and counted. The `sampled_...` ones, the counts of minima and the largest "
        "change depend on the spacing of the points: they are no count of discontinuities. A measure that "
        "is not defined (0/0) is NaN."
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
        Entry(
            "silent_share_mean",
            (),
            "<f8",
            "1",
            True,
            "share of silent hidden neurons, mean over points",
            False,
        ),
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
            "the same, summed over grid lines, over the summed absolute net changes from the lines' first "
            "to last points (large where lines end about as high as they begin, as across a valley)",
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
        Entry(
            "largest_neighbour_change",
            ("axis",),
            "<f8",
            "nat",
            True,
            "largest absolute loss change between neighbouring points",
            False,
        ),
        Entry(
            "minima",
            (),
            "<i4",
            "1",
            True,
            "number of local minima of the sampled loss; a plateau counts once",
        ),
        Entry(
            "minima_above_1_percent",
            (),
            "<i4",
            "1",
            True,
            "those whose persistence is at least 1 % of the range of the sampled losses",
        ),
        Entry(
            "saddle_minimum_distance",
            (),
            "<f8",
            "nat",
            False,
            "saddle-minimum average distance (SMAD): mean rise from a minimum to the saddle where it meets another one",
        ),
        Entry("minimum", ("minimum",), "<i4", "1", True, "number of the minimum, most persistent first"),
        Entry(
            "minimum_index",
            ("minimum", "axis"),
            "<i4",
            "1",
            True,
            "index of the minimum's first point along each axis",
        ),
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
