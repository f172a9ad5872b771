"""What a readout must say about itself; the kernels know nothing else.

A readout is a ``NamedTuple`` of constants; its functions are registered with
:func:`landscape.neurons.interface.implements` and chosen by type at compile time, like those of neuron models.
They see one trial: the output layer's input (``source``), the rooms with the runs of the hidden layers (``hidden``),
and the network.
"""

from __future__ import annotations

from typing import Any

__all__ = ["backward", "output_spikes", "read", "tangent"]


def _compiled_only(*_: Any) -> Any:
    raise TypeError("this hook runs inside compiled kernels only")


def read(objective, neuron, network, source, rooms, label, keep):  # type: ignore[no-untyped-def]
    """``(loss, correct, readout)`` of a trial; ``readout`` holds whatever the other hooks need. The loss is ``nan``
    if the output layer spikes without bound. ``rooms`` has one for each layer (:mod:`landscape.simulator.rooms`), with
    the runs of the hidden layers; an output layer that is simulated uses the last one."""
    _compiled_only()


def output_spikes(objective, readout):  # type: ignore[no-untyped-def]
    """``(times, neurons)`` of the output layer's spikes in the order of time; empty where outputs do not spike."""
    _compiled_only()


def tangent(  # type: ignore[no-untyped-def]
    objective, neuron, network, directions, row_tangent, source, event_tangent, hidden, finals, readout
):
    """Derivatives of the loss, (n_directions,), given the tangents of all weights, ``directions`` (n_directions,
    n_flat), of the source's rows (n_directions, n_rows, width) and times (n_directions, n_events), and of the final
    states of the hidden layers (a list of (variation, n_directions, width))."""
    _compiled_only()


def backward(  # type: ignore[no-untyped-def]
    objective, neuron, network, source, sources, hidden, readout, gradient, event_gradient, finals
):
    """Add the derivatives of the loss to ``gradient`` (flat), ``event_gradient`` (times of the source's events) and
    ``finals`` (final states of the hidden layers, a list of (variation, 1, width))."""
    _compiled_only()
