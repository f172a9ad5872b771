"""All spikes of one sample, as a result file holds them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.h5.fields import array, attribute, record

__all__ = ["RasterData", "raster_data"]

#: The layer of input spikes.
INPUT = -1


@record(
    "raster",
    of="model",
    title="/MODEL/raster",
    doc="All spikes of one example sample in the model's network, one row per spike, sorted by layer and time.",
    dims={"spike": "number of the spike"},
)
class RasterData:
    """All spikes of one sample, one row per spike.

    Attributes:
        time: spike times (n_spikes,), trial time.
        layer: layer of each spike (n_spikes,): -1 for the input, 0 for the first hidden one.
        neuron: neuron or input channel of each spike (n_spikes,).
        sizes: number of input channels and of neurons in each layer.
        duration: trial duration.
        sample: number of the sample in the data.
        label: its class.
        prediction: the class that the network gave, or None.
    """

    time: NDArray[np.float64] = array("spike", "time of the spike", unit="trial time")
    layer: NDArray[np.int64] = array("spike", "layer of the spike: -1 for the input", dtype="i4", lowest=INPUT)
    neuron: NDArray[np.int64] = array(
        "spike", "number of the neuron (or input channel) in its layer, from 0", dtype="i4", lowest=0
    )
    sizes: tuple[int, ...] = attribute("integers", "number of input channels and of neurons in each layer")
    duration: float = attribute("number", "trial duration")
    sample: int = attribute("integer", "number of the sample in the test data")
    label: int = attribute("integer", "class of the sample")
    prediction: int | None = attribute("integer", "class that the network gave", default=None)

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        if self.layer.size and self.layer.max() >= len(self.sizes) - 1:
            yield f"layer: there is a spike of layer {self.layer.max()}, but sizes has {len(self.sizes) - 1} layers"
        elif np.any(self.neuron >= np.asarray(self.sizes)[self.layer + 1]):
            yield "neuron: there is a neuron that its layer does not have"


def raster_data(
    input_times: ArrayLike,
    input_channels: ArrayLike,
    layers: list[tuple[ArrayLike, ArrayLike]],
    *,
    sizes: tuple[int, ...],
    duration: float,
    sample: int,
    label: int,
    prediction: int | None = None,
) -> RasterData:
    """One table of all spikes of a sample, sorted by layer and, within it, by time.

    Args:
        input_times: times of the input spikes.
        input_channels: their channels.
        layers: spike times and neurons of each layer, as of ``trial.layers``.
        sizes: number of input channels and of neurons in each layer.
        duration: trial duration.
        sample: number of the sample in the data.
        label: its class.
        prediction: the class that the network gave.
    """
    times, numbers, neurons = [], [], []
    for number, (t, n) in enumerate([(input_times, input_channels), *layers], start=INPUT):
        t, n = np.asarray(t, dtype=np.float64), np.asarray(n, dtype=np.int64)
        order = np.argsort(t, kind="stable")
        times.append(t[order])
        neurons.append(n[order])
        numbers.append(np.full(t.size, number, dtype=np.int64))
    return RasterData(
        time=np.concatenate(times),
        layer=np.concatenate(numbers),
        neuron=np.concatenate(neurons),
        sizes=tuple(int(size) for size in sizes),
        duration=float(duration),
        sample=int(sample),
        label=int(label),
        prediction=None if prediction is None else int(prediction),
    )
