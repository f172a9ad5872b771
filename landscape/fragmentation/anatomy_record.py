"""The anatomy of one sample on a line: its spike times as curves, and a potential on both sides of a discontinuity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.h5.fields import array, attribute, group, record

__all__ = ["Anatomy", "BothSides"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def _number(dim: str, doc: str, **options: Any) -> Any:
    return array(dim, doc, dtype="i4", **({"lowest": 0} | options))


@record(
    "both_sides",
    title="anatomy/both_sides",
    doc=(
        "The membrane potential of the neuron whose spike comes, goes or jumps at one discontinuity of the sample, "
        "just left and just right of it."
    ),
    dims={
        "point": "number of the value, from 0: first those of the left side",
        "spike": "number of the neuron's spike, from 0",
        "input": "number of the spike that arrives, from 0",
    },
)
class BothSides:
    """The membrane potential of one neuron just left and just right of one discontinuity.

    Attributes:
        row: which discontinuity of the sample, a row of ``Census.of_sample(sample)``.
        position: its position.
        layer: layer of the neuron whose spike comes, goes or jumps; 0 is the first hidden one.
        neuron: the neuron.
        mechanism: as in the census.
        threshold: the neuron's threshold; nan where its model has none.
        event_time: when the spike is that one of the sides lacks, or has at another time.
        partner: for ``"order"``, the neuron below (input channel) whose spike it coincides with; otherwise -1.
        partner_time: time of that spike; otherwise nan.
        time: (n,); times at which the potential is known, first those of the left side, then those of the right.
        side: (n,); 0 on the left, 1 on the right.
        potential: (n,)
        spike_time: (k,); times of the neuron's spikes on both sides.
        spike_side: (k,)
        input_time: (m,); times of the spikes that arrive at the neuron, as on the left side.
        input_neuron: (m,); the neurons below (input channels) that they come from.
        input_weight: (m,); the synapses' weights.
    """

    row: int = attribute("integer", "which of the sample's discontinuities it is, by position, from 0", lowest=0)
    position: float = attribute("number", "its position")
    layer: int = attribute("integer", "layer of the neuron", lowest=0)
    neuron: int = attribute("integer", "the neuron, in the layer", lowest=0)
    mechanism: str = attribute("text", "order, grazing or trial_end")
    threshold: float = attribute("number", "the neuron's threshold; NaN where it has none")
    event_time: float = attribute("number", "time of the spike that comes, goes or jumps: the earlier one")
    partner: int = attribute(
        "integer", "for order: neuron (input channel) whose spike it coincides with, else -1", lowest=-1
    )
    partner_time: float = attribute("number", "time of that spike, else NaN")
    time: FloatArray = array("point", "time", unit="trial time")
    side: IntArray = _number("point", "0: left, 1: right", highest=1)
    potential: FloatArray = array("point", "membrane potential", unit="potential", nan=True, inf=True)
    spike_time: FloatArray = array("spike", "times of the neuron's spikes", unit="trial time")
    spike_side: IntArray = _number("spike", "side that the spike is on", highest=1)
    input_time: FloatArray = array("input", "times of the spikes that arrive, on the left", unit="trial time")
    input_neuron: IntArray = _number("input", "neurons (input channels) that they come from")
    input_weight: FloatArray = array("input", "weights of their synapses", unit="potential")


@record(
    "anatomy",
    of="line",
    title="anatomy, in a slice with one axis",
    doc=(
        "One sample on the line: its loss, and its spike times as curves. A curve ends where its spike disappears or "
        "jumps, and another one begins where a spike appears."
    ),
    dims={"curve": "number of the curve, from 0", "vertex": "number of the vertex, from 0"},
)
class Anatomy:
    """Spike times and loss of one sample along a line.

    The spike times are curves over the line. A curve ends where its spike disappears or jumps and another one begins
    where a spike appears.

    Attributes:
        sample: number of the sample in the data.
        label: its class.
        duration: trial duration.
        sizes: number of input channels and of neurons in each layer that spikes.
        spiking_output: whether the last of these is the output layer; it is not where potentials are read.
        position: (p,); positions at which the sample was simulated, increasing; both sides of every discontinuity are
            among them.
        loss: (p,); the sample's loss there.
        piece: (p,); number of discontinuities to the left of the position: the loss is continuous between positions of
            the same number.
        curve_layer: (c,); layer of the neuron that a curve belongs to; 0 is the first hidden one.
        curve_neuron: (c,); the neuron.
        vertex_curve: (v,), increasing; which curve a vertex belongs to.
        vertex_position: (v,); its position, increasing within a curve.
        vertex_time: (v,); the spike time there. Between vertices a curve is straight to 5e-4 of the trial.
        both_sides: the potential on both sides of one discontinuity; None where the sample has none.
    """

    sample: int = attribute("integer", "number of the sample in the census", lowest=0)
    label: int = attribute("integer", "its class")
    duration: float = attribute("number", "trial duration")
    sizes: tuple[int, ...] = attribute("integers", "number of input channels and of neurons in each layer that spikes")
    spiking_output: bool = attribute("boolean", "1 if the last of these is the output layer, 0 if it does not spike")
    position: FloatArray = array(
        "position", "positions at which the sample was simulated, increasing", ascending="strictly"
    )
    loss: FloatArray = array("position", "the sample's loss", unit="nat", nan=True, inf=True)
    piece: IntArray = _number(
        "position",
        "number of discontinuities to the left: the loss is continuous between positions of the same number",
        ascending=True,
    )
    curve_layer: IntArray = _number("curve", "layer of the neuron whose spike it is")
    curve_neuron: IntArray = _number("curve", "the neuron, in the layer")
    vertex_curve: IntArray = _number("vertex", "curve that the vertex belongs to", below="curve", ascending=True)
    vertex_position: FloatArray = array("vertex", "its position, increasing along a curve")
    vertex_time: FloatArray = array("vertex", "the spike time there", unit="trial time")
    both_sides: BothSides | None = group(BothSides, default=None)

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        same = np.diff(self.vertex_curve) == 0
        if np.any(np.diff(self.vertex_position)[same] < 0.0):
            yield "vertex_position: falls along a curve"
