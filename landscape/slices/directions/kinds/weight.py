"""A single weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.errors import DirectionError
from landscape.slices.directions.kind import DirectionKind, Shapes, Surroundings, listed
from landscape.slices.directions.vectors import Direction
from landscape.tables import Index, Table

if TYPE_CHECKING:
    from landscape.network import Network


class Keys(Table):
    """A single weight."""

    layer: Index
    """Layer of the weight, 0 is the first hidden one."""

    post: Index
    """Postsynaptic neuron."""

    pre: Index
    """Presynaptic neuron or input channel."""


def weight_direction(network: Network, layer: int, post: int, pre: int) -> Direction:
    """The direction of a single weight, ``network.weights[layer][post, pre]``.

    Args:
        network: the network at the centre of the slice.
        layer: the layer, 0 is the first hidden one.
        post: the neuron of the layer.
        pre: the neuron of the layer before it, or the input channel.

    Raises:
        DirectionError: there is no such weight.
    """
    direction = [np.zeros(w.shape) for w in network.weights]
    shape: tuple[int, ...] = direction[layer].shape if 0 <= layer < len(direction) else (0, 0)
    if not (0 <= post < shape[0] and 0 <= pre < shape[-1]):
        shapes = ", ".join(str(w.shape) for w in network.weights)
        raise DirectionError(f"there is no weight [{post}, {pre}] in layer {layer}; the layers have shapes {shapes}")
    direction[layer][post, pre] = 1.0
    return direction


def _make(asked: Sequence[Any], around: Surroundings) -> Sequence[Direction]:
    return [weight_direction(around.centre, direction.layer, direction.post, direction.pre) for direction in asked]


def _check(direction: Any, earlier: Sequence[Any], shapes: Shapes) -> None:
    layer, post, pre = direction.layer, direction.post, direction.pre
    if layer < len(shapes) and post < shapes[layer][0] and pre < shapes[layer][1]:
        return
    raise DirectionError(
        f"there is no weight [{post}, {pre}] in layer {layer} of {{model}}; counted from 0, its layers have shapes "
        f"(n_post, n_pre) {listed(shapes)}"
    )


DIRECTION = DirectionKind(
    name="weight",
    table=Keys,
    make=_make,
    words=lambda facts: f"weight of layer {facts['layer']}, neuron {facts['post']}, input {facts['pre']}",
    check=_check,
)
