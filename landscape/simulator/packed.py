"""A network as kernels see it: all weights in one flat array, transposed and padded."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from landscape.compilation import inline
from landscape.simulator.memory import aligned_zeros, borrowed
from landscape.simulator.rooms import padded

__all__ = [
    "Interval",
    "PackedNetwork",
    "Samples",
    "Source",
    "layer_rows",
    "lent",
    "pack",
    "packed_layout",
    "unpack",
]


class PackedNetwork(NamedTuple):
    """Layer ``l`` maps ``sizes[l]`` to ``sizes[l + 1]`` neurons. Its weights are the rows, one per presynaptic
    neuron, of ``flat[starts[l]:starts[l + 1]]`` reshaped to ``(sizes[l], widths[l + 1])``."""

    sizes: np.ndarray  # (n_layers + 1,) int64
    widths: np.ndarray  # (n_layers + 1,) int64, sizes padded to whole vector registers
    starts: np.ndarray  # (n_layers + 1,) int64
    flat: np.ndarray  # (starts[-1],)
    duration: float


class Source(NamedTuple):
    """The input of a layer: at ``times[k]`` it receives ``rows[row[k]]``."""

    times: np.ndarray  # (n_events,)
    row: np.ndarray  # (n_events,) int64
    rows: np.ndarray  # (n_rows, width)


class Interval(NamedTuple):
    """The time between two events of a layer, and the event that ends it: what the kernels of all neurons are given."""

    number: int  # it ends with the event of this number, or with the trial
    begin: float
    end: float
    clock: tuple[float, ...]  # what it is to the neurons
    row: int  # of the source's rows, received at the end
    gain: float  # 1, or 0 at the trial's end, where nothing is received
    before: int  # row of the tape with the states at the beginning
    after: int  # and just after the event


class Samples(NamedTuple):
    """Those of a data set: sample ``s`` has the spikes ``offsets[s]`` to before ``offsets[s + 1]``."""

    times: np.ndarray  # (n_spikes,)
    channels: np.ndarray  # (n_spikes,) int32
    offsets: np.ndarray  # (n_samples + 1,) int64
    labels: np.ndarray  # (n_samples,) int64


def packed_layout(sizes: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes, padded widths and starts of the layers of a network with these numbers of neurons."""
    widths = [padded(n) for n in sizes]
    starts = itertools.accumulate((n * w for n, w in zip(sizes[:-1], widths[1:], strict=True)), initial=0)
    return np.array(sizes, np.int64), np.array(widths, np.int64), np.array(list(starts), np.int64)


def pack(weights: Sequence[np.ndarray]) -> np.ndarray:
    """Flat transposed and padded copy of a list of weight matrices (n_post, n_pre)."""
    flat = aligned_zeros(sum(w.shape[1] * padded(w.shape[0]) for w in weights))
    start = 0
    for w in weights:
        end = start + w.shape[1] * padded(w.shape[0])
        flat[start:end].reshape(w.shape[1], -1)[:, : w.shape[0]] = w.T
        start = end
    return flat


def unpack(flat: np.ndarray, sizes: Sequence[int]) -> list[np.ndarray]:
    """The inverse of :func:`pack`."""
    _, widths, starts = packed_layout(sizes)
    return [
        np.ascontiguousarray(
            flat[starts[layer] : starts[layer + 1]].reshape(sizes[layer], widths[layer + 1])[:, : sizes[layer + 1]].T
        )
        for layer in range(len(sizes) - 1)
    ]


@inline
def lent(network):
    """The same network without counting who refers to it: threads that count together wait for one another."""
    return PackedNetwork(
        borrowed(network.sizes),
        borrowed(network.widths),
        borrowed(network.starts),
        borrowed(network.flat),
        network.duration,
    )


@inline
def layer_rows(network, flat, layer):
    """Weights of a layer, or anything of the same layout, as rows per presynaptic neuron."""
    block = flat[network.starts[layer] : network.starts[layer + 1]]
    return block.reshape((network.sizes[layer], network.widths[layer + 1]))
