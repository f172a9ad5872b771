"""The group with the discontinuities of a line."""

from __future__ import annotations

from landscape.storage.layout import (
    BOOL_FLAGS,
    CONFIRMED_FLAGS,
    KIND_FLAGS,
    MECHANISM_FLAGS,
    Attribute,
    Entry,
    Layout,
)

DISCONTINUITIES = Layout(
    path="discontinuities, in a slice with one axis",
    required=False,
    description=(
        "The census: every discontinuity of the losses of single samples on the line, and hence of their mean, in the "
        "order of positions. `left` and `right` are the sides of lower and of higher positions. Layers are numbered as "
        "the weights that lead to them: 0 is the first hidden one. Rows `change_...` are the spikes that come, go or "
        "jump at a discontinuity, in its layer and in later ones. A piece of an experiment, which holds no values of "
        "its slice, has this group in the model's group."
    ),
    entries=(
        Entry("discontinuity", ("discontinuity",), "<i4", "1", True, "number of the discontinuity, from 0"),
        Entry("side", ("side",), "<i4", "1", True, "0: left, 1: right"),
        Entry("position", ("discontinuity",), "<f8", "1", True, "where it is, in multiples of the direction"),
        Entry("bracket", ("discontinuity", "side"), "<f8", "1", True, "positions between which the loss jumps"),
        Entry("loss", ("discontinuity", "side"), "<f8", "nat", True, "one-sided limits of the sample's loss", False),
        Entry(
            "jump",
            ("discontinuity",),
            "<f8",
            "nat",
            True,
            "jump of the sample's loss, right minus left; that of the mean loss is this over `n_samples`",
            False,
        ),
        Entry(
            "error",
            ("discontinuity",),
            "<f8",
            "nat",
            True,
            "estimated error of the jump; infinite where another transition is too close for an estimate",
            False,
        ),
        Entry("sample", ("discontinuity",), "<i4", "1", True, "number of the sample in the census"),
        Entry("layer", ("discontinuity",), "<i4", "1", True, "layer of the spike that comes, goes or jumps"),
        Entry("neuron", ("discontinuity",), "<i4", "1", True, "its neuron, in the layer"),
        Entry("number", ("discontinuity",), "<i4", "1", True, "which of the neuron's spikes it is, from 0"),
        Entry(
            "time",
            ("discontinuity", "side"),
            "<f8",
            "trial time",
            True,
            "time of the neuron's spike of that number; NaN where there is none",
            False,
        ),
        Entry(
            "kind",
            ("discontinuity",),
            "|u1",
            "1",
            True,
            "what the earlier of the two spikes does in the direction of travel",
            flags=KIND_FLAGS,
        ),
        Entry(
            "mechanism",
            ("discontinuity",),
            "|u1",
            "1",
            True,
            "why: the threshold crossing coincides with an incoming spike, the potential touches the threshold, or the "
            "spike is at the trial's end",
            flags=MECHANISM_FLAGS,
        ),
        Entry(
            "partner",
            ("discontinuity",),
            "<i4",
            "1",
            True,
            "for order: neuron of the layer below (input channel) whose spike it coincides with; otherwise -1",
        ),
        Entry(
            "partner_time",
            ("discontinuity",),
            "<f8",
            "trial time",
            True,
            "time of that spike; otherwise NaN",
            False,
        ),
        Entry(
            "downstream",
            ("discontinuity",),
            "|u1",
            "1",
            True,
            "whether the loss changes only by what the spike causes in later layers",
            flags=BOOL_FLAGS,
        ),
        Entry("widths", ("widths",), "<f8", "1", True, "widths of brackets that shrink, as shares of the range"),
        Entry(
            "difference",
            ("discontinuity", "widths"),
            "<f8",
            "nat",
            True,
            "loss on the right minus loss on the left across these brackets; NaN where one holds another transition",
            False,
        ),
        Entry(
            "confirmed",
            ("discontinuity",),
            "|i1",
            "1",
            True,
            "whether evaluations in extended precision on both sides agree with the jump",
            flags=CONFIRMED_FLAGS,
        ),
        Entry("change", ("change",), "<i4", "1", True, "number of the displaced spike, from 0"),
        Entry("change_of", ("change",), "<i4", "1", True, "discontinuity that it belongs to"),
        Entry("change_layer", ("change",), "<i4", "1", True, "its layer"),
        Entry("change_neuron", ("change",), "<i4", "1", True, "its neuron, in the layer"),
        Entry(
            "change_time",
            ("change", "side"),
            "<f8",
            "trial time",
            True,
            "time of the neuron's first spike that differs; NaN where there is none",
            False,
        ),
        Entry("change_count", ("change", "side"), "<i4", "1", True, "number of the neuron's spikes"),
        Entry("end", ("end",), "<i4", "1", True, "0: lower end of a piece of the line, 1: upper end"),
        Entry("silent", ("silent",), "<i4", "1", True, "number of the silent piece, from 0"),
        Entry(
            "silent_neuron",
            ("silent",),
            "<i4",
            "1",
            True,
            "hidden neuron, numbered through all layers, that is silent in all samples on ...",
        ),
        Entry("silent_interval", ("silent", "end"), "<f8", "1", True, "... this piece of the line, exactly bounded"),
        Entry("unresolved", ("unresolved",), "<i4", "1", True, "number of the piece that was given up, from 0"),
        Entry(
            "unresolved_sample", ("unresolved",), "<i4", "1", True, "sample whose transitions are not told apart ..."
        ),
        Entry("unresolved_interval", ("unresolved", "end"), "<f8", "1", True, "... on this piece of the line"),
        Entry("census_sample", ("census_sample",), "<i4", "1", False, "number of the sample in the census, from 0"),
        Entry(
            "samples",
            ("census_sample",),
            "<i4",
            "1",
            False,
            "number of each of the census's samples in the slice's data, where it has not all of them",
        ),
    ),
    attributes=(
        Attribute("low", "number", True, "lower end of the line"),
        Attribute("high", "number", True, "upper end"),
        Attribute("n_samples", "integer", True, "number of samples"),
        Attribute("minimum", "number", False, "smallest jump of a sample's loss that counts as one, nats"),
        Attribute(
            "largest_continuous", "number", True, "largest change of a loss at a transition that is no jump, nats"
        ),
        *(
            Attribute(f"transitions_{name}", "integer", True, f"examined transitions by mechanism: {name}")
            for name in str(MECHANISM_FLAGS["flag_meanings"]).split()
        ),
    ),
    further_attributes=True,
)
