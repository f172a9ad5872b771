"""What a neuron model must say about itself; the kernels know nothing else.

A model is a ``NamedTuple`` of constants. Its elementary steps are functions registered with :func:`implements`;
they are chosen by the type of the constants at compile time, so one generic kernel serves every model without a
call. ``landscape/neurons/README.md`` walks through a complete model.

Words used below:

``state``
    tuple of floats, the state of one neuron. Its length is the model's own.
``variation``
    tuple of floats, a first-order change of the state in coordinates of the model's choice (``lif``:
    ``(dV, dI)``; ``qif``: ``(q dp - p dq, dI)``).
``clock``
    tuple of floats, what an interval between two events is to all neurons of a layer (``exp(-dt / tau)``, ...).

Every map between variations is a matrix, given row by row as a flat tuple. The tangent (directional derivatives)
uses it as it is and the adjoint (gradients) transposed, so the two cannot disagree about the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import overload

from landscape.compilation import OPTIONS
from landscape.numba_internals import class_of_tuple

__all__ = [
    "alert",
    "arrival_spike_variation",
    "arrival_variation",
    "bend",
    "clock",
    "crest",
    "current",
    "excess",
    "excess_variation",
    "fires_on_arrival",
    "flow",
    "has_pseudospikes",
    "has_threshold",
    "implementers",
    "implements",
    "in_range",
    "next_spike",
    "one_spike",
    "potential",
    "pseudospike",
    "pseudospike_variation",
    "receive",
    "remaining",
    "reset",
    "rest",
    "slope",
    "slope_variation",
    "slow_flow",
    "slow_transport",
    "spike_variation",
    "transport",
]


_models: dict[Callable[..., Any], set[type]] = {}  # that implement a hook


def implements(hook: Callable[..., Any], model: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the function below is what ``hook`` does for neurons of type ``model``."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def choose(neuron: Any, *rest: Any) -> Callable[..., Any] | None:
            return function if class_of_tuple(neuron) is model else None

        _models.setdefault(hook, set()).add(model)
        overload(hook, strict=False, jit_options=OPTIONS)(choose)
        return function

    return register


def implementers(hook: Callable[..., Any]) -> frozenset[type]:
    """The types that implement a hook."""
    return frozenset(_models.get(hook, ()))


def _by_default(hook: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: the function below is what ``hook`` does for models that do not implement it."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def choose(neuron: Any, *rest: Any) -> Callable[..., Any] | None:
            return None if class_of_tuple(neuron) in _models.get(hook, ()) else function

        overload(hook, strict=False, jit_options=OPTIONS)(choose)
        return function

    return register


def _compiled_only(*_: Any) -> Any:
    raise TypeError("this hook runs inside compiled kernels only")


# --- state and flow ---------------------------------------------------------------------------------------------


def rest(neuron):  # type: ignore[no-untyped-def]
    """State of a neuron at the start of a trial."""
    _compiled_only()


def clock(neuron, dt):  # type: ignore[no-untyped-def]
    """Constants of an interval of duration ``dt``, computed once for all neurons of a layer."""
    _compiled_only()


def flow(neuron, clock, state):  # type: ignore[no-untyped-def]
    """State at the end of an interval without spikes. Free of branches, so that it vectorises over neurons."""
    _compiled_only()


def alert(neuron, clock, start, end):  # type: ignore[no-untyped-def]
    """Whether :func:`flow` from ``start`` to ``end`` is not the whole story: a spike may lie inside, or ``flow``
    was used out of its range. Free of branches. Decides from signs of the state, never from computed roots."""
    _compiled_only()


def in_range(neuron, clock, state):  # type: ignore[no-untyped-def]
    """Whether :func:`flow` and :func:`transport` are accurate for this interval and state. Free of branches."""
    _compiled_only()


def slow_flow(neuron, clock, state):  # type: ignore[no-untyped-def]
    """As :func:`flow`, accurate for every interval and state."""
    _compiled_only()


def next_spike(neuron, clock, state, dt):  # type: ignore[no-untyped-def]
    """``(found, delay, piece, end)``: whether a spike lies in ``(0, dt]``, when the first one comes and the clock of
    the piece before it, or, where none is found, the state at the end of the interval.

    Where none is found, ``end`` must be a state from which the spike is still ahead, and ``reset`` must give one that
    lies behind it: then no spike is lost or doubled by rounding."""
    _compiled_only()


def one_spike(neuron, clock, state, dt):  # type: ignore[no-untyped-def]
    """``(sure, found, delay, end)``: an interval in which :func:`alert` was raised, in one step: whether there is a
    spike, when it comes, and the state at the end of the interval, all to the last bit as the careful path from spike
    to spike has them. Not ``sure`` if there may be a second spike, or anything else is out of the ordinary; that path
    is taken then. Free of branches, so that it vectorises over neurons. A model without it is never sure."""
    _compiled_only()


@_by_default(one_spike)
def _never_sure(neuron, clock, state, dt):  # type: ignore[no-untyped-def]
    return (False, False, 0.0, state)


def remaining(neuron, clock, piece, dt):  # type: ignore[no-untyped-def]
    """Clock of what is left of an interval after a first piece; ``dt`` is the time left."""
    _compiled_only()


def reset(neuron, state):  # type: ignore[no-untyped-def]
    """State just after a spike, given the state just before."""
    _compiled_only()


def receive(neuron, state, weight):  # type: ignore[no-untyped-def]
    """State just after an input of the given weight. A weight of zero changes nothing."""
    _compiled_only()


def fires_on_arrival(neuron, state):  # type: ignore[no-untyped-def]
    """Whether an input has just lifted the neuron to a spike (delta coupling only); it is then reset at once."""
    _compiled_only()


def potential(neuron, state):  # type: ignore[no-untyped-def]
    """Membrane potential V."""
    _compiled_only()


def current(neuron, state):  # type: ignore[no-untyped-def]
    """Synaptic current I."""
    _compiled_only()


# --- variations -------------------------------------------------------------------------------------------------


def transport(neuron, clock, state):  # type: ignore[no-untyped-def]
    """Matrix that carries a variation over an interval without spikes that starts in ``state``. Free of branches."""
    _compiled_only()


def slow_transport(neuron, clock, state):  # type: ignore[no-untyped-def]
    """As :func:`transport`, accurate for every interval and state."""
    _compiled_only()


def spike_variation(neuron, before, after):  # type: ignore[no-untyped-def]
    """``(row, matrix)``: the spike time changes by ``row . variation``, and the variation by the matrix."""
    _compiled_only()


def arrival_variation(neuron, state, weight):  # type: ignore[no-untyped-def]
    """``(column, delay)``: an input adds ``column * dw + delay * dt`` to the variation, where ``dw`` and ``dt`` are
    the changes of its weight and time. ``state`` is the one just after the input."""
    _compiled_only()


def arrival_spike_variation(neuron, state):  # type: ignore[no-untyped-def]
    """``column``: the variation after a spike that an input caused by lifting the neuron is ``column * dt``, where
    ``dt`` is the change of the input's time. ``state`` is the one just after the reset."""
    _compiled_only()


# --- pseudospikes -----------------------------------------------------------------------------------------------


def has_pseudospikes(neuron):  # type: ignore[no-untyped-def]
    """Whether the model has spikes after the trial's end (a constant)."""
    _compiled_only()


def pseudospike(neuron, state, drive):  # type: ignore[no-untyped-def]
    """``(delay, rate)`` of the first pseudospike after the trial's end, given the state there and the summed input
    ``drive`` from the pseudospike rates of the layer below."""
    _compiled_only()


def pseudospike_variation(neuron, state, drive):  # type: ignore[no-untyped-def]
    """``(delay_row, delay_drive, rate_row, rate_drive)``: derivatives of :func:`pseudospike` with respect to the
    variation and to ``drive``."""
    _compiled_only()


# --- margins: what the census of discontinuities looks at -------------------------------------------------------


def has_threshold(neuron):  # type: ignore[no-untyped-def]
    """Whether a spike can be lost within the trial because the potential falls short of a threshold (a constant).

    If not, spikes come and go at the trial's end only, and what the hooks below return has
    no effect."""
    _compiled_only()


def excess(neuron, state):  # type: ignore[no-untyped-def]
    """By how much the potential exceeds the threshold."""
    _compiled_only()


def excess_variation(neuron, state):  # type: ignore[no-untyped-def]
    """``row``: :func:`excess` changes by ``row . variation``."""
    _compiled_only()


def slope(neuron, state):  # type: ignore[no-untyped-def]
    """Time derivative of the potential."""
    _compiled_only()


def slope_variation(neuron, state):  # type: ignore[no-untyped-def]
    """``row``: :func:`slope` changes by ``row . variation``."""
    _compiled_only()


def bend(neuron, state):  # type: ignore[no-untyped-def]
    """Second time derivative of the potential."""
    _compiled_only()


def crest(neuron, clock, state):  # type: ignore[no-untyped-def]
    """``(found, delay, piece)``: whether the potential, spikes aside, has a maximum inside the interval, when it comes
    and the clock of the piece before it."""
    _compiled_only()
