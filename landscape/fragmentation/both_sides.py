"""The potential of a neuron on both sides of one of its discontinuities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.anatomy_record import BothSides
from landscape.fragmentation.census.record import Census
from landscape.fragmentation.sample_line import SampleLine
from landscape.network import Network

if TYPE_CHECKING:
    from landscape.network import Network

__all__ = ["BothSides", "beyond_rounding", "potentials_on_both_sides"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: How far beyond its bracket a discontinuity's two sides are looked at, as a share of the range.
_BESIDE_BRACKET = 1e-10
#: How close to a spike the potential is evaluated on its two sides, as a share of the trial.
_BESIDE = 1e-9


def beyond_rounding(own: Census) -> FloatArray:
    """Positions on both sides of every discontinuity, (n, 2).

    The census's brackets are as narrow as its own rounding allows; a network that is built at a position differs from
    its kernels' by other rounding.
    """
    reach = _BESIDE_BRACKET * (own.high - own.low)
    return np.clip(own.bracket + reach * np.array([-1.0, 1.0]), own.low, own.high)


def potentials_on_both_sides(line: SampleLine, own: Census, row: int, count: int) -> BothSides:
    """Evaluate the potential of the neuron that causes a discontinuity.

    Args:
        line: the sample's line.
        own: the sample's discontinuities.
        row: which of them.
        count: evenly spaced times to evaluate at, and as many around the event.
    """
    layer, neuron = int(own.layer[row]), int(own.neuron[row])
    brackets = beyond_rounding(own)
    duration = line.network.duration
    event = float(np.nanmin(own.time[row]))
    # Evenly over the trial, and ever closer to the event.
    near = np.geomspace(1e-7, 1.0, max(count // 2, 2)) * duration
    common = np.concatenate([np.linspace(_BESIDE * duration, duration, count), event - near, event + near, [event]])
    times, potentials, sides, spike_times, spike_sides = [], [], [], [], []
    inputs: tuple[FloatArray, IntArray] = (np.empty(0), np.empty(0, np.int64))
    weights = np.empty(0)
    for side in (0, 1):
        full = line.at(float(brackets[row, side]))
        network = full.with_weights(full.weights[: layer + 1])
        layers = line.trial(network).layers
        spikes = layers[layer].times[layers[layer].neurons == neuron]
        if side == 0:
            inputs = _inputs(line, layers, layer)
            weights = network.weights[layer][neuron]
        beside = _BESIDE * duration
        here = np.concatenate([common, inputs[0], spikes - beside, spikes + beside])
        here = np.unique(here[(here > 0.0) & (here <= duration)])
        times.append(here)
        potentials.append(_potential(line, network, neuron, here))
        sides.append(np.full(here.size, side, np.int64))
        spike_times.append(spikes)
        spike_sides.append(np.full(spikes.size, side, np.int64))
    return BothSides(
        row=row,
        position=float(own.position[row]),
        layer=layer,
        neuron=neuron,
        mechanism=str(own.mechanism[row]),
        threshold=float(getattr(line.network.neuron, "threshold", np.nan)),
        event_time=event,
        partner=int(own.partner[row]),
        partner_time=float(own.partner_time[row]),
        time=np.concatenate(times),
        side=np.concatenate(sides),
        potential=np.concatenate(potentials),
        spike_time=np.concatenate(spike_times),
        spike_side=np.concatenate(spike_sides),
        input_time=inputs[0],
        input_neuron=inputs[1],
        input_weight=weights[inputs[1]],
    )


def _inputs(line: SampleLine, layers: list[Any], layer: int) -> tuple[FloatArray, IntArray]:
    """Times and origins of the spikes that reach a layer within the trial."""
    if layer > 0:
        return layers[layer - 1].times, layers[layer - 1].neurons.astype(np.int64)
    times = np.asarray(line.data.times, np.float64)
    within = times < line.network.duration
    order = np.argsort(times[within], kind="stable")
    return times[within][order], np.asarray(line.data.channels, np.int64)[within][order]


def _potential(line: SampleLine, network: Network, neuron: int, times: FloatArray) -> FloatArray:
    """The potential of a neuron of the last layer at some times: that at the end of a trial of this duration.

    A trial does not know what comes after it, so this is exact, whatever the neuron model.
    """
    found = [line.trial(Network(network.neuron, network.weights, time)).layers[-1] for time in times.tolist()]
    return np.array([layer.potential[neuron] for layer in found])
