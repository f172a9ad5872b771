"""The groups with the anatomy of one sample on a line."""

from __future__ import annotations

from landscape.storage.layout import Attribute, Entry, Layout

ANATOMY = Layout(
    path="anatomy, in a slice with one axis",
    required=False,
    description=(
        "One sample on the line: its loss, and its spike times as curves. A curve ends where its spike disappears or "
        "jumps, and another one begins where a spike appears. Layers are numbered as the weights that lead to them: 0 "
        "is the first hidden one."
    ),
    entries=(
        Entry("position", ("position",), "<f8", "1", True, "positions at which the sample was simulated, increasing"),
        Entry("loss", ("position",), "<f8", "nat", True, "the sample's loss", False),
        Entry(
            "piece",
            ("position",),
            "<i4",
            "1",
            True,
            "number of discontinuities to the left: the loss is continuous between positions of the same number",
        ),
        Entry("curve", ("curve",), "<i4", "1", True, "number of the curve, from 0"),
        Entry("curve_layer", ("curve",), "<i4", "1", True, "layer of the neuron whose spike it is"),
        Entry("curve_neuron", ("curve",), "<i4", "1", True, "the neuron, in the layer"),
        Entry("vertex", ("vertex",), "<i4", "1", True, "number of the vertex, from 0"),
        Entry("vertex_curve", ("vertex",), "<i4", "1", True, "curve that the vertex belongs to, ascending"),
        Entry("vertex_position", ("vertex",), "<f8", "1", True, "its position, increasing along a curve"),
        Entry("vertex_time", ("vertex",), "<f8", "trial time", True, "the spike time there"),
    ),
    attributes=(
        Attribute("sample", "integer", True, "number of the sample in the census"),
        Attribute("label", "integer", True, "its class"),
        Attribute("duration", "number", True, "trial duration"),
        Attribute("sizes", "integers", True, "number of input channels and of neurons in each layer that spikes"),
        Attribute(
            "spiking_output", "integer", True, "1 if the last of these is the output layer, 0 if it does not spike"
        ),
    ),
)

BOTH_SIDES = Layout(
    path="anatomy/both_sides",
    required=False,
    description=(
        "The membrane potential of the neuron whose spike comes, goes or jumps at one discontinuity of the sample, "
        "just left and just right of it."
    ),
    entries=(
        Entry("point", ("point",), "<i4", "1", True, "number of the value, from 0: first those of the left side"),
        Entry("time", ("point",), "<f8", "trial time", True, "time"),
        Entry("side", ("point",), "<i4", "1", True, "0: left, 1: right"),
        Entry("potential", ("point",), "<f8", "potential", True, "membrane potential", False),
        Entry("spike", ("spike",), "<i4", "1", True, "number of the neuron's spike, from 0"),
        Entry("spike_time", ("spike",), "<f8", "trial time", True, "times of the neuron's spikes"),
        Entry("spike_side", ("spike",), "<i4", "1", True, "side that the spike is on"),
        Entry("input", ("input",), "<i4", "1", True, "number of the spike that arrives, from 0"),
        Entry("input_time", ("input",), "<f8", "trial time", True, "times of the spikes that arrive, on the left"),
        Entry("input_neuron", ("input",), "<i4", "1", True, "neurons (input channels) that they come from"),
        Entry("input_weight", ("input",), "<f8", "potential", True, "weights of their synapses"),
    ),
    attributes=(
        Attribute("row", "integer", True, "which of the sample's discontinuities it is, by position, from 0"),
        Attribute("position", "number", True, "its position"),
        Attribute("layer", "integer", True, "layer of the neuron"),
        Attribute("neuron", "integer", True, "the neuron, in the layer"),
        Attribute("mechanism", "text", True, "order, grazing or trial_end"),
        Attribute("threshold", "number", True, "the neuron's threshold; NaN where it has none"),
        Attribute("event_time", "number", True, "time of the spike that comes, goes or jumps: the earlier one"),
        Attribute(
            "partner", "integer", True, "for order: neuron (input channel) whose spike it coincides with, else -1"
        ),
        Attribute("partner_time", "number", True, "time of that spike, else NaN"),
    ),
)
